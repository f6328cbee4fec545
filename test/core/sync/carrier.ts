/**
 * Carries out what one end of a lane asks for, as a role and its runner do: the persists of one input are one commit,
 * what follows a persist waits until that is on disk, and a crash drops all that was not.
 */
import type { LaneEntry } from '../../../src/core/link/entries.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import type { Persist, StoreRecord } from '../../../src/core/store/record.ts';
import { MemoryStore } from '../store/memory-store.ts';

export type Work =
  | Persist
  /** For the connection that stood when it was said. */
  | { readonly type: 'send'; readonly entry: LaneEntry; readonly connection: number }
  | { readonly type: 'hand-over'; readonly copy: SlotCopy };

export interface CarrierOptions {
  readonly perform: (work: Exclude<Work, Persist>) => void;
  /** Called before the records are written. */
  readonly commits: (records: readonly StoreRecord[], before: MemoryStore) => void;
}

export class Carrier {
  readonly #options: CarrierOptions;
  #store = new MemoryStore();
  #backup: MemoryStore | undefined;
  #queue: Work[] = [];

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  get store(): MemoryStore {
    return this.#store;
  }

  /** Persists that are not on disk. */
  get waitingCount(): number {
    return this.#queue.filter((work) => work.type === 'persist').length;
  }

  /** What one input led to. */
  add(works: readonly Work[]): void {
    const records = works.flatMap((work) => (work.type === 'persist' ? work.records : []));
    const first = works.findIndex((work) => work.type === 'persist');
    for (const [at, work] of works.entries()) {
      if (work.type !== 'persist') this.#queue.push(work);
      else if (at === first) this.#queue.push({ type: 'persist', records });
    }
    this.#carryOut();
  }

  /** Writes the first `count` waiting persists in one commit. */
  commit(count = Number.POSITIVE_INFINITY): void {
    const persists = this.#queue.filter((work) => work.type === 'persist').slice(0, count);
    if (persists.length === 0) return;
    const records = persists.flatMap((persist) => persist.records);
    this.#options.commits(records, this.#store);
    this.#store.commit(records);
    const durable = new Set<Work>(persists);
    this.#queue = this.#queue.filter((work) => !durable.has(work));
    this.#carryOut();
  }

  /** What was not carried out is gone; the disk stays. */
  crash(): void {
    this.#queue = [];
  }

  loseStore(): void {
    this.#queue = [];
    this.#store = new MemoryStore();
    this.#backup = undefined;
  }

  /** Copies the disk as it is now. */
  backUp(): void {
    this.#backup = this.#store.copy();
  }

  /** Puts back what was copied last. @returns false where nothing was */
  setBack(): boolean {
    if (this.#backup === undefined) return false;
    this.#queue = [];
    this.#store = this.#backup.copy();
    return true;
  }

  #carryOut(): void {
    for (let work = this.#queue[0]; work !== undefined && work.type !== 'persist'; work = this.#queue[0]) {
      this.#queue.shift();
      this.#options.perform(work);
    }
  }
}
