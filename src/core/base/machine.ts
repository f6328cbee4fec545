/**
 * What every part of the core with a life of its own looks like: inputs and a time go in, outputs come out, in order.
 * A machine never calls anybody, so it runs the same under the shell, a test and the simulator.
 */
import type { Instant } from './time.ts';

export interface Machine<Input, Output> {
  /** Takes one input at `now`; returns what is to be done, in this order. `now` never goes back. */
  handle(input: Input, now: Instant): readonly Output[];
  /** When to send a tick if nothing else happens; undefined means never. */
  deadline(): Instant | undefined;
}

/** The earliest of several deadlines; undefined where none is set. */
export function earliest(...deadlines: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}
