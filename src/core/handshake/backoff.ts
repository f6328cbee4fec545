/**
 * How long to wait before the next connection: longer after each failure, up to a cap, and never the same for two
 * clients that failed together. Not a timer: the client adds the wait to its own time.
 * Source: docs/reference/cimd2.md sections 6.3, 6.4 and 11.4.
 */
import { invariant } from '../base/invariant.ts';
import type { Random } from '../base/random.ts';

export interface BackoffOptions {
  /** No wait is shorter than this; the first lies between this and twice this. */
  readonly firstMs: number;
  /** No wait is longer than this. */
  readonly capMs: number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #failures = 0;

  constructor(options: BackoffOptions, random: Random) {
    invariant(options.firstMs >= 0 && options.capMs >= options.firstMs, 'a backoff starts at or below its cap');
    this.#options = options;
    this.#random = random;
  }

  /**
   * Counts one failure.
   *
   * @param mostMs a lower cap for this time; counts as twice `firstMs` where it is below that
   * @returns milliseconds, from `firstMs` to the cap, doubling in the mean with each call
   */
  next(mostMs = this.#options.capMs): number {
    const { firstMs, capMs } = this.#options;
    const longest = Math.min(capMs, Math.max(mostMs, firstMs * 2), firstMs * 2 ** (this.#failures + 1));
    const shortest = Math.max(firstMs, longest / 2);
    // 2^30 exceeds every cap; counting further would only lead to infinity.
    this.#failures = Math.min(this.#failures + 1, 30);
    return Math.round(shortest + this.#random() * (longest - shortest));
  }

  /** The last attempt went well: the next failure waits the first wait again. */
  reset(): void {
    this.#failures = 0;
  }
}
