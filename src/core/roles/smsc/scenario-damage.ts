/**
 * What a fault does to the bytes of one packet, and the bytes that are no packet at all. Whole packets go in, made by our
 * own encoder; what comes out is wrong on purpose. Source: docs/reference/cimd2.md sections 1.1, 1.3 and 1.5.
 */
import { concatBytes, fromLatin1 } from '../../base/bytes.ts';
import type { Random } from '../../base/random.ts';
import { checksum, formatChecksum } from '../../codec/checksum.ts';
import { encodePacket } from '../../codec/encode.ts';
import { nack } from '../../codec/operations.ts';
import type { Packet } from '../../codec/packet.ts';
import { type PacketNumber, packetNumber } from '../../codec/packet-number.ts';
import type { Noise } from './scenario.ts';

/** An operation that no issue of the specification knows. SPEC: section 0: 07 is its own example; 30 is as free. */
const unassigned = { fromApplication: 7, fromSmsc: 30 } as const;
const tab = 0x09;

/** The same packet with a checksum one too high. */
export function withWrongChecksum(bytes: Uint8Array): Uint8Array {
  const trailer = bytes.lastIndexOf(tab) + 1;
  const sum = (checksum(bytes.subarray(0, trailer)) + 1) & 0xff;
  return concatBytes(bytes.subarray(0, trailer), fromLatin1(formatChecksum(sum)), Uint8Array.of(0x03));
}

/** The same packet 64 turns on: a number that nobody waits for, even where a window is as wide as one should be. */
export function withWrongNumber(packet: Packet): Uint8Array {
  const number = packetNumber((packet.packetNumber + 128) & 0xff);
  return encodePacket({ ...packet, packetNumber: number }, { checksum: 'send' });
}

/** The same request under an operation that does not exist: in its turn, so that the numbers go on. */
export function asUnknownOperation(packet: Packet): Uint8Array {
  return encodePacket({ ...packet, operation: unassigned.fromApplication }, { checksum: 'send' });
}

/** A request of the SMSC that does not exist. */
export function unknownRequest(): Uint8Array {
  const packet: Packet = { operation: unassigned.fromSmsc, packetNumber: packetNumber(254), parameters: [] };
  return encodePacket(packet, { checksum: 'send' });
}

/** SPEC: section 4.4: it carries the number that is wanted, here that of the packet itself: send it again. */
export function nackOf(number: PacketNumber): Uint8Array {
  return encodePacket({ operation: nack.code, packetNumber: number, parameters: [] }, { checksum: 'send' });
}

/** Bytes that stand between packets and belong to none. SPEC: section 1.3: they are to be ignored. */
export function noiseBytes(noise: Noise, random: Random): Uint8Array {
  switch (noise) {
    case 'text':
      return fromLatin1('\r\n+++ CARRIER 9600\r\n');
    case 'nul':
      return new Uint8Array(1 + Math.floor(random() * 4));
    case 'bytes': {
      const length = 1 + Math.floor(random() * 32);
      // 04 and above: neither STX nor ETX, which would begin or end a packet.
      return Uint8Array.from({ length }, () => 4 + Math.floor(random() * 252));
    }
  }
}
