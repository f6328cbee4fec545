/**
 * What a producer concludes when its store went back in time: what it holds without an outcome may have been handed over
 * since, unless it was taken in after the start. Pure; carried out by `producer-comparison.ts`. SPEC: DESIGN section 4,
 * producer that went back.
 */
import type { Instant } from '../base/time.ts';
import type { RingDigest } from '../ring/digest.ts';
import type { Ring } from '../ring/ring.ts';
import type { SlotCopy, SlotState } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import type { OutboxItem } from '../store/lane-records.ts';

/** From here on everything was taken in by this process, and told to nobody before the comparison. */
export interface Fresh {
  readonly seq: number;
  readonly place: number;
}

/** One attempt more, and nobody knows what became of it. */
export function doubted(copy: SlotCopy, now: Instant): SlotCopy {
  return { ...copy, status: 'in-doubt', attempts: copy.attempts + 1, movedAt: now };
}

/** The copies that become of unknown fate: without an outcome, and the consumer does not hold them. */
export function doubtedCopies(ring: Ring, theirs: RingDigest, fresh: Fresh, now: Instant): SlotCopy[] {
  const held = new Set(theirs.slots.map(({ messageId }) => messageId));
  const isTold = ({ seq, messageId, bytes }: SlotCopy) => held.has(messageId) || seq >= fresh.seq || bytes.length === 0;
  return ring.unfinished().flatMap((copy) => {
    return isTold(copy) || copy.status === 'in-doubt' ? [] : [doubted(copy, now)];
  });
}

/** The copies that the consumer knows by a later number, which this end forgot having given. */
export function renumberedCopies(ring: Ring, theirs: RingDigest): SlotCopy[] {
  const known = knownThere(theirs);
  return ring.unfinished().filter(({ seq, messageId }) => (known.get(messageId)?.seq ?? seq) !== seq);
}

/** What becomes of one that waits: the consumer holds it already, or nobody knows what became of it, or it is new. */
export function revisedItem(theirs: RingDigest, fresh: Fresh): (item: OutboxItem) => OutboxItem | undefined {
  const held = knownThere(theirs);
  return (item) => {
    if (held.has(item.messageId)) return undefined;
    return item.place >= fresh.place || item.attempts > 0 ? item : { ...item, attempts: 1 };
  };
}

/** Takes out what the consumer holds; all else waits as it is. */
export function itemNotHeld(theirs: RingDigest): (item: OutboxItem) => OutboxItem | undefined {
  const held = knownThere(theirs);
  return (item) => (held.has(item.messageId) ? undefined : item);
}

/** Those whose end the consumer only remembers because this end told that it had heard of it. */
export function forgottenEnds(
  removed: readonly { readonly messageId: string; readonly bytes: Uint8Array }[],
  theirs: RingDigest,
) {
  const known = knownThere(theirs);
  return removed.flatMap(({ messageId, bytes }) => {
    const { status, outcome, possibleDuplicate = false } = known.get(messageId) ?? {};
    return status !== 'settled' || outcome === undefined ? [] : [{ messageId, bytes, outcome, possibleDuplicate }];
  });
}

/** By message: the latest that the consumer can still tell of it. */
function knownThere(theirs: RingDigest): ReadonlyMap<string, SlotState> {
  const telling = theirs.slots.filter(({ status, outcome }) => status !== 'settled' || outcome !== undefined);
  return new Map(telling.sort((a, b) => a.seq - b.seq).map((state) => [state.messageId, state]));
}

/** Attempts that a message keeps when it leaves its slot for another number; 0 if it was surely never handed over. */
export function attemptsOf(copy: SlotCopy): number {
  if (copy.status === 'placed' && !copy.isOffered) return 0;
  return isUnfinished(copy.status) && copy.status !== 'in-doubt' ? copy.attempts + 1 : copy.attempts;
}
