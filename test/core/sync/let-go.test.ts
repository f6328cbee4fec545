/** Conflicts that an operator decided: the losing end lets go of what was exported. DESIGN section 11, `--prefer`. */
import { describe, expect, it } from 'vitest';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import type { LetGo } from '../../../src/core/sync/let-go.ts';
import {
  bytesOf,
  consumerWith,
  copyWith,
  digestEntry,
  digestWith,
  entryIn,
  epoch,
  epochOf,
  eventsIn,
  inStep,
  now,
  placeOf,
  producerWith,
  recordsIn,
} from './lane-ends.ts';

const exportOf = (scope: LetGo['scope'], copies: readonly SlotCopy[]): LetGo => ({
  scope,
  epoch,
  held: copies.map(({ seq: number, contentHash }) => ({ seq: number, contentHash })),
});
const placed = (outputs: Parameters<typeof entryIn>[0]) =>
  entryIn(outputs, 'place').map(({ seq: number, messageId, fate, attempts }) => [number, messageId, fate, attempts]);

/** What it says where it does not let go. */
function whyNot(end: ReturnType<typeof consumerWith> | ReturnType<typeof producerWith>, letGo: LetGo): string {
  const release = end.letGo(letGo, now);
  return release.type === 'changed' ? release.why : 'it let go';
}

function outputsOf(end: ReturnType<typeof consumerWith> | ReturnType<typeof producerWith>, letGo: LetGo) {
  const release = end.letGo(letGo, now);
  return release.type === 'released' ? [...release.outputs] : expect.unreachable(release.why);
}

describe('a consumer that loses a conflict of epochs', () => {
  const copies = [copyWith(1, 'mirrored'), copyWith(2, 'in-doubt', { attempts: 1 }), copyWith(3, 'settled')];
  const theirs = digestWith([copyWith(7, 'placed')], { epoch: epochOf('3') });

  it('empties its ring and forgets its epoch, on disk too', () => {
    const consumer = consumerWith({ copies });
    inStep(consumer, theirs);
    expect(consumer.contact).toBe('held');
    const outputs = outputsOf(consumer, exportOf('ring', copies.slice(0, 2)));
    expect(recordsIn(outputs).every(({ value }) => value === undefined)).toBe(true);
    expect(recordsIn(outputs).map(({ key }) => key.slice(3).join(' '))).toEqual([
      ...['slot 1', 'bytes 1', 'slot 2', 'bytes 2', 'slot 3', 'bytes 3'],
      'state',
    ]);
    expect(outputs.find((output) => output.type === 'log')?.fields).toMatchObject({ numbers: '1, 2' });
    expect(consumer.digest()).toMatchObject({ epoch: undefined, slots: [] });
  });

  it("adopts the producer's epoch in the next comparison and takes what is placed", () => {
    const consumer = consumerWith({ copies });
    inStep(consumer, theirs);
    outputsOf(consumer, exportOf('ring', copies.slice(0, 2)));
    consumer.linkDown();
    inStep(consumer, theirs);
    expect(consumer.state?.epoch).toBe(epochOf('3'));
    consumer.handle(placeOf(7), now);
    expect(consumer.claim(now)?.copy).toMatchObject({ seq: 7, messageId: 'm7' });
  });

  it('does not let go of a message that is being handed over: its answer would be taken for that of another', () => {
    const flying = copyWith(1, 'in-flight', { attempts: 1 });
    const consumer = consumerWith({ copies: [flying] });
    expect(whyNot(consumer, exportOf('ring', [flying]))).toBe('number 1 is being handed over');
    expect(consumer.ring.inUse).toBe(1);
  });

  it.each([
    ['one more is held', [copies[0]], 'number 2 is not what was exported'],
    ['one is gone', [...copies.slice(0, 2), copyWith(4, 'mirrored')], 'number 4 is not what was exported'],
    [
      'another is in its place',
      [copyWith(1, 'mirrored', { bytes: bytesOf(9) }), copies[1]],
      'number 1 is not what was exported',
    ],
  ])('keeps all where %s since the export', (_, exported, why) => {
    const consumer = consumerWith({ copies });
    const held = exported.filter((copy) => copy !== undefined);
    expect(whyNot(consumer, exportOf('ring', held))).toBe(why);
    expect(consumer.ring.inUse).toBe(2);
  });

  it('keeps all where its epoch is another by now', () => {
    const consumer = consumerWith({ copies });
    const letGo = { ...exportOf('ring', copies.slice(0, 2)), epoch: epochOf('4') };
    expect(whyNot(consumer, letGo)).toBe('the ring has another epoch by now');
  });

  it('hands over again what comes then, also where its store had been set back', () => {
    const consumer = consumerWith({ mirrorStore: 'the store before', copies: copies.slice(0, 1) });
    consumer.recover(now);
    expect(consumer.isUnsure).toBe(true);
    outputsOf(consumer, exportOf('ring', [...consumer.ring.copies()]));
    inStep(consumer, theirs);
    consumer.handle(placeOf(8), now);
    expect(consumer.claim(now)?.copy.seq).toBe(8);
  });
});

