import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../../src/core/roles/fifo.ts';

type Step =
  | { readonly type: 'push' | 'unshift' | 'insert' | 'remove'; readonly at: number }
  | { readonly type: 'shift' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('push', 'unshift', 'insert', 'remove'), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'shift' } as const) },
);

it('behaves as an array does, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const fifo = new Fifo<number>();
      const twin: number[] = [];
      for (const [item, one] of steps.entries()) {
        if (one.type === 'shift') {
          expect(fifo.shift()).toBe(twin.shift());
        } else if (one.type === 'push') {
          fifo.push(item);
          twin.push(item);
        } else if (one.type === 'unshift') {
          fifo.unshift(item);
          twin.unshift(item);
        } else if (one.type === 'insert') {
          const at = Math.min(one.at, twin.length);
          fifo.insertAt(at, item);
          twin.splice(at, 0, item);
        } else {
          expect(fifo.removeAt(one.at)).toBe(twin.splice(one.at, 1)[0]);
        }
        expect(fifo.size).toBe(twin.length);
        expect([...fifo]).toEqual(twin);
        expect(fifo.at(0)).toBe(twin[0]);
      }
    }),
  );
});

it('gives back what thousands of shifts left behind', () => {
  const fifo = new Fifo<number>();
  for (let item = 0; item < 5_000; item += 1) fifo.push(item);
  for (let item = 0; item < 4_999; item += 1) expect(fifo.shift()).toBe(item);
  fifo.push(5_000);
  expect([...fifo]).toEqual([4_999, 5_000]);
});
