/**
 * Points in time and their arithmetic. The core has no clock: every `Instant` it sees was passed in. The shell makes
 * them from a monotonic clock anchored to the wall clock at start, so they never go back and still name a date.
 */

declare const instantBrand: unique symbol;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [instantBrand]: true };

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** @param epochMs milliseconds since 1970-01-01T00:00:00Z */
export function instant(epochMs: number): Instant {
  // The one place where a number becomes an Instant.
  return epochMs as Instant;
}

/** The last moment that a date can name: the year 275,760. */
const lastInstant = 8.64e15;

/** Whether a number from outside names a moment; none before 1970 is ever meant. */
export function isInstant(value: unknown): value is Instant {
  return typeof value === 'number' && value >= 0 && value <= lastInstant;
}

export function later(at: Instant, durationMs: number): Instant {
  return instant(at + durationMs);
}
