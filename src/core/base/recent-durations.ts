/** The latest of many durations, so many and no more: how long it takes now, as a rule, and at worst. */

export interface DurationsView {
  /** The latest, in milliseconds. */
  readonly nowMs: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** How many these are told of. */
  readonly count: number;
}

export class RecentDurations {
  readonly #limit: number;
  /** A circle once it is full. */
  readonly #durations: number[] = [];
  #next = 0;

  /** @param limit how many are remembered, 1 or more */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(durationMs: number): void {
    this.#durations[this.#next] = durationMs;
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** Undefined before the first. */
  view(): DurationsView | undefined {
    const count = this.#durations.length;
    const nowMs = this.#durations[(this.#next + this.#limit - 1) % this.#limit];
    if (nowMs === undefined) return undefined;
    const sorted = [...this.#durations].sort((a, b) => a - b);
    const [medianMs = nowMs, worstMs = nowMs] = [sorted[Math.floor((count - 1) / 2)], sorted[count - 1]];
    return { nowMs: tenths(nowMs), medianMs: tenths(medianMs), worstMs: tenths(worstMs), count };
  }
}

function tenths(durationMs: number): number {
  return Number(durationMs.toFixed(1));
}
