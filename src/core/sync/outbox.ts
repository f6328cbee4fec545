/** Messages that wait outside the ring, first in, first out, with room at the head for one whose slot was taken. */
import type { OutboxItem } from '../store/lane-records.ts';

export class Outbox {
  #items: OutboxItem[];
  /** Where the first item is: what was taken out is dropped in one go, so that a long queue costs no copying. */
  #head = 0;
  #nextPlace: number;

  constructor(items: readonly OutboxItem[]) {
    this.#items = [...items];
    this.#nextPlace = (items.at(-1)?.place ?? 0) + 1;
  }

  get count(): number {
    return this.#items.length - this.#head;
  }

  /** The place that the next message gets: all that came later have it or a higher one. */
  get nextPlace(): number {
    return this.#nextPlace;
  }

  has(messageId: string): boolean {
    for (let at = this.#head; at < this.#items.length; at += 1) {
      if (this.#items[at]?.messageId === messageId) return true;
    }
    return false;
  }

  /**
   * The messages that nobody was ever told of.
   *
   * @param from the place from which on that is sure
   */
  untouched(from: number): ReadonlySet<string> {
    const items = this.#items.slice(this.#head);
    return new Set(
      items.filter(({ place, attempts }) => place >= from && attempts === 0).map((item) => item.messageId),
    );
  }

  first(): OutboxItem | undefined {
    return this.#items[this.#head];
  }

  append(message: Omit<OutboxItem, 'place'>): OutboxItem {
    const item = { ...message, place: this.#nextPlace };
    this.#nextPlace += 1;
    this.#items.push(item);
    return item;
  }

  /** Before all others. Places may go below zero; only their order counts. */
  prepend(message: Omit<OutboxItem, 'place'>): OutboxItem {
    const item = { ...message, place: (this.first()?.place ?? this.#nextPlace) - 1 };
    this.#items.splice(0, this.#head, item);
    this.#head = 0;
    return item;
  }

  removeFirst(): void {
    this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  /**
   * Changes or takes out what waits.
   *
   * @param revise the item as it is to be, at the same place; undefined takes it out
   * @returns what was taken out, and what is another now
   */
  revise(revise: (item: OutboxItem) => OutboxItem | undefined) {
    const removed: OutboxItem[] = [];
    const changed: OutboxItem[] = [];
    this.#items = this.#items.slice(this.#head).flatMap((item) => {
      const revised = revise(item);
      if (revised === undefined) removed.push(item);
      else if (revised !== item) changed.push(revised);
      return revised ?? [];
    });
    this.#head = 0;
    return { removed, changed };
  }
}
