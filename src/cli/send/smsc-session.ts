/**
 * One session with an SMSC for a command: log in, submit in turn, wait for the reports of what was submitted, log out.
 * No reconnects and no repetitions: a command says what it does not know instead of guessing. What the SMSC has for
 * others of the same account is left to them unless it is asked for.
 */
import { defaultReceiveLimitBytes, Framer } from '../../core/codec/framer.ts';
import { type Packet, type Parameter, parameterOf } from '../../core/codec/packet.ts';
import { CimdClient } from '../../core/handshake/client.ts';
import type { ClientInput, ClientOutput, IncomingToken } from '../../core/handshake/client-io.ts';
import { formatAddress, type TransportAddress } from '../../shell/address.ts';
import { systemClock } from '../../shell/clock.ts';
import { MachineRunner, type Performed } from '../../shell/runner.ts';
import { connectTransport, type Transport } from '../../shell/tcp.ts';
import { describePacket, type PacketLine } from './packet-text.ts';
import { loginError } from './session-errors.ts';

export interface SmscSessionOptions {
  readonly address: TransportAddress;
  readonly user: string;
  readonly password: string;
  readonly answerTimeoutMs: number;
  /** Every packet in both directions, passwords starred. */
  readonly onPacket: (line: PacketLine) => void;
  /** `leave`: what the SMSC has for others of the account stays unanswered; `take`: it is answered and told. */
  readonly others: 'leave' | 'take';
  /** Something for others of the account came; told once per packet. */
  readonly onOther: (packet: Packet) => void;
}

/** An answer, or the news that there will be none. */
export type SubmitResult =
  | { readonly type: 'answered'; readonly packet: Packet; readonly tookMs: number }
  | { readonly type: 'unknown'; readonly reason: string };

/** A report that will come for a submit of ours. */
export interface ExpectedReport {
  /** 021 of the submit. */
  readonly destination: string;
  /** 060 of its answer. */
  readonly stamp: string;
  readonly take: (report: Packet) => void;
}

interface Waiting {
  readonly resolve: (result: SubmitResult) => void;
  readonly since: number;
}

/** @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4) */
export async function openSmscSession(options: SmscSessionOptions): Promise<SmscSession> {
  const session = new SmscSession(options);
  await session.logIn();
  return session;
}

export class SmscSession {
  readonly #options: SmscSessionOptions;
  readonly #runner: MachineRunner<ClientInput, ClientOutput>;
  readonly #framer = new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: 0 });
  readonly #outstanding = new Map<number, Waiting>();
  /** Delivers and reports that are not answered yet. */
  readonly #incoming = new Map<IncomingToken, Packet>();
  /** Those of `incoming` that were told to be for others, so that each is told once. */
  readonly #told = new Set<IncomingToken>();
  readonly #expected: ExpectedReport[] = [];
  /** `all-known`: every submit is answered and every report of ours is expected, so what fits none is for others. */
  #ownReports: 'some-unknown' | 'all-known' = 'some-unknown';
  readonly #ended = deferred<{ readonly reason: string }>();
  readonly #ready = deferred<void>();
  #transport: Transport | undefined;
  #lastRef = 0;
  /** When the last packet of each number left, for the time its answer took. */
  readonly #sentAt = new Map<string, number>();

