/** What a buffer knows of the IM server's clock, by which a message is valid. SPEC: DESIGN section 11, clocks. */
import { type Instant, later, secondMs } from '../../base/time.ts';
import type { Pulse } from '../../link/pulse.ts';

export class ImServerClock {
  /** Undefined before the first contact of this run. */
  #skew: { readonly aheadMs: number; readonly uncertainMs: number } | undefined;

  /** What its welcome took to come makes it later there, never earlier. Heartbeats tell it better, seconds from now. */
  welcomed(clock: Instant, now: Instant): void {
    this.#skew = { aheadMs: clock - now, uncertainMs: secondMs };
  }

  beat(pulse: Pulse | undefined): void {
    if (pulse?.skewMs === undefined || pulse.rttMs === undefined) return;
    this.#skew = { aheadMs: pulse.skewMs, uncertainMs: pulse.rttMs / 2 + secondMs };
  }

  /** The IM server's time, as well as it is known. */
  there(now: Instant): Instant {
    return later(now, this.#skew?.aheadMs ?? 0);
  }

  /** Milliseconds that it is ahead beyond doubt: a validity ends here when it is past there in any case. */
  surelyAheadMs(): number | undefined {
    return this.#skew === undefined ? undefined : this.#skew.aheadMs - this.#skew.uncertainMs;
  }
}
