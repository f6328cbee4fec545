/**
 * What went through a ring since the role began: counted where a copy changes, so that no way around it exists. Both ends
 * of both lanes count by the same rule; what a start finds in the store is not counted.
 */
import { Meter, type MeterView } from '../base/meter.ts';
import type { Instant } from '../base/time.ts';
import type { SlotCopy } from './slot.ts';
import type { OutcomeStatus } from './status.ts';

export interface LaneCounts {
  /** Messages that came into the ring. */
  readonly entered: MeterView;
  /** Messages whose outcome became known here. */
  readonly ended: MeterView;
  /** Of these. */
  readonly confirmed: number;
  readonly refused: number;
  readonly expired: number;
  /** Times a message became in doubt. */
  readonly doubted: number;
}

export class LaneTally {
  readonly #entered = new Meter();
  readonly #ended = new Meter();
  readonly #outcomes: Record<OutcomeStatus, number> = { confirmed: 0, refused: 0, expired: 0 };
  #doubted = 0;

  /** A slot held `before` and holds `copy` now. */
  note(before: SlotCopy | undefined, copy: SlotCopy): void {
    const earlier = before?.seq === copy.seq ? before : undefined;
    if (earlier === undefined) this.#entered.add(copy.movedAt);
    const { outcome } = copy;
    if (outcome !== undefined && earlier?.outcome === undefined) {
      this.#ended.add(copy.movedAt);
      this.#outcomes[outcome.status] += 1;
    }
    if (copy.status === 'in-doubt' && earlier?.status !== 'in-doubt') this.#doubted += 1;
  }

  counts(now: Instant): LaneCounts {
    return {
      entered: this.#entered.view(now),
      ended: this.#ended.view(now),
      confirmed: this.#outcomes.confirmed,
      refused: this.#outcomes.refused,
      expired: this.#outcomes.expired,
      doubted: this.#doubted,
    };
  }
}
