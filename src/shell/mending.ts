/**
 * What becomes of a bug in a role that runs: it is told with all that is known of it, counted, and a machine made anew
 * from the store takes the place of the one that failed. A bug that comes back is no accident, and ends the role.
 * docs/decisions, 0010.
 */
import { InvariantError } from '../core/base/invariant.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';

/** So many within {@link withinMs} are mended; the next one ends the role. */
export const mendedAtMost = 3;
export const withinMs = 600_000;

/** Of a stack in the log: enough to find the place. */
const framesTold = 4;

/** To whoever asked for what met the bug; asking again would meet it again. */
export const refusedForBug = {
  type: 'refused',
  code: 'BUG',
  message: 'A bug of ringbridge was met and nothing was done; the log has the event bug.violated.',
} as const;

/** For `GET /status`. */
export interface Violations {
  /** Since the process began. */
  readonly count: number;
  /** What did not hold the last time. */
  readonly last?: string;
}

export class Mending {
  private readonly log: (event: LogEvent) => void;
  private readonly clockMs: () => number;
  private count = 0;
  private last: string | undefined;
  /** When each of the latest was, the earliest first. */
  private at: readonly number[] = [];

  /** @param clockMs of a clock that never goes back */
  constructor(log: (event: LogEvent) => void, clockMs: () => number = () => performance.now()) {
    this.log = log;
    this.clockMs = clockMs;
  }

  violations(): Violations {
    return { count: this.count, ...(this.last === undefined ? {} : { last: this.last }) };
  }

  /** Counts and tells it. @returns whether a new machine may take the place */
  take(error: unknown, input: { readonly type: string }): 'mend' | 'stop' {
    const now = this.clockMs();
    this.at = [...this.at.filter((at) => now - at < withinMs), now].slice(-mendedAtMost - 1);
    const verdict = this.at.length > mendedAtMost ? 'stop' : 'mend';
    this.count += 1;
    this.last = error instanceof Error ? error.message : String(error);
    this.log(
      logEvent('error', 'bug.violated', {
        code: 'BUG',
        statement: this.last,
        input: input.type,
        ...(error instanceof InvariantError ? error.context : {}),
        at: placeOf(error),
        count: this.count,
        verdict,
      }),
    );
    return verdict;
  }
}

function placeOf(error: unknown): string | undefined {
  const lines = error instanceof Error ? error.stack?.split('\n') : undefined;
  const frames = lines?.filter((line) => line.trimStart().startsWith('at ')).slice(0, framesTold);
  return frames?.map((line) => line.trim().slice(3)).join(' < ');
}
