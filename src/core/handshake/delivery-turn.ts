/**
 * The server's own requests, delivers and status reports, within one login: their numbers, their window, and what is
 * done when no answer comes or the wrong one. What they say, and whom they are for, is the SMSC role's.
 * Source: docs/reference/cimd2.md sections 1.6, 4.1, 4.4, 5.3 and 11.3.
 */
import type { ErrorCode } from '../base/errors.ts';
import { type LogEvent, logEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import { encodePacket } from '../codec/encode.ts';
import type { Packet, Parameter } from '../codec/packet.ts';
import { firstServerNumber, formatPacketNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import { misfit } from './answers.ts';
import { OutstandingRequests } from './outstanding.ts';
import type { DeliverySource, ServerOutput, ServerRef, ServerSettings } from './server-io.ts';

export type DeliveryOutput =
  | Extract<ServerOutput, { readonly type: 'write' | 'response' | 'unknown' }>
  /** The session is to be closed. */
  | { readonly type: 'give-up'; readonly code: ErrorCode; readonly reason: string }
  | LogEvent;

export interface Delivery {
  readonly ref: ServerRef;
  readonly operation: 20 | 23;
  readonly parameters: readonly Parameter[];
  readonly source: DeliverySource;
}

interface Owner {
  readonly ref: ServerRef;
  readonly source: DeliverySource;
}

export class DeliveryTurn {
  readonly #settings: ServerSettings;
  readonly #window: number;
  readonly #outstanding = new OutstandingRequests<Owner>();
  #nextNumber = firstServerNumber;

  /** @param window requests that may be unanswered, 1–128. SPEC: section 5.3 */
  constructor(settings: ServerSettings, window: number) {
    this.#settings = settings;
    this.#window = window;
  }

  /** Requests that may be sent now. SPEC: section 5.3: what the message poller fetched goes out one at a time. */
  capacity(source: DeliverySource): number {
    const free = Math.max(0, this.#window - this.#outstanding.span);
    if (source === 'arrived') return free;
    const isStoredOut = this.#outstanding.all().some(({ owner }) => owner.source === 'stored');
    return isStoredOut ? 0 : Math.min(1, free);
  }

  deadline(): Instant | undefined {
    return this.#outstanding.deadline(this.#settings.answerTimeoutMs);
  }

  send({ ref, source, operation, parameters }: Delivery, now: Instant): readonly DeliveryOutput[] {
    const packet: Packet = { operation, packetNumber: this.#nextNumber, parameters };
    // SPEC: section 1.5: a server always sends the checksum.
    const bytes = encodePacket(packet, { checksum: 'send' });
    this.#outstanding.add({ ref, source }, packet, bytes, now);
    this.#nextNumber = nextPacketNumber(packet.packetNumber);
    return [{ type: 'write', bytes, packet }];
  }

  response(packet: Packet): readonly DeliveryOutput[] {
    const request = this.#outstanding.get(packet.packetNumber);
    if (request === undefined) return [unexpectedResponse(packet)];
    if (misfit(request.packet, packet) !== undefined) {
      // SPEC: section 1.6: unexpected answers are ignored; the request is repeated in time.
      const { operation } = packet;
      const packetNumber = formatPacketNumber(packet.packetNumber);
      const code = 'SESSION_UNEXPECTED_RESPONSE';
      return [logEvent('warn', 'session.unexpected-response', { operation, packetNumber, code })];
    }
    this.#outstanding.remove(request);
    return [{ type: 'response', ref: request.owner.ref, packet }];
  }

  /** SPEC: section 4.4: the SMSC never renumbers; what is not outstanding is nothing to us. */
  nacked(expected: PacketNumber, now: Instant): readonly DeliveryOutput[] {
    const request = this.#outstanding.get(expected);
    const told = nackReceived(expected, request !== undefined);
    if (request === undefined) return [told];
    if (request.nacks + 1 >= this.#settings.nackLimit) {
      const reason = `The application rejected packet ${formatPacketNumber(expected)} ${request.nacks + 1} times.`;
      return [told, { type: 'give-up', code: 'SESSION_TOO_MANY_NACKS', reason }];
    }
    this.#outstanding.sentAgain(request, 'nack', now);
    return [told, { type: 'write', bytes: request.bytes, packet: request.packet }];
  }

  /** SPEC: sections 5.3 and 11.3: the same packet under the same number, with and without a window. */
  repeatOverdue(now: Instant): readonly DeliveryOutput[] {
    const { answerTimeoutMs, repeats } = this.#settings;
    const outputs: DeliveryOutput[] = [];
    for (const request of this.#outstanding.overdue(answerTimeoutMs, now)) {
      const packetNumber = formatPacketNumber(request.packet.packetNumber);
      if (request.repeats >= repeats) {
        const reason = `Packet ${packetNumber} was sent ${request.repeats + 1} times without an answer.`;
        return [...outputs, { type: 'give-up', code: 'SESSION_RESPONSE_TIMEOUT', reason }];
      }
      const waitedMs = now - request.since;
      outputs.push(logEvent('info', 'session.timeout', { packetNumber, waitedMs, repeats: request.repeats }));
      this.#outstanding.sentAgain(request, 'timeout', now);
      outputs.push({ type: 'write', bytes: request.bytes, packet: request.packet });
    }
    return outputs;
  }

  /** The login is over: no answer will come. */
  abandon(code: ErrorCode, reason: string): readonly DeliveryOutput[] {
    const unknown = this.#outstanding
      .all()
      .map(({ owner }) => ({ type: 'unknown', ref: owner.ref, code, reason }) as const);
    this.#outstanding.clear();
    return unknown;
  }
}

/** COMPAT: Kannel answers a deliver that was sent twice twice, and its old answers survive a reconnect. Section 11.1. */
export function unexpectedResponse(packet: Packet): LogEvent {
  const packetNumber = formatPacketNumber(packet.packetNumber);
  return logEvent('debug', 'session.unexpected-response', { operation: packet.operation, packetNumber });
}

export function nackReceived(expected: PacketNumber, isOutstanding: boolean): LogEvent {
  return logEvent('info', 'session.nack-received', { expected: formatPacketNumber(expected), isOutstanding });
}
