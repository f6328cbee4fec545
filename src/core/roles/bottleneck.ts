/** The narrow place of one direction of a link: bits pass one after the other, whoever they belong to. */
import { type Instant, instant, later, secondMs } from '../base/time.ts';

export class Bottleneck {
  readonly #bitsPerSecond: number;
  #freeAt = instant(0);

  /** @param bitsPerSecond more than 0 */
  constructor(bitsPerSecond: number) {
    this.#bitsPerSecond = bitsPerSecond;
  }

  /** @returns when the last of so many bytes is through, behind everything that came before */
  pass(sizeBytes: number, now: Instant): Instant {
    const begin = instant(Math.max(this.#freeAt, now));
    this.#freeAt = later(begin, (8 * sizeBytes * secondMs) / this.#bitsPerSecond);
    return this.#freeAt;
  }

  /** What was on its way is gone. */
  clear(): void {
    this.#freeAt = instant(0);
  }
}
