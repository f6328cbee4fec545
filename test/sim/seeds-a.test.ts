import { describe, expect, it } from 'vitest';
import { runSeed, testSeeds } from './seeds.ts';

/** Seeds that found something, each with what it found. */
const foundBy: readonly (readonly [number, string])[] = [
  [47, 'the simulated operator forgot to make the accounts again after a disk was lost and the process died at once'],
  [411, 'a login that came late from a replaced connection put in doubt what had been placed since'],
];

describe('the bridge on bad days', () => {
  const results = testSeeds(1, 100);

  it('had days that were bad enough to tell', () => {
    const sum = (of: (result: (typeof results)[number]) => number) =>
      results.reduce((total, result) => total + of(result), 0);
    expect(sum(({ faults }) => faults)).toBeGreaterThan(1_000);
    expect(sum(({ deaths }) => deaths)).toBeGreaterThan(200);
    expect(sum(({ lostDisks }) => lostDisks)).toBeGreaterThan(5);
    expect(sum(({ setBacks }) => setBacks)).toBeGreaterThan(20);
    expect(sum(({ doubled }) => doubled)).toBeGreaterThan(5);
    expect(sum(({ decided }) => decided)).toBeGreaterThan(2);
  });

  it.each(foundBy)('seed %i, which found that %s', (seed) => {
    expect(runSeed(seed).failure).toBeUndefined();
  });
});
