/**
 * How one end of a lane, and of the link under it, is doing, for whoever asks: the same words from both roles. Plain data,
 * ready for JSON; it asks the other end nothing, so what that has not said is not in here.
 */
import type { Instant } from '../base/time.ts';
import type { LinkHealth } from '../link/link-story.ts';
import type { LaneCounts } from '../ring/lane-tally.ts';
import type { Ring } from '../ring/ring.ts';
import type { SlotStatus } from '../ring/status.ts';
import type { LinkView } from '../store/ring-view.ts';
import type { LaneContact } from '../sync/lane-io.ts';
import type { MessageBytes } from './message-bytes.ts';

export interface LaneStatus {
  readonly contact: LaneContact;
  /** Slots that hold a message which is not settled. */
  readonly used: number;
  /** 1–255; 0 before the first contact. */
  readonly size: number;
  /** Messages that wait for a slot, where this end is the one that takes them in; undefined where it is not. */
  readonly waitingForSlot: number | undefined;
  /** Messages in a slot whose outcome this end does not know yet. */
  readonly waitingForAnswer: number;
  /** How many are in each status; those that none is in are left out, and so are free and settled slots. */
  readonly statuses: Partial<Record<SlotStatus, number>>;
  /** When the oldest message without an outcome came to the bridge; undefined where there is none. */
  readonly oldestAt: Instant | undefined;
  readonly counts: LaneCounts;
}

export interface LinkStatus extends LinkView, LinkHealth {
  /** What this end works towards. */
  readonly desired: 'up' | 'down';
  /** When it dials again; undefined while it does, is up, or is not the one that dials. */
  readonly nextAttemptAt: Instant | undefined;
}

/** What of either end of a lane is asked. */
export interface LaneEnd {
  readonly contact: LaneContact;
  readonly ring: Ring;
  readonly state: { readonly size: number } | undefined;
}

export function laneStatus(
  end: LaneEnd,
  waitingForSlot: number | undefined,
  messages: MessageBytes,
  now: Instant,
): LaneStatus {
  const { contact, ring, state } = end;
  const statuses: Partial<Record<SlotStatus, number>> = {};
  let waitingForAnswer = 0;
  let oldestAt: Instant | undefined;
  for (const { status, outcome, bytes, movedAt } of ring.copies()) {
    if (status === 'settled') continue;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (outcome !== undefined) continue;
    waitingForAnswer += 1;
    const at = messages.decode(bytes)?.createdAt ?? movedAt;
    if (oldestAt === undefined || at < oldestAt) oldestAt = at;
  }
  return {
    contact,
    used: ring.inUse,
    size: state?.size ?? 0,
    waitingForSlot,
    waitingForAnswer,
    statuses,
    oldestAt,
    counts: ring.tally.counts(now),
  };
}