  constructor(options: SmscSessionOptions) {
    this.#options = options;
    const client = new CimdClient(
      {
        user: options.user,
        password: options.password,
        subaddress: undefined,
        window: 1,
        checksum: 'send',
        greetingWaitMs: 0,
        aliveMs: 30_000,
        answerTimeoutMs: options.answerTimeoutMs,
        repeats: 0,
        reconnectMs: { first: 1_000, cap: 1_000, afterRefusedLogin: 1_000 },
        reconnect: 'once',
      },
      Math.random,
    );
    this.#runner = new MachineRunner<ClientInput, ClientOutput>({
      machine: client,
      clock: systemClock(),
      store: undefined,
      perform: (output) => this.#perform(output),
      // A command tells its result itself; the log is for roles.
      log: () => undefined,
      onBug: (error) => this.#ready.reject(error),
    });
  }

  async logIn(): Promise<void> {
    this.#runner.input({ type: 'log-in' });
    await this.#ready.promise;
  }

  /** One submit; the next only when it is answered. */
  submit(parameters: readonly Parameter[]): Promise<SubmitResult> {
    this.#lastRef += 1;
    const ref = this.#lastRef;
    return new Promise((resolve) => {
      if (this.#ended.isSettled) {
        resolve({ type: 'unknown', reason: 'the session has ended' });
        return;
      }
      this.#outstanding.set(ref, { resolve, since: performance.now() });
      this.#runner.input({ type: 'request', ref, operation: 3, parameters, onTimeout: 'close' });
    });
  }

  get isOpen(): boolean {
    return !this.#ended.isSettled;
  }

  /** Calls back with the report of a submit, also if it is here already. */
  expectReport(expected: ExpectedReport): void {
    this.#expected.push(expected);
    this.#settleIncoming();
  }

  /** Every report of ours is expected now: anything else that comes is for others of the account. */
  noMoreSubmits(): void {
    this.#ownReports = 'all-known';
    this.#settleIncoming();
  }

  /** Resolves when the session is over, wanted or not. */
  async ended(): Promise<{ readonly reason: string }> {
    return this.#ended.promise;
  }

  /** Logs out; does not wait longer than a moment, because the result is known already. */
  async close(): Promise<void> {
    if (this.isOpen) {
      this.#runner.input({ type: 'log-out' });
      const patience = setTimeout(() => this.#ended.resolve({ reason: 'no answer to the logout' }), 2_000);
      await this.#ended.promise;
      clearTimeout(patience);
    }
    this.#runner.stop();
    this.#transport?.close();
  }

  #perform(output: Performed<ClientOutput>): void {
    switch (output.type) {
      case 'connect':
        this.#connect();
        return;
      case 'write':
        this.#sentAt.set(numberOf(output.packet), performance.now());
        this.#options.onPacket(describePacket('out', output.bytes, undefined));
        this.#transport?.write(output.bytes);
        return;
      case 'disconnect':
        this.#transport?.close();
        return;
      case 'session':
        this.#moved(output);
        return;
      case 'response':
        this.#finish(output.ref, (since) => ({
          type: 'answered',
          packet: output.packet,
          tookMs: performance.now() - since,
        }));
        return;
      case 'unknown':
        this.#finish(output.ref, () => ({ type: 'unknown', reason: output.reason }));
        return;
      case 'incoming':
        this.#incoming.set(output.token, output.packet);
        this.#settleIncoming();
        return;
      case 'withdrawn':
        this.#incoming.delete(output.token);
        return;
      // `onTimeout: 'close'` never asks for a repetition; packets are shown from their bytes.
      case 'repeat-wanted':
      case 'seen':
      case 'answer-seen':
        return;
    }
  }

  #connect(): void {
    this.#transport = connectTransport(this.#options.address, {
      opened: () => this.#runner.input({ type: 'opened' }),
      received: (bytes) => {
        this.#show(bytes);
        this.#runner.input({ type: 'received', bytes });
      },
      closed: (reason) => this.#runner.input({ type: 'closed', reason }),
    });
  }

  #show(bytes: Uint8Array): void {
    for (const event of this.#framer.push(bytes)) {
      if (event.type !== 'packet') continue;
      const number = new TextDecoder('latin1').decode(event.bytes.subarray(4, 7));
      const isAnswer = (event.bytes[1] ?? 0) >= 0x35;
      const sentAt = isAnswer ? this.#sentAt.get(number) : undefined;
      this.#options.onPacket(
        describePacket('in', event.bytes, sentAt === undefined ? undefined : performance.now() - sentAt),
      );
    }
  }

  #moved(session: Extract<ClientOutput, { type: 'session' }>): void {
    if (session.state === 'ready') this.#ready.resolve();
    if (session.state !== 'down' && session.state !== 'ended') return;
    const reason = session.reason ?? 'the session ended';
    this.#ready.reject(loginError(session, formatAddress(this.#options.address), this.#options.user));
    this.#ended.resolve({ reason });
  }

  #finish(ref: number, resultOf: (since: number) => SubmitResult): void {
    const waiting = this.#outstanding.get(ref);
    this.#outstanding.delete(ref);
    waiting?.resolve(resultOf(waiting.since));
  }

  /** Answers what is ours. What is for others stays as it is, unless it is to be taken. */
  #settleIncoming(): void {
    for (const [token, packet] of [...this.#incoming]) {
      const place = this.#expected.findIndex((expected) => isReportOf(packet, expected));
      const [expected] = place < 0 ? [] : this.#expected.splice(place, 1);
      if (expected !== undefined) {
        this.#answer(token);
        expected.take(packet);
      } else if (this.#ownReports === 'all-known') {
        if (!this.#told.has(token)) this.#options.onOther(packet);
        this.#told.add(token);
        if (this.#options.others === 'take') this.#answer(token);
      }
    }
  }

  #answer(token: IncomingToken): void {
    this.#incoming.delete(token);
    this.#runner.input({ type: 'answer', token, parameters: [] });
  }
}

/** SPEC: section 8.4: the key is 021 and 060; the number may come back in another number plan. */
function isReportOf(packet: Packet, { destination, stamp }: ExpectedReport): boolean {
  if (packet.operation !== 23 || parameterOf(packet, 60) !== stamp) return false;
  const [reported, asked] = [digitsOf(parameterOf(packet, 21) ?? ''), digitsOf(destination)];
  return reported === asked || (asked.length >= 7 && reported.slice(-7) === asked.slice(-7));
}

function digitsOf(address: string): string {
  return address.replace(/\D/g, '');
}

function numberOf(packet: Packet): string {
  return String(packet.packetNumber).padStart(3, '0');
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly isSettled: boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  let isSettled = false;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Rejections are for whoever waits; with nobody waiting they are no news.
  promise.catch(() => undefined);
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve: (value) => {
      isSettled = true;
      settle?.resolve(value);
    },
    reject: (error) => {
      isSettled = true;
      settle?.reject(error);
    },
  };
}
