import { describe, expect, it } from 'vitest';
import { updateRing } from '../../../src/cli/ring/known-rings.ts';
import type { RingNews, SlotNews } from '../../../src/core/roles/ring-news.ts';
import type { RingView, SlotView } from '../../../src/core/store/ring-view.ts';

const head = { smscId: 'hel1', side: 'buffer', lane: 'mt', end: 'consumer', epoch: 'aa', size: 3 } as const;
const free = { attempts: 0, possibleDuplicate: false } as const;

function news(extent: RingNews['extent'], ...slots: readonly SlotNews[]): RingNews {
  return { ...head, extent, slots };
}

/** As read in full: slot 2 holds message 5. */
const message = { kind: 'text', from: '', to: '+358', content: 'hi', createdAt: 1, validUntil: 2 } as const;
const held: SlotView = {
  ...{ slot: 2, seq: 5, status: 'mirrored', attempts: 0, possibleDuplicate: false, movedAt: 10 },
  ...{ messageId: 'm5', message },
};
const known: RingView = {
  ...head,
  slots: [{ slot: 1, status: 'free', ...free }, held, { slot: 3, status: 'free', ...free }],
};

describe('a ring that is watched', () => {
  it('is known from news alone, what they do not name being free', () => {
    const { ring, extent, changes } = updateRing(undefined, news('whole', [2, 5, 'mirrored', 1, 10, 0]));
    expect(extent).toBe('whole');
    expect(ring.slots.map(({ slot, seq, status }) => [slot, seq, status])).toEqual([
      [1, undefined, 'free'],
      [2, 5, 'mirrored'],
      [3, undefined, 'free'],
    ]);
    expect(changes).toHaveLength(1);
  });

  it('keeps the message as long as it is the same one', () => {
    const { ring, changes } = updateRing(known, news('changes', [2, 5, 'in-flight', 1, 20, 0]));
    expect(ring.slots[1]).toEqual({ ...held, status: 'in-flight', attempts: 1, movedAt: 20 });
    expect(changes).toEqual([{ before: held, after: ring.slots[1] }]);
    const next = updateRing(known, news('changes', [2, 8, 'placed', 0, 30, 0]));
    expect(next.ring.slots[1]).toEqual({ slot: 2, seq: 8, status: 'placed', movedAt: 30, ...free });
  });

  it('frees a slot of which only the number is told', () => {
    const { ring } = updateRing(known, news('changes', [2]));
    expect(ring.slots[1]).toEqual({ slot: 2, status: 'free', ...free });
  });

  it('counts as changes of a known ring only what differs, also where it is told whole', () => {
    const { extent, changes } = updateRing(
      known,
      news('whole', [2, 5, 'mirrored', 0, 10, 0], [3, 6, 'placed', 0, 11, 0]),
    );
    expect(extent).toBe('changes');
    expect(changes.map(({ after }) => after.slot)).toEqual([3]);
  });

  it('frees what a whole telling does not name any more', () => {
    const { ring, changes } = updateRing(known, news('whole'));
    expect(ring.slots[1]?.status).toBe('free');
    expect(changes).toHaveLength(1);
  });

  it('forgets all where the epoch is another', () => {
    const { ring, extent } = updateRing({ ...known, epoch: 'bb' }, news('whole'));
    expect(extent).toBe('whole');
    expect(ring.slots.every(({ status }) => status === 'free')).toBe(true);
  });
});
