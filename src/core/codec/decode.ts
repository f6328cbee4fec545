/**
 * The bytes of one packet, STX to ETX, as a value. Only the syntax of section 1 is judged here: whether the operation
 * exists and what its parameters may hold is `operations.ts` and `validate.ts`. Any bytes at all give a result, never
 * an exception. Source: docs/reference/cimd2.md sections 1.1–1.7.
 */
import { toLatin1 } from '../base/bytes.ts';
import type { ErrorCode, Fault } from '../base/errors.ts';
import { checksum, formatChecksum } from './checksum.ts';
import type { Packet, Parameter } from './packet.ts';
import { formatPacketNumber, type PacketNumber, packetNumber } from './packet-number.ts';

/** Parameters in one packet; what is over is refused, so that no packet makes more work than its size suggests. */
export const parameterLimit = 256;

const stx = 0x02;
const etx = 0x03;
const tab = 0x09;
const colon = 0x3a;
/** Offset of the first parameter: STX, two digits, colon, three digits, TAB. */
const headerBytes = 8;

export interface PacketHeader {
  /** 1–99 */
  readonly operation: number;
  readonly packetNumber: PacketNumber;
}

/** Where a packet is broken, in the order of the checks. SPEC: section 1.6, which also says what each is answered with. */
export type Damage = 'trailer' | 'checksum' | 'header' | 'parameter';

export type Decoded =
  | { readonly ok: true; readonly packet: Packet; readonly hasChecksum: boolean }
  /**
   * `header` is given wherever it can be read. It can be relied on only where the damage is `parameter`: then number
   * and operation are judged before the packet is answered. After a bad checksum it is for the log alone.
   */
  | { readonly ok: false; readonly fault: Fault; readonly damage: Damage; readonly header: PacketHeader | undefined };

/** @param bytes one packet from STX to ETX, as the framer hands it out; anything else is a fault, not a bug */
export function decodePacket(bytes: Uint8Array): Decoded {
  const header = readHeader(bytes);
  const lastTab = bytes.lastIndexOf(tab);
  if (bytes[0] !== stx || lastTab === -1) {
    return damaged('header', header, 'CIMD2_BAD_HEADER', 'no header could be read');
  }
  const trailer = readTrailer(bytes, lastTab);
  if (trailer.type === 'malformed') {
    return damaged(
      'trailer',
      header,
      'CIMD2_BAD_TRAILER',
      `${trailer.sizeBytes} bytes behind the last TAB are no checksum`,
    );
  }
  if (trailer.type === 'present') {
    const expected = checksum(bytes, lastTab + 1);
    if (trailer.sum !== expected) {
      const found = `checksum ${formatChecksum(trailer.sum)}, expected ${formatChecksum(expected)}`;
      return damaged('checksum', header, 'CIMD2_CHECKSUM_MISMATCH', found);
    }
  }
  if (header === undefined) return damaged('header', header, 'CIMD2_BAD_HEADER', 'no header could be read');
  const parameters: Parameter[] = [];
  const flaw = readParameters(bytes, lastTab, parameters);
  if (flaw !== undefined) return damaged('parameter', header, flaw.code, flaw.message);
  const { operation, packetNumber: number } = header;
  return { ok: true, packet: { operation, packetNumber: number, parameters }, hasChecksum: trailer.type === 'present' };
}

/** Two digits, colon, three digits up to 255, TAB; operation 00 does not exist. SPEC: section 1.1. */
function readHeader(bytes: Uint8Array): PacketHeader | undefined {
  const operation = readDigits(bytes, 1, 2);
  const number = readDigits(bytes, 4, 3);
  if (operation === undefined || operation === 0 || number === undefined || number > 255) return undefined;
  if (bytes[3] !== colon || bytes[7] !== tab) return undefined;
  return { operation, packetNumber: packetNumber(number) };
}

type Trailer =
  | { readonly type: 'absent' }
  | { readonly type: 'present'; readonly sum: number }
  | { readonly type: 'malformed'; readonly sizeBytes: number };

/** None, or exactly two hex digits of either case. SPEC: section 1.5. */
function readTrailer(bytes: Uint8Array, lastTab: number): Trailer {
  const closed = bytes[bytes.length - 1] === etx;
  const sizeBytes = bytes.length - lastTab - (closed ? 2 : 1);
  if (!closed) return { type: 'malformed', sizeBytes };
  if (sizeBytes === 0) return { type: 'absent' };
  const high = hexValue(bytes[lastTab + 1]);
  const low = hexValue(bytes[lastTab + 2]);
  if (sizeBytes !== 2 || high === undefined || low === undefined) return { type: 'malformed', sizeBytes };
  return { type: 'present', sum: high * 16 + low };
}

/** Fills `parameters` with what stands between header and trailer, in order; returns the first flaw. */
function readParameters(bytes: Uint8Array, lastTab: number, parameters: Parameter[]): Fault | undefined {
  let at = headerBytes;
  while (at <= lastTab) {
    const place = parameters.length + 1;
    const code = readDigits(bytes, at, 3);
    // Only the first colon separates, so a value may hold more of them. SPEC: section 1.2.
    if (code === undefined || bytes[at + 3] !== colon) {
      return {
        code: 'CIMD2_BAD_PARAMETER',
        message: `parameter ${place} does not begin with three digits and a colon`,
      };
    }
    if (place > parameterLimit) {
      return { code: 'CIMD2_TOO_MANY_PARAMETERS', message: `more than ${parameterLimit} parameters` };
    }
    const end = endOfValue(bytes, at + 4);
    if (bytes[end] !== tab) {
      return { code: 'CIMD2_ILLEGAL_BYTE', message: `parameter ${place} holds a byte that no value may hold` };
    }
    parameters.push({ code, value: toLatin1(bytes, at + 4, end) });
    at = end + 1;
  }
  return undefined;
}

/** Where the TAB is that ends a value, or before it a byte 00, 02 or 03, which no value may hold. SPEC: section 1.2. */
function endOfValue(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte <= tab && (byte === tab || byte === 0x00 || byte === stx || byte === etx)) return at;
  }
  return bytes.length;
}

function readDigits(bytes: Uint8Array, from: number, count: number): number | undefined {
  let value = 0;
  for (let i = from; i < from + count; i += 1) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function hexValue(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}

function damaged(damage: Damage, header: PacketHeader | undefined, code: ErrorCode, what: string): Decoded {
  const name =
    header === undefined
      ? 'Packet'
      : `Packet ${String(header.operation).padStart(2, '0')}:${formatPacketNumber(header.packetNumber)}`;
  return { ok: false, fault: { code, message: `${name}: ${what}.` }, damage, header };
}
