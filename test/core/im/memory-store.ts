/**
 * The store of the simulated world behind the whole port, for tests of what reads and writes records: a commit is on
 * its place at once.
 */
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { EntriesOptions, Store, StoreKey, StoreRecord } from '../../../src/core/store/record.ts';
import { MemoryStore as Records } from '../../../src/sim/memory-store.ts';

export class MemoryStore implements Store {
  #records = new Records();

  get(key: StoreKey): PlainValue | undefined {
    return this.#records.get(key);
  }

  entries(prefix: StoreKey, options?: EntriesOptions): Iterable<readonly [StoreKey, PlainValue]> {
    return this.#records.entries(prefix, options);
  }

  write(records: readonly StoreRecord[]): void {
    this.#records.write(records);
  }

  async commit(records: readonly StoreRecord[]): Promise<void> {
    this.write(records);
  }

  async close(): Promise<void> {
    this.#records = new Records();
  }

  get size(): number {
    return this.#records.size;
  }
}
