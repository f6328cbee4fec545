/** How much memory a simulated world takes, day by day of virtual time: for the question whether anything in it grows. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dayMs } from '../../core/base/time.ts';

export interface DayHeap {
  /** Days after the world has begun. */
  readonly day: number;
  /** In use after garbage was collected, of the whole process: some 15 MiB are the program. */
  readonly heapMib: number;
}

/** Measures when a day has passed. */
export class HeapByDay {
  readonly days: DayHeap[] = [];
  readonly #collectGarbage: () => void;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collectGarbage = runInNewContext('gc');
  }

  /** @returns what was measured now, if a day is over; days in which nothing happened share a measurement */
  look(atMs: number): DayHeap | undefined {
    const day = Math.floor(atMs / dayMs);
    if (day < 1 || day <= (this.days.at(-1)?.day ?? 0)) return undefined;
    this.#collectGarbage();
    const measured = { day, heapMib: Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10 };
    this.days.push(measured);
    return measured;
  }
}
