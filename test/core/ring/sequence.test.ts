import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRingSize, isSeq, nextSeq, seq, slotOf } from '../../../src/core/ring/sequence.ts';

describe('sequence numbers and slots, DESIGN section 2', () => {
  it('puts number 1 into slot 1, and the number after a full turn there again', () => {
    expect([1, 2, 255, 256, 510, 511].map((number) => slotOf(seq(number), 255))).toEqual([1, 2, 255, 1, 255, 1]);
  });

  it('has one slot for every number in a ring of one', () => {
    expect([1, 2, 3].map((number) => slotOf(seq(number), 1))).toEqual([1, 1, 1]);
  });

  it('never leaves the slots 1 to size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 255 }), (n, size) => {
        const slot = slotOf(seq(n), size);
        return slot >= 1 && slot <= size && Number.isInteger(slot);
      }),
    );
  });

  it('gives the next number where its slot is available', () => {
    expect(nextSeq(0, 3, () => true)).toBe(1);
    expect(nextSeq(3, 3, () => true)).toBe(4);
  });

  it('skips a number whose slot is occupied', () => {
    expect(nextSeq(3, 3, (slot) => slot === 2)).toBe(5);
    expect(nextSeq(3, 3, (slot) => slot === 3)).toBe(6);
  });

  it('gives none when no slot is available', () => {
    expect(nextSeq(3, 3, () => false)).toBeUndefined();
  });

  it('agrees with a twin that walks all numbers', () => {
    const occupied = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.nat({ max: 100 }), occupied, (last, isOccupied) => {
        const size = isOccupied.length;
        const naive = isOccupied.every((one) => one)
          ? undefined
          : Array.from({ length: size }, (_, step) => last + step + 1).find((n) => !isOccupied[(n - 1) % size]);
        expect(nextSeq(last, size, (slot) => !isOccupied[slot - 1])).toBe(naive);
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', undefined])(
    'refuses %s as a number',
    (value) => {
      expect(isSeq(value)).toBe(false);
      if (typeof value === 'number') expect(() => seq(value)).toThrow('no sequence number');
    },
  );

  it('knows rings of 1 to 255 slots', () => {
    expect([0, 1, 255, 256, 1.5, '7'].map(isRingSize)).toEqual([false, true, true, false, false, false]);
  });
});
