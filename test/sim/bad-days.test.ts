import { describe, expect, it } from 'vitest';
import { type BadDaysResult, runBadDays } from './bad-days.ts';

/** `17`, or `100-200`; without it the first fifty. */
const asked = process.env['BAD_DAYS_SEED'];
const [first = 1, last = first] = (asked ?? '1-50').split('-').map(Number);
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('the bridge on bad days', () => {
  const results: BadDaysResult[] = [];
  const held: BadDaysResult[] = [];

  it.each(seeds)('loses nothing, doubles nothing unmarked, keeps order and settles: seed %i', (seed) => {
    const result = runBadDays({ seed, textCount: 40, lastingMs: 30_000, policy: 'resend' });
    results.push(result);
    expect(result.settledAfterMs).toBeLessThan(15 * 60_000);
  });

  it.each(seeds.slice(0, asked === undefined ? 10 : undefined))(
    'under hold doubles nothing at all: seed %i',
    (seed) => {
      const result = runBadDays({ seed, textCount: 40, lastingMs: 30_000, policy: 'hold' });
      held.push(result);
      expect(result.doubled).toBe(0);
    },
  );

  it.skipIf(asked !== undefined)('had days that were bad enough to tell', () => {
    const sum = (of: (result: BadDaysResult) => number) => results.reduce((total, result) => total + of(result), 0);
    expect(sum(({ cuts }) => cuts)).toBeGreaterThan(200);
    expect(sum(({ deaths }) => deaths)).toBeGreaterThan(200);
    expect(sum(({ sessionsLost }) => sessionsLost)).toBeGreaterThan(50);
    expect(sum(({ doubled }) => doubled)).toBeGreaterThan(5);
    expect(sum(({ marked }) => marked)).toBeGreaterThan(sum(({ doubled }) => doubled));
    expect(held.reduce((total, { decided }) => total + decided, 0)).toBeGreaterThan(5);
  });
});
