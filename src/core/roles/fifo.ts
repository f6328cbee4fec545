/** A queue whose both ends are cheap, for lists of thousands where `shift` of an array would copy. */

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts it before the first. */
  unshift(item: T): void {
    if (this.#head === 0) {
      this.#items.unshift(item);
    } else {
      this.#head -= 1;
      this.#items[this.#head] = item;
    }
  }

  /** @param index 0 is the first; undefined where there is none */
  at(index: number): T | undefined {
    return index < 0 ? undefined : this.#items[this.#head + index];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.size === 0) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= 1_024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out what stands at `index`; the further in, the more is moved. */
  removeAt(index: number): T | undefined {
    if (index === 0) return this.shift();
    return index < 0 || index >= this.size ? undefined : this.#items.splice(this.#head + index, 1)[0];
  }

  /** Puts it before what stands at `index`, 0–size. */
  insertAt(index: number, item: T): void {
    if (index === 0) this.unshift(item);
    else this.#items.splice(this.#head + index, 0, item);
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = this.#head; index < this.#items.length; index += 1) {
      const item = this.#items[index];
      if (item !== undefined) yield item;
    }
  }
}
