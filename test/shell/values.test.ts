import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import type { PlainValue } from '../../src/core/base/values.ts';
import { maxValueBytes, maxValueDepth, valueCodec } from '../../src/shell/values.ts';

const foreign = new Packr({ useRecords: false, moreTypes: true, structuredClone: true });

const { value: plainValue } = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('value'), { maxLength: 20 }),
  ),
}));

describe('valueCodec', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        expect(valueCodec.decode(valueCodec.encode(value))).toStrictEqual(value);
      }),
    );
  });

  it('keeps the sizes at which MessagePack changes its form', () => {
    for (const length of [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      const values: PlainValue[] = ['x'.repeat(length), 'é'.repeat(length), new Uint8Array(length).fill(7)];
      values.push(Array.from({ length }, () => 1));
      for (const value of values) expect(valueCodec.decode(valueCodec.encode(value))).toStrictEqual(value);
    }
    for (const power of [7, 8, 15, 16, 31, 32, 33, 48, 52]) {
      for (const near of [-1, 0, 1]) {
        const number = 2 ** power + near;
        expect(valueCodec.decode(valueCodec.encode([number, -number]))).toStrictEqual([number, -number]);
      }
    }
  });

  it('gives bytes as plain Uint8Array on both sides, and apart from the buffer they came in', () => {
    const encoded = valueCodec.encode([Buffer.from([1, 2, 3])]);
    expect(encoded.constructor).toBe(Uint8Array);
    const decoded = valueCodec.decode(Buffer.from(encoded));
    encoded.fill(0);
    expect(decoded).toStrictEqual([new Uint8Array([1, 2, 3])]);
  });

  it('reads a part of a larger buffer', () => {
    const encoded = valueCodec.encode([1, 'two', 1.5, 2 ** 40]);
    const padded = new Uint8Array(encoded.length + 10).fill(0xc1);
    padded.set(encoded, 5);
    expect(valueCodec.decode(padded.subarray(5, 5 + encoded.length))).toStrictEqual([1, 'two', 1.5, 2 ** 40]);
  });

  it('never throws and never hangs, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const value = valueCodec.decode(bytes);
        if (value !== undefined) expect(valueCodec.decode(valueCodec.encode(value))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses every value that is cut off, and every value with something behind it', () => {
    const encoded = valueCodec.encode([
      1,
      'text',
      new Uint8Array(300),
      2 ** 40,
      -5,
      70_000,
      null,
      true,
      ['x'.repeat(300)],
    ]);
    for (let length = 0; length < encoded.length; length += 1) {
      expect(valueCodec.decode(encoded.subarray(0, length))).toBeUndefined();
    }
    expect(valueCodec.decode(new Uint8Array([...encoded, 0]))).toBeUndefined();
  });

  it('refuses maps, dates, sets, and integers that a number cannot hold', () => {
    for (const value of [{ a: 1 }, new Date(0), new Set([1]), 2n ** 60n, -(2n ** 60n)]) {
      expect(valueCodec.decode(foreign.pack([value]))).toBeUndefined();
    }
    expect(valueCodec.decode(foreign.pack([2n ** 40n]))).toStrictEqual([2 ** 40]);
  });

  it('reserves nothing for an array that only claims to be long', () => {
    const hostile = new Uint8Array(16_384);
    for (let at = 0; at + 5 <= hostile.length; at += 5) hostile.set([0xdd, 0x01, 0xff, 0xff, 0xff], at);
    expect(valueCodec.decode(hostile)).toBeUndefined();
  });

  it('refuses what is nested too deeply or is too large', () => {
    const nested = (depth: number) => new Uint8Array([...new Uint8Array(depth).fill(0x91), 0xc0]);
    expect(valueCodec.decode(nested(maxValueDepth))).toBeDefined();
    expect(valueCodec.decode(nested(maxValueDepth + 1))).toBeUndefined();
    expect(valueCodec.decode(nested(100_000))).toBeUndefined();
    expect(valueCodec.decode(valueCodec.encode(new Uint8Array(maxValueBytes)))).toBeUndefined();
  });
});
