/**
 * One login at an SMSC for a command: requests of any operation, what the SMSC sends by itself, deliberately wrong
 * bytes, log-out. What is sent and what is answered is the command's affair; the turns are those of the client machine.
 * It repeats nothing by itself: a command says what it does not know instead of guessing.
 */
import type { Packet, Parameter } from '../../core/codec/packet.ts';
import { CimdClient } from '../../core/handshake/client.ts';
import type { ClientInput, ClientOutput, IncomingToken } from '../../core/handshake/client-io.ts';
import { formatAddress, type TransportAddress } from '../../shell/address.ts';
import { systemClock } from '../../shell/clock.ts';
import { MachineRunner, type Performed } from '../../shell/runner.ts';
import { connectTransport } from '../../shell/tcp.ts';
import type { Transport } from '../../shell/transport.ts';
import { deferred } from './deferred.ts';
import type { PacketLine } from './packet-text.ts';
import { PacketTrace } from './packet-trace.ts';
import { loginError, windowRefusedWords } from './session-errors.ts';

/** Before a login over a serial line. Shorter than a role's: a person waits, and a command keeps nothing to be mistaken. */
const lineSilenceMs = 2_000;

/** Who logs in where; what the flags of every command that talks to an SMSC come to. */
export interface SmscLogin {
  readonly address: TransportAddress;
  readonly user: string;
  readonly password: string;
  /** Certificates to trust instead of the system's, as PEM; for `tls://`. */
  readonly ca: string | undefined;
  /** What this end shows where `tls://` wants it, as PEM. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
  /** 012, 0–9; undefined sends none. */
  readonly subaddress: number | undefined;
  /** Requests that may be outstanding, 1–128. */
  readonly window: number;
  readonly checksum: 'send' | 'omit';
  readonly answerTimeoutMs: number;
}

export interface SmscSessionOptions extends SmscLogin {
  /** `forever` logs in again after a session that was lost; what was outstanding is of unknown fate all the same. */
  readonly reconnect: 'once' | 'forever';
  /** The account is a querying one: messages are asked for (05), again so often when none waited. SPEC: section 2.6. */
  readonly pollMs?: number | undefined;
  /** Whether bytes between packets are shown as well. */
  readonly noise?: 'show' | 'skip';
  readonly on: SmscSessionEvents;
}

export interface SmscSessionEvents {
  /** Every packet in both directions, passwords starred. */
  readonly packet: (line: PacketLine, bytes: Uint8Array | undefined) => void;
  /** A deliver (20) or a status report (23); it stays unanswered until `answer`. */
  readonly incoming: (incoming: Incoming) => void;
  /** Nobody waits for that answer any more: its session ended, or the SMSC went on. */
  readonly withdrawn?: (token: IncomingToken) => void;
  /** A session that stood is lost; under `forever` the next login is under way. */
  readonly lost?: (reason: string) => void;
  /** Logged in again. */
  readonly loggedInAgain?: () => void;
  /** The account has no window, or a smaller one: from now on one request at a time. SPEC: section 5.1. */
  readonly windowRefused?: (text: string) => void;
  /** A question for messages (05) was refused, and not because there are none; it is asked again. */
  readonly pollRefused?: (errorCode: number) => void;
}

export interface Incoming {
  readonly token: IncomingToken;
  readonly packet: Packet;
}

/** What became of a request. */
export type RequestResult =
  /** With 50 + its code, or a general error (98). */
  | { readonly type: 'answered'; readonly packet: Packet; readonly sent: Uint8Array; readonly tookMs: number }
  /** It was sent, and the answer will never come. */
  | { readonly type: 'unknown'; readonly reason: string }
  /** The session ended before its turn came. */
  | { readonly type: 'not-sent'; readonly reason: string };

interface Waiting {
  readonly operation: number;
  readonly parameters: readonly Parameter[];
  readonly resolve: (result: RequestResult) => void;
  since: number;
  sent: Uint8Array;
}

/** @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4) */
export async function openSmscSession(options: SmscSessionOptions): Promise<SmscSession> {
  const session = new SmscSession(options);
  try {
    await session.logIn();
  } catch (error) {
    session.abandon();
    throw error;
  }
  return session;
}

