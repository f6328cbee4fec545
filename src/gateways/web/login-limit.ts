/**
 * How often somebody may try to log in: a bucket per remote address and one per name for
 * passwords, one per address for tokens; refilled with time.
 */

/** Attempts at once, and time until one more is allowed. */
const byAddress = { burst: 20, refillMs: 3_000 };
const byName = { burst: 10, refillMs: 6_000 };
/** More buckets than this are not kept; full ones go first. */
const bucketLimit = 10_000;

interface Bucket {
  tokens: number;
  at: number;
  readonly burst: number;
  readonly refillMs: number;
}

export class LoginLimit {
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds, never going back @returns whether this attempt may be made; it then counts */
  take(address: string, name: string, now: number): boolean {
    const buckets = [this.#bucket(`a ${address}`, byAddress, now), this.#bucket(`n ${name}`, byName, now)];
    if (buckets.some((bucket) => bucket.tokens < 1)) return false;
    for (const bucket of buckets) bucket.tokens -= 1;
    return true;
  }

  /** A login that succeeded does not count. */
  giveBack(address: string, name: string, now: number): void {
    for (const bucket of [this.#bucket(`a ${address}`, byAddress, now), this.#bucket(`n ${name}`, byName, now)]) {
      bucket.tokens = Math.min(bucket.burst, bucket.tokens + 1);
    }
  }

  /** Whether somebody at this address may show a token; one that is good does not count. */
  mayShow(address: string, now: number): boolean {
    return this.#bucket(`t ${address}`, byAddress, now).tokens >= 1;
  }

  /** A token that is none was shown. */
  wasWrong(address: string, now: number): void {
    this.#bucket(`t ${address}`, byAddress, now).tokens -= 1;
  }

  #bucket(key: string, rate: { readonly burst: number; readonly refillMs: number }, now: number): Bucket {
    const known = this.#buckets.get(key);
    const bucket = known ?? { tokens: rate.burst, at: now, ...rate };
    bucket.tokens = Math.min(rate.burst, bucket.tokens + (now - bucket.at) / rate.refillMs);
    bucket.at = now;
    if (known === undefined) {
      if (this.#buckets.size >= bucketLimit) this.#dropOldest();
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  #dropOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
