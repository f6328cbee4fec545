/**
 * Bytes that were once good packets. A mutation keeps most of what makes a packet pass the first checks, because noise
 * alone never gets beyond them: after a change the checksum is put right again half of the time.
 */
import { readFileSync } from 'node:fs';
import type { Random } from '../../src/core/base/random.ts';

interface Vector {
  readonly hex: string;
}

/** Every packet of the vectors, good and bad. */
export const corpus: readonly Uint8Array[] = readVectors().map(({ hex }) => Buffer.from(hex, 'hex'));

/** Bytes that mean something to somebody. */
const special = [0x00, 0x02, 0x03, 0x09, 0x0a, 0x1b, 0x2b, 0x2d, 0x30, 0x39, 0x3a, 0x5f, 0x7f, 0x80, 0xff];

/** Beyond what any end takes, and not so long that the rounds become few. */
const longestBytes = 20_000;

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[below(random, list.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** A packet of the corpus, changed up to eight times. */
export function mutant(random: Random): Uint8Array {
  return mutate(pick(random, corpus), random);
}

export function mutate(packet: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(packet);
  const times = below(random, 9);
  for (let n = 0; n < times; n += 1) bytes = pick(random, changes)(bytes, random).subarray(0, longestBytes);
  return random() < 0.5 ? withChecksum(bytes) : bytes;
}

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

const changes: readonly Change[] = [
  // One byte becomes another.
  (bytes, random) => replaced(bytes, below(random, bytes.length || 1), 1, [below(random, 256)]),
  (bytes, random) => replaced(bytes, below(random, bytes.length || 1), 1, [pick(random, special)]),
  // One more, one less, a stretch twice, a stretch gone.
  (bytes, random) => replaced(bytes, below(random, bytes.length + 1), 0, [pick(random, special)]),
  (bytes, random) => replaced(bytes, below(random, bytes.length || 1), 1, []),
  (bytes, random) => {
    const at = below(random, bytes.length || 1);
    return replaced(bytes, at, 0, bytes.subarray(at, at + below(random, 40)));
  },
  (bytes, random) => replaced(bytes, below(random, bytes.length || 1), below(random, 20), []),
  // Another operation, another packet number.
  (bytes, random) => replaced(bytes, 1, 2, digits(below(random, 100), 2)),
  (bytes, random) => replaced(bytes, 4, 3, digits(below(random, 300), 3)),
  // One parameter again and again, one of any code, one much too long.
  (bytes, random) => withParameter(bytes, random, pick(random, [2, 20, 300])),
  (bytes, random) => insertedParameter(bytes, below(random, 1_000), text(random, below(random, 30))),
  (bytes, random) =>
    insertedParameter(bytes, pick(random, [21, 23, 32, 33, 34, 60]), text(random, 1_000 * below(random, 20))),
  // Two packets in one.
  (bytes, random) => {
    const other = pick(random, corpus);
    return joined(bytes.subarray(0, below(random, bytes.length)), other.subarray(below(random, other.length)));
  },
];

/** The last TAB and ETX keep their places; what stands between them becomes the right sum. SPEC: section 1.5. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const tab = bytes.lastIndexOf(9);
  if (tab < 0) return bytes;
  const sum = bytes.subarray(0, tab + 1).reduce((total, octet) => total + octet, 0) % 256;
  return joined(bytes.subarray(0, tab + 1), latin1(`${sum.toString(16).toUpperCase().padStart(2, '0')}\u0003`));
}

/** Cuts bytes into pieces as a network may. */
export function pieces(bytes: Uint8Array, random: Random): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random() < 0.5 ? bytes.length : 1 + below(random, 50);
    found.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

export function latin1(characters: string): Uint8Array {
  return Buffer.from(characters, 'latin1');
}

function withParameter(bytes: Uint8Array, random: Random, times: number): Uint8Array {
  const parameters = Buffer.from(bytes).toString('latin1').slice(8).split('\t').slice(0, -1);
  if (parameters.length === 0) return bytes;
  return replaced(bytes, 8, 0, latin1(`${pick(random, parameters)}\t`.repeat(times)));
}

function insertedParameter(bytes: Uint8Array, code: number, value: string): Uint8Array {
  return replaced(bytes, 8, 0, latin1(`${String(code).padStart(3, '0')}:${value}\t`));
}

function text(random: Random, length: number): string {
  const alphabet = pick(random, [
    '0123456789',
    'ABCDEF0123456789',
    '_Oa- gqXe\'"`',
    '+0123456789-',
    'abc xyz{}[]~^|\\',
  ]);
  return Array.from({ length }, () => alphabet[below(random, alphabet.length)]).join('');
}

function digits(value: number, width: number): Uint8Array {
  return latin1(String(value).padStart(width, '0').slice(-width));
}

function replaced(bytes: Uint8Array, at: number, count: number, by: Iterable<number>): Uint8Array {
  return joined(bytes.subarray(0, at), Uint8Array.from(by), bytes.subarray(at + count));
}

function readVectors(): readonly Vector[] {
  // The file is the project's own, and other tests check its form.
  return JSON.parse(
    readFileSync(new URL('../vectors/cimd2-vectors.json', import.meta.url), 'utf8'),
  ) as readonly Vector[];
}
