/**
 * The client's own turn: its requests under their packet numbers, sent, sent again, and matched with answers, NACKs and
 * timeouts. What an answer means to the session, and that a session ends, is the affair of `client-session.ts`; the
 * SMSC's turn is `smsc-turn.ts`.
 * Source: docs/reference/cimd2.md sections 2.3, 4.1 to 4.4 and 5.2.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever, invariant } from '../base/invariant.ts';
import { type LogEvent, logEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import { encodePacket } from '../codec/encode.ts';
import { maskSecrets } from '../codec/mask.ts';
import type { Packet, Parameter } from '../codec/packet.ts';
import { formatPacketNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import { AnsweredRequests } from './answered.ts';
import { misfit } from './answers.ts';
import type { ClientOutput, ClientSettings, RequestRef } from './client-io.ts';
import { judgeNack, type NackCase, type NackVerdict } from './nack.ts';
import { type Outstanding, OutstandingRequests } from './outstanding.ts';

/** Whose request it is: the session's own, or one that its owner asked for. */
export type RequestOwner =
  | { readonly type: 'login' }
  | { readonly type: 'alive' }
  | { readonly type: 'poll' }
  | { readonly type: 'log-out' }
  | { readonly type: 'caller'; readonly ref: RequestRef; readonly onTimeout: 'ask' | 'repeat' | 'close' };

type Request = Outstanding<RequestOwner>;

type Write = Extract<ClientOutput, { readonly type: 'write' }>;

/** The answer, positive or negative; the request's number may be used again. */
export interface Answered {
  readonly type: 'answered';
  readonly owner: RequestOwner;
  readonly answer: Packet;
  /** The SMSC answers as it does before a login, though it has answered otherwise before. */
  readonly isSessionForgotten: boolean;
}

export type OwnTurnOutput =
  | Write
  | Extract<ClientOutput, { readonly type: 'repeat-wanted' }>
  | LogEvent
  | Answered
  /** No answer came in time, and it is not asked for again. Always the last output. */
  | { readonly type: 'unanswered'; readonly owner: RequestOwner; readonly reason: string }
  /** What came fits nothing, or nothing can be repeated any more: no later answer could be trusted. */
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly reason: string };

export type OwnTurnSettings = Pick<ClientSettings, 'window' | 'checksum' | 'answerTimeoutMs' | 'repeats'>;

export class OwnTurn {
  readonly #settings: OwnTurnSettings;
  readonly #outstanding = new OutstandingRequests<RequestOwner>();
  readonly #answered = new AnsweredRequests();
  #nextNumber: PacketNumber;
  /** The number from which everything was sent again because of a NACK, and which is still unanswered. */
  #repairing: PacketNumber | undefined;

  constructor(settings: OwnTurnSettings, firstNumber: PacketNumber) {
    this.#settings = settings;
    this.#nextNumber = firstNumber;
  }

  /** What the next request is numbered with. */
  get nextNumber(): PacketNumber {
    return this.#nextNumber;
  }

