/**
 * The server end of one connection: greeting, login, the application's turn, log-out, and what is answered to damage.
 * Its own requests are `delivery-turn.ts`. It decides nothing about accounts and messages; whatever is well-formed and
 * in turn goes up to the SMSC role.
 * Source: docs/reference/cimd2.md sections 1.5, 1.6, 2.2, 2.3, 4, 5, 6 and 11.3.
 */
import { fromLatin1 } from '../base/bytes.ts';
import type { ErrorCode } from '../base/errors.ts';
import { assertNever, invariant } from '../base/invariant.ts';
import { type LogLevel, logEvent } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import type { PacketHeader } from '../codec/decode.ts';
import { encodePacket } from '../codec/encode.ts';
import { maskSecrets } from '../codec/mask.ts';
import { findOperation, generalError, nack } from '../codec/operations.ts';
import { isResponse, type Packet, type Parameter, parameterOf, responseOperation } from '../codec/packet.ts';
import {
  firstClientNumber,
  formatPacketNumber,
  isClientNumber,
  nextPacketNumber,
  type PacketNumber,
} from '../codec/packet-number.ts';
import { refusalOf } from './answers.ts';
import { ApplicationTurn } from './application-turn.ts';
import { type Delivery, type DeliveryOutput, DeliveryTurn, nackReceived, unexpectedResponse } from './delivery-turn.ts';
import { ParameterFlaws } from './parameter-flaws.ts';
import { type Arrival, type Damaged, heldLimitBytes, Reception } from './reception.ts';
import type {
  DeliverySource,
  ServerInput,
  ServerOutput,
  ServerSettings,
  ServerState,
  ServerToken,
} from './server-io.ts';

/** Refused logins on one connection before it is closed. SPEC: section 6.3: allow a few more attempts, then close. */
export const loginLimit = 5;

const unexpectedOperation: readonly Parameter[] = [{ code: 900, value: '1' }];
const syntaxError: readonly Parameter[] = [{ code: 900, value: '2' }];

type State =
  | { readonly type: 'opening' }
  /** Nobody is logged in. `expected` is only a hint for NACKs: a login may have any odd number. SPEC: section 4.1. */
  | {
      readonly type: 'unbound';
      readonly since: Instant;
      readonly expected: PacketNumber;
      readonly refusedLogins: number;
      readonly login: Login | undefined;
    }
  | Bound
  | { readonly type: 'closed' };

/** A login that the role decides on. */
interface Login {
  readonly token: ServerToken;
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

interface Bound {
  readonly type: 'bound';
  readonly turn: ApplicationTurn;
  readonly deliveries: DeliveryTurn;
}

export class CimdServerSession implements Machine<ServerInput, ServerOutput> {
  readonly #settings: ServerSettings;
  readonly #reception: Reception;
  readonly #flaws = new ParameterFlaws();
  #state: State = { type: 'opening' };
  #heardAt: Instant | undefined;
  #nacksInARow = 0;
  #lastToken = 0;
  #outputs: ServerOutput[] = [];

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#reception = new Reception(settings.packetsPerSecond);
  }

  get state(): ServerState {
    return this.#state.type === 'opening' ? 'unbound' : this.#state.type;
  }

  /** Deliveries and status reports that may be sent now: 0 unless `bound`. */
  capacity(source: DeliverySource = 'arrived'): number {
    return this.#state.type === 'bound' ? this.#state.deliveries.capacity(source) : 0;
  }

