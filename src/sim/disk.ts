/** The disk of one role: what is on it, whether it takes more, and what it was before its last commits. */
import type { StoreRecord } from '../core/store/record.ts';
import { MemoryStore } from './memory-store.ts';

/** `full` and `read-only` refuse commits and lose nothing. */
export type DiskState = 'well' | 'full' | 'read-only';

/** Commits that can be undone. */
const keptCommits = 64;

export class Disk {
  store = new MemoryStore();
  state: DiskState = 'well';
  /** What undoes each of the last commits, the latest last. */
  #undo: (readonly StoreRecord[])[] = [];

  commit(records: readonly StoreRecord[]): void {
    this.#undo.push(this.store.write(records));
    if (this.#undo.length > keptCommits) this.#undo.shift();
  }

  /** Another disk is in its place, and nothing is on it. */
  replace(): void {
    this.store = new MemoryStore();
    this.#undo = [];
  }

  /**
   * It is as it was so many commits ago, or as long ago as is known.
   *
   * @returns what was written for it
   */
  setBack(commits: number): StoreRecord[] {
    const undone = this.#undo
      .splice(Math.max(0, this.#undo.length - commits))
      .reverse()
      .flat();
    this.store.write(undone);
    return undone;
  }
}