export class SmscSession {
  readonly #options: SmscSessionOptions;
  readonly #client: CimdClient;
  readonly #runner: MachineRunner<ClientInput, ClientOutput>;
  /** Waiting for a place in the window, in order. As long as its callers make it: each waits for its result. */
  readonly #queue: Waiting[] = [];
  readonly #outstanding = new Map<number, Waiting>();
  readonly #watchers = new Set<(packet: Packet) => void>();
  readonly #ended = deferred<{ readonly reason: string }>();
  readonly #ready = deferred<void>();
  #transport: Transport | undefined;
  #trace: PacketTrace;
  /** Given to the machine and not yet written by it, in order. */
  readonly #beingSent: Waiting[] = [];
  #isUp = false;
  #lastRef = 0;

  constructor(options: SmscSessionOptions) {
    this.#options = options;
    this.#trace = this.#newTrace();
    this.#client = new CimdClient(
      {
        user: options.user,
        password: options.password,
        subaddress: options.subaddress,
        window: options.window,
        checksum: options.checksum,
        greetingWaitMs: 0,
        silenceBeforeLoginMs: options.address.type === 'serial' ? lineSilenceMs : 0,
        aliveMs: 30_000,
        answerTimeoutMs: options.answerTimeoutMs,
        repeats: 0,
        reconnectMs: { first: 1_000, cap: 30_000, afterRefusedLogin: 30_000 },
        reconnect: options.reconnect,
        ...(options.pollMs === undefined ? {} : { applicationType: 'querying', pollMs: options.pollMs }),
      },
      Math.random,
    );
    this.#runner = new MachineRunner<ClientInput, ClientOutput>({
      machine: this.#client,
      clock: systemClock(),
      store: undefined,
      perform: (output) => this.#perform(output),
      // A command tells its result itself; the log is for roles. Only what the user can mend is passed on.
      log: ({ event, fields }) => {
        if (event === 'session.window-refused') options.on.windowRefused?.(windowRefusedWords(fields));
        if (event === 'session.poll-refused') options.on.pollRefused?.(Number(fields['errorCode']));
      },
      onBug: (error) => {
        this.#ready.reject(error);
        this.#end('a bug of ringbridge ended it');
      },
    });
  }

  /** @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4): also under `forever`, for the first login */
  async logIn(): Promise<void> {
    this.#runner.input({ type: 'log-in' });
    await this.#ready.promise;
  }

  /** Requests go out in the order of these calls, as far as the window goes; the others wait. */
  request(operation: number, parameters: readonly Parameter[]): Promise<RequestResult> {
    return new Promise((resolve) => {
      if (!this.#isUp) {
        resolve({ type: 'not-sent', reason: 'there is no session' });
        return;
      }
      this.#queue.push({ operation, parameters, resolve, since: 0, sent: new Uint8Array() });
      this.#sendQueued();
    });
  }

  /** Too late where it was withdrawn: then nothing is sent. */
  answer(token: IncomingToken, parameters: readonly Parameter[]): void {
    this.#runner.input({ type: 'answer', token, parameters });
  }

  /** No more messages are asked for: what is being answered is the last. */
  stopPolling(): void {
    this.#runner.input({ type: 'stop-polling' });
  }

  /** Bytes as they are, past the turns: the SMSC's answers may end the session. */
  raw(bytes: Uint8Array): void {
    this.#trace.sent(bytes);
    this.#transport?.write(bytes);
  }

  /**
   * The first packet from now on that is wanted; it is taken by the session all the same.
   *
   * @returns undefined if none came in time, or the session ended
   */
  nextPacket(isWanted: (packet: Packet) => boolean, timeoutMs: number): Promise<Packet | undefined> {
    return new Promise((resolve) => {
      const settle = (packet: Packet | undefined): void => {
        clearTimeout(patience);
        this.#watchers.delete(watcher);
        resolve(packet);
      };
      const watcher = (packet: Packet): void => {
        if (isWanted(packet)) settle(packet);
      };
      const patience = setTimeout(() => settle(undefined), timeoutMs);
      this.#watchers.add(watcher);
      void this.#ended.promise.then(() => settle(undefined));
    });
  }

  /** Logged in now. */
  get isOpen(): boolean {
    return this.#isUp;
  }

  /** Resolves when it is over for good, wanted or not. */
  async ended(): Promise<{ readonly reason: string }> {
    return this.#ended.promise;
  }

  /** Logs out; does not wait longer than a moment, because the result is known already. */
  async close(): Promise<void> {
    if (!this.#ended.isSettled) {
      this.#runner.input({ type: 'log-out' });
      const patience = setTimeout(() => this.#end('no answer to the logout'), 2_000);
      await this.#ended.promise;
      clearTimeout(patience);
    }
    this.abandon();
  }

  /** Closes without logging out, which is normal practice as well. SPEC: section 2.2. */
  abandon(): void {
    this.#runner.stop();
    this.#transport?.close();
    this.#end('closed by this end');
  }

  #perform(output: Performed<ClientOutput>): void {
    switch (output.type) {
      case 'connect':
        this.#connect();
        return;
      case 'write':
        this.#write(output);
        return;
      case 'disconnect':
        this.#transport?.close();
        this.#transport = undefined;
        return;
      case 'session':
        this.#moved(output);
        return;
      case 'response':
        this.#finish(output.ref, ({ since, sent }) => ({
          type: 'answered',
          packet: output.packet,
          sent,
          tookMs: performance.now() - since,
        }));
        this.#sendQueued();
        return;
      case 'unknown':
        this.#finish(output.ref, () => ({ type: 'unknown', reason: output.reason }));
        return;
      case 'incoming':
        this.#options.on.incoming({ token: output.token, packet: output.packet });
        return;
      case 'withdrawn':
        this.#options.on.withdrawn?.(output.token);
        return;
      case 'seen':
        for (const watcher of [...this.#watchers]) watcher(output.packet);
        // An alive may have been in the way, whose answer is told to nobody.
        if (this.#queue.length > 0) setImmediate(() => this.#sendQueued());
        return;
      // `onTimeout: 'close'` never asks for a repetition; who answered need not know whether it was read.
      case 'repeat-wanted':
      case 'answer-seen':
        return;
    }
  }

  #sendQueued(): void {
    while (this.#client.capacity() > 0) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#lastRef += 1;
      next.since = performance.now();
      this.#outstanding.set(this.#lastRef, next);
      this.#beingSent.push(next);
      const { operation, parameters } = next;
      this.#runner.input({ type: 'request', ref: this.#lastRef, operation, parameters, onTimeout: 'close' });
    }
  }

  #write({ packet, bytes }: Extract<ClientOutput, { type: 'write' }>): void {
    // Answers and alives of the machine's own may be written in between.
    if (this.#beingSent[0]?.operation === packet.operation) {
      const request = this.#beingSent.shift();
      if (request !== undefined) request.sent = bytes;
    }
    this.#trace.sent(bytes);
    this.#transport?.write(bytes);
  }

  #connect(): void {
    this.#trace = this.#newTrace();
    // What still comes from an earlier connection is nothing to the one after it.
    const ifCurrent = (input: () => void): void => {
      if (this.#transport === transport) input();
    };
    const { address, ca, client } = this.#options;
    const transport: Transport = connectTransport(
      address,
      {
        opened: () => ifCurrent(() => this.#runner.input({ type: 'opened' })),
        received: (bytes) =>
          ifCurrent(() => {
            this.#trace.received(bytes);
            this.#runner.input({ type: 'received', bytes });
          }),
        closed: (reason) => ifCurrent(() => this.#runner.input({ type: 'closed', reason })),
      },
      { tls: { ...(ca === undefined ? {} : { ca }), ...client } },
    );
    this.#transport = transport;
  }

  #newTrace(): PacketTrace {
    return new PacketTrace({ onPacket: this.#options.on.packet, noise: this.#options.noise ?? 'skip' });
  }

  #moved(session: Extract<ClientOutput, { type: 'session' }>): void {
    const { on, address, user } = this.#options;
    if (session.state === 'ready') {
      this.#isUp = true;
      if (this.#ready.isSettled) on.loggedInAgain?.();
      this.#ready.resolve();
    } else if (session.state === 'down' || session.state === 'ended') {
      const reason = session.reason ?? 'the session ended';
      this.#ready.reject(loginError(session, formatAddress(address), user));
      const wasUp = this.#isUp;
      this.#isUp = false;
      for (const waiting of this.#queue.splice(0)) waiting.resolve({ type: 'not-sent', reason });
      if (session.state === 'ended') this.#end(reason);
      else if (wasUp) on.lost?.(reason);
    } else if (session.state === 'logging-out') {
      this.#isUp = false;
    }
  }

  #end(reason: string): void {
    this.#isUp = false;
    this.#ended.resolve({ reason });
    for (const waiting of this.#queue.splice(0)) waiting.resolve({ type: 'not-sent', reason });
    for (const waiting of this.#outstanding.values()) waiting.resolve({ type: 'unknown', reason });
    this.#outstanding.clear();
    this.#beingSent.length = 0;
  }

  #finish(ref: number, resultOf: (waiting: Waiting) => RequestResult): void {
    const waiting = this.#outstanding.get(ref);
    this.#outstanding.delete(ref);
    waiting?.resolve(resultOf(waiting));
  }
}
