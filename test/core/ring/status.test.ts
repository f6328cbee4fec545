import { describe, expect, it } from 'vitest';
import { leadsTo, mayMove, statuses } from '../../../src/core/ring/status.ts';

describe('what a status can become', () => {
  it('is what each move leads to, and what those lead to: DESIGN section 2', () => {
    for (const from of statuses) {
      for (const to of statuses) if (from !== 'settled' && mayMove(from, to)) expect(leadsTo(from, to)).toBe(true);
    }
    expect(leadsTo('free', 'settled')).toBe(true);
    expect(leadsTo('placed', 'in-flight')).toBe(true);
    expect(leadsTo('in-doubt', 'refused')).toBe(true);
  });

  it('is nothing once it is settled, and never what it was before its end', () => {
    expect(statuses.filter((to) => leadsTo('settled', to))).toEqual([]);
    for (const ended of ['confirmed', 'refused', 'expired'] as const) {
      expect(statuses.filter((to) => leadsTo(ended, to))).toEqual(['settled']);
    }
    expect(statuses.filter((from) => leadsTo(from, 'placed'))).toEqual(['free']);
  });
});
