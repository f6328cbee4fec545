/** How many texts a user may hand in now: a token bucket per user, so that one script does not fill the outbox alone. */
import type { Instant } from '../base/time.ts';

export interface SendRate {
  readonly perSecond: number;
  readonly burst: number;
}

export class SendBudget {
  readonly #rate: SendRate;
  readonly #users = new Map<string, { tokens: number; at: Instant }>();

  constructor(rate: SendRate) {
    this.#rate = rate;
  }

  /** @returns whether this user may hand in one more text now; it then counts */
  take(user: string, now: Instant): boolean {
    const known = this.#users.get(user) ?? { tokens: this.#rate.burst, at: now };
    const earned = ((now - known.at) / 1_000) * this.#rate.perSecond;
    const tokens = Math.min(this.#rate.burst, known.tokens + earned);
    const isAllowed = tokens >= 1;
    this.#users.set(user, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed;
  }
}
