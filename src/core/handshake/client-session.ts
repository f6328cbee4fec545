/**
 * The client's part in one connection, from the open transport to its end: greeting, login, own requests, alive,
 * log-out. The SMSC's turn is `smsc-turn.ts`. It never connects and never waits to try again; that is `client.ts`, which
 * makes a new one of these per connection, so that nothing can be matched across connections.
 * Source: docs/reference/cimd2.md sections 4, 5, 6 and 11.4; DESIGN section 5.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever, invariant } from '../base/invariant.ts';
import { type LogLevel, logEvent } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import { encodePacket } from '../codec/encode.ts';
import { cimdErrorMeaning } from '../codec/error-codes.ts';
import { maskSecrets } from '../codec/mask.ts';
import { generalError, nack } from '../codec/operations.ts';
import { isResponse, type Packet, type Parameter } from '../codec/packet.ts';
import { firstClientNumber, formatPacketNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import { AnsweredRequests } from './answered.ts';
import { misfit, refusalOf } from './answers.ts';
import type { ClientInput, ClientOutput, ClientSettings, IncomingToken, RequestRef } from './client-io.ts';
import { judgeNack, type NackVerdict } from './nack.ts';
import { type Outstanding, OutstandingRequests } from './outstanding.ts';
import { ParameterFlaws } from './parameter-flaws.ts';
import { isNothingWaiting, Polling } from './polling.ts';
import { type Arrival, type Damaged, Reception } from './reception.ts';
import { SmscTurn } from './smsc-turn.ts';

/** Damaged packets in a row before the session ends: such a line carries nothing. */
export const damageLimit = 10;

/** How a session ended, and what it leaves behind. */
export interface SessionEnding {
  /** `left`: we logged out. `refused`: the login was refused. `failed`: everything else. */
  readonly how: 'left' | 'refused' | 'failed';
  readonly code: ErrorCode | undefined;
  readonly reason: string;
  readonly refusedWith: number | undefined;
  /** Requests that were sent and whose fate is unknown. */
  readonly unknown: readonly RequestRef[];
  /** The SMSC's requests that nobody waits to have answered any more. */
  readonly withdrawn: readonly IncomingToken[];
}

export type SessionInput = Exclude<ClientInput, { readonly type: 'log-in' }>;

export type SessionOutput =
  | Exclude<ClientOutput, { readonly type: 'connect' | 'disconnect' | 'unknown' | 'withdrawn' }>
  | { readonly type: 'withdrawn'; readonly token: IncomingToken }
  /** Always the last output; the session takes no input after it. */
  | { readonly type: 'finished'; readonly ending: SessionEnding };

/** SPEC: section 9. */
const unexpectedOperation = 1;

type State =
  | { readonly type: 'opening' }
  /** Waiting for the SMSC's greeting, at most until then. */
  | { readonly type: 'greeting'; readonly until: Instant }
  | { readonly type: 'logging-in' }
  | { readonly type: 'ready'; readonly since: Instant }
  /** Log-out was asked for; what is outstanding comes first. */
  | { readonly type: 'draining' }
  /** 02 is sent. */
  | { readonly type: 'leaving' }
  | { readonly type: 'over' };

type Owner =
  | { readonly type: 'login' }
  | { readonly type: 'alive' }
  | { readonly type: 'poll' }
  | { readonly type: 'log-out' }
  | { readonly type: 'caller'; readonly ref: RequestRef; readonly onTimeout: 'ask' | 'repeat' | 'close' };

type Request = Outstanding<Owner>;

export class ClientSession implements Machine<SessionInput, SessionOutput> {
  readonly #settings: ClientSettings;
  readonly #reception = new Reception();
  readonly #outstanding = new OutstandingRequests<Owner>();
  readonly #answered = new AnsweredRequests();
  readonly #smscTurn: SmscTurn;
  readonly #polling: Polling;
  readonly #flaws = new ParameterFlaws();
  /** Operations that had an answer of their own in this session. */
  readonly #known = new Set<number>();
  #state: State = { type: 'opening' };
  #nextNumber: PacketNumber;
  #repairing: PacketNumber | undefined;
  #damagedInARow = 0;
  #heardAt: Instant;
  #outputs: SessionOutput[] = [];

