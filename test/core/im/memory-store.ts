// A store in memory with the order of keys that the port promises, for tests of what reads and writes records.
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { EntriesOptions, Store, StoreKey, StoreRecord } from '../../../src/core/store/record.ts';

export class MemoryStore implements Store {
  readonly #records: { readonly key: StoreKey; readonly value: PlainValue }[] = [];

  get(key: StoreKey): PlainValue | undefined {
    const found = this.#records[this.#indexOf(key)];
    return found !== undefined && compareKeys(found.key, key) === 0 ? found.value : undefined;
  }

  *entries(prefix: StoreKey, options: EntriesOptions = {}): Iterable<readonly [StoreKey, PlainValue]> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    const all = this.#records.filter(({ key }) => prefix.every((part, i) => key[i] === part));
    for (const { key, value } of options.reverse ? all.reverse() : all) {
      const order = options.after === undefined ? 1 : compareKeys(key, options.after);
      if (options.reverse ? options.after !== undefined && order >= 0 : order <= 0) continue;
      if (left <= 0) return;
      left -= 1;
      yield [key, value];
    }
  }

  write(records: readonly StoreRecord[]): void {
    for (const { key, value } of records) {
      const index = this.#indexOf(key);
      const there = this.#records[index];
      const isThere = there !== undefined && compareKeys(there.key, key) === 0;
      if (value === undefined) this.#records.splice(index, isThere ? 1 : 0);
      else this.#records.splice(index, isThere ? 1 : 0, { key, value });
    }
  }

  async commit(records: readonly StoreRecord[]): Promise<void> {
    this.write(records);
  }

  async close(): Promise<void> {
    this.#records.length = 0;
  }

  get size(): number {
    return this.#records.length;
  }

  /** The first index whose key is not before this one. */
  #indexOf(key: StoreKey): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#records[middle];
      if (there !== undefined && compareKeys(there.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function compareKeys(a: StoreKey, b: StoreKey): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [one, other] = [a[i], b[i]];
    if (one === other) continue;
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