describe('a consumer whose store was set back', () => {
  it('is sure again when it adopts another epoch, since it holds nothing any more', () => {
    const consumer = consumerWith({ mirrorStore: 'the store before', copies: [copyWith(1, 'settled')] });
    consumer.recover(now);
    expect(consumer.isUnsure).toBe(true);
    inStep(consumer, digestWith([], { epoch: epochOf('3') }));
    expect(consumer.isUnsure).toBe(false);
    consumer.handle(placeOf(1), now);
    expect(consumer.claim(now)?.copy.seq).toBe(1);
  });
});

describe('a producer that loses a conflict of epochs', () => {
  const mine = [
    copyWith(1, 'placed', { isOffered: false }),
    copyWith(2, 'mirrored', { attempts: 1 }),
    copyWith(3, 'placed', { isOffered: true }),
  ];
  const theirs = digestWith([copyWith(7, 'mirrored', { messageId: 'm70' })], { epoch: epochOf('3') });

  it('takes over the ring of the consumer, and places what it held under new numbers, of unknown fate', () => {
    const producer = producerWith({ copies: mine });
    inStep(producer, theirs);
    expect(producer.contact).toBe('held');
    const outputs = outputsOf(producer, exportOf('ring', mine));
    expect(recordsIn(outputs)).toContainEqual({ key: ['ring', 'hel1', 'mt', 'state'], value: undefined });
    expect(producer.outboxCount).toBe(3);
    producer.linkDown();
    const after = inStep(producer, theirs);
    expect(eventsIn(after)).toContain('sync.producer-lost');
    expect(producer.state?.epoch).toBe(epochOf('3'));
    expect(placed(after)).toEqual([
      [8, 'm1', 'known', 0],
      [9, 'm2', 'unknown', 2],
    ]);
    expect(producer.outboxCount).toBe(1);
  });

  it('does not place what the consumer holds under a number of its own', () => {
    const producer = producerWith({ copies: mine });
    inStep(producer, theirs);
    outputsOf(producer, exportOf('ring', mine));
    producer.linkDown();
    const knowing = digestWith([copyWith(7, 'mirrored', { messageId: 'm2' })], { epoch: epochOf('3') });
    const after = inStep(producer, knowing);
    expect(placed(after).map(([, id]) => id)).toEqual(['m1', 'm3']);
    expect(producer.outboxCount).toBe(0);
  });
});

describe('one slot with two contents', () => {
  const mine = copyWith(2, 'mirrored', { attempts: 1 });
  const theirs = copyWith(2, 'mirrored', { attempts: 1, bytes: bytesOf(2, 'other') });

  it('takes the copy of the consumer where the producer loses', () => {
    const producer = producerWith({ copies: [copyWith(1, 'placed'), mine] });
    expect(eventsIn(inStep(producer, digestWith([theirs])))).toContain('sync.content-conflict');
    const outputs = outputsOf(producer, exportOf('slots', [mine]));
    expect(recordsIn(outputs).map(({ key, value }) => [key.slice(3).join(' '), value])).toEqual([
      ['slot 2', undefined],
      ['bytes 2', undefined],
    ]);
    producer.linkDown();
    inStep(producer, digestWith([theirs]));
    producer.handle({ type: 'reconstruct', lane: 'mt', state: theirs, bytes: theirs.bytes }, now);
    expect(producer.ring.find(seq(2))?.contentHash).toBe(theirs.contentHash);
    expect(producer.ring.find(seq(1))?.messageId).toBe('m1');
    // Its number is not given again.
    expect(placed(producer.enqueue('m9', bytesOf(9), now))).toEqual([[3, 'm9', 'known', 0]]);
  });

  it('takes the copy of the producer where the consumer loses, and hands that over', () => {
    const consumer = consumerWith({ copies: [theirs] });
    expect(eventsIn(inStep(consumer, digestWith([mine])))).toContain('sync.content-conflict');
    expect(consumer.claim(now)).toBeUndefined();
    outputsOf(consumer, exportOf('slots', [theirs]));
    consumer.linkDown();
    inStep(consumer, digestWith([mine]));
    consumer.handle(placeOf(2, { attempts: 2, fate: 'unknown' }), now);
    expect(consumer.claim(now)?.copy).toMatchObject({ contentHash: mine.contentHash, possibleDuplicate: true });
  });

  it('is placed again, of unknown fate, by a producer that won', () => {
    const producer = producerWith({ copies: [mine] });
    inStep(producer, digestWith([theirs]));
    producer.linkDown();
    expect(placed(inStep(producer, digestWith([])))).toEqual([[2, 'm2', 'unknown', 2]]);
  });

  it('has nothing to let go of where the numbers are not in the ring', () => {
    const consumer = consumerWith({ copies: [theirs] });
    expect(whyNot(consumer, exportOf('slots', [copyWith(5, 'mirrored')]))).toBe('number 5 is not what was exported');
    consumer.handle(digestEntry(digestWith([])), now);
    expect(consumer.ring.inUse).toBe(1);
  });
});
