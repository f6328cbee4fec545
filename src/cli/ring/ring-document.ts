/** Rings as the document of `--json`: as they were read, masked unless they are to be revealed. */
import { type SlotStatus, statuses } from '../../core/ring/status.ts';
import type { LinkView, RingView, SlotView } from '../../core/store/ring-view.ts';
import { type Privacy, showNumber, showText } from '../mask.ts';
import { copiesOf, type SlotFilter, type SmscRings, selectSlots, slotAt } from './ring-pairs.ts';

export function ringsDocument(all: readonly SmscRings[], filter: SlotFilter, privacy: Privacy): object {
  const rings = all.flatMap(({ lanes }) =>
    lanes.flatMap((pair) => {
      const wanted = new Set(selectSlots(pair, filter).map(({ slot }) => slot));
      return copiesOf(pair).map((ring) => ({
        ...ring,
        counts: countStatuses(ring),
        slots: ring.slots.filter(({ slot }) => wanted.has(slot)).map((slot) => maskSlot(slot, privacy)),
      }));
    }),
  );
  const links = all.map(({ link }) => link).filter((link): link is LinkView => link !== undefined);
  return { schema: 'ring.inspect/1', rings, links };
}

export function slotDocument(all: readonly SmscRings[], slot: number, privacy: Privacy): object {
  const copies = all.flatMap(({ smscId, lanes }) =>
    lanes.flatMap((pair) =>
      copiesOf(pair).flatMap((ring) => {
        const view = slotAt(ring, slot);
        return view === undefined ? [] : [{ smscId, side: ring.side, lane: ring.lane, ...maskSlot(view, privacy) }];
      }),
    ),
  );
  return { schema: 'ring.slot/1', slot, copies };
}

/** How many slots have each status; those that none has are left out. */
export function countStatuses(ring: RingView): Partial<Record<SlotStatus, number>> {
  const counts: Partial<Record<SlotStatus, number>> = {};
  for (const status of statuses) {
    const count = ring.slots.filter((slot) => slot.status === status).length;
    if (count > 0) counts[status] = count;
  }
  return counts;
}

function maskSlot(slot: SlotView, privacy: Privacy): SlotView {
  if (slot.message === undefined) return slot;
  const { from, to, content } = slot.message;
  return {
    ...slot,
    message: {
      ...slot.message,
      from: showNumber(from, privacy),
      to: showNumber(to, privacy),
      content: showText(content, privacy),
    },
  };
}
