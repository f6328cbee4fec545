/**
 * Carries out the commands of `cimd2 shell`, one after the other, on one connection; for a terminal and for scripts alike.
 * What is printed and how lines come in is their affair. SPEC: docs/reference/cimd2.md sections 2 and 4.
 */
import { OperatorError } from '../../../core/base/errors.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { parseErrorCode } from '../../../core/codec/error-codes.ts';
import { type Packet, type Parameter, parameterOf } from '../../../core/codec/packet.ts';
import { formatAddress } from '../../../shell/address.ts';
import { systemClock } from '../../../shell/clock.ts';
import { composeMessage } from '../../send/compose.ts';
import { loginError } from '../session-errors.ts';
import type { SmscLogin } from '../smsc-session.ts';
import { Answers } from './answers.ts';
import type { ShellCommand } from './command.ts';
import { Connection, type Seen } from './connection.ts';
import { defaultWithinMs, type Expectation, expectationText } from './expectation.ts';
import { type Arrival, Inbox } from './inbox.ts';
import { type PacketCommand, packetBytes } from './packet-bytes.ts';
import { parseCommand } from './parse.ts';
import { badLine, checkFailed, interrupted, noAnswer, notConnected } from './shell-errors.ts';
import { Watch } from './watch.ts';
import type { LookUp } from './words.ts';

/** Longest wait for the answer to a logout that only ends things. */
const farewellMs = 2_000;

/** Packets that came or went and are not printed yet, before reading pauses; one chunk of bytes more may follow. */
const unprintedLimit = 1_000;

export interface ShellOptions {
  readonly login: SmscLogin;
  /** Silence after which an alive is sent while logged in; 0 sends none. */
  readonly aliveMs: number;
  readonly on: ShellEvents;
}

export interface ShellEvents {
  /** Prints it; resolves when that is written. A deliver or a report is answered behind it. */
  readonly seen: (seen: Seen) => Promise<void>;
  /** A remark for people. */
  readonly notice: (text: string) => void;
  /** The SMSC ended the connection. */
  readonly lost: (reason: string, unanswered: number) => void;
  /** @returns undefined where nobody can be asked. @throws OperatorError USAGE_INTERRUPTED */
  readonly askPassword: (question: string) => Promise<string | undefined>;
}

/** Commands that need nothing of the connection; whoever takes the lines carries them out. */
export type OwnersCommand = Extract<ShellCommand, { readonly type: 'packets' | 'save' | 'source' | 'help' | 'quit' }>;

export type LineOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'owners'; readonly command: OwnersCommand }
  /** `took`: what the expectation found. */
  | { readonly type: 'met'; readonly expected: string; readonly took: string | undefined; readonly tookMs: number }
  | { readonly type: 'unmet'; readonly expected: string; readonly got: readonly string[] }
  | { readonly type: 'failed'; readonly error: OperatorError };

