/**
 * When submits may leave by the operator's wish: as they become available, at a steady rate, or in cycles. What the SMSC
 * can stand is not this but `throttle.ts`. SPEC: DESIGN section 5, pacing.
 */
import { type Instant, instant, later, secondMs } from '../../base/time.ts';

export type Pace =
  /** As messages become available. */
  | { readonly type: 'sporadic' }
  /** One every 1/perSecond s at most; more than 0. */
  | { readonly type: 'rate'; readonly perSecond: number }
  /** At each multiple of `everyMs` what is available then goes out; at least 1. */
  | { readonly type: 'cycle'; readonly everyMs: number };

/**
 * What leaves late by no more than half a gap is made up for, or timers would eat the rate; more would be a burst. At
 * least the first, which timers need; at most the second, which nobody would call late.
 */
const latenessMs = { least: 5, most: 50 } as const;

export interface Pacing {
  /**
   * When the next submit may leave: not after `now` if it may now.
   *
   * @param ready how many are available at this moment
   */
  leaveAt(now: Instant, ready: () => number): Instant;
  /** A submit leaves now. */
  left(now: Instant): void;
}

export function pacingOf(pace: Pace): Pacing {
  switch (pace.type) {
    case 'sporadic':
      return sporadic;
    case 'rate':
      return new SteadyRate(pace.perSecond);
    case 'cycle':
      return new Cycles(pace.everyMs);
    default:
      return pace satisfies never;
  }
}

const sporadic: Pacing = { leaveAt: (now) => now, left: () => undefined };

/** A token bucket that holds one token: time that was not used is not saved up for a burst. */
class SteadyRate implements Pacing {
  readonly #gapMs: number;
  readonly #latenessMs: number;
  #nextAt = instant(0);

  constructor(perSecond: number) {
    this.#gapMs = secondMs / perSecond;
    this.#latenessMs = Math.min(Math.max(this.#gapMs / 2, latenessMs.least), latenessMs.most);
  }

  leaveAt(): Instant {
    return this.#nextAt;
  }

  left(now: Instant): void {
    const isOnTime = now - this.#nextAt <= this.#latenessMs;
    this.#nextAt = later(isOnTime ? this.#nextAt : now, this.#gapMs);
  }
}

/**
 * What is ready when a cycle begins goes out, one turn after the other; what comes later waits for the next one. Where
 * that takes longer than a cycle it goes on to its end.
 */
class Cycles implements Pacing {
  readonly #everyMs: number;
  /** How many of those that were ready at the begin of the cycle are left. */
  #left = 0;
  /** The begin that somebody waits for. */
  #awaited: Instant | undefined;
  #begunAt: Instant | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  leaveAt(now: Instant, ready: () => number): Instant {
    const count = ready();
    this.#left = Math.min(this.#left, count);
    if (this.#left === 0 && this.#isBegin(now)) {
      this.#left = count;
      this.#begunAt = now;
      this.#awaited = undefined;
    }
    if (this.#left > 0) return now;
    const next = instant((Math.floor(now / this.#everyMs) + 1) * this.#everyMs);
    this.#awaited = count > 0 ? next : undefined;
    return next;
  }

  left(): void {
    this.#left -= 1;
  }

  /** Also a late one, if what waited for it was kept from it by a timer or by an answer that was still to come. */
  #isBegin(now: Instant): boolean {
    if (now === this.#begunAt) return false;
    const isLate = this.#awaited !== undefined && now >= this.#awaited && now < this.#awaited + this.#everyMs;
    return isLate || now % this.#everyMs === 0;
  }
}
