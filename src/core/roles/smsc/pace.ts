/** How fast submits may come: a rate that gives each its place in time. Whether to wait for it is the owner's choice. */
import { type Instant, instant, secondMs } from '../../base/time.ts';

export class Pace {
  readonly #intervalMs: number;
  /** The first place that is free. */
  #freeAt = 0;

  /** @param ratePerSecond undefined: no limit */
  constructor(ratePerSecond: number | undefined) {
    this.#intervalMs = ratePerSecond === undefined ? 0 : secondMs / ratePerSecond;
  }

  /** Takes the next place from `at` on, and says when it is. */
  take(at: Instant): Instant {
    const place = Math.max(at, this.#freeAt);
    this.#freeAt = place + this.#intervalMs;
    return instant(place);
  }

  /** Whether more than a second's worth came: the next place is further away than that. */
  isExceeded(at: Instant): boolean {
    return this.#freeAt - at >= Math.max(secondMs, this.#intervalMs);
  }
}