export class Shell {
  readonly #options: ShellOptions;
  readonly #connection: Connection;
  readonly #inbox = new Inbox();
  readonly #watch = new Watch();
  readonly #now = systemClock();
  readonly #aliveTimer: NodeJS.Timeout | undefined;
  /** Printed, and then answered, in order of arrival. */
  #printing: Promise<void> = Promise.resolve();
  readonly #answers = new Answers();
  #lastSent: Uint8Array | undefined;
  #accepted: { readonly to: string; readonly stamp: string } | undefined;
  #password: string;
  #lostRequests = 0;
  #unprinted = 0;
  /** The output is closed: nothing more can be shown, so nothing more is answered. */
  #isUnread = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#password = options.login.password;
    this.#connection = new Connection(options.login, {
      seen: (seen) => this.#seen(seen),
      lost: (reason, unanswered) => {
        this.#answers.forget();
        this.#lostRequests += unanswered;
        // Behind the packets that came before it.
        this.#printing = this.#printing.then(() => options.on.lost(reason, unanswered));
      },
      changed: () => this.#watch.notify(),
    });
    if (options.aliveMs > 0) {
      this.#aliveTimer = setInterval(() => this.#keepAlive(), Math.min(options.aliveMs, 1_000));
      this.#aliveTimer.unref();
    }
  }

  /** Who is logged in; undefined where nobody is. */
  get user(): string | undefined {
    return this.#connection.user;
  }

  get isConnected(): boolean {
    return this.#connection.isOpen;
  }

  get heldCount(): number {
    return this.#answers.heldCount;
  }

  /** Requests whose answer was still to come when the SMSC ended the connection, and no line expected that. */
  get lostRequests(): number {
    return this.#lostRequests;
  }

  /**
   * Connects and logs in, as it was said on the command line.
   *
   * @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4)
   */
  async begin(signal: AbortSignal): Promise<void> {
    const { address, user } = this.#options.login;
    const answer = await this.#logIn(user, this.#password, signal);
    await this.#printing;
    const refusal = answer === undefined ? undefined : refusalOf(answer);
    if (refusal !== undefined) {
      this.#connection.close();
      throw loginError({ refusedWith: refusal }, formatAddress(address), user);
    }
    if (this.user === undefined) {
      const reason = this.#connection.closed?.reason ?? 'it does not answer the login';
      this.#connection.close();
      throw loginError({ code: 'PEER_UNREACHABLE', reason }, formatAddress(address), user);
    }
    // Nobody typed it, so nobody expects its answer.
    this.#inbox.take({ type: 'packet', operation: 51, number: undefined, conditions: [] });
  }

  /** A script begins in the middle of a session: what came before is not what it expects. */
  forgetArrivals(): void {
    this.#inbox.clear();
  }

  /** One line as typed. It is over when the next one may come: a request is sent, and need not be answered. */
  async run(typed: string, signal: AbortSignal): Promise<LineOutcome> {
    try {
      if (/\$(to|stamp)\b/.test(typed)) await this.#submitsAnswered(signal);
      const command = parseCommand(typed, this.#lookUp);
      if (!command.ok) throw badLine(command.fault.message, command.fault.code);
      const outcome = await this.#carryOut(command.value, signal);
      await this.#printing;
      return this.#isUnread ? { type: 'failed', error: interrupted() } : outcome;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      await this.#printing;
      return { type: 'failed', error };
    }
  }

  /**
   * Waits for what is outstanding, logs out and closes.
   *
   * @returns how many requests were left without an answer
   */
  async end(patienceMs: number, signal: AbortSignal): Promise<number> {
    clearInterval(this.#aliveTimer);
    await this.#watch.until(() => this.#connection.outstanding.length === 0, patienceMs, signal);
    const left = this.#connection.outstanding.length;
    if (this.user !== undefined && left === 0) {
      this.#connection.request(2, []);
      const isOver = () => this.user === undefined || !this.isConnected;
      await this.#watch.until(isOver, farewellMs, new AbortController().signal);
    }
    this.#connection.close();
    await this.#printing;
    return left;
  }

  readonly #lookUp: LookUp = (name): Result<string> => {
    if (name === 'password') return ok(this.#password);
    const value = this.#accepted?.[name];
    return value === undefined ? fail('CHECK_FAILED', `$${name} has no value: no submit was accepted yet.`) : ok(value);
  };

  async #carryOut(command: ShellCommand, signal: AbortSignal): Promise<LineOutcome> {
    switch (command.type) {
      case 'nothing':
        return { type: 'done' };
      case 'packets':
      case 'save':
      case 'source':
      case 'help':
      case 'quit':
        return { type: 'owners', command };
      case 'connect':
        if (this.isConnected) throw badLine('It is connected already.');
        this.#inbox.mark();
        await this.#connection.open();
        return { type: 'done' };
      case 'cut':
        if (!this.isConnected) throw notConnected('nothing to cut');
        this.#answers.forget();
        this.#connection.cut();
        return { type: 'done' };
      case 'login':
        return this.#logInByHand(command, signal);
      case 'set-password': {
        const password = await this.#passwordFrom(command.passwordFile, 'New password:');
        if (password === undefined) throw badLine('Give a file with the new password: set password FILE.');
        await this.#request(8, [{ code: 11, value: password }], signal);
        return { type: 'done' };
      }
      case 'submit':
        return this.#submit(command, signal);
      case 'request':
        await this.#request(command.operation, command.parameters, signal);
        // What follows a logout would be refused, or belongs to the next session.
        if (command.operation === 2) await this.#answered(2, signal);
        return { type: 'done' };
      case 'packet':
        this.#sendByHand(this.#packetBytes(command));
        return { type: 'done' };
      case 'raw':
        this.#sendByHand(command.bytes);
        return { type: 'done' };
      case 'repeat':
        if (this.#lastSent === undefined) throw badLine('Nothing was sent yet that could be repeated.');
        this.#sendByHand(this.#lastSent);
        return { type: 'done' };
      case 'answering':
        this.#answers.mode = command.mode;
        return { type: 'done' };
      case 'answer':
        return this.#answerHeld(command);
      case 'wait': {
        const isOver = await this.#watch.until(() => false, command.ms, signal);
        if (signal.aborted && !isOver) throw interrupted();
        return { type: 'done' };
      }
      case 'expect':
        return this.#expect(command.expectation, command.withinMs, signal);
    }
  }

  async #logInByHand(
    { user, passwordFile }: Extract<ShellCommand, { readonly type: 'login' }>,
    signal: AbortSignal,
  ): Promise<LineOutcome> {
    const name = user ?? this.#options.login.user;
    const asked = user === undefined ? undefined : await this.#passwordFrom(passwordFile, `Password of ${name}:`);
    const password = asked ?? this.#password;
    this.#inbox.mark();
    await this.#logIn(name, password, signal);
    if (signal.aborted) throw interrupted();
    return { type: 'done' };
  }

  /** @returns the answer, if one came; a refusal is for the lines behind to judge */
  async #logIn(user: string, password: string, signal: AbortSignal): Promise<Packet | undefined> {
    const { subaddress, window, answerTimeoutMs } = this.#options.login;
    if (!this.isConnected) await this.#connection.open();
    if (!(await this.#watch.until(() => this.#connection.hasPlace, answerTimeoutMs, signal)))
      throw this.#noPlace(signal);
    const parameters: Parameter[] = [
      { code: 10, value: user },
      { code: 11, value: password },
    ];
    if (subaddress !== undefined) parameters.push({ code: 12, value: String(subaddress) });
    // SPEC: section 5.1, 1 is asked for by saying nothing.
    if (window > 1) parameters.push({ code: 19, value: String(window) });
    const { number } = this.#send(() => this.#connection.request(1, parameters));
    const isOver = () => !this.isConnected || !this.#connection.isOutstanding(number);
    if (!(await this.#watch.until(isOver, answerTimeoutMs, signal)) && !signal.aborted) throw noAnswer(answerTimeoutMs);
    return this.#inbox.untaken().findLast(({ packet }) => packet.packetNumber === number && packet.operation >= 50)
      ?.packet;
  }

  async #submit(
    { message, extra }: Extract<ShellCommand, { readonly type: 'submit' }>,
    signal: AbortSignal,
  ): Promise<LineOutcome> {
    const { submits, notices } = composeMessage(message, { now: this.#now(), zoneOffsetMinutes: 0 });
    for (const notice of notices) this.#options.on.notice(notice);
    const destinations = message.to.map((value) => ({ code: 21, value }));
    const replaced = new Set(extra.map(({ code }) => code));
    for (const submit of submits) {
      const kept = [...destinations, ...submit].filter(({ code }) => !replaced.has(code));
      await this.#request(3, [...kept, ...extra], signal);
    }
    return { type: 'done' };
  }

  /** When the window has a place. */
  async #request(operation: number, parameters: readonly Parameter[], signal: AbortSignal): Promise<void> {
    const { answerTimeoutMs } = this.#options.login;
    const mayGo = () => !this.isConnected || this.#connection.hasPlace;
    if (!(await this.#watch.until(mayGo, answerTimeoutMs, signal))) throw this.#noPlace(signal);
    this.#send(() => this.#connection.request(operation, parameters));
  }

  #noPlace(signal: AbortSignal): OperatorError {
    return signal.aborted ? interrupted() : noAnswer(this.#options.login.answerTimeoutMs);
  }

  #sendByHand(bytes: Uint8Array): void {
    this.#send(() => {
      this.#connection.write(bytes);
      return { bytes };
    });
  }

  #send<T extends { readonly bytes: Uint8Array }>(send: () => T): T {
    this.#inbox.mark();
    const sent = send();
    this.#lastSent = sent.bytes;
    return sent;
  }

  #packetBytes(command: PacketCommand): Uint8Array {
    const number = command.number ?? this.#connection.nextNumber;
    return packetBytes({ ...command, number }, this.#options.login.checksum);
  }

  #answerHeld({ which, parameters }: Extract<ShellCommand, { readonly type: 'answer' }>): LineOutcome {
    const packets = this.#answers.held(which);
    for (const packet of packets) {
      this.#send(() => this.#connection.respond(packet, parameters));
      this.#answers.answered(packet);
    }
    return { type: 'done' };
  }

  async #expect(expectation: Expectation, withinMs: number | undefined, signal: AbortSignal): Promise<LineOutcome> {
    const since = performance.now();
    this.#inbox.judge();
    const expected = expectationText(expectation);
    const met = (took: string | undefined): LineOutcome => ({
      type: 'met',
      expected,
      took,
      tookMs: performance.now() - since,
    });
    let taken: Arrival | undefined;
    const isDecided = (): boolean => {
      if (expectation.type === 'nothing') return this.#inbox.news().length > 0;
      if (expectation.type === 'closed') return !this.isConnected;
      taken ??= this.#inbox.take(expectation);
      // Nothing comes any more.
      return taken !== undefined || !this.isConnected || (withinMs === undefined && this.#isOtherwise(expectation));
    };
    await this.#watch.until(isDecided, withinMs ?? defaultWithinMs, signal);
    if (signal.aborted) throw interrupted();
    const closed = this.#connection.closed;
    if (taken !== undefined) return met(taken.wire);
    if (expectation.type === 'nothing' && this.#inbox.news().length === 0) return met(undefined);
    if (expectation.type === 'closed' && closed?.by === 'smsc') {
      this.#lostRequests = 0;
      return met(undefined);
    }
    const got = this.#inbox.news().map(({ wire }) => wire);
    return { type: 'unmet', expected, got: closed === undefined ? got : [...got, `no connection: ${closed.reason}`] };
  }

  /** An answer is wanted, another one came, and no request is left that could have it. */
  #isOtherwise(expectation: Expectation): boolean {
    if (expectation.type !== 'packet' || expectation.operation < 50 || expectation.operation >= 98) return false;
    if (this.#connection.outstanding.includes(expectation.operation - 50)) return false;
    return this.#inbox.news().some(({ packet }) => packet.operation >= 50);
  }

  async #answered(operation: number, signal: AbortSignal): Promise<void> {
    const isOver = () => !this.#connection.outstanding.includes(operation);
    await this.#watch.until(isOver, this.#options.login.answerTimeoutMs, signal);
  }

  async #submitsAnswered(signal: AbortSignal): Promise<void> {
    await this.#answered(3, signal);
    if (this.#accepted === undefined) {
      throw checkFailed('$to and $stamp have no value: no submit was accepted yet.', 'Put a submit before it.');
    }
  }

  async #passwordFrom(file: string | undefined, question: string): Promise<string | undefined> {
    if (file === undefined) return this.#options.on.askPassword(question);
    const { findPassword } = await import('../../credentials.ts');
    return findPassword({ file, variable: 'RINGBRIDGE_SMSC_PASSWORD', warn: (text) => this.#options.on.notice(text) });
  }

  #seen(seen: Seen): void {
    const { packet, line, isOwn } = seen;
    const isRequest = line.direction === 'in' && (packet?.operation === 20 || packet?.operation === 23);
    const answer = packet !== undefined && isRequest ? this.#answers.take(packet) : undefined;
    this.#unprinted += 1;
    if (this.#unprinted === unprintedLimit) this.#connection.pauseReading();
    this.#printing = this.#printing.then(async () => {
      this.#unprinted -= 1;
      if (this.#unprinted === unprintedLimit - 1) this.#connection.resumeReading();
      // What nobody could read is left to the SMSC.
      if (this.#isUnread) return;
      try {
        await this.#options.on.seen(seen);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.#isUnread = true;
        return;
      }
      // A connection that ended meanwhile takes the packet back.
      if (packet !== undefined && answer !== undefined && this.isConnected) this.#connection.respond(packet, answer);
    });
    if (line.direction === 'out' || packet === undefined) return;
    if (packet.operation === 53) this.#remember(packet);
    if (!isOwn) this.#inbox.add({ packet, wire: line.wire });
  }

  #remember(packet: Packet): void {
    const to = parameterOf(packet, 21);
    const stamp = parameterOf(packet, 60);
    if (to !== undefined && stamp !== undefined) this.#accepted = { to, stamp };
  }

  #keepAlive(): void {
    const isDue = this.user !== undefined && this.#connection.silentMs >= this.#options.aliveMs;
    if (isDue && this.#connection.hasPlace) this.#connection.request(40, [], 'itself');
  }
}

/** The 900 of an answer that is a refusal. */
export function refusalOf(packet: Packet): number | undefined {
  const code = parseErrorCode(parameterOf(packet, 900) ?? '');
  return code === 0 ? undefined : code;
}
