/** What is still to happen in a world, in the order of time; of two things at one time the one planned first is first. */
import type { Instant } from '../core/base/time.ts';

interface Plan {
  readonly at: Instant;
  readonly order: number;
  readonly happen: () => void;
}

export class Agenda {
  /** A heap: every plan comes before the two behind it, at 2n + 1 and 2n + 2. */
  readonly #plans: Plan[] = [];
  #order = 0;

  get nextAt(): Instant | undefined {
    return this.#plans[0]?.at;
  }

  add(at: Instant, happen: () => void): void {
    this.#order += 1;
    const plan = { at, order: this.#order, happen };
    let index = this.#plans.length;
    for (;;) {
      const above = (index - 1) >> 1;
      const other = this.#plans[above];
      if (index === 0 || other === undefined || comesBefore(other, plan)) break;
      this.#plans[index] = other;
      index = above;
    }
    this.#plans[index] = plan;
  }

  take(): (() => void) | undefined {
    const [first] = this.#plans;
    const last = this.#plans.pop();
    if (first === undefined || last === undefined || first === last) return first?.happen;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const [left, right] = [this.#plans[below], this.#plans[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && comesBefore(right, left)) below += 1;
      const next = this.#plans[below];
      if (next === undefined || comesBefore(last, next)) break;
      this.#plans[index] = next;
      index = below;
    }
    this.#plans[index] = last;
    return first.happen;
  }
}

function comesBefore(one: Plan, other: Plan): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
