import { beforeEach, describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { Epoch } from '../../../src/core/ring/digest.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import { type RingSight, RingTeller } from '../../../src/core/roles/ring-news.ts';
import type { LinkView } from '../../../src/core/store/ring-view.ts';

// Test texts of 32 hex digits are epochs.
const epoch = 'a'.repeat(32) as Epoch;
const up: LinkView = { smscId: 'hel1', state: 'up', since: 0, rttMs: 100 };

let ring: Ring;
let teller: RingTeller;

beforeEach(() => {
  ring = new Ring(3, [copy(1, 'settled'), copy(2, 'placed')]);
  teller = new RingTeller();
});

function copy(number: number, status: SlotCopy['status']): SlotCopy {
  return {
    ...{ seq: seq(number), status, attempts: 0, possibleDuplicate: false, outcome: undefined, isOffered: false },
    ...{ messageId: `m${number}`, contentHash: '00', bytes: new Uint8Array([1]), movedAt: instant(1_000 + number) },
  };
}

function sight(changes: Partial<RingSight> = {}): RingSight {
  return { smscId: 'hel1', side: 'im-server', lane: 'mt', epoch, size: 3, ring, ...changes };
}

describe('what a watcher is told of rings', () => {
  it('is everything the first time: slots that hold something, and the links', () => {
    expect(teller.take([sight()], [up])).toEqual({
      rings: [
        {
          ...{ smscId: 'hel1', side: 'im-server', lane: 'mt', end: 'producer', epoch, size: 3, extent: 'whole' },
          slots: [
            [1, 1, 'settled', 0, 1_001, 0],
            [2, 2, 'placed', 0, 1_002, 0],
          ],
        },
      ],
      links: [up],
    });
  });

  it('is nothing where nothing changed', () => {
    teller.take([sight()], [up]);
    expect(teller.take([sight()], [{ ...up }])).toBeUndefined();
  });

  it('is only the slots that moved afterwards, and a freed one by its number alone', () => {
    teller.take([sight()], [up]);
    ring.move(seq(2), 'mirrored', instant(2_000));
    ring.put(copy(4, 'placed'));
    const news = teller.take([sight()], [up]);
    expect(news?.links).toBeUndefined();
    expect(news?.rings.map(({ extent, slots }) => ({ extent, slots }))).toEqual([
      {
        extent: 'changes',
        slots: [
          [1, 4, 'placed', 0, 1_004, 0],
          [2, 2, 'mirrored', 0, 2_000, 0],
        ],
      },
    ]);
    ring.forget(seq(2), instant(3_000));
    expect(teller.take([sight()], [up])?.rings[0]?.slots).toEqual([[2]]);
  });

  it('marks what may have been handed over before', () => {
    teller.take([sight()], [up]);
    ring.move(seq(2), 'mirrored', instant(2_000), { attempts: 2, possibleDuplicate: true });
    expect(teller.take([sight()], [up])?.rings[0]?.slots).toEqual([[2, 2, 'mirrored', 2, 2_000, 1]]);
  });

  it('is the whole ring again where its epoch or its size is another', () => {
    teller.take([sight({ epoch: undefined, size: 0 })], [up]);
    const [first] = teller.take([sight()], [up])?.rings ?? [];
    expect(first?.extent).toBe('whole');
    expect(first?.slots).toHaveLength(2);
    // As above.
    const [other] = teller.take([sight({ epoch: 'b'.repeat(32) as Epoch })], [up])?.rings ?? [];
    expect(other?.slots).toHaveLength(2);
  });

  it('leaves rings out in which nothing changed, and tells of links that did', () => {
    const other = new Ring(3);
    const sights = () => [sight(), sight({ lane: 'mo', ring: other })];
    teller.take(sights(), [up]);
    other.put(copy(1, 'placed'));
    expect(teller.take(sights(), [{ ...up, state: 'down' }])).toMatchObject({
      rings: [{ lane: 'mo', end: 'consumer' }],
      links: [{ state: 'down' }],
    });
  });
});
