/**
 * Messages that were read once, put back into rings that are told of without them. What was read of a slot holds for the
 * message of that number only; its outcome only as long as the slot says nothing else.
 */
import type { RingView, SlotView } from '../../../core/store/ring-view.ts';

export class MessageMemory {
  /** By ring; of each the slots as they were read last, so never more than there are slots. */
  readonly #rings = new Map<string, readonly SlotView[]>();

  learn(rings: readonly RingView[]): void {
    for (const ring of rings) this.#rings.set(keyOf(ring), ring.slots);
  }

  complete(ring: RingView): RingView {
    const known = this.#rings.get(keyOf(ring));
    if (known === undefined) return ring;
    return { ...ring, slots: ring.slots.map((slot) => completed(slot, known[slot.slot - 1])) };
  }
}

function completed(slot: SlotView, known: SlotView | undefined): SlotView {
  if (known === undefined || known.seq !== slot.seq || slot.seq === undefined) return slot;
  const { outcome, ...others } = known;
  const isSaid = outcome !== undefined && known.status === slot.status;
  return { ...others, ...(isSaid ? { outcome } : {}), ...slot };
}

function keyOf({ smscId, side, lane, epoch }: RingView): string {
  return `${smscId} ${side} ${lane} ${epoch ?? ''}`;
}
