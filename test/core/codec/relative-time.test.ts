/** The scale of relative times: its printed edges, and rounding up everywhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../src/core/base/time.ts';
import { fromRelativeTime, longestRelativeMs, toRelativeTime } from '../../../src/core/codec/relative-time.ts';

const values = Array.from({ length: 256 }, (_, value) => value);

function durationOf(value: number): number {
  const duration = fromRelativeTime(value);
  return typeof duration === 'number' ? duration : Number.NaN;
}

describe('the scale (3.4)', () => {
  it.each([
    { value: 0, duration: 5 * minuteMs },
    { value: 143, duration: 12 * hourMs },
    { value: 144, duration: 12.5 * hourMs },
    { value: 167, duration: 24 * hourMs },
    { value: 168, duration: 2 * dayMs },
    { value: 196, duration: 30 * dayMs },
    { value: 197, duration: 35 * dayMs },
    { value: 255, duration: 63 * 7 * dayMs },
  ])('has $value for $duration ms', ({ value, duration }) => {
    expect(fromRelativeTime(value)).toBe(duration);
    expect(toRelativeTime(duration)).toBe(value);
  });

  it('grows from step to step', () => {
    for (const value of values.slice(1)) expect(durationOf(value)).toBeGreaterThan(durationOf(value - 1));
    expect(durationOf(255)).toBe(longestRelativeMs);
  });

  it('reads -1 as a single attempt and nothing beyond the scale', () => {
    expect(fromRelativeTime(-1)).toBe('single-attempt');
    for (const value of [-2, 256, 0.5, Number.NaN]) expect(fromRelativeTime(value)).toBeUndefined();
  });
});

describe('rounding (3.4)', () => {
  it('goes up to the next step as soon as a step is passed by a millisecond', () => {
    for (const value of values.slice(0, -1)) expect(toRelativeTime(durationOf(value) + 1)).toBe(value + 1);
  });

  it('gives the smallest value that lasts long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: longestRelativeMs }), (duration) => {
        expect(toRelativeTime(duration)).toBe(values.find((value) => durationOf(value) >= duration));
      }),
    );
  });

  it('ends at five minutes below and at 63 weeks above', () => {
    expect([-1, 0, 1].map(toRelativeTime)).toEqual([0, 0, 0]);
    expect([longestRelativeMs + 1, Number.MAX_SAFE_INTEGER].map(toRelativeTime)).toEqual([255, 255]);
  });
});
