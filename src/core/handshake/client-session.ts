/**
 * The client's part in one connection, from the open transport to its end: greeting, login, alive, asking for messages,
 * log-out. How requests are sent and answered is `own-turn.ts`, the SMSC's turn `smsc-turn.ts`. It never connects and
 * never waits to try again; that is `client.ts`, which makes a new one of these per connection, so that nothing can be
 * matched across connections.
 * Source: docs/reference/cimd2.md sections 2, 5, 6 and 11.4; DESIGN section 5.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever, invariant } from '../base/invariant.ts';
import { type LogLevel, logEvent } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import { cimdErrorMeaning } from '../codec/error-codes.ts';
import { maskSecrets } from '../codec/mask.ts';
import { generalError, nack } from '../codec/operations.ts';
import { isResponse, type Packet, type Parameter } from '../codec/packet.ts';
import { firstClientNumber, type PacketNumber } from '../codec/packet-number.ts';
import { refusalOf } from './answers.ts';
import type { ClientInput, ClientOutput, ClientSettings, IncomingToken, RequestRef } from './client-io.ts';
import { type Answered, OwnTurn, type OwnTurnOutput, type RequestOwner } from './own-turn.ts';
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

/** Asking for messages (05). */
const poll = 5;

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

export class ClientSession implements Machine<SessionInput, SessionOutput> {
  readonly #settings: ClientSettings;
  readonly #reception = new Reception();
  readonly #ownTurn: OwnTurn;
  readonly #smscTurn: SmscTurn;
  readonly #polling: Polling;
  readonly #flaws = new ParameterFlaws();
  #state: State = { type: 'opening' };
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
    this.#ownTurn = new OwnTurn(settings, firstNumber);
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
    return this.#ownTurn.nextNumber;
  }

  capacity(): number {
    return this.#state.type === 'ready' ? this.#ownTurn.capacity() : 0;
  }

  handle(input: SessionInput, now: Instant): readonly SessionOutput[] {
    this.#outputs = [];
    if (this.#state.type !== 'over') this.#take(input, now);
    return this.#outputs;
  }

  deadline(): Instant | undefined {
    const answer = this.#ownTurn.deadline();
    switch (this.#state.type) {
      case 'greeting':
        return earliest(answer, this.#state.until);
      case 'ready': {
        const pollAt = this.#mayPoll() ? this.#polling.deadline() : undefined;
        return earliest(answer ?? later(this.#heardAt, this.#settings.aliveMs), pollAt);
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
        this.#outputs.push(this.#ownTurn.repeat(input.ref, now));
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
    if (this.#state.type !== 'draining' || !this.#ownTurn.isIdle) return;
    this.#state = { type: 'leaving' };
    this.#send({ type: 'log-out' }, 2, [], now);
    this.#smscTurn.logOutSent();
  }

  #logOutAnswered(): void {
    this.#outputs.push(...this.#smscTurn.logOutAnswered());
    this.#finish({ how: 'left', reason: 'Logged out.' });
  }

  // Our turn

  #send(owner: RequestOwner, operation: number, parameters: readonly Parameter[], now: Instant): void {
    this.#outputs.push(this.#ownTurn.send(owner, operation, parameters, now));
  }

  #tick(now: Instant): void {
    if (this.#state.type === 'greeting' && this.#state.until <= now) {
      this.#logIn(now);
      return;
    }
    this.#follow(this.#ownTurn.tick(now), now);
    if (this.#isOver()) return;
    this.#pollIfDue(now);
    const isIdle = this.#ownTurn.isIdle && later(this.#heardAt, this.#settings.aliveMs) <= now;
    // Any packet proves that the line is alive; SPEC: section 6.4. Alive takes a turn and a number like any request.
    if (this.#state.type === 'ready' && isIdle) this.#send({ type: 'alive' }, 40, [], now);
  }

  /** Gives on what the own turn says to the owner, and draws the session's own conclusions. */
  #follow(outputs: readonly OwnTurnOutput[], now: Instant): void {
    for (const output of outputs) this.#followOne(output, now);
  }

  #followOne(output: OwnTurnOutput, now: Instant): void {
    switch (output.type) {
      case 'answered':
        this.#answered(output, now);
        return;
      case 'unanswered':
        if (output.owner.type === 'log-out') this.#finish({ how: 'left', reason: 'The log-out was not answered.' });
        else this.#finish({ how: 'failed', code: 'SESSION_RESPONSE_TIMEOUT', reason: output.reason });
        return;
      case 'failed':
        this.#finish({ how: 'failed', code: output.code, reason: output.reason });
        return;
      case 'write':
      case 'repeat-wanted':
      case 'log':
        this.#outputs.push(output);
        return;
      default:
        assertNever(output);
    }
  }

  #answered({ owner, answer, isSessionForgotten }: Answered, now: Instant): void {
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
    if (isSessionForgotten) {
      const reason = 'The SMSC answers as it does before a login: it has begun anew and does not know this session.';
      this.#finish({ how: 'failed', code: 'SESSION_LOST', reason });
      return;
    }
    // Before the owner can take the place that just became free, or its requests would leave none for the poll.
    this.#pollIfDue(now);
    this.#leaveIfDrained(now);
  }

  /** SPEC: section 2.6: the oldest message (mode 1). */
  #pollIfDue(now: Instant): void {
    if (!this.#mayPoll() || !this.#polling.isDue(now)) return;
    this.#polling.asked();
    this.#send({ type: 'poll' }, poll, [{ code: 68, value: '1' }], now);
  }

  /**
   * SPEC: section 5.3: never beside another 05, also not one of the owner's; and not while a message that came is being
   * stored, for which there may be no room.
   */
  #mayPoll(): boolean {
    if (this.capacity() === 0 || this.#smscTurn.waiting().length > 0) return false;
    return !this.#ownTurn.isOutstanding(poll);
  }

  #pollAnswered(answer: Packet, now: Instant): void {
    const refusedWith = answer.operation === generalError.code ? (refusalOf(answer) ?? 1) : refusalOf(answer);
    this.#polling.answered(refusedWith, now);
    if (refusedWith === undefined || isNothingWaiting(refusedWith)) return;
    const meaning = cimdErrorMeaning(refusedWith);
    this.#log('warn', 'session.poll-refused', { errorCode: refusedWith, meaning, againMs: this.#settings.pollMs });
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
      const numbered = this.#smscTurn.knows(packet.packetNumber) ? 'by-the-smsc' : 'by-nobody';
      this.#followOne(this.#ownTurn.generalError(packet, numbered, now), now);
      return;
    }
    if (isResponse(packet.operation)) this.#followOne(this.#ownTurn.response(packet, now), now);
    else this.#outputs.push(...this.#smscTurn.request(packet, bytes, now));
  }

  /** SPEC: section 5.1: the window may be used only after the positive answer to the login. */
  #nacked(expected: PacketNumber, now: Instant): void {
    const isWindowed = this.#settings.window > 1 && this.state !== 'logging-in';
    this.#follow(this.#ownTurn.nacked(expected, isWindowed ? 'windowed' : 'one-at-a-time', now), now);
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
    const unknown = this.#ownTurn.abandon();
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

  #log(level: LogLevel, event: string, fields: Parameters<typeof logEvent>[2]): void {
    this.#outputs.push(logEvent(level, event, fields));
  }
}
