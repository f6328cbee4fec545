/** The disk of one role: what is on it, and whether it takes more. */
import { MemoryStore } from './memory-store.ts';

/** `full` and `read-only` refuse commits and lose nothing. */
export type DiskState = 'well' | 'full' | 'read-only';

export class Disk {
  store = new MemoryStore();
  state: DiskState = 'well';

  /** Another disk is in its place, and nothing is on it. */
  replace(): void {
    this.store = new MemoryStore();
  }
}
