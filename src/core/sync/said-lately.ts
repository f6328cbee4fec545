/**
 * What was said of each slot on this connection. A digest may have crossed it on the way; what it seems to lack is then not
 * said again, because it arrives without help.
 */
import type { Instant } from '../base/time.ts';
import type { Seq, SlotIndex } from '../ring/sequence.ts';

/** A digest shown more often than this is not news: what was sent since is still on its way. */
const settleDownMs = 20_000;

export class SaidLately {
  readonly #last = new Map<SlotIndex, { readonly seq: Seq; readonly at: Instant }>();

  note(slot: SlotIndex, seq: Seq, now: Instant): void {
    this.#last.set(slot, { seq, at: now });
  }

  /** @param seq of the copy that seems not to have arrived; undefined where there is none */
  isOnItsWay(slot: SlotIndex, seq: Seq | undefined, now: Instant): boolean {
    const last = this.#last.get(slot);
    return last !== undefined && last.seq === seq && now - last.at < settleDownMs;
  }

  /** Another connection: what was said on the last one may be lost. */
  clear(): void {
    this.#last.clear();
  }
}
