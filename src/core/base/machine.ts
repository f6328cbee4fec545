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

/**
 * Marks an output that relies on nothing that waits for the disk: it is carried out as soon as the machine gives it, in
 * front of those that wait, and in order among its like.
 */
export interface AtOnce {
  readonly when: 'at-once';
}

export function isAtOnce(output: object): boolean {
  return 'when' in output && output.when === 'at-once';
}

/** The earliest of several deadlines; undefined where none is set. */
export function earliest(...deadlines: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}