  /**
   * @param newToken gives a token that was never given before in the life of the client
   * @param firstNumber of the login: not 001 where another login went over this connection before
   */
  constructor(
    settings: ClientSettings,
    newToken: () => IncomingToken,
    now: Instant,
    firstNumber: PacketNumber = firstClientNumber,
  ) {
    this.#settings = settings;
    this.#nextNumber = firstNumber;
    const { window, checksum, applicationType = 'receiving', pollMs = 0 } = settings;
    this.#smscTurn = new SmscTurn({ window, checksum, applicationType, newToken });
    this.#polling = new Polling(applicationType === 'querying' ? pollMs : 0);
    this.#heardAt = now;
  }

  get state(): 'logging-in' | 'ready' | 'logging-out' {
    switch (this.#state.type) {
      case 'opening':
      case 'greeting':
      case 'logging-in':
        return 'logging-in';
      case 'ready':
        return 'ready';
      case 'draining':
      case 'leaving':
      case 'over':
        return 'logging-out';
      default:
        return assertNever(this.#state);
    }
  }

  /** Since when it is ready; undefined if it is not. */
  get readySince(): Instant | undefined {
    return this.#state.type === 'ready' ? this.#state.since : undefined;
  }

  /** What the next request on this connection is numbered with. */
  get nextNumber(): PacketNumber {
    return this.#nextNumber;
  }

  capacity(): number {
    return this.#state.type === 'ready' ? Math.max(0, this.#settings.window - this.#outstanding.span) : 0;
  }

  handle(input: SessionInput, now: Instant): readonly SessionOutput[] {
    this.#outputs = [];
    if (this.#state.type !== 'over') this.#take(input, now);
    return this.#outputs;
  }

  deadline(): Instant | undefined {
    const answer = this.#outstanding.deadline(this.#settings.answerTimeoutMs);
    switch (this.#state.type) {
      case 'greeting':
        return earliest(answer, this.#state.until);
      case 'ready': {
        const poll = this.#mayPoll() ? this.#polling.deadline() : undefined;
        return earliest(answer ?? later(this.#heardAt, this.#settings.aliveMs), poll);
      }
      case 'opening':
      case 'over':
        return undefined;
      case 'logging-in':
      case 'draining':
      case 'leaving':
        return answer;
      default:
        return assertNever(this.#state);
    }
  }

  #take(input: SessionInput, now: Instant): void {
    switch (input.type) {
      case 'opened':
        this.#opened(now);
        return;
      case 'received':
        this.#received(input.bytes, now);
        return;
      case 'closed':
        this.#closed(input.reason);
        return;
      case 'request':
        invariant(this.capacity() > 0, 'a request is sent only while there is capacity');
        this.#send(
          { type: 'caller', ref: input.ref, onTimeout: input.onTimeout },
          input.operation,
          input.parameters,
          now,
        );
        return;
      case 'repeat':
        this.#repeat(input.ref, now);
        return;
      case 'answer':
        this.#answer(input.token, input.parameters, now);
        return;
      case 'stop-polling':
        this.#polling.stop();
        return;
      case 'log-out':
        this.#logOut(now);
        return;
      case 'tick':
        this.#tick(now);
        return;
      default:
        assertNever(input);
    }
  }

  // Login

  #opened(now: Instant): void {
    if (this.#state.type !== 'opening') return;
    this.#heardAt = now;
    this.#outputs.push({ type: 'session', state: 'logging-in' });
    if (this.#settings.greetingWaitMs === 0) {
      this.#logIn(now);
      return;
    }
    this.#state = { type: 'greeting', until: later(now, this.#settings.greetingWaitMs) };
  }

  /** SPEC: sections 2.2 and 5.1. A window of one is asked for by silence: 019 would turn off the SMSC's repetitions. */
  #logIn(now: Instant): void {
    const { user, password, subaddress, window } = this.#settings;
    const parameters: Parameter[] = [
      { code: 10, value: user },
      { code: 11, value: password },
    ];
    if (subaddress !== undefined) parameters.push({ code: 12, value: String(subaddress) });
    if (window > 1) parameters.push({ code: 19, value: String(window) });
    this.#state = { type: 'logging-in' };
    this.#send({ type: 'login' }, 1, parameters, now);
  }

  #loginAnswered(answer: Packet, now: Instant): void {
    const refusedWith = answer.operation === generalError.code ? (refusalOf(answer) ?? 1) : refusalOf(answer);
    if (refusedWith !== undefined) {
      const reason = `The SMSC refused the login with error ${refusedWith}.`;
      this.#finish({ how: 'refused', code: 'SESSION_LOGIN_REFUSED', reason, refusedWith });
      return;
    }
    this.#state = { type: 'ready', since: now };
    this.#outputs.push({ type: 'session', state: 'ready' });
    this.#polling.start(now);
    this.#pollIfDue(now);
  }

  // Log-out

  #logOut(now: Instant): void {
    switch (this.#state.type) {
      case 'opening':
      case 'greeting':
      case 'logging-in':
        // Nothing was asked yet that would be worth waiting for.
        this.#finish({ how: 'left', reason: 'Logged out before the login was over.' });
        return;
      case 'ready':
        this.#state = { type: 'draining' };
        this.#polling.stop();
        this.#outputs.push({ type: 'session', state: 'logging-out' });
        this.#leaveIfDrained(now);
        return;
      case 'draining':
      case 'leaving':
      case 'over':
        return;
      default:
        assertNever(this.#state);
    }
  }

  #leaveIfDrained(now: Instant): void {
    if (this.#state.type !== 'draining' || this.#outstanding.size > 0) return;
    this.#state = { type: 'leaving' };
    this.#send({ type: 'log-out' }, 2, [], now);
    this.#smscTurn.logOutSent();
  }

  #logOutAnswered(): void {
    this.#outputs.push(...this.#smscTurn.logOutAnswered());
    this.#finish({ how: 'left', reason: 'Logged out.' });
  }

  // Our turn

  #send(owner: Owner, operation: number, parameters: readonly Parameter[], now: Instant): void {
    const packet: Packet = { operation, packetNumber: this.#nextNumber, parameters };
    const bytes = this.#encode(packet);
    this.#outstanding.add(owner, packet, bytes, now);
    this.#answered.forget(packet.packetNumber);
    this.#nextNumber = nextPacketNumber(packet.packetNumber);
    this.#write(packet, bytes);
  }

  /** SPEC: section 4.3: the same number and the same bytes; only then can the SMSC tell it from a new request. */
  #sendAgain(request: Request, because: 'timeout' | 'nack', now: Instant): void {
    this.#outstanding.sentAgain(request, because, now);
    this.#write(request.packet, request.bytes);
  }

