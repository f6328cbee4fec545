/**
 * Counts what happens, and tells how much of it came per second lately: a place for each second of the window, so it stays
 * small however much comes. The total only grows.
 */
import { type Instant, minuteMs, secondMs } from './time.ts';

/** As far back as a meter remembers. */
export const meterWindowMs = minuteMs;

const places = meterWindowMs / secondMs;

/** A meter as it stands. */
export interface MeterView {
  /** Since the role began. */
  readonly total: number;
  /** Over the last ten seconds, or since the first if that is less. */
  readonly perSecond: number;
}

/** What {@link MeterView} looks back on: short enough to follow a change, long enough to be calm. */
const shownWindowMs = 10 * secondMs;

export class Meter {
  readonly #counts: number[] = new Array<number>(places).fill(0);
  #total = 0;
  /** The second, counted from 1970, that was counted in last; undefined before the first. */
  #second: number | undefined;
  #firstAt: Instant | undefined;

  get total(): number {
    return this.#total;
  }

  /** @param now may be a little older than what was counted before: then it is in the total alone */
  add(now: Instant, count = 1): void {
    this.#total += count;
    this.#firstAt ??= now;
    const second = Math.floor(now / secondMs);
    if (this.#second !== undefined && second < this.#second) return;
    this.#advance(second);
    const at = second % places;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /**
   * What came in the last so many milliseconds, per second.
   *
   * @param windowMs whole seconds, at most {@link meterWindowMs}
   */
  perSecond(now: Instant, windowMs: number): number {
    if (this.#second === undefined || this.#firstAt === undefined) return 0;
    const last = Math.floor(now / secondMs);
    const first = last - windowMs / secondMs + 1;
    let count = 0;
    for (let second = Math.max(first, this.#second - places + 1); second <= Math.min(last, this.#second); second += 1) {
      count += this.#counts[second % places] ?? 0;
    }
    // The second that runs is counted as far as it has come; what began a moment ago is not taken for a flood.
    const spanMs = Math.max(now - Math.max(first * secondMs, this.#firstAt), secondMs);
    return (count * secondMs) / spanMs;
  }

  view(now: Instant): MeterView {
    return { total: this.#total, perSecond: Number(this.perSecond(now, shownWindowMs).toFixed(2)) };
  }

  #advance(second: number): void {
    const before = this.#second ?? second - places;
    for (let empty = Math.max(before + 1, second - places + 1); empty <= second; empty += 1) {
      this.#counts[empty % places] = 0;
    }
    this.#second = second;
  }
}
