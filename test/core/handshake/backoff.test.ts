import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/core/base/random.ts';
import { Backoff } from '../../../src/core/handshake/backoff.ts';

describe('backoff', () => {
  test('doubles from the first wait to the cap, and starts over after a success', () => {
    const backoff = new Backoff({ firstMs: 1_000, capMs: 10_000 }, () => 0);
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });

  test('keeps to a lower cap for one time, though not below twice the first wait, and grows on behind it', () => {
    const backoff = new Backoff({ firstMs: 1_000, capMs: 60_000 }, () => 0.999_999);
    expect([backoff.next(), backoff.next(3_000), backoff.next(3_000), backoff.next(5)]).toEqual([
      2_000, 3_000, 3_000, 2_000,
    ]);
    expect(backoff.next()).toBe(32_000);
  });

  test('is never shorter than the first wait and never longer than the cap', () => {
    const options = fc.record({
      firstMs: fc.integer({ min: 0, max: 100_000 }),
      more: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(options, fc.integer(), ({ firstMs, more }, seed) => {
        const backoff = new Backoff({ firstMs, capMs: firstMs + more }, seededRandom(seed));
        for (let i = 0; i < 100; i += 1) {
          const waitMs = backoff.next();
          expect(waitMs).toBeGreaterThanOrEqual(firstMs);
          expect(waitMs).toBeLessThanOrEqual(firstMs + more);
        }
      }),
    );
  });

  test('keeps two clients apart that failed together', () => {
    const waits = [1, 2, 3, 4].map((seed) =>
      new Backoff({ firstMs: 30_000, capMs: 60_000 }, seededRandom(seed)).next(),
    );
    expect(new Set(waits).size).toBe(4);
  });
});