  /** Nothing is outstanding. */
  get isIdle(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Requests that the window still has a place for. */
  capacity(): number {
    return Math.max(0, this.#settings.window - this.#outstanding.span);
  }

  /** When the oldest outstanding request is overdue. */
  deadline(): Instant | undefined {
    return this.#outstanding.deadline(this.#settings.answerTimeoutMs);
  }

  isOutstanding(operation: number): boolean {
    return this.#outstanding.all().some(({ packet }) => packet.operation === operation);
  }

  send(owner: RequestOwner, operation: number, parameters: readonly Parameter[], now: Instant): Write {
    const packet: Packet = { operation, packetNumber: this.#nextNumber, parameters };
    const bytes = this.#encode(packet);
    this.#outstanding.add(owner, packet, bytes, now);
    this.#answered.forget(packet.packetNumber);
    this.#nextNumber = nextPacketNumber(packet.packetNumber);
    return write(packet, bytes);
  }

  /** The owner may come too late: the answer may be there by now, or a NACK has already had it sent again. */
  repeat(ref: RequestRef, now: Instant): Write | LogEvent {
    const request = this.#outstanding.all().find(({ owner }) => owner.type === 'caller' && owner.ref === ref);
    if (request === undefined || request.awaiting !== 'permission') {
      return logEvent('debug', 'session.repeat-too-late', { ref });
    }
    return this.#sendAgain(request, 'timeout', now);
  }

  /** What becomes of the requests that have waited too long. */
  tick(now: Instant): readonly OwnTurnOutput[] {
    const outputs: OwnTurnOutput[] = [];
    for (const request of this.#outstanding.overdue(this.#settings.answerTimeoutMs, now)) {
      const waitedMs = now - request.since;
      outputs.push(timeoutEvent(request, waitedMs));
      const next = this.#overdue(request, waitedMs, now);
      outputs.push(next);
      if (next.type === 'unanswered') break;
    }
    return outputs;
  }

  #overdue(request: Request, waitedMs: number, now: Instant): OwnTurnOutput {
    const { owner, packet } = request;
    const mayRepeat =
      request.awaiting === 'answer' &&
      // SPEC: section 4.3: with a window the SMSC does not repeat answers, so asking again cannot help.
      this.#settings.window === 1 &&
      request.repeats < this.#settings.repeats;
    const how = onTimeoutOf(owner);
    if (!mayRepeat || how === 'close') {
      const name = `${packet.operation} number ${formatPacketNumber(packet.packetNumber)}`;
      return { type: 'unanswered', owner, reason: `Request ${name} was not answered within ${waitedMs} ms.` };
    }
    if (how === 'repeat' || owner.type !== 'caller') return this.#sendAgain(request, 'timeout', now);
    this.#outstanding.asked(request, now);
    return { type: 'repeat-wanted', ref: owner.ref, waitedMs };
  }

  response(answer: Packet, now: Instant): OwnTurnOutput {
    const request = this.#outstanding.get(answer.packetNumber);
    if (request === undefined) return this.#answered.tell(answer, now);
    const why = misfit(request.packet, answer);
    if (why === undefined) return this.#settle(request, answer, now);
    // The true answer may be lost or yet to come, and no later packet could be trusted: the fate is unknown, and
    // DESIGN section 2 rule 4 knows one way into that, the end of the session.
    const reason = `Packet ${formatPacketNumber(answer.packetNumber)} does not answer its request: ${why}.`;
    return { type: 'failed', code: 'SESSION_UNEXPECTED_RESPONSE', reason };
  }

  /**
   * SPEC: section 2.3: jcimd numbers 98 by a counter of its own, so it belongs to the only outstanding request whatever
   * its number; with several, the number decides. It is not taken for the answer to a submit where it bears the number
   * of a request of the SMSC that we know: then it complains about our answer to that.
   *
   * @param numbered whether the SMSC gave that number to a request of its own, as far as we know
   */
  generalError(answer: Packet, numbered: 'by-the-smsc' | 'by-nobody', now: Instant): OwnTurnOutput {
    const byNumber = this.#outstanding.get(answer.packetNumber);
    const isAboutOurAnswer = byNumber === undefined && numbered === 'by-the-smsc';
    const request = byNumber ?? (isAboutOurAnswer ? undefined : this.#outstanding.only());
    if (request !== undefined) return this.#settle(request, answer, now);
    if (isAboutOurAnswer || this.isIdle) return this.#answered.tell(answer, now);
    const reason = `A general error (98) under ${formatPacketNumber(answer.packetNumber)} fits none of our requests.`;
    return { type: 'failed', code: 'SESSION_UNEXPECTED_RESPONSE', reason };
  }

  #settle(request: Request, answer: Packet, now: Instant): Answered {
    const { owner, packet } = request;
    this.#outstanding.remove(request);
    if (this.#repairing === packet.packetNumber) this.#repairing = undefined;
    // Under the request's number, which a 98 need not have.
    this.#answered.add({ ...answer, packetNumber: packet.packetNumber }, now);
    const isSessionForgotten = this.#answered.isForgotten(packet.operation, answer);
    return { type: 'answered', owner, answer, isSessionForgotten };
  }

  nacked(expected: PacketNumber, turns: NackCase['turns'], now: Instant): readonly OwnTurnOutput[] {
    const verdict = judgeNack({
      expected,
      outstanding: this.#outstanding.all().map(({ packet, transmissions, nacks }) => ({
        packetNumber: packet.packetNumber,
        transmissions,
        nacks,
      })),
      nextNumber: this.#nextNumber,
      turns,
      repairing: this.#repairing,
    });
    const fields = { expected: formatPacketNumber(expected), verdict: verdict.type };
    return [logEvent('warn', 'session.nack-received', fields), ...this.#actOn(verdict, expected, now)];
  }

  #actOn(verdict: NackVerdict, expected: PacketNumber, now: Instant): readonly OwnTurnOutput[] {
    switch (verdict.type) {
      case 'ignore':
      case 'wait':
        return [];
      case 'resend':
        if (this.#settings.window > 1) this.#repairing = verdict.from;
        return this.#outstanding.from(verdict.from).map((request) => this.#sendAgain(request, 'nack', now));
      case 'renumber':
        return [this.#renumber(expected, now)];
      case 'give-up': {
        const reason = `The SMSC rejected what we sent and expects packet ${formatPacketNumber(expected)}.`;
        return [{ type: 'failed', code: verdict.code, reason }];
      }
      default:
        return assertNever(verdict);
    }
  }

  #renumber(expected: PacketNumber, now: Instant): Write {
    const request = this.#outstanding.only();
    invariant(request !== undefined, 'only the single outstanding request is renumbered');
    const packet: Packet = { ...request.packet, packetNumber: expected };
    const bytes = this.#encode(packet);
    this.#outstanding.renumbered(request, packet, bytes, now);
    this.#answered.forget(expected);
    this.#nextNumber = nextPacketNumber(expected);
    return write(packet, bytes);
  }

  /** The session is over. @returns the owner's requests that were sent and whose fate is unknown */
  abandon(): readonly RequestRef[] {
    const unknown = this.#outstanding.all().flatMap(({ owner }) => (owner.type === 'caller' ? [owner.ref] : []));
    this.#outstanding.clear();
    return unknown;
  }

  /** SPEC: section 4.3: the same number and the same bytes; only then can the SMSC tell it from a new request. */
  #sendAgain(request: Request, because: 'timeout' | 'nack', now: Instant): Write {
    this.#outstanding.sentAgain(request, because, now);
    return write(request.packet, request.bytes);
  }

  #encode(packet: Packet): Uint8Array {
    return encodePacket(packet, { checksum: this.#settings.checksum });
  }
}

function onTimeoutOf(owner: RequestOwner): 'ask' | 'repeat' | 'close' {
  switch (owner.type) {
    case 'caller':
      return owner.onTimeout;
    case 'alive':
    case 'poll':
      return 'repeat';
    case 'login':
    case 'log-out':
      return 'close';
    default:
      return assertNever(owner);
  }
}

function timeoutEvent({ packet, repeats, awaiting }: Request, waitedMs: number): LogEvent {
  const { operation } = packet;
  const packetNumber = formatPacketNumber(packet.packetNumber);
  return logEvent('warn', 'session.timeout', { operation, packetNumber, waitedMs, repeats, awaiting });
}

function write(packet: Packet, bytes: Uint8Array): Write {
  return { type: 'write', bytes, packet: maskSecrets(packet) };
}
