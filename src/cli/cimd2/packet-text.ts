/**
 * Packets as people read them: the bytes as they were on the wire, control bytes spelled out, passwords starred, and
 * in words what it is. SPEC: docs/reference/cimd2.md sections 1.1 and 2.1.
 */
import { fromLatin1, toLatin1 } from '../../core/base/bytes.ts';
import { decodePacket } from '../../core/codec/decode.ts';
import { parseErrorCode } from '../../core/codec/error-codes.ts';
import { findOperation, operationName } from '../../core/codec/operations.ts';
import { type Packet, parameterOf } from '../../core/codec/packet.ts';
import { formatPacketNumber } from '../../core/codec/packet-number.ts';
import { findStatusCode } from '../../core/codec/status-codes.ts';
import { refusalWords } from './refusal-words.ts';
import { spellOut } from './spelled-bytes.ts';

export type Direction = 'out' | 'in';

export interface PacketLine {
  readonly direction: Direction;
  /** `<STX>03:003<TAB>021:…<TAB>BF<ETX>` */
  readonly wire: string;
  /** `submit message`, `accepted, 38 ms` */
  readonly meaning: string;
}

/** @param tookMs time from the request to this answer; undefined for anything else */
export function describePacket(direction: Direction, bytes: Uint8Array, tookMs: number | undefined): PacketLine {
  const decoded = decodePacket(bytes);
  const meaning = decoded.ok ? meaningOf(decoded.packet) : `damaged: ${decoded.fault.message}`;
  const took = tookMs === undefined ? '' : `, ${Math.round(tookMs)} ms`;
  return { direction, wire: spellPacket(bytes), meaning: meaning + took };
}

/** `> ` to the SMSC, `< ` from it; the meaning behind the bytes. */
export function formatPacketLine(line: PacketLine): string {
  return `${line.direction === 'out' ? '>' : '<'} ${line.wire.padEnd(76)}  ${line.meaning}`;
}

/** The bytes of one packet with the value of 011 starred; its checksum stays the one that was sent. */
export function spellPacket(bytes: Uint8Array): string {
  const starred = toLatin1(bytes)
    .split('\t')
    .map((field) => (/^\u0002?011:/.test(field) ? field.replace(/011:.*/s, '011:********') : field))
    .join('\t');
  return spellOut(fromLatin1(starred));
}

function meaningOf(packet: Packet): string {
  const role = findOperation(packet.operation);
  const errorText = parameterOf(packet, 900);
  if (errorText !== undefined) {
    const code = parseErrorCode(errorText);
    return `refused: ${code === undefined ? errorText : refusalWords(code)}`;
  }
  if (packet.operation === 99) return `NACK: expects packet ${formatPacketNumber(packet.packetNumber)} (section 4.4)`;
  if (packet.operation === 51) return 'logged in';
  if (packet.operation === 53) return 'accepted';
  if (packet.operation === 23) return reportMeaning(packet);
  const isAnswer = role !== undefined && packet.operation >= 50 && packet.operation < 98;
  return isAnswer ? `${operationName(packet.operation - 50)}: done` : operationName(packet.operation);
}

function reportMeaning(packet: Packet): string {
  const status = Number(parameterOf(packet, 61));
  const name = findStatusCode(status)?.name;
  return name === undefined ? 'status report' : `status report: ${name}`;
}
