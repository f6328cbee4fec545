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
  const slots: SlotView[] = Array.from({ length: news.size }, (_, i) => {
    const before = known?.slots[i];
    return before === undefined || (extent === 'whole' && before.seq === undefined) ? freeSlot(i + 1) : before;
  });
  const named = new Set(told.map(([slot]) => slot));
  const toldAll: readonly SlotNews[] =
    extent === 'changes'
      ? told
      : [...told, ...slots.filter(({ slot }) => !named.has(slot)).map(({ slot }): SlotNews => [slot])];
  const changes: SlotChange[] = [];
  for (const word of toldAll) {
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

function freeSlot(slot: number): SlotView {
  return { slot, status: 'free', attempts: 0, possibleDuplicate: false };
}

function slotAfter(before: SlotView, [slot, ...moved]: SlotNews): SlotView {
  const [seq, status, attempts, movedAt, mark] = moved;
  if (seq === undefined || status === undefined || attempts === undefined || movedAt === undefined) {
    return freeSlot(slot);
  }
  const kept = before.seq === seq ? before : { slot };
  return { ...kept, seq, status, attempts, movedAt, possibleDuplicate: mark === 1 };
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
