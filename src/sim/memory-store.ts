/**
 * A store without a disk: records in order of their keys, as the port promises. What a crash takes is decided by who
 * writes (`carried-role.ts`); here nothing is ever lost.
 */
import type { PlainValue } from '../core/base/values.ts';
import type { EntriesOptions, StoreKey, StoreReader, StoreRecord } from '../core/store/record.ts';

interface Kept {
  readonly key: StoreKey;
  readonly value: PlainValue;
}

export class MemoryStore implements StoreReader {
  readonly #records: Kept[] = [];

  get size(): number {
    return this.#records.length;
  }

  get(key: StoreKey): PlainValue | undefined {
    const found = this.#records[this.#indexOf(key)];
    return found !== undefined && compareKeys(found.key, key) === 0 ? found.value : undefined;
  }

  *entries(prefix: StoreKey, options: EntriesOptions = {}): Iterable<readonly [StoreKey, PlainValue]> {
    const { limit = Number.POSITIVE_INFINITY, reverse = false, after } = options;
    // One state from beginning to end, whatever is written meanwhile.
    const all: Kept[] = [];
    for (let index = this.#indexOf(prefix); index < this.#records.length; index += 1) {
      const kept = this.#records[index];
      if (kept === undefined || !beginsWith(kept.key, prefix)) break;
      all.push(kept);
    }
    let left = limit;
    for (const { key, value } of reverse ? all.reverse() : all) {
      const order = after === undefined ? 0 : compareKeys(key, after);
      if (after !== undefined && (reverse ? order >= 0 : order <= 0)) continue;
      if (left <= 0) return;
      left -= 1;
      yield [key, value];
    }
  }

  /** What is there now, kept apart from what comes: a backup. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    copy.#records.push(...this.#records);
    return copy;
  }

  /** @returns what undoes it, to be written in this order */
  write(records: readonly StoreRecord[]): StoreRecord[] {
    const undo: StoreRecord[] = [];
    for (const { key, value } of records) {
      const index = this.#indexOf(key);
      const there = this.#records[index];
      undo.push({ key, value: this.get(key) });
      const thereCount = there !== undefined && compareKeys(there.key, key) === 0 ? 1 : 0;
      if (value === undefined) this.#records.splice(index, thereCount);
      else this.#records.splice(index, thereCount, { key, value });
    }
    return undo.reverse();
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

function beginsWith(key: StoreKey, prefix: StoreKey): boolean {
  for (let part = 0; part < prefix.length; part += 1) if (key[part] !== prefix[part]) return false;
  return true;
}

/** Part by part, numbers before strings; a key comes before all keys that it begins. */
function compareKeys(a: StoreKey, b: StoreKey): number {
  const partCount = Math.max(a.length, b.length);
  for (let part = 0; part < partCount; part += 1) {
    const [one, other] = [a[part], b[part]];
    if (one === other) continue;
    if (one === undefined) return -1;
    if (other === undefined) return 1;
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
