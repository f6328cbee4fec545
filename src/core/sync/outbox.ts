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

  first(): OutboxItem | undefined {
    return this.#items[this.#head];
  }

  append(messageId: string, bytes: Uint8Array): OutboxItem {
    const item = { place: this.#nextPlace, messageId, bytes };
    this.#nextPlace += 1;
    this.#items.push(item);
    return item;
  }

  /** Before all others. Places may go below zero; only their order counts. */
  prepend(messageId: string, bytes: Uint8Array): OutboxItem {
    const first = this.first();
    const item = { place: (first?.place ?? this.#nextPlace) - 1, messageId, bytes };
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
}
