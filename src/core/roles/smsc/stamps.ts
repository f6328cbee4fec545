/**
 * Service centre time stamps (060), made unique: with one-second digits two messages to one number within a second would
 * share a key, so the later one is given the next free second. SPEC: reference section 8.4.
 */

import { type Instant, instant, secondMs } from '../../base/time.ts';
import { formatSmscTime } from '../../codec/smsc-time.ts';

/** Above this many keys, those whose second is past are forgotten: no later stamp can meet them. */
const sweepAbove = 10_000;

export class Stamps {
  readonly #zoneOffset: number;
  /** The last second given for each key. */
  readonly #lastOf = new Map<string, number>();
  #sweepAt = sweepAbove;

  /** @param zoneOffset minutes; fixed for life, so that no hour repeats */
  constructor(zoneOffset: number) {
    this.#zoneOffset = zoneOffset;
  }

  /** Twelve digits, never given for this key before. @param key the destination, or the pair of addresses */
  next(key: string, now: Instant): string {
    const second = Math.floor(now / secondMs);
    const free = Math.max(second, (this.#lastOf.get(key) ?? 0) + 1);
    this.#lastOf.set(key, free);
    if (this.#lastOf.size > this.#sweepAt) this.#sweep(second);
    return formatSmscTime(instant(free * secondMs), this.#zoneOffset);
  }

  #sweep(second: number): void {
    for (const [key, last] of this.#lastOf) if (last < second) this.#lastOf.delete(key);
    // Twice what is left, so that sweeping stays cheap however many keys are busy.
    this.#sweepAt = Math.max(sweepAbove, this.#lastOf.size * 2);
  }
}
