/**
 * Tells what is wrong with the parameters of packets that cannot be refused: answers, and what the SMSC sends. They are
 * taken as they are, the first of a repeated parameter, without what nobody knows; but not without a word. Each flaw is
 * told once a session aloud, for a peer that makes one makes it in every packet.
 * Source: docs/reference/cimd2.md sections 1.7, 2 and 3.
 */
import { type LogEvent, logEvent } from '../base/log-event.ts';
import { findOperation, formatOperation } from '../codec/operations.ts';
import type { Packet } from '../codec/packet.ts';
import { formatPacketNumber } from '../codec/packet-number.ts';
import { formatParameterCode } from '../codec/parameters.ts';
import { validateParameters } from '../codec/validate.ts';

/** Different flaws that are told in one session; more are a peer that speaks another protocol. */
const toldLimit = 200;

export class ParameterFlaws {
  readonly #told = new Set<string>();

  /** An operation that is not assigned is no affair of its parameters. */
  judge(packet: Packet): readonly LogEvent[] {
    const role = findOperation(packet.operation);
    if (role === undefined) return [];
    const problems = validateParameters(packet, role.type === 'request' ? 'request' : 'response');
    return problems.flatMap(({ parameter, code, message, section }) => {
      const key = `${packet.operation} ${parameter} ${code}`;
      const isNew = !this.#told.has(key);
      if (isNew && this.#told.size >= toldLimit) return [];
      this.#told.add(key);
      return [
        logEvent(isNew ? 'warn' : 'debug', 'session.flawed-packet', {
          code,
          operation: formatOperation(packet.operation),
          packetNumber: formatPacketNumber(packet.packetNumber),
          parameter: parameter === undefined ? undefined : formatParameterCode(parameter),
          section,
          message,
        }),
      ];
    });
  }
}