  /** @throws InvariantError for a `request` without capacity, which is a bug of the owner */
  handle(input: ServerInput, now: Instant): readonly ServerOutput[] {
    invariant(
      input.type !== 'request' || this.capacity(input.source) > 0,
      'a request is sent only while there is capacity',
    );
    this.#outputs = [];
    if (this.#state.type !== 'closed') this.#take(input, now);
    return this.#outputs;
  }

  deadline(): Instant | undefined {
    switch (this.#state.type) {
      case 'unbound':
        return earliest(later(this.#state.since, this.#settings.loginTimeoutMs), this.#reception.deadline());
      case 'bound':
        return earliest(this.#state.deliveries.deadline(), this.#idleAt(), this.#reception.deadline());
      case 'opening':
      case 'closed':
        return undefined;
      default:
        return assertNever(this.#state);
    }
  }

  #take(input: ServerInput, now: Instant): void {
    switch (input.type) {
      case 'opened':
        this.#opened(now);
        return;
      case 'received':
        this.#received(input.bytes, now);
        return;
      case 'closed':
        this.#end('closed', 'SESSION_LOST', `The connection of the application ended: ${input.reason}`);
        return;
      case 'respond':
        this.#respond(input, now);
        return;
      case 'request':
        this.#send({ ...input, source: input.source ?? 'arrived' }, now);
        return;
      case 'shut-down':
        this.#end('close', 'SESSION_LOST', input.reason);
        return;
      case 'tick':
        this.#tick(now);
        return;
      default:
        assertNever(input);
    }
  }

  #opened(now: Instant): void {
    if (this.#state.type !== 'opening') return;
    this.#unbound(now);
    const { greeting } = this.#settings;
    // SPEC: section 6.2: one write, before any packet.
    if (greeting !== undefined) this.#outputs.push({ type: 'write', bytes: fromLatin1(greeting), packet: undefined });
  }

  #unbound(now: Instant): void {
    const expected = firstClientNumber;
    this.#state = { type: 'unbound', since: now, expected, refusedLogins: 0, login: undefined };
    this.#outputs.push({ type: 'session', state: 'unbound' });
  }

  #tick(now: Instant): void {
    this.#arrivals(this.#reception.resume(now), now);
    if (this.#state.type === 'unbound' && later(this.#state.since, this.#settings.loginTimeoutMs) <= now) {
      this.#end('close', 'SESSION_LOST', `Nobody logged in within ${this.#settings.loginTimeoutMs} ms.`);
    }
    if (this.#state.type !== 'bound') return;
    const idleAt = this.#idleAt();
    if (idleAt !== undefined && idleAt <= now) {
      this.#end('close', 'SESSION_LOST', `No packet came for ${this.#settings.idleMs} ms.`);
      return;
    }
    this.#deliver(this.#state.deliveries.repeatOverdue(now));
  }

  // What arrives

  #received(bytes: Uint8Array, now: Instant): void {
    this.#arrivals(this.#reception.take(bytes, now), now);
  }

  #arrivals(arrivals: readonly Arrival[], now: Instant): void {
    for (const arrival of arrivals) {
      if (this.#isClosed()) return;
      this.#arrived(arrival, now);
    }
  }

  #arrived(arrival: Arrival, now: Instant): void {
    switch (arrival.type) {
      case 'log':
        this.#outputs.push(arrival);
        return;
      case 'between':
        return;
      case 'reading':
        this.#outputs.push(arrival);
        return;
      case 'packet':
        this.#heardAt = now;
        this.#packet(arrival.packet, arrival.bytes, now);
        return;
      case 'damaged':
        this.#heardAt = now;
        this.#damaged(arrival.damaged, arrival.bytes, now);
        return;
      case 'flooded':
        this.#end('close', 'SESSION_FLOODED', `More than ${heldLimitBytes} bytes waited to be taken.`);
        return;
      default:
        assertNever(arrival);
    }
  }

  #packet(packet: Packet, bytes: Uint8Array, now: Instant): void {
    this.#outputs.push({ type: 'seen', packet: maskSecrets(packet) });
    if (packet.operation === nack.code) this.#nacked(packet.packetNumber, now);
    else if (isResponse(packet.operation)) this.#response(packet);
    else this.#request(packet, bytes, 'whole', now);
  }

