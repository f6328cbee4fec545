/**
 * The scale of relative times (050 validity, 053 first delivery): 256 steps from five minutes to 63 weeks, and −1.
 * Source: docs/reference/cimd2.md section 3.4.
 */
import { dayMs, hourMs, minuteMs } from '../base/time.ts';

const weekMs = 7 * dayMs;

/** Each stretch of the scale: duration = base + (value − first + 1) × step, for values up to and including `last`. */
export const relativeTimeScale: readonly {
  readonly first: number;
  readonly last: number;
  readonly baseMs: number;
  readonly stepMs: number;
}[] = [
  { first: 0, last: 143, baseMs: 0, stepMs: 5 * minuteMs },
  { first: 144, last: 167, baseMs: 12 * hourMs, stepMs: 30 * minuteMs },
  { first: 168, last: 196, baseMs: dayMs, stepMs: dayMs },
  { first: 197, last: 255, baseMs: 4 * weekMs, stepMs: weekMs },
];

/** 255: 63 weeks. */
export const longestRelativeMs = 63 * weekMs;

/**
 * The smallest value that lasts at least so long. SPEC: section 3.4, rounded up to the next step, at most 255.
 *
 * @param durationMs five minutes (0) is the shortest, 63 weeks (255) the longest there is
 * @returns 0–255
 */
export function toRelativeTime(durationMs: number): number {
  for (const { first, last, baseMs, stepMs } of relativeTimeScale) {
    const value = first - 1 + Math.ceil((durationMs - baseMs) / stepMs);
    if (value <= last) return Math.max(first, value);
  }
  return 255;
}

/**
 * @param value of 050 or 053
 * @returns milliseconds; `single-attempt` for −1, which in 053 means at once (section 3.2); undefined if not on the scale
 */
export function fromRelativeTime(value: number): number | 'single-attempt' | undefined {
  if (value === -1) return 'single-attempt';
  if (!Number.isInteger(value)) return undefined;
  const stretch = relativeTimeScale.find(({ first, last }) => value >= first && value <= last);
  return stretch && stretch.baseMs + (value - stretch.first + 1) * stretch.stepMs;
}
