/** The consumer's copies: the ring and the order of turns change together, and nothing is told before both ends are in step. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import { statuses } from '../../../src/core/ring/status.ts';
import { Mirror } from '../../../src/core/sync/mirror.ts';
import { bytesOf, common, copyWith, entriesIn, epochOf, now, recordsIn, recovered } from './lane-ends.ts';

function mirrorWith(copies: readonly SlotCopy[] = [], mirrorStore = 'mirror'): Mirror {
  const settings = { ...common, inDoubt: 'resend', repetition: 'doubt', storeId: () => 'mirror' } as const;
  return new Mirror(settings, recovered({ copies, mirrorStore }));
}

const turns = (mirror: Mirror) => mirror.waiting.upcoming(Infinity, now);

describe('a copy', () => {
  it.each(statuses.filter((status) => status !== 'free' && status !== 'placed'))(
    'that becomes %s waits for its turn while it is mirrored, and no longer',
    (status) => {
      const mirror = mirrorWith();
      mirror.put(copyWith(1, 'mirrored'));
      mirror.put(copyWith(1, status));
      expect(turns(mirror)).toEqual(status === 'mirrored' ? [1] : []);
    },
  );

  it('takes the turn of the older one in its slot', () => {
    const mirror = mirrorWith([copyWith(1, 'mirrored'), copyWith(2, 'mirrored', { bytes: bytesOf(2, 'b') })]);
    mirror.put(copyWith(4, 'mirrored', { bytes: bytesOf(4, 'c') }));
    expect(turns(mirror)).toEqual([2, 4]);
    expect(mirror.ring.find(seq(1))).toBeUndefined();
  });

  it('waits again where it was taken out of the turns and moves on', () => {
    const mirror = mirrorWith([copyWith(1, 'in-doubt')]);
    mirror.waiting.remove(seq(1));
    mirror.move(seq(1), 'mirrored', now);
    expect(turns(mirror)).toEqual([1]);
  });

  it('is told to a producer that is in step only, behind its record', () => {
    const mirror = mirrorWith([copyWith(1, 'mirrored')]);
    const moved = mirror.move(seq(1), 'in-flight', now);
    expect(mirror.keepAndTell(moved, now).map(({ type }) => type)).toEqual(['persist']);
    mirror.voice.linkUp();
    expect(mirror.keepAndTell(moved, now).map(({ type }) => type)).toEqual(['persist']);
    mirror.voice.compared('in-step');
    expect(mirror.keepAndTell(moved, now).map(({ type }) => type)).toEqual(['persist', 'send-entry']);
  });
});

describe('a mirror of another store, DESIGN section 4, restored stores', () => {
  it('tries nothing again that is in doubt until it is sure', () => {
    const mirror = mirrorWith([copyWith(1, 'in-flight', { attempts: 1 })], 'another');
    expect(mirror.isUnsure).toBe(true);
    mirror.interrupted(copyWith(1, 'in-flight', { attempts: 1 }), now);
    expect(mirror.ring.find(seq(1))?.status).toBe('in-doubt');
    mirror.makeSure(now);
    expect(mirror.isUnsure).toBe(false);
    expect(mirror.ring.find(seq(1))).toMatchObject({ status: 'mirrored', possibleDuplicate: true });
    expect(mirror.makeSure(now)).toEqual([]);
  });

  it('has nothing to be unsure of with another epoch, and nothing of the old one stays', () => {
    const mirror = mirrorWith([copyWith(1, 'mirrored'), copyWith(2, 'settled')], 'another');
    const records = recordsIn(mirror.adopt(epochOf('3'), 5));
    expect(records.flatMap(({ key, value }) => (value === undefined ? [key.slice(3).join(' ')] : []))).toEqual([
      'slot 1',
      'bytes 1',
      'slot 2',
      'bytes 2',
    ]);
    expect(mirror).toMatchObject({ isUnsure: false, state: { epoch: epochOf('3'), size: 5 }, ring: { size: 5 } });
    expect(turns(mirror)).toEqual([]);
  });
});

describe('what was said of a slot', () => {
  it('is on its way for 20 s, as long as the slot holds that number and the connection stands', () => {
    const mirror = mirrorWith([copyWith(1, 'mirrored')]);
    const { voice, ring } = mirror;
    voice.linkUp();
    expect(entriesIn([voice.status(ring, copyWith(1, 'mirrored'), now)])).toHaveLength(1);
    const slot = ring.slotOf(seq(1));
    expect(voice.isOnItsWay(slot, seq(1), instant(now + 19_999))).toBe(true);
    expect(voice.isOnItsWay(slot, seq(1), instant(now + 20_000))).toBe(false);
    expect(voice.isOnItsWay(slot, seq(4), now)).toBe(false);
    expect(voice.isOnItsWay(slot, undefined, now)).toBe(false);
    voice.linkUp();
    expect(voice.isOnItsWay(slot, seq(1), now)).toBe(false);
  });
});
