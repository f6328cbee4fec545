/**
 * The clock of one machine in a world. A process reads it when it starts and counts on from there by a monotonic clock
 * that may drift (`shell/clock.ts`), so a jump shows at the next start.
 */
import { type Instant, instant } from '../core/base/time.ts';

export class HostClock {
  readonly #worldAnchor: Instant;
  readonly #hostAnchor: Instant;
  readonly #rate: number;

  /** @param rate milliseconds on this machine in one of the world; near 1 */
  constructor(now: Instant, options: { readonly aheadMs: number; readonly rate: number }) {
    this.#worldAnchor = now;
    this.#hostAnchor = instant(now + options.aheadMs);
    this.#rate = options.rate;
  }

  /** What it shows at that moment of the world: whole milliseconds. */
  hostTime(at: Instant): Instant {
    return instant(Math.floor(this.#hostAnchor + (at - this.#worldAnchor) * this.#rate));
  }

  /** Whether the other one shows as much as this one now, and always will. */
  isOvertakenBy(other: HostClock, now: Instant): boolean {
    return this.hostTime(now) <= other.hostTime(now) && this.#rate <= other.#rate;
  }

  /** The first moment of the world at which it shows that. */
  worldTime(at: Instant): Instant {
    let wanted = this.#worldAnchor + (Math.ceil(at) - this.#hostAnchor) / this.#rate;
    // Rounding must not make it due before its time, over and over.
    while (this.hostTime(instant(wanted)) < at) wanted += 0.001;
    return instant(wanted);
  }
}
