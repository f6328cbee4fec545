/** Things to do later, in the order of their times, and of their making where times are equal: a binary heap. */
import type { Instant } from '../../base/time.ts';

interface Entry<T> {
  readonly at: Instant;
  readonly order: number;
  readonly task: T;
}

export class Agenda<T> {
  readonly #heap: Entry<T>[] = [];
  #made = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest time; undefined where nothing is left to do. */
  get nextAt(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  add(at: Instant, task: T): void {
    this.#made += 1;
    const entry = { at, order: this.#made, task };
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[index] = parent;
      index = above;
    }
    this.#heap[index] = entry;
  }

  /** Drops what is not to be done any more; as costly as making it anew. */
  retain(isWanted: (task: T) => boolean): void {
    const kept = this.#heap.filter(({ task }) => isWanted(task));
    this.#heap.length = 0;
    // What is in order already is a heap.
    for (const entry of kept.sort((a, b) => a.at - b.at || a.order - b.order)) this.#heap.push(entry);
  }

  /** Takes out the first that is due; undefined where none is. */
  takeDue(now: Instant): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.task;
  }

  /** Puts `entry` at the top and lets it sink to its place. */
  #sink(entry: Entry<T>): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const leftEntry = this.#heap[left];
      if (leftEntry === undefined) break;
      const rightEntry = this.#heap[left + 1];
      const isRight = rightEntry !== undefined && isBefore(rightEntry, leftEntry);
      const child = isRight ? rightEntry : leftEntry;
      if (!isBefore(child, entry)) break;
      this.#heap[index] = child;
      index = isRight ? left + 1 : left;
    }
    this.#heap[index] = entry;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
