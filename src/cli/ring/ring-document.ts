/** Rings as the document of `--json`: as they were read, times in ISO 8601, masked unless they are to be revealed. */
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
        slots: ring.slots.filter(({ slot }) => wanted.has(slot)).map((slot) => slotValue(slot, privacy)),
      }));
    }),
  );
  const links = all.flatMap(({ link }) => (link === undefined ? [] : [linkDocument(link)]));
  return { schema: 'ring.inspect/1', rings, links };
}

export function linkDocument(link: LinkView): object {
  const { since, session, ...rest } = link;
  return {
    ...rest,
    since: isoMoment(since),
    ...(session === undefined ? {} : { session: { ...session, since: isoMoment(session.since) } }),
  };
}

export function slotDocument(all: readonly SmscRings[], slot: number, privacy: Privacy): object {
  const copies = all.flatMap(({ smscId, lanes }) =>
    lanes.flatMap((pair) =>
      copiesOf(pair).flatMap((ring) => {
        const view = slotAt(ring, slot);
        return view === undefined ? [] : [{ smscId, side: ring.side, lane: ring.lane, ...slotValue(view, privacy) }];
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

/** Messages from handsets have no end of validity: theirs is further away than any calendar goes. */
export function hasNoEnd(at: number): boolean {
  return at > Date.UTC(9999, 0);
}

/** Masked, with times for people; absent is left out, and so is a validity without end. */
function slotValue({ movedAt, message, ...slot }: SlotView, privacy: Privacy): object {
  return {
    ...slot,
    ...(movedAt === undefined ? {} : { movedAt: isoMoment(movedAt) }),
    ...(message === undefined ? {} : { message: messageValue(message, privacy) }),
  };
}

function messageValue(message: NonNullable<SlotView['message']>, privacy: Privacy): object {
  const { from, to, content, createdAt, validUntil, report, ...others } = message;
  return {
    ...others,
    ...(report === undefined ? {} : { report: { ...report, destination: showNumber(report.destination, privacy) } }),
    from: showNumber(from, privacy),
    to: showNumber(to, privacy),
    content: showText(content, privacy),
    createdAt: isoMoment(createdAt),
    ...(hasNoEnd(validUntil) ? {} : { validUntil: isoMoment(validUntil) }),
  };
}

function isoMoment(at: number): string {
  return new Date(at).toISOString();
}
