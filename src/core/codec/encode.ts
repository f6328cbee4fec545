/**
 * A packet as the bytes of the wire, in one pass into one array. What the values mean is not judged here, only that
 * they fit a packet: no byte that would break the framing, no more than the peer must take. Source:
 * docs/reference/cimd2.md sections 1.1–1.5.
 */
import { ByteRoom } from '../base/byte-room.ts';
import { InvariantError } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { checksum, formatChecksum } from './checksum.ts';
import { parameterLimit } from './decode.ts';
import type { Packet } from './packet.ts';

/** We never emit more than this; some peers fail above it. SPEC: section 1.4. */
export const emitLimitBytes = 4_096;

export interface EncodeOptions {
  /** A server always sends it; a client by default. SPEC: section 1.5. */
  readonly checksum: 'send' | 'omit';
}

/** Packets are short, and an array of its own costs as much as all that is written into it. */
const packetRoom = new ByteRoom(8_192);

/**
 * @returns STX to ETX
 * @throws InvariantError where the packet cannot be written: its values were to be checked before. For values that
 * nobody checked there is {@link tryEncodePacket}.
 */
export function encodePacket(packet: Packet, options: EncodeOptions): Uint8Array {
  const encoded = tryEncodePacket(packet, options);
  if (!encoded.ok) throw new InvariantError(encoded.fault.message);
  return encoded.value;
}

/** Same as {@link encodePacket}, for values from a person's hand: what cannot be written is a fault. */
export function tryEncodePacket(packet: Packet, options: EncodeOptions): Result<Uint8Array> {
  if (!isWithin(packet.operation, 1, 99)) return fail('CIMD2_BAD_HEADER', `${packet.operation} is no operation code.`);
  if (packet.parameters.length > parameterLimit) {
    return fail('CIMD2_TOO_MANY_PARAMETERS', `A packet has at most ${parameterLimit} parameters.`);
  }
  const sizeBytes = encodedSize(packet, options);
  if (sizeBytes > emitLimitBytes) {
    return fail('CIMD2_OVERSIZE', `A packet of ${sizeBytes} bytes is over the ${emitLimitBytes} that we emit.`);
  }
  const bytes = packetRoom.take(sizeBytes);
  bytes[0] = 0x02;
  writeDigits(bytes, 1, 2, packet.operation);
  bytes[3] = 0x3a;
  writeDigits(bytes, 4, 3, packet.packetNumber);
  bytes[7] = 0x09;
  let at = 8;
  for (const { code, value } of packet.parameters) {
    if (!isWithin(code, 0, 999)) return fail('CIMD2_BAD_PARAMETER', `${code} is no parameter code.`);
    writeDigits(bytes, at, 3, code);
    bytes[at + 3] = 0x3a;
    at += 4;
    for (let i = 0; i < value.length; i += 1) {
      const byte = value.charCodeAt(i);
      if (isIllegal(byte)) {
        const digits = byte.toString(16).toUpperCase().padStart(2, '0');
        return fail('CIMD2_ILLEGAL_BYTE', `Parameter ${code} holds ${digits}, which no value may hold.`);
      }
      bytes[at + i] = byte;
    }
    at += value.length;
    bytes[at] = 0x09;
    at += 1;
  }
  if (options.checksum === 'send') {
    const digits = formatChecksum(checksum(bytes, at));
    bytes[at] = digits.charCodeAt(0);
    bytes[at + 1] = digits.charCodeAt(1);
  }
  bytes[sizeBytes - 1] = 0x03;
  return ok(bytes);
}

/** NUL, STX, ETX, TAB, and what is no byte at all. SPEC: section 1.2. */
function isIllegal(byte: number): boolean {
  return byte > 0xff || (byte <= 0x09 && (byte === 0x00 || byte === 0x02 || byte === 0x03 || byte === 0x09));
}

function encodedSize(packet: Packet, options: EncodeOptions): number {
  let sizeBytes = options.checksum === 'send' ? 11 : 9;
  for (const { value } of packet.parameters) sizeBytes += 5 + value.length;
  return sizeBytes;
}

function writeDigits(bytes: Uint8Array, at: number, count: number, value: number): void {
  let rest = value;
  for (let i = at + count - 1; i >= at; i -= 1) {
    bytes[i] = 0x30 + (rest % 10);
    rest = (rest / 10) | 0;
  }
}

function isWithin(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}
