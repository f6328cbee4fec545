/**
 * The clock of a process: monotonic, anchored once to the wall clock. It never goes back and does not follow later
 * corrections of the system time; a role learns of a wrong date by the skew of its link.
 */
import { performance } from 'node:perf_hooks';
import { type Instant, instant } from '../core/base/time.ts';

/** Whole milliseconds; no value is ever smaller than one before it. */
export type Clock = () => Instant;

export function systemClock(): Clock {
  const anchor = Date.now() - performance.now();
  return () => instant(Math.floor(anchor + performance.now()));
}
