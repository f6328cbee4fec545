/** Stands before a store and counts its commits: how many, how long they take, when the last was, what failed. */
import { type DurationsView, RecentDurations } from '../../core/base/recent-durations.ts';
import type { Store } from '../../core/store/record.ts';

export interface CommitsView {
  /** Since the role began. */
  readonly count: number;
  readonly failures: number;
  /** Milliseconds since 1970; absent before the first. */
  readonly lastAt?: number;
  /** From its begin to its end, the latest of them. */
  readonly took?: DurationsView;
  /** What the latest failure said; absent once a commit went well again. */
  readonly failing?: string;
}

const durationsKept = 128;

export class CommitWatch implements Pick<Store, 'commit'> {
  readonly #store: Pick<Store, 'commit'>;
  readonly #took = new RecentDurations(durationsKept);
  #count = 0;
  #failures = 0;
  #lastAt: number | undefined;
  #failing: string | undefined;

  constructor(store: Pick<Store, 'commit'>) {
    this.#store = store;
  }

  async commit(records: Parameters<Store['commit']>[0]): Promise<void> {
    const beganMs = performance.now();
    try {
      await this.#store.commit(records);
    } catch (error) {
      this.#failures += 1;
      this.#failing = error instanceof Error ? error.message : String(error);
      throw error;
    }
    this.#count += 1;
    this.#lastAt = Date.now();
    this.#failing = undefined;
    this.#took.add(performance.now() - beganMs);
  }

  view(): CommitsView {
    const took = this.#took.view();
    return {
      ...{ count: this.#count, failures: this.#failures },
      ...(this.#lastAt === undefined ? {} : { lastAt: this.#lastAt }),
      ...(took === undefined ? {} : { took }),
      ...(this.#failing === undefined ? {} : { failing: this.#failing }),
    };
  }
}
