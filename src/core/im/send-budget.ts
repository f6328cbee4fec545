/**
 * How many texts a user may hand in now: a token bucket per user, so that one script does not fill the outbox alone. A full
 * bucket says nothing and is not kept, so that users who are gone leave nothing behind.
 */
import type { Instant } from '../base/time.ts';

export interface SendRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Buckets at which full ones are looked for, for the first time. */
const firstSweepCount = 256;

interface Bucket {
  readonly tokens: number;
  readonly at: Instant;
}

export class SendBudget {
  readonly #rate: SendRate;
  readonly #users = new Map<string, Bucket>();
  #sweepCount = firstSweepCount;

  constructor(rate: SendRate) {
    this.#rate = rate;
  }

  /** @returns whether this user may hand in one more text now; it then counts */
  take(user: string, now: Instant): boolean {
    const known = this.#users.get(user);
    const tokens = known === undefined ? this.#rate.burst : this.#tokensOf(known, now);
    const isAllowed = tokens >= 1;
    if (known === undefined && this.#users.size >= this.#sweepCount) this.#sweep(now);
    this.#users.set(user, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed;
  }

  /** Users of whom something is kept. */
  get size(): number {
    return this.#users.size;
  }

  #tokensOf({ tokens, at }: Bucket, now: Instant): number {
    return Math.min(this.#rate.burst, tokens + ((now - at) / 1_000) * this.#rate.perSecond);
  }

  /** The next one comes when twice as many are there, so that a sweep costs each user little. */
  #sweep(now: Instant): void {
    for (const [user, bucket] of this.#users) {
      if (this.#tokensOf(bucket, now) >= this.#rate.burst) this.#users.delete(user);
    }
    this.#sweepCount = Math.max(firstSweepCount, 2 * this.#users.size);
  }
}
