/**
 * The client's requests that were answered, so that a second answer can be told from one that nobody asked for: two
 * answers with different time stamps prove that the SMSC took a message twice. DESIGN section 5. Also that the SMSC
 * answered before, where it now answers as if there had been no login.
 */
import { type LogEvent, logEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import { generalError } from '../codec/operations.ts';
import { type Packet, parameterOf, responseOperation } from '../codec/packet.ts';
import { formatPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import { refusalOf } from './answers.ts';

/** SPEC: section 9. */
const unexpectedOperation = 1;

/** When a request was answered, and with which service centre time stamp. */
interface Answered {
  readonly operation: number;
  readonly at: Instant;
  readonly stamp: string | undefined;
}

export class AnsweredRequests {
  /** One per number at most, so never more than 128. */
  readonly #byNumber = new Map<PacketNumber, Answered>();
  /** Operations of answers that came in this session; 98, which fits all requests, is none of them. */
  readonly #operations = new Set<number>();

  add(answer: Packet, now: Instant): void {
    const { operation, packetNumber } = answer;
    this.#byNumber.set(packetNumber, { operation, at: now, stamp: parameterOf(answer, 60) });
    if (operation !== generalError.code) this.#operations.add(operation);
  }

  /**
   * On a line without an end of connection nothing else tells that the SMSC was started anew: what it answered before,
   * it now takes for an operation before the login. SPEC: section 6.3: 98 with 900:1. One that it never answered
   * otherwise may only be unknown to it.
   *
   * @param operation of the request
   */
  isForgotten(operation: number, answer: Packet): boolean {
    if (answer.operation !== generalError.code || !this.#operations.has(responseOperation(operation))) return false;
    return refusalOf(answer) === unexpectedOperation;
  }

  /** The number is used again. */
  forget(number: PacketNumber): void {
    this.#byNumber.delete(number);
  }

  /** What is to be said of an answer under a number that nobody waits for. SPEC: section 4.3: log and ignore. */
  tell(answer: Packet, now: Instant): LogEvent {
    const { operation } = answer;
    const packetNumber = formatPacketNumber(answer.packetNumber);
    const first = this.#byNumber.get(answer.packetNumber);
    if (first === undefined || first.operation !== operation) {
      const code = 'SESSION_UNEXPECTED_RESPONSE';
      return logEvent('warn', 'session.unexpected-response', { code, operation, packetNumber });
    }
    const stamp = parameterOf(answer, 60);
    // The same time stamp is the stored answer given again, which is what a repetition asks for.
    const isDouble = stamp !== first.stamp;
    return logEvent(isDouble ? 'warn' : 'info', 'session.second-answer', {
      code: 'SESSION_SECOND_ANSWER',
      isDouble,
      operation,
      packetNumber,
      firstAt: first.at,
      secondAt: now,
      firstStamp: first.stamp,
      secondStamp: stamp,
    });
  }
}
