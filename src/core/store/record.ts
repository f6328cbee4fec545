/**
 * What is kept on disk, as plain values, and the port a store must satisfy. A machine reads through {@link StoreReader}
 * when it recovers, and writes by an output of type `persist`; it never waits for a disk itself. The shell keeps records
 * in LMDB, the simulator in memory with faults.
 */
import type { PlainValue } from '../base/values.ts';

/**
 * Names a record. Ordered part by part, numbers before strings; a key comes before all keys that it begins. Strings hold
 * no control characters. At most 1,900 bytes in all.
 */
export type StoreKey = readonly (string | number)[];

export interface StoreRecord {
  readonly key: StoreKey;
  /** A positional array that begins with a format number; undefined deletes. */
  readonly value: PlainValue | undefined;
}

/** What follows this output is carried out only after all `records` are on disk, which happens in one commit. */
export interface Persist {
  readonly type: 'persist';
  readonly records: readonly StoreRecord[];
}

export interface EntriesOptions {
  /** At most so many; all without it. */
  readonly limit?: number;
  /** From the last key to the first. */
  readonly reverse?: boolean;
  /** Begins behind this key, in the direction of reading; the key need not exist. */
  readonly after?: StoreKey;
}

/** What is committed now; an iteration shows one state from its beginning to its end. */
export interface StoreReader {
  get(key: StoreKey): PlainValue | undefined;
  /** All records whose key begins with the parts of `prefix`, in order of their keys; an empty prefix gives all. */
  entries(prefix: StoreKey, options?: EntriesOptions): Iterable<readonly [StoreKey, PlainValue]>;
}

export interface Store extends StoreReader {
  /**
   * All or nothing, in one commit; resolves when it is as durable as the store was opened for. Of several records with
   * one key the last counts. Rejects with an `OperatorError` of code `STORE_FULL`, `STORE_READ_ONLY` or `STORE_FAILED`
   * if nothing was written; anything else is a bug.
   */
  commit(records: readonly StoreRecord[]): Promise<void>;
  /** Waits for commits under way. The store is of no use afterwards. */
  close(): Promise<void>;
}
