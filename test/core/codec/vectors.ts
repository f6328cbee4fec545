/**
 * The packets of docs/reference/cimd2.md section 10 and the one way they are put to use: decoded, encoded, split at
 * every byte, with noise before and behind.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { fromHex, toHex } from '../../../src/core/base/bytes.ts';
import { decodePacket } from '../../../src/core/codec/decode.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import {
  defaultBetweenLimitBytes,
  defaultReceiveLimitBytes,
  Framer,
  type FramerEvent,
} from '../../../src/core/codec/framer.ts';
import type { Packet } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';

export interface Vector {
  readonly name: string;
  readonly direction: 'client->server' | 'server->client';
  readonly hex: string;
  readonly operation: number;
  readonly packetNumber: number;
  readonly parameters: readonly (readonly [code: number, value: string])[];
  /** As on the wire; null where the packet carries none. */
  readonly checksum: string | null;
  readonly hasChecksum: boolean;
  readonly valid: boolean;
}

// The file is given with the reference and has this shape; a slip in it fails every test below.
export const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/cimd2-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

/** Bytes of hex that a test wrote down. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`the test holds bad hex: ${hex}`);
  return bytes;
}

export function packetOf(vector: Vector): Packet {
  return {
    operation: vector.operation,
    packetNumber: packetNumber(vector.packetNumber),
    parameters: vector.parameters.map(([code, value]) => ({ code, value })),
  };
}

export function newFramer(): Framer {
  return new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: defaultBetweenLimitBytes });
}

/** Everything a fresh framer says of these pieces and the end behind them. */
export function frame(...pieces: readonly Uint8Array[]): readonly FramerEvent[] {
  const framer = newFramer();
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()];
}

/** `packet HEX`, `between HEX` or the code of a fault: short enough to compare whole streams. */
export function describeEvent(event: FramerEvent): string {
  switch (event.type) {
    case 'packet':
      return `packet ${toHex(event.bytes)}`;
    case 'between':
      return `between ${toHex(event.bytes)}`;
    case 'fault':
      return event.fault.code;
  }
}

const noise = [bytesOf('00'), bytesOf('0D0A'), bytesOf('03'), bytesOf('43494D44322D410A'), bytesOf('FF09303A00')];

/** What every vector must go through. */
export function exercise(vector: Vector): void {
  const wire = bytesOf(vector.hex);
  const only = [`packet ${vector.hex.toUpperCase()}`];
  decodes(vector, wire);
  if (vector.valid && vector.checksum === (vector.checksum?.toUpperCase() ?? null)) {
    const options = { checksum: vector.hasChecksum ? 'send' : 'omit' } as const;
    expect(toHex(encodePacket(packetOf(vector), options))).toBe(vector.hex.toUpperCase());
  }
  for (let cut = 0; cut <= wire.length; cut += 1) {
    expect(frame(wire.subarray(0, cut), wire.subarray(cut)).map(describeEvent)).toEqual(only);
  }
  expect(frame(...Array.from(wire, (byte) => Uint8Array.of(byte))).map(describeEvent)).toEqual(only);
  for (const garbage of noise) {
    const packets = frame(garbage, wire, garbage, wire, garbage).filter((event) => event.type !== 'between');
    expect(packets.map(describeEvent)).toEqual([...only, ...only]);
  }
}

function decodes(vector: Vector, wire: Uint8Array): void {
  const decoded = decodePacket(wire);
  if (vector.valid) {
    expect(decoded).toEqual({ ok: true, packet: packetOf(vector), hasChecksum: vector.hasChecksum });
    return;
  }
  // The only invalid one of the reference carries a wrong checksum.
  expect(decoded).toMatchObject({
    ok: false,
    damage: 'checksum',
    fault: { code: 'CIMD2_CHECKSUM_MISMATCH' },
    header: { operation: vector.operation, packetNumber: vector.packetNumber },
  });
}
