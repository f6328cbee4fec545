/** A store without a disk: what is committed is there, in order of keys. Loses nothing and fails never. */
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { StoreKey, StoreReader, StoreRecord } from '../../../src/core/store/record.ts';

export class MemoryStore implements StoreReader {
  readonly #records = new Map<string, StoreRecord>();
  #commitCount = 0;

  get commitCount(): number {
    return this.#commitCount;
  }

  /** What is there now, kept apart from what comes. */
  copy(): MemoryStore {
    const copy = new MemoryStore();
    for (const [key, record] of this.#records) copy.#records.set(key, record);
    copy.#commitCount = this.#commitCount;
    return copy;
  }

  commit(records: readonly StoreRecord[]): void {
    this.#commitCount += 1;
    for (const record of records) {
      if (record.value === undefined) this.#records.delete(JSON.stringify(record.key));
      else this.#records.set(JSON.stringify(record.key), record);
    }
  }

  get(key: StoreKey): PlainValue | undefined {
    return this.#records.get(JSON.stringify(key))?.value;
  }

  entries(prefix: StoreKey): readonly (readonly [StoreKey, PlainValue])[] {
    const found: (readonly [StoreKey, PlainValue])[] = [];
    for (const { key, value } of this.#records.values()) {
      if (value !== undefined && prefix.every((part, at) => key[at] === part)) found.push([key, value]);
    }
    return found.sort(([a], [b]) => compareKeys(a, b));
  }
}

/** Part by part, numbers before strings; a key comes before all that it begins. */
export function compareKeys(a: StoreKey, b: StoreKey): number {
  for (const [at, part] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (typeof part !== typeof other) return typeof part === 'number' ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
}
