/** Client and server against each other over a bad line: what must hold whatever happens. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pipe, type Weather } from './pipe.ts';

const calm: Weather = {
  seed: 1,
  window: 1,
  submits: 0,
  delivers: 0,
  damage: 0,
  cutEveryMs: 0,
  silence: 0,
  onTimeout: 'ask',
};

const weather: fc.Arbitrary<Weather> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000_000 }),
  window: fc.constantFrom(1, 1, 2, 7, 64, 128),
  submits: fc.integer({ min: 0, max: 60 }),
  delivers: fc.integer({ min: 0, max: 40 }),
  damage: fc.constantFrom(0, 0.02, 0.2),
  cutEveryMs: fc.constantFrom(0, 1_000, 10_000),
  silence: fc.constantFrom(0, 0.1),
  onTimeout: fc.constantFrom('ask', 'repeat', 'close'),
});

describe('two ends over a bad line', () => {
  test('keep their promises, whatever the line does', () => {
    fc.assert(
      fc.property(weather, (one) => {
        const pipe = new Pipe(one).run();
        expect(pipe.broken).toEqual([]);
        for (const fate of pipe.fates) {
          // Every request ends once: with its answer, or with its fate unknown.
          expect(fate.responses.length + fate.unknown).toBe(1);
          // One number for one request, so the SMSC never executes it twice.
          expect(fate.numbers.size).toBeLessThanOrEqual(1);
          expect(fate.executions.length).toBeLessThanOrEqual(1);
        }
        for (const deliver of pipe.delivered) expect(deliver.responses).toBe(1);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('lose nothing and doubt nothing on a line that only splits', () => {
    const pipe = new Pipe({ ...calm, submits: 100, delivers: 100, window: 4 }).run();
    expect(pipe.broken).toEqual([]);
    expect(pipe.connections).toBe(1);
    expect(pipe.fates.map(({ responses }) => responses.length)).toEqual(pipe.fates.map(() => 1));
    expect(pipe.delivered).toEqual(pipe.delivered.map(() => ({ responses: 1, seen: 1 })));
  });

  test('the weather is bad enough to be worth the name', () => {
    const pipe = new Pipe({ ...calm, submits: 60, delivers: 40, damage: 0.2, cutEveryMs: 5_000, silence: 0.1 }).run();
    expect(pipe.cuts).toBeGreaterThan(3);
    expect(pipe.damaged).toBeGreaterThan(10);
    expect(pipe.connections).toBeGreaterThan(3);
    expect(pipe.fates.some(({ unknown }) => unknown === 1)).toBe(true);
    expect(pipe.fates.some(({ writes, responses }) => writes > 1 && responses.length === 1)).toBe(true);
    expect(pipe.delivered.some(({ seen }) => seen > 1)).toBe(true);
  });

  test.each([1, 64, 128])(
    'the packet number wraps around behind 255, and 001 is used again (4.1), window %i',
    (window) => {
      const pipe = new Pipe({ ...calm, window, submits: 300, delivers: 300 }).run();
      expect(pipe.broken).toEqual([]);
      expect(pipe.connections).toBe(1);
      const numbers = pipe.numbers[0] ?? [];
      expect(numbers.length).toBeGreaterThan(256);
      expect(numbers).toEqual(numbers.map((_, at) => (1 + 2 * at) % 256));
      expect(pipe.fates.every(({ responses }) => responses.length === 1)).toBe(true);
      expect(pipe.delivered.every(({ responses, seen }) => responses === 1 && seen === 1)).toBe(true);
    },
  );
});
