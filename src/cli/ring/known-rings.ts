/**
 * The rings as a watcher knows them: the copies read at first, and the role's news put into them. What the news do not
 * carry (a message, an outcome) is kept as long as the same message is in its slot, and unknown afterwards. Pure.
 */
import type { RingNews, SlotNews } from '../../core/roles/ring-news.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';

/** A slot before and after; both are known. */
export interface SlotChange {
  readonly before: SlotView;
  readonly after: SlotView;
}

export interface RingUpdate {
  readonly ring: RingView;
  /** `whole`: the ring is known for the first time, or has another epoch or size; `changes` then names what is in it. */
  readonly extent: 'whole' | 'changes';
  readonly changes: readonly SlotChange[];
}

/** @param ring as it was known; undefined where it was not */
export function updateRing(ring: RingView | undefined, news: RingNews): RingUpdate {
  const { extent, slots: told, ...head } = news;
  const known = ring?.epoch === news.epoch && ring?.size === news.size ? ring : undefined;
  const slots = knownSlots(known, news);
  const changes: SlotChange[] = [];
  for (const word of extent === 'changes' ? told : ofAllSlots(told, news.size)) {
    const before = slots[word[0] - 1];
    if (before === undefined) continue;
    const after = slotAfter(before, word);
    if (isSame(before, after)) continue;
    slots[word[0] - 1] = after;
    changes.push({ before, after });
  }
  const mirrorStore = known?.mirrorStore === undefined ? {} : { mirrorStore: known.mirrorStore };
  return { ring: { ...head, ...mirrorStore, slots }, extent: known === undefined ? 'whole' : 'changes', changes };
}

function knownSlots(known: RingView | undefined, { extent, size }: RingNews): SlotView[] {
  if (known === undefined) return Array.from({ length: size }, (_, i) => freeSlot(i + 1));
  if (extent === 'changes') return [...known.slots];
  return known.slots.map((slot) => (slot.seq === undefined ? freeSlot(slot.slot) : slot));
}

/** Those that are not named are free. */
function ofAllSlots(told: readonly SlotNews[], size: number): readonly SlotNews[] {
  const bySlot = new Map(told.map((word) => [word[0], word]));
  return Array.from({ length: size }, (_, i) => bySlot.get(i + 1) ?? [i + 1]);
}

function freeSlot(slot: number): SlotView {
  return { slot, status: 'free', attempts: 0, possibleDuplicate: false };
}

function slotAfter(before: SlotView, word: SlotNews): SlotView {
  if (word.length === 1) return freeSlot(word[0]);
  const [slot, seq, status, attempts, movedAt, mark] = word;
  const possibleDuplicate = mark === 1;
  // A literal for each of them: at full load every slot of a ring is another one ten times a second.
  if (before.seq !== seq) return { slot, seq, status, attempts, movedAt, possibleDuplicate };
  return { ...before, status, attempts, movedAt, possibleDuplicate };
}

function isSame(a: SlotView, b: SlotView): boolean {
  return (
    a.seq === b.seq &&
    a.status === b.status &&
    a.attempts === b.attempts &&
    a.movedAt === b.movedAt &&
    a.possibleDuplicate === b.possibleDuplicate
  );
}
