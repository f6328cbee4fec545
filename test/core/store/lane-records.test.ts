import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { Epoch } from '../../../src/core/ring/digest.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import { statuses } from '../../../src/core/ring/status.ts';
import {
  bytesRecord,
  laneKey,
  laneStateRecord,
  noOutboxRecord,
  noSlotRecords,
  outboxRecord,
  recoverLane,
  slotRecord,
} from '../../../src/core/store/lane-records.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { copyOfNumber } from '../ring/copies.ts';
import { MemoryStore } from './memory-store.ts';

const state = {
  epoch: 'ab'.repeat(16) as Epoch, // 32 hex digits, as the type says.
  size: 3,
  mirrorStore: 'store',
  producerSeen: { run: 'run', count: 7 },
} as const;

const ring = new Ring(3);

function keep(store: MemoryStore, copy: SlotCopy): void {
  const slot = ring.slotOf(copy.seq);
  store.commit([slotRecord('hel1', 'mt', slot, copy), bytesRecord('hel1', 'mt', slot, copy)]);
}

describe('the records of a lane', () => {
  it('are an empty lane where there are none', () => {
    expect(recoverLane(new MemoryStore(), 'hel1', 'mt')).toEqual({ state: undefined, copies: [], outbox: [] });
  });

  it('give back every copy exactly, also through their byte form', () => {
    const anyCopy = fc
      .record({
        number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        status: fc.constantFrom(...statuses.filter((status) => status !== 'free')),
        attempts: fc.nat(),
        possibleDuplicate: fc.boolean(),
        isOffered: fc.boolean(),
        messageId: fc.uuid(),
        bytes: fc.uint8Array({ maxLength: 200 }),
      })
      .map(({ number, status, ...given }) => copyOfNumber(number, status, given));
    fc.assert(
      fc.property(anyCopy, (copy) => {
        const slot = ring.slotOf(copy.seq);
        const written = [slotRecord('hel1', 'mt', slot, copy), bytesRecord('hel1', 'mt', slot, copy)];
        const store = new MemoryStore();
        // Every record has a value here, and every value a byte form.
        store.commit(
          written.map(({ key, value = null }) => ({ key, value: valueCodec.decode(valueCodec.encode(value)) })),
        );
        expect(recoverLane(store, 'hel1', 'mt').copies).toEqual([copy]);
      }),
    );
  });

  it('keep the lanes of two SMSCs, and two lanes of one, apart', () => {
    const store = new MemoryStore();
    store.commit([laneStateRecord('hel1', 'mt', state), laneStateRecord('hel2', 'mo', { ...state, size: 5 })]);
    expect(recoverLane(store, 'hel1', 'mt').state).toEqual(state);
    expect(recoverLane(store, 'hel1', 'mo').state).toBeUndefined();
    expect(recoverLane(store, 'hel2', 'mo').state?.size).toBe(5);
  });

  it('give back the outbox in its order, also where places are below zero', () => {
    const store = new MemoryStore();
    const items = [-2, -1, 0, 9, 10].map((place) => {
      return { place, messageId: `m${place}`, bytes: new Uint8Array([1]), attempts: Math.max(0, place) };
    });
    store.commit([...items].reverse().map((item) => outboxRecord('hel1', 'mt', item)));
    expect(recoverLane(store, 'hel1', 'mt').outbox).toEqual(items);
    store.commit([noOutboxRecord('hel1', 'mt', -2)]);
    expect(recoverLane(store, 'hel1', 'mt').outbox).toEqual(items.slice(1));
  });

  it('give back a copy without bytes where the bytes are those of an older number', () => {
    const store = new MemoryStore();
    keep(store, copyOfNumber(1, 'settled'));
    store.commit([slotRecord('hel1', 'mt', ring.slotOf(copyOfNumber(4, 'placed').seq), copyOfNumber(4, 'placed'))]);
    expect(recoverLane(store, 'hel1', 'mt').copies).toEqual([copyOfNumber(4, 'placed', { bytes: new Uint8Array(0) })]);
  });

  it('leave nothing of a slot that is freed', () => {
    const store = new MemoryStore();
    const copy = copyOfNumber(1, 'settled');
    keep(store, copy);
    store.commit(noSlotRecords('hel1', 'mt', ring.slotOf(copy.seq)));
    expect(recoverLane(store, 'hel1', 'mt').copies).toEqual([]);
    expect(store.entries([])).toEqual([]);
  });
});

describe('a damaged record of a lane', () => {
  const good = slotRecord(
    'hel1',
    'mt',
    ring.slotOf(copyOfNumber(1, 'confirmed').seq),
    copyOfNumber(1, 'confirmed'),
  ).value;
  const at = (place: number, value: PlainValue) => (Array.isArray(good) ? good.with(place, value) : []);
  const settled = statuses.indexOf('settled');

  it.each<[string, PlainValue]>([
    ['no array', 1],
    ['number 0', at(1, 0)],
    ['an unknown status', at(2, 99)],
    ['a free slot', at(2, 0)],
    ['attempts that are no number', at(3, 'x')],
    ['a mark that is neither', at(4, 1)],
    ['an outcome without its outcome', at(5, null)],
    ['an outcome that is none', at(5, [1, '', 0, 0])],
    ['a settled slot with an outcome that is none', Array.isArray(good) ? good.with(2, settled).with(5, 'x') : []],
    ['no message id', at(6, 7)],
    ['no hash', at(7, null)],
    ['no time', at(8, 'now')],
    ['no note of having been offered', at(9, 1)],
  ])('is a bug, not an empty slot: %s', (_, value) => {
    const store = new MemoryStore();
    store.commit([{ key: laneKey('hel1', 'mt', 'slot', 1), value }]);
    expect(() => recoverLane(store, 'hel1', 'mt')).toThrow('ring/hel1/mt/slot/1 of the store is damaged');
  });

  it.each<[string, PlainValue]>([
    ['no array', 1],
    ['no epoch', [1, 'x', 3, '', '', 0]],
    ['no size', [1, state.epoch, null, '', '', 0]],
    ['no position', [1, state.epoch, 3, '', '', null]],
  ])('is a bug, not a lane before its first contact: %s', (_, value) => {
    const store = new MemoryStore();
    store.commit([{ key: laneKey('hel1', 'mt', 'state'), value }]);
    expect(() => recoverLane(store, 'hel1', 'mt')).toThrow('damaged');
  });

  it('is a bug, not an empty outbox', () => {
    const store = new MemoryStore();
    store.commit([{ key: laneKey('hel1', 'mt', 'outbox', 1), value: [1, 'm1'] }]);
    expect(() => recoverLane(store, 'hel1', 'mt')).toThrow('outbox/1 of the store is damaged');
  });
});