  /** The owner may come too late: the answer may be there by now, or a NACK has already had it sent again. */
  #repeat(ref: RequestRef, now: Instant): void {
    const request = this.#outstanding.all().find(({ owner }) => owner.type === 'caller' && owner.ref === ref);
    if (request === undefined || request.awaiting !== 'permission') {
      this.#log('debug', 'session.repeat-too-late', { ref });
      return;
    }
    this.#sendAgain(request, 'timeout', now);
  }

  #tick(now: Instant): void {
    if (this.#state.type === 'greeting' && this.#state.until <= now) {
      this.#logIn(now);
      return;
    }
    for (const request of this.#outstanding.overdue(this.#settings.answerTimeoutMs, now)) {
      this.#overdue(request, now);
      if (this.#isOver()) return;
    }
    this.#pollIfDue(now);
    const isIdle = this.#outstanding.size === 0 && later(this.#heardAt, this.#settings.aliveMs) <= now;
    // Any packet proves that the line is alive; SPEC: section 6.4. Alive takes a turn and a number like any request.
    if (this.#state.type === 'ready' && isIdle) this.#send({ type: 'alive' }, 40, [], now);
  }

  #overdue(request: Request, now: Instant): void {
    const { owner, packet } = request;
    const name = `${packet.operation} number ${formatPacketNumber(packet.packetNumber)}`;
    const waitedMs = now - request.since;
    this.#log('warn', 'session.timeout', {
      operation: packet.operation,
      packetNumber: formatPacketNumber(packet.packetNumber),
      waitedMs,
      repeats: request.repeats,
      awaiting: request.awaiting,
    });
    if (owner.type === 'log-out') {
      this.#finish({ how: 'left', reason: 'The log-out was not answered.' });
      return;
    }
    const mayRepeat =
      owner.type !== 'login' &&
      request.awaiting === 'answer' &&
      // SPEC: section 4.3: with a window the SMSC does not repeat answers, so asking again cannot help.
      this.#settings.window === 1 &&
      request.repeats < this.#settings.repeats;
    const how = owner.type === 'caller' ? owner.onTimeout : 'repeat';
    if (!mayRepeat || how === 'close') {
      const reason = `Request ${name} was not answered within ${waitedMs} ms.`;
      this.#finish({ how: 'failed', code: 'SESSION_RESPONSE_TIMEOUT', reason });
      return;
    }
    if (how === 'repeat' || owner.type !== 'caller') {
      this.#sendAgain(request, 'timeout', now);
      return;
    }
    this.#outstanding.asked(request, now);
    this.#outputs.push({ type: 'repeat-wanted', ref: owner.ref, waitedMs });
  }

  #response(answer: Packet, now: Instant): void {
    const request = this.#outstanding.get(answer.packetNumber);
    if (request === undefined) {
      this.#outputs.push(this.#answered.tell(answer, now));
      return;
    }
    const why = misfit(request.packet, answer);
    if (why === undefined) {
      this.#settle(request, answer, now);
      return;
    }
    // The true answer may be lost or yet to come, and no later packet could be trusted: the fate is unknown, and
    // DESIGN section 2 rule 4 knows one way into that, the end of the session.
    const reason = `Packet ${formatPacketNumber(answer.packetNumber)} does not answer its request: ${why}.`;
    this.#finish({ how: 'failed', code: 'SESSION_UNEXPECTED_RESPONSE', reason });
  }

  #settle(request: Request, answer: Packet, now: Instant): void {
    const { owner, packet } = request;
    this.#outstanding.remove(request);
    if (this.#repairing === packet.packetNumber) this.#repairing = undefined;
    // Under the request's number, which a 98 need not have.
    this.#answered.add({ ...answer, packetNumber: packet.packetNumber }, now);
    switch (owner.type) {
      case 'login':
        this.#loginAnswered(answer, now);
        return;
      case 'log-out':
        this.#logOutAnswered();
        return;
      case 'alive':
        break;
      case 'poll':
        this.#pollAnswered(answer, now);
        break;
      case 'caller':
        this.#outputs.push({ type: 'response', ref: owner.ref, packet: answer });
        break;
      default:
        assertNever(owner);
    }
    if (this.#isForgotten(packet.operation, answer)) {
      const reason = 'The SMSC answers as it does before a login: it has begun anew and does not know this session.';
      this.#finish({ how: 'failed', code: 'SESSION_LOST', reason });
      return;
    }
    // Before the owner can take the place that just became free, or its requests would leave none for the poll.
    this.#pollIfDue(now);
    this.#leaveIfDrained(now);
  }

  /**
   * On a line without an end of connection nothing else tells that the SMSC was started anew: what it answered before,
   * it now takes for an operation before the login. SPEC: section 6.3: 98 with 900:1. One that it never answered
   * otherwise may only be unknown to it.
   */
  #isForgotten(operation: number, answer: Packet): boolean {
    if (answer.operation !== generalError.code) {
      this.#known.add(operation);
      return false;
    }
    return this.#known.has(operation) && refusalOf(answer) === unexpectedOperation;
  }

  /** SPEC: section 2.6: the oldest message (mode 1). */
  #pollIfDue(now: Instant): void {
    if (!this.#mayPoll() || !this.#polling.isDue(now)) return;
    this.#polling.asked();
    this.#send({ type: 'poll' }, 5, [{ code: 68, value: '1' }], now);
  }

  /**
   * SPEC: section 5.3: never beside another 05, also not one of the owner's; and not while a message that came is being
   * stored, for which there may be no room.
   */
  #mayPoll(): boolean {
    if (this.capacity() === 0 || this.#smscTurn.waiting().length > 0) return false;
    return !this.#outstanding.all().some(({ packet }) => packet.operation === 5);
  }

  #pollAnswered(answer: Packet, now: Instant): void {
    const refusedWith = answer.operation === generalError.code ? (refusalOf(answer) ?? 1) : refusalOf(answer);
    this.#polling.answered(refusedWith, now);
    if (refusedWith === undefined || isNothingWaiting(refusedWith)) return;
    const meaning = cimdErrorMeaning(refusedWith);
    this.#log('warn', 'session.poll-refused', { errorCode: refusedWith, meaning, againMs: this.#settings.pollMs });
  }

  /**
   * SPEC: section 2.3: jcimd numbers 98 by a counter of its own, so it belongs to the only outstanding request whatever
   * its number; with several, the number decides. It is not taken for the answer to a submit where it bears the number
   * of a request of the SMSC that we know: then it complains about our answer to that.
   */
  #generalError(answer: Packet, now: Instant): void {
    const byNumber = this.#outstanding.get(answer.packetNumber);
    const isAboutOurAnswer = byNumber === undefined && this.#smscTurn.knows(answer.packetNumber);
    const request = byNumber ?? (isAboutOurAnswer ? undefined : this.#outstanding.only());
    if (request !== undefined) {
      this.#settle(request, answer, now);
      return;
    }
    if (isAboutOurAnswer || this.#outstanding.size === 0) {
      this.#outputs.push(this.#answered.tell(answer, now));
      return;
    }
    const reason = `A general error (98) under ${formatPacketNumber(answer.packetNumber)} fits none of our requests.`;
    this.#finish({ how: 'failed', code: 'SESSION_UNEXPECTED_RESPONSE', reason });
  }

  #nacked(expected: PacketNumber, now: Instant): void {
    const requests = this.#outstanding.all();
    const verdict = judgeNack({
      expected,
      outstanding: requests.map(({ packet, transmissions, nacks }) => ({
        packetNumber: packet.packetNumber,
        transmissions,
        nacks,
      })),
      nextNumber: this.#nextNumber,
      // SPEC: section 5.1: the window may be used only after the positive answer to the login.
      turns: this.#settings.window > 1 && this.state !== 'logging-in' ? 'windowed' : 'one-at-a-time',
      repairing: this.#repairing,
    });
    this.#log('warn', 'session.nack-received', { expected: formatPacketNumber(expected), verdict: verdict.type });
    this.#actOn(verdict, expected, now);
  }

  #actOn(verdict: NackVerdict, expected: PacketNumber, now: Instant): void {
    switch (verdict.type) {
      case 'ignore':
      case 'wait':
        return;
      case 'resend':
        if (this.#settings.window > 1) this.#repairing = verdict.from;
        for (const request of this.#outstanding.from(verdict.from)) this.#sendAgain(request, 'nack', now);
        return;
      case 'renumber':
        this.#renumber(expected, now);
        return;
      case 'give-up': {
        const reason = `The SMSC rejected what we sent and expects packet ${formatPacketNumber(expected)}.`;
        this.#finish({ how: 'failed', code: verdict.code, reason });
        return;
      }
      default:
        assertNever(verdict);
    }
  }

  #renumber(expected: PacketNumber, now: Instant): void {
    const request = this.#outstanding.only();
    invariant(request !== undefined, 'only the single outstanding request is renumbered');
    const packet: Packet = { ...request.packet, packetNumber: expected };
    const bytes = this.#encode(packet);
    this.#outstanding.renumbered(request, packet, bytes, now);
    this.#answered.forget(expected);
    this.#nextNumber = nextPacketNumber(expected);
    this.#write(packet, bytes);
  }

  /** What the SMSC's turn makes of it; a message that was answered makes room for the next. */
  #answer(token: IncomingToken, parameters: readonly Parameter[], now: Instant): void {
    if (this.#smscTurn.isDeliver(token)) this.#polling.deliverAnswered(now);
    this.#outputs.push(...this.#smscTurn.answer(token, parameters, now));
    this.#pollIfDue(now);
  }

  // What arrives

  #received(bytes: Uint8Array, now: Instant): void {
    for (const arrival of this.#reception.take(bytes, now)) {
      if (this.#isOver()) return;
      this.#arrived(arrival, now);
    }
  }

  #arrived(arrival: Arrival, now: Instant): void {
    switch (arrival.type) {
      case 'log':
        this.#outputs.push(arrival);
        return;
      case 'between':
        if (this.#state.type === 'greeting') this.#logIn(now);
        return;
      case 'packet':
        this.#heardAt = now;
        this.#packet(arrival.packet, arrival.bytes, now);
        return;
      case 'damaged':
        this.#heardAt = now;
        this.#damaged(arrival.damaged, arrival.bytes, now);
        return;
      case 'reading':
      case 'flooded':
        // Only the server sets a limit.
        return;
      default:
        assertNever(arrival);
    }
  }

  #packet(packet: Packet, bytes: Uint8Array, now: Instant): void {
    this.#damagedInARow = 0;
    this.#outputs.push({ type: 'seen', packet: maskSecrets(packet) }, ...this.#flaws.judge(packet));
    if (packet.operation === nack.code) {
      this.#nacked(packet.packetNumber, now);
      return;
    }
    if (packet.operation === generalError.code) {
      this.#generalError(packet, now);
      return;
    }
    if (isResponse(packet.operation)) this.#response(packet, now);
    else this.#outputs.push(...this.#smscTurn.request(packet, bytes, now));
  }

  #damaged({ fault, damage, header }: Damaged, bytes: Uint8Array, now: Instant): void {
    this.#damagedInARow += 1;
    if (this.#damagedInARow >= damageLimit) {
      const reason = `${damageLimit} damaged packets came in a row; the last: ${fault.message}`;
      this.#finish({ how: 'failed', code: 'SESSION_TOO_MANY_NACKS', reason });
      return;
    }
    if (damage !== 'parameter') this.#outputs.push(...this.#smscTurn.nack());
    else if (header !== undefined) this.#outputs.push(...this.#smscTurn.broken(header, bytes, now));
  }

  // The end

  #closed(reason: string): void {
    this.#outputs.push(...this.#reception.end());
    // SPEC: section 2.2: some servers close behind 52, or instead of it.
    if (this.#state.type === 'leaving') {
      this.#finish({ how: 'left', reason });
      return;
    }
    this.#finish({ how: 'failed', code: 'SESSION_LOST', reason: `The connection to the SMSC ended: ${reason}` });
  }

  #finish(ending: Pick<SessionEnding, 'how' | 'reason'> & Partial<Pick<SessionEnding, 'code' | 'refusedWith'>>): void {
    const unknown = this.#outstanding.all().flatMap(({ owner }) => (owner.type === 'caller' ? [owner.ref] : []));
    this.#outstanding.clear();
    this.#state = { type: 'over' };
    this.#outputs.push({
      type: 'finished',
      ending: {
        how: ending.how,
        code: ending.code,
        reason: ending.reason,
        refusedWith: ending.refusedWith,
        unknown,
        withdrawn: this.#smscTurn.waiting(),
      },
    });
  }

  #isOver(): boolean {
    return this.#state.type === 'over';
  }

  #encode(packet: Packet): Uint8Array {
    return encodePacket(packet, { checksum: this.#settings.checksum });
  }

  #write(packet: Packet, bytes: Uint8Array): void {
    this.#outputs.push({ type: 'write', bytes, packet: maskSecrets(packet) });
  }

  #log(level: LogLevel, event: string, fields: Parameters<typeof logEvent>[2]): void {
    this.#outputs.push(logEvent(level, event, fields));
  }
}
