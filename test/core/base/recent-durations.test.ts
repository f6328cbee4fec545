import { describe, expect, it } from 'vitest';
import { RecentDurations } from '../../../src/core/base/recent-durations.ts';

describe('RecentDurations', () => {
  it('knows nothing before the first', () => {
    expect(new RecentDurations(3).view()).toBeUndefined();
  });

  it('tells the latest, the one in the middle and the worst', () => {
    const durations = new RecentDurations(10);
    for (const ms of [40, 900, 20, 30]) durations.add(ms);
    expect(durations.view()).toEqual({ nowMs: 30, medianMs: 30, worstMs: 900, count: 4 });
  });

  it('forgets the oldest beyond its limit', () => {
    const durations = new RecentDurations(3);
    for (const ms of [9_000, 1, 2, 3.04]) durations.add(ms);
    expect(durations.view()).toEqual({ nowMs: 3, medianMs: 2, worstMs: 3, count: 3 });
    durations.add(50);
    expect(durations.view()).toEqual({ nowMs: 50, medianMs: 3, worstMs: 50, count: 3 });
  });
});