  #damaged({ damage, header }: Damaged, bytes: Uint8Array, now: Instant): void {
    if (damage !== 'parameter' || header === undefined) {
      this.#sendNack();
      return;
    }
    // SPEC: section 1.6: the number is judged before the parameters. To a broken answer nothing is said; our request
    // stays unanswered and is repeated.
    if (!isResponse(header.operation)) this.#request({ ...header, parameters: [] }, bytes, 'broken', now);
  }

  // The application's turn

  #request(packet: Packet, bytes: Uint8Array, syntax: 'whole' | 'broken', now: Instant): void {
    switch (this.#state.type) {
      case 'unbound':
        this.#beforeLogin(packet, bytes, syntax);
        return;
      case 'bound':
        if (packet.operation === 1) this.#loginWhileBound(this.#state, packet, bytes);
        else this.#inTurn(this.#state, packet, bytes, syntax, now);
        return;
      case 'opening':
      case 'closed':
        return;
      default:
        assertNever(this.#state);
    }
  }

  /** SPEC: section 6.3: nothing but a login; section 4.1: which may have any odd number. */
  #beforeLogin(packet: Packet, bytes: Uint8Array, syntax: 'whole' | 'broken'): void {
    invariant(this.#state.type === 'unbound', 'the login comes before the session');
    const { login } = this.#state;
    if (packet.operation !== 1) {
      this.#answerNow(packet, generalError.code, unexpectedOperation);
    } else if (!isClientNumber(packet.packetNumber)) {
      this.#sendNack();
    } else if (syntax === 'broken') {
      this.#answerNow(packet, responseOperation(1), syntaxError);
    } else if (login === undefined) {
      this.#nacksInARow = 0;
      const token = this.#newToken();
      this.#state = { ...this.#state, login: { token, packet, bytes } };
      this.#outputs.push({ type: 'request', token, packet });
    } else if (login.packet.packetNumber !== packet.packetNumber) {
      this.#answerNow(packet, responseOperation(1), unexpectedOperation);
    }
    // Otherwise it is the login in work once more: silence, its answer will come. SPEC: section 4.2.
  }

  /** SPEC: sections 2.2 and 6.3: a second login is refused, under whatever number it comes. */
  #loginWhileBound({ turn }: Bound, packet: Packet, bytes: Uint8Array): void {
    const verdict = turn.judge(packet.packetNumber, bytes);
    if (verdict.type === 'repetition') {
      if (verdict.answer !== undefined) this.#write(verdict.answer.packet, verdict.answer.bytes);
      return;
    }
    const answer = this.#answerNow(packet, responseOperation(1), unexpectedOperation);
    if (verdict.type !== 'take') return;
    const token = this.#newToken();
    turn.take(token, packet, bytes);
    turn.answered(token, answer);
  }

  #inTurn(bound: Bound, packet: Packet, bytes: Uint8Array, syntax: 'whole' | 'broken', now: Instant): void {
    const verdict = bound.turn.judge(packet.packetNumber, bytes);
    switch (verdict.type) {
      case 'nack':
        this.#sendNack();
        return;
      case 'repetition':
        this.#log('info', 'session.repetition', {
          packetNumber: formatPacketNumber(packet.packetNumber),
          isAnswered: verdict.answer !== undefined,
        });
        if (verdict.answer !== undefined) this.#write(verdict.answer.packet, verdict.answer.bytes);
        return;
      case 'take': {
        this.#nacksInARow = 0;
        const token = this.#newToken();
        bound.turn.take(token, packet, bytes);
        this.#taken(bound, token, packet, syntax, now);
        return;
      }
      default:
        assertNever(verdict);
    }
  }

  /** SPEC: section 1.6: after the number comes the operation, after that the parameters. */
  #taken(bound: Bound, token: ServerToken, packet: Packet, syntax: 'whole' | 'broken', now: Instant): void {
    const role = findOperation(packet.operation);
    const own = responseOperation(packet.operation);
    if (role?.type !== 'request') {
      bound.turn.answered(token, this.#answerNow(packet, generalError.code, unexpectedOperation));
    } else if (role.operation.requester !== 'application') {
      // SPEC: section 2.1 has 98 for "unknown or unexpected" operations, section 11.3 never after a login for a known one.
      // 20 and 23 are known and only come from the wrong side; to Kannel a 98 is a broken line, so they get their own
      // answer with 900, although section 2.10 has no parameters in a 73.
      bound.turn.answered(token, this.#answerNow(packet, own, unexpectedOperation));
    } else if (syntax === 'broken') {
      bound.turn.answered(token, this.#answerNow(packet, own, syntaxError));
    } else if (packet.operation === 40) {
      bound.turn.answered(token, this.#answerNow(packet, own, []));
    } else if (packet.operation === 2) {
      this.#answerNow(packet, own, []);
      this.#loggedOut(bound, now);
    } else {
      this.#outputs.push({ type: 'request', token, packet });
    }
  }

  /** SPEC: section 2.2: the connection stays; a new login begins with new numbers. */
  #loggedOut({ deliveries }: Bound, now: Instant): void {
    this.#deliver(deliveries.abandon('SESSION_LOST', 'The application logged out.'));
    this.#unbound(now);
  }

  #respond(input: Extract<ServerInput, { readonly type: 'respond' }>, now: Instant): void {
    const { token, parameters, deliverWindow } = input;
    if (this.#state.type === 'unbound' && this.#state.login?.token === token) {
      this.#answerLogin(this.#state.login, parameters, deliverWindow, now);
      return;
    }
    const request = this.#state.type === 'bound' ? this.#state.turn.inWork(token) : undefined;
    if (this.#state.type !== 'bound' || request === undefined) {
      // It took longer than the session that asked.
      this.#log('debug', 'session.answer-too-late', { token });
      return;
    }
    this.#state.turn.answered(token, this.#answerNow(request, responseOperation(request.operation), parameters));
  }

  #answerLogin(login: Login, parameters: readonly Parameter[], deliverWindow: number | undefined, now: Instant): void {
    invariant(this.#state.type === 'unbound', 'a login is answered once');
    const answer = this.#answerNow(login.packet, responseOperation(1), parameters);
    if (refusalOf(answer.packet) === undefined) {
      this.#bind(login, answer, deliverWindow, now);
      return;
    }
    const refusedLogins = this.#state.refusedLogins + 1;
    const expected = nextPacketNumber(login.packet.packetNumber);
    // A refused login is not remembered: it changed nothing, so the same one may simply be tried again.
    this.#state = { ...this.#state, expected, refusedLogins, login: undefined };
    if (refusedLogins >= loginLimit) {
      this.#end('close', 'SESSION_LOGIN_REFUSED', `${loginLimit} logins were refused on this connection.`);
    }
  }

  #bind(
    login: Login,
    answer: { readonly packet: Packet; readonly bytes: Uint8Array },
    deliverWindow: number | undefined,
    now: Instant,
  ): void {
    const window = windowOf(login.packet);
    const { packetNumber } = login.packet;
    this.#heardAt = now;
    this.#state = {
      type: 'bound',
      turn: new ApplicationTurn({
        numbers: this.#settings.numbers,
        window,
        login: { packetNumber, bytes: login.bytes, answer },
      }),
      deliveries: new DeliveryTurn(this.#settings, Math.min(window ?? 1, deliverWindow ?? 128)),
    };
    this.#outputs.push({ type: 'session', state: 'bound' });
  }

  // Our turn

  #send(delivery: Delivery, now: Instant): void {
    invariant(this.#state.type === 'bound', 'a request is sent only while bound');
    this.#deliver(this.#state.deliveries.send(delivery, now));
  }

  #response(packet: Packet): void {
    if (this.#state.type !== 'bound') {
      this.#outputs.push(unexpectedResponse(packet));
      return;
    }
    this.#outputs.push(...this.#flaws.judge(packet));
    const outputs = this.#state.deliveries.response(packet);
    if (outputs.some(({ type }) => type === 'response')) this.#nacksInARow = 0;
    this.#deliver(outputs);
  }

  #nacked(expected: PacketNumber, now: Instant): void {
    if (this.#state.type === 'bound') this.#deliver(this.#state.deliveries.nacked(expected, now));
    else this.#outputs.push(nackReceived(expected, false));
  }

  /** What our turn wants done. */
  #deliver(outputs: readonly DeliveryOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'give-up') this.#end('close', output.code, output.reason);
      else this.#outputs.push(output);
    }
  }

  // Answers

  /** SPEC: section 4.4, with the limit of section 11.3. */
  #sendNack(): void {
    this.#nacksInARow += 1;
    const packetNumber = this.#expected();
    this.#answerNow({ packetNumber }, nack.code, []);
    if (this.#nacksInARow < this.#settings.nackLimit) return;
    this.#end('close', 'SESSION_TOO_MANY_NACKS', `${this.#nacksInARow} packets in a row were damaged or out of turn.`);
  }

  #expected(): PacketNumber {
    switch (this.#state.type) {
      case 'bound':
        return this.#state.turn.expected;
      case 'unbound':
        return this.#state.expected;
      case 'opening':
      case 'closed':
        return firstClientNumber;
      default:
        return assertNever(this.#state);
    }
  }

  #answerNow(
    request: Pick<PacketHeader, 'packetNumber'>,
    operation: number,
    parameters: readonly Parameter[],
  ): { readonly packet: Packet; readonly bytes: Uint8Array } {
    const packet: Packet = { operation, packetNumber: request.packetNumber, parameters };
    const bytes = this.#encode(packet);
    this.#write(packet, bytes);
    return { packet, bytes };
  }

  /** SPEC: section 1.5: a server always sends the checksum. */
  #encode(packet: Packet): Uint8Array {
    return encodePacket(packet, { checksum: 'send' });
  }

  // The end

  #end(how: 'close' | 'closed', code: ErrorCode, reason: string): void {
    this.#outputs.push(...this.#reception.end());
    if (how === 'close') this.#outputs.push({ type: 'close', reason });
    if (this.#state.type === 'bound') this.#deliver(this.#state.deliveries.abandon(code, reason));
    this.#state = { type: 'closed' };
    this.#outputs.push({ type: 'session', state: 'closed', reason });
  }

  #idleAt(): Instant | undefined {
    const { idleMs } = this.#settings;
    return idleMs === 0 || this.#heardAt === undefined ? undefined : later(this.#heardAt, idleMs);
  }

  #isClosed(): boolean {
    return this.#state.type === 'closed';
  }

  #newToken(): ServerToken {
    this.#lastToken += 1;
    return this.#lastToken;
  }

  #write(packet: Packet, bytes: Uint8Array): void {
    this.#outputs.push({ type: 'write', bytes, packet: maskSecrets(packet) });
  }

  #log(level: LogLevel, event: string, fields: Parameters<typeof logEvent>[2]): void {
    this.#outputs.push(logEvent(level, event, fields));
  }
}

/** 019 of a login that the role accepted; whether it is allowed was for the role to say, with 104 or 105. */
function windowOf(login: Packet): number | undefined {
  const value = parameterOf(login, 19);
  if (value === undefined || !/^\d{1,3}$/.test(value)) return undefined;
  const window = Number(value);
  return window >= 1 && window <= 128 ? window : undefined;
}
