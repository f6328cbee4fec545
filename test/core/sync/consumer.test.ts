import { describe, expect, it } from 'vitest';
import { type Instant, instant } from '../../../src/core/base/time.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { LaneConsumer } from '../../../src/core/sync/consumer.ts';
import {
  bytesOf,
  consumerWith,
  copyWith,
  digestEntry,
  digestWith,
  entriesIn,
  entryIn,
  epochOf,
  eventsIn,
  inStep,
  now,
  placeOf,
  position,
  recordsIn,
} from './lane-ends.ts';
import { outcomeOf } from './lane-pair.ts';

const at = (ms: number) => instant(now + ms);

function claimed(consumer: LaneConsumer, time: Instant = now): number[] {
  const numbers: number[] = [];
  for (let claim = consumer.claim(time); claim !== undefined; claim = consumer.claim(time))
    numbers.push(claim.copy.seq);
  return numbers;
}

const told = (outputs: Parameters<typeof entryIn>[0]) =>
  entryIn(outputs, 'status').map(({ state }) => [state.seq, state.status, state.attempts, state.possibleDuplicate]);

/** Three messages of conversations a, a and b, on the mirror's disk. */
const threeWaiting = [
  copyWith(1, 'mirrored', { bytes: bytesOf(1, 'a') }),
  copyWith(2, 'mirrored', { bytes: bytesOf(2, 'a') }),
  copyWith(3, 'mirrored', { bytes: bytesOf(3, 'b') }),
];

describe('taking what is placed, DESIGN section 3', () => {
  it('writes it down, then tells that it is mirrored', () => {
    const consumer = consumerWith({});
    inStep(consumer, digestWith([]));
    const outputs = consumer.handle(placeOf(1), now);
    expect(outputs.map((output) => output.type)).toEqual(['persist', 'send-entry']);
    expect(recordsIn(outputs).map(({ key }) => key.slice(3).join(' '))).toEqual(['slot 1', 'bytes 1', 'state']);
    expect(told(outputs)).toEqual([[1, 'mirrored', 0, false]]);
  });

  it('answers a repeated place with the present status', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    consumer.claim(now);
    const outputs = consumer.handle(placeOf(1), now);
    expect(told(outputs)).toEqual([[1, 'in-flight', 1, false]]);
    expect(recordsIn(outputs)).toEqual([]);
  });

  it('ignores a place that is older than what the slot holds', () => {
    const consumer = consumerWith({ copies: [copyWith(4, 'settled')] });
    inStep(consumer, digestWith([copyWith(4, 'settled')]));
    expect(consumer.handle(placeOf(1), now)).toEqual([]);
    expect(consumer.ring.find(seq(4))?.status).toBe('settled');
  });

  it('learns from a higher number that the older message is settled, and says so if it had no outcome', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'confirmed'), copyWith(2, 'mirrored')] });
    inStep(consumer, digestWith([copyWith(1, 'confirmed'), copyWith(2, 'mirrored')]));
    expect(eventsIn(consumer.handle(placeOf(4), now))).toEqual([]);
    expect(eventsIn(consumer.handle(placeOf(5), now))).toEqual(['ring.consumer-went-back']);
    expect(claimed(consumer)).toEqual([4]);
  });

  it.each([
    ['resend', 'doubt', 'mirrored'],
    ['hold', 'doubt', 'in-doubt'],
    ['hold', 'harmless', 'mirrored'],
  ] as const)('takes unknown fate under %s, repetition %s, as %s and marks it', (inDoubt, repetition, status) => {
    const consumer = consumerWith({}, { inDoubt, repetition });
    inStep(consumer, digestWith([]));
    const outputs = consumer.handle(placeOf(1, { fate: 'unknown', attempts: 1 }), now);
    expect(consumer.ring.find(seq(1))).toMatchObject({ status, attempts: 1, possibleDuplicate: true });
    expect(told(outputs).at(-1)).toEqual([1, status, 1, true]);
  });

  it('takes nothing before it has compared', () => {
    const consumer = consumerWith({});
    consumer.linkUp();
    expect(consumer.handle(placeOf(1), now)).toEqual([]);
  });
});

describe('handing over, DESIGN section 2 rule 5', () => {
  it('goes in the order of numbers, one at a time in a conversation, others passing', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    expect(claimed(consumer)).toEqual([1, 3]);
    consumer.end(seq(1), outcomeOf('confirmed'), now);
    expect(claimed(consumer)).toEqual([2]);
  });

  it('counts the attempt on disk in front of everything else', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    const claim = consumer.claim(now);
    expect(claim?.copy).toMatchObject({ seq: 1, status: 'in-flight', attempts: 1, possibleDuplicate: false });
    expect(claim?.outputs[0]?.type).toBe('persist');
  });

  it('tries a temporary refusal again at its time; until then its conversation waits and others pass', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    expect(consumer.claim(now)?.copy.seq).toBe(1);
    consumer.postpone(seq(1), at(5_000), now);
    expect(consumer.deadline()).toBe(at(5_000));
    expect(claimed(consumer, at(4_999))).toEqual([3]);
    consumer.tick(at(5_000));
    const again = consumer.claim(at(5_000));
    expect(again?.copy).toMatchObject({ seq: 1, attempts: 2, possibleDuplicate: false });
    expect(consumer.deadline()).not.toBe(at(5_000));
  });

  it('never hands over after the validity, not even between two ticks', () => {
    const short = copyWith(1, 'mirrored', { bytes: bytesOf(1, 'a', at(10)) });
    const consumer = consumerWith({ copies: [short, ...threeWaiting.slice(1)] });
    expect(claimed(consumer, at(10))).toEqual([2, 3]);
  });

  it('counts and marks a repeated packet before it leaves', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    consumer.claim(now);
    expect(told(consumer.countRepeat(seq(1), now))).toEqual([[1, 'in-flight', 2, true]]);
    expect(eventsIn(consumer.countRepeat(seq(2), now))).toEqual(['ring.late-answer']);
  });

  it('tells an outcome behind its record', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    consumer.claim(now);
    const outputs = consumer.end(seq(1), outcomeOf('confirmed'), now);
    expect(outputs.map((output) => output.type)).toEqual(['persist', 'send-entry']);
    expect(entryIn(outputs, 'status')[0]?.state.outcome).toEqual(outcomeOf('confirmed'));
  });

  it('claims nothing while the epochs are in conflict', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith([], { epoch: epochOf('3') }));
    expect(consumer.contact).toBe('held');
    expect(consumer.claim(now)).toBeUndefined();
    expect(consumer.claimAhead(now)).toBeUndefined();
  });

  it('hands over nothing while the epochs are in conflict, not even what was claimed ahead', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    expect(consumer.handOver(now)).toBeUndefined();
    expect(consumer.claimAhead(now)).toBeDefined();
    consumer.claimsKept();
    expect(consumer.handOver(now)?.copy.seq).toBe(1);
    inStep(consumer, digestWith([], { epoch: epochOf('3') }));
    expect(consumer.contact).toBe('held');
    expect(consumer.handOver(now)).toBeUndefined();
  });

  it('does not hand over a message whose content is in conflict, and hands over the others', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    const other = copyWith(1, 'mirrored', { contentHash: '00000000000000BB' });
    const outputs = inStep(consumer, digestWith([other, ...threeWaiting.slice(1)]));
    expect(eventsIn(outputs)).toContain('sync.content-conflict');
    expect(claimed(consumer)).toEqual([2, 3]);
  });
});

describe('doubt, DESIGN section 2 rule 4', () => {
  it('tries again under resend, marked, its conversation waiting', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    consumer.claim(now);
    expect(told(consumer.doubt(seq(1), now))).toEqual([
      [1, 'in-doubt', 1, false],
      [1, 'mirrored', 1, true],
    ]);
    expect(consumer.claim(now)?.copy).toMatchObject({ seq: 1, attempts: 2, possibleDuplicate: true });
  });

  it('waits under hold, later ones of the conversation passing', () => {
    const consumer = consumerWith({ copies: threeWaiting }, { inDoubt: 'hold' });
    consumer.claim(now);
    consumer.doubt(seq(1), now);
    expect(consumer.ring.find(seq(1))?.status).toBe('in-doubt');
    expect(claimed(consumer)).toEqual([2, 3]);
  });

  it.each([
    ['resend', 'doubt', 'mirrored', true],
    ['hold', 'doubt', 'in-doubt', false],
    ['resend', 'harmless', 'mirrored', true],
  ] as const)(
    'finds after a restart under %s, repetition %s, that what was in flight is %s',
    (inDoubt, repetition, status, possibleDuplicate) => {
      const consumer = consumerWith({ copies: [copyWith(1, 'in-flight')] }, { inDoubt, repetition });
      expect(recordsIn(consumer.recover(now)).length).toBeGreaterThan(0);
      expect(consumer.ring.find(seq(1))).toMatchObject({ status, attempts: 1, possibleDuplicate });
    },
  );

  it('tries again what was in doubt when the policy was hold, once it is resend', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'in-doubt')] });
    consumer.recover(now);
    expect(consumer.claim(now)?.copy).toMatchObject({ attempts: 2, possibleDuplicate: true });
  });

  it('ends with `sent` as confirmed by the operator, without a stamp', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'in-doubt')] }, { inDoubt: 'hold' });
    expect(consumer.resolve(seq(1), 'sent', 'operator', now)).toBeDefined();
    const outcome = { status: 'confirmed', stamp: '', errorCode: 0, by: 'operator' };
    expect(consumer.ring.find(seq(1))).toMatchObject({ status: 'confirmed', outcome });
  });

  it('tries again with `not-sent`, marked', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'in-doubt')] }, { inDoubt: 'hold' });
    consumer.resolve(seq(1), 'not-sent', 'operator', now);
    expect(consumer.claim(now)?.copy).toMatchObject({ attempts: 2, possibleDuplicate: true });
  });

  it.each(['mirrored', 'in-flight', 'confirmed', 'settled'] as const)(
    'decides nothing about one that is %s',
    (status) => {
      const consumer = consumerWith({ copies: [copyWith(1, status)] }, { inDoubt: 'hold' });
      expect(consumer.resolve(seq(1), 'sent', 'operator', now)).toBeUndefined();
      expect(consumer.ring.find(seq(1))?.status).toBe(status);
    },
  );

  it('refuses a decision about an earlier attempt with the present status', () => {
    const doubted = copyWith(1, 'in-doubt', { attempts: 2 });
    const consumer = consumerWith({ copies: [doubted] }, { inDoubt: 'hold' });
    inStep(consumer, digestWith([doubted]));
    const decision = { type: 'resolve', lane: 'mt', seq: seq(1), as: 'sent', by: 'operator' } as const;
    expect(told(consumer.handle({ ...decision, attempts: 1 }, now))).toEqual([[1, 'in-doubt', 2, false]]);
    expect(told(consumer.handle({ ...decision, attempts: 2 }, now))).toEqual([[1, 'confirmed', 2, false]]);
  });
});

describe('validity', () => {
  const until = (number: number, ms: number, status: 'mirrored' | 'in-flight' | 'in-doubt') =>
    copyWith(number, status, { bytes: bytesOf(number, `c${number}`, at(ms)) });

  it('ends what waits or is in doubt, and leaves what is being handed over', () => {
    const copies = [until(1, 10, 'mirrored'), until(2, 10, 'in-doubt'), until(3, 10, 'in-flight')];
    const consumer = consumerWith({ copies }, { inDoubt: 'hold' });
    expect(consumer.deadline()).toBe(at(10));
    expect(consumer.tick(at(9))).toEqual([]);
    consumer.tick(at(10));
    expect([...consumer.ring.copies()].map((copy) => copy.status)).toEqual(['expired', 'expired', 'in-flight']);
    expect(consumer.ring.find(seq(1))?.outcome).toMatchObject({ status: 'expired' });
    expect(consumer.deadline()).toBeUndefined();
  });

  it('is told by the clock of the producer, and ends nothing before that is known (DESIGN section 11, clocks)', () => {
    let aheadMs: number | undefined;
    const copies = [until(1, 10, 'mirrored'), until(2, 10, 'in-doubt'), until(3, 1_000, 'mirrored')];
    const consumer = consumerWith({ copies }, { inDoubt: 'hold', producerAheadMs: () => aheadMs });
    expect(consumer.deadline()).toBeUndefined();
    expect(consumer.tick(at(20))).toEqual([]);
    expect(claimed(consumer, at(20))).toEqual([3]);
    aheadMs = -500;
    expect(consumer.deadline()).toBe(at(510));
    expect(consumer.tick(at(509))).toEqual([]);
    expect(claimed(consumer, at(509))).toEqual([1]);
    consumer.tick(at(510));
    expect([1, 2, 3].map((number) => consumer.ring.find(seq(number))?.status)).toEqual([
      'in-flight',
      'expired',
      'in-flight',
    ]);
  });

  it('holds up its conversation where only the own clock tells that it is over: it may turn out valid (DESIGN section 11, order)', () => {
    let aheadMs: number | undefined;
    const copies = [1, 2].map((number) =>
      copyWith(number, 'mirrored', { bytes: bytesOf(number, 'a', at(10 * number)) }),
    );
    const consumer = consumerWith({ copies }, { producerAheadMs: () => aheadMs });
    expect(claimed(consumer, at(15))).toEqual([]);
    aheadMs = -6;
    expect(claimed(consumer, at(15))).toEqual([1]);
  });

  it('holds up nothing where the clock of the producer tells that it is over', () => {
    const copies = [1, 2].map((number) =>
      copyWith(number, 'mirrored', { bytes: bytesOf(number, 'a', at(10 * number)) }),
    );
    const consumer = consumerWith({ copies }, { producerAheadMs: () => 0 });
    expect(claimed(consumer, at(15))).toEqual([2]);
  });

  it('ends nothing in a store that was set back before it has compared: it may long have ended otherwise', () => {
    const [first, second] = [until(1, 10, 'mirrored'), until(2, 10, 'mirrored')];
    const copies = [first, second];
    const consumer = consumerWith({ copies, mirrorStore: 'before' }, { inDoubt: 'hold' });
    consumer.recover(now);
    expect(consumer.deadline()).toBeUndefined();
    expect(consumer.tick(at(20))).toEqual([]);
    inStep(
      consumer,
      digestWith([
        { ...first, status: 'settled', attempts: 1 },
        { ...second, attempts: 1 },
      ]),
    );
    expect(consumer.deadline()).toBe(at(10));
    consumer.tick(at(20));
    expect([1, 2].map((number) => consumer.ring.find(seq(number))?.status)).toEqual(['settled', 'expired']);
  });
});

describe('comparing, DESIGN section 4', () => {
  it('adopts the epoch of the producer at the first contact, with its size, and forgets older slots', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'settled')] });
    const outputs = inStep(consumer, digestWith([], { epoch: epochOf('3'), size: 7 }));
    expect(consumer.state).toMatchObject({ epoch: epochOf('3'), size: 7 });
    expect(consumer.ring.size).toBe(7);
    expect(recordsIn(outputs).map(({ key, value }) => [key.slice(3).join(' '), value !== undefined])).toEqual([
      ['slot 1', false],
      ['bytes 1', false],
      ['state', true],
    ]);
  });

  it('waits for a producer that has no epoch either', () => {
    const consumer = consumerWith(undefined);
    expect(entriesIn(inStep(consumer, digestWith([], { epoch: undefined })))).toHaveLength(1);
    expect(consumer.contact).toBe('comparing');
  });

  it('sends every unsettled message, once, to a producer that lost them', () => {
    const copies = [copyWith(1, 'settled'), copyWith(2, 'confirmed'), copyWith(3, 'mirrored')];
    const consumer = consumerWith({ copies });
    const outputs = inStep(consumer, digestWith([], { epoch: undefined }));
    expect(entryIn(outputs, 'reconstruct').map((entry) => [entry.state.seq, entry.bytes])).toEqual([
      [2, bytesOf(2)],
      [3, bytesOf(3)],
    ]);
    const taken = copies.map((copy) => (copy.status === 'settled' ? copy : { ...copy, contentHash: '' }));
    expect(entriesIn(consumer.handle(digestEntry(digestWith(taken), 'answer'), now))).toEqual([]);
    const later = consumer.handle(digestEntry(digestWith(taken), 'regular'), at(20_000));
    expect(entryIn(later, 'reconstruct')).toHaveLength(2);
  });

  it('tells again what the producer does not know', () => {
    const copies = [copyWith(1, 'confirmed'), copyWith(2, 'mirrored')];
    const outputs = inStep(consumerWith({ copies }), digestWith([copyWith(1, 'in-flight'), copyWith(2, 'placed')]));
    expect(told(outputs).map(([number, status]) => [number, status])).toEqual([
      [1, 'confirmed'],
      [2, 'mirrored'],
    ]);
  });

  it.each([
    ['resend', copyWith(1, 'in-flight', { attempts: 2 }), 'mirrored', 2],
    ['hold', copyWith(1, 'in-flight', { attempts: 2 }), 'in-doubt', 2],
    ['resend', copyWith(1, 'mirrored', { attempts: 2 }), 'mirrored', 3],
    ['hold', copyWith(1, 'mirrored', { attempts: 2 }), 'in-doubt', 3],
  ] as const)(
    'doubts the attempts that it forgot under %s, and comes into step',
    (inDoubt, theirs, status, attempts) => {
      const consumer = consumerWith({ copies: [copyWith(1, 'mirrored')] }, { inDoubt });
      const outputs = inStep(consumer, digestWith([theirs]));
      expect(eventsIn(outputs)).toContain('ring.consumer-went-back');
      const copy = consumer.ring.find(seq(1));
      expect(copy).toMatchObject({ status, attempts, possibleDuplicate: true });
      if (copy === undefined) return;
      expect(told(outputs).at(-1)).toEqual([1, status, attempts, true]);
      const again = consumer.handle(digestEntry(digestWith([copy]), 'regular'), at(30_000));
      expect(eventsIn(again)).toEqual([]);
    },
  );

  it('marks settled what the producer has settled, and lets a late answer to it pass', () => {
    const consumer = consumerWith({ copies: threeWaiting });
    inStep(consumer, digestWith(threeWaiting));
    consumer.claim(now);
    const settled = { type: 'settled', lane: 'mt', seq: seq(1), position } as const;
    expect(eventsIn(consumer.handle(settled, now))).toEqual(['ring.consumer-went-back']);
    expect(eventsIn(consumer.end(seq(1), outcomeOf('confirmed'), now))).toEqual(['ring.late-answer']);
    expect(eventsIn(consumer.postpone(seq(1), at(1), now))).toEqual(['ring.late-answer']);
    expect(consumer.ring.find(seq(1))?.status).toBe('settled');
    expect(consumer.handle(settled, now)).toEqual([]);
  });

  it('takes what it remembers as ended for settled where the producer shows a later number, as after a set-back', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'confirmed'), copyWith(2, 'confirmed')] });
    const outputs = inStep(consumer, digestWith([copyWith(4, 'settled'), copyWith(5, 'placed')]));
    expect([1, 2].map((number) => consumer.ring.find(seq(number))?.status)).toEqual(['settled', 'settled']);
    expect(recordsIn(outputs).map(({ key }) => key.slice(3).join(' '))).toEqual(['slot 1', 'slot 2']);
    expect(eventsIn(outputs)).not.toContain('ring.consumer-went-back');
  });

  it('takes the outcome of a message that it knows as settled only by a higher number, which is forgotten since', () => {
    const consumer = consumerWith({ copies: [copyWith(1, 'settled')] });
    const outcome = outcomeOf('confirmed');
    const shown = digestWith([copyWith(1, 'settled', { outcome })]);
    expect(recordsIn(inStep(consumer, shown))).not.toEqual([]);
    expect(consumer.ring.find(seq(1))).toMatchObject({ status: 'settled', outcome });
    expect(recordsIn(inStep(consumer, shown)), 'once').toEqual([]);
  });

  it('ignores settled for a number that is not in its slot', () => {
    const consumer = consumerWith({ copies: [copyWith(4, 'mirrored')] });
    inStep(consumer, digestWith([copyWith(4, 'mirrored')]));
    expect(consumer.handle({ type: 'settled', lane: 'mt', seq: seq(1), position }, now)).toEqual([]);
  });

  it('keeps on disk where the producer was, and only once it has compared', () => {
    const consumer = consumerWith({});
    expect(consumer.noteProducer(position)).toEqual([]);
    inStep(consumer, digestWith([]));
    expect(recordsIn(consumer.noteProducer(position))).toHaveLength(1);
    expect(consumer.digest().producerSeen).toEqual(position);
    expect(consumer.noteProducer(position)).toEqual([]);
  });

  it('answers a digest that asks for one', () => {
    const consumer = consumerWith({});
    inStep(consumer, digestWith([]));
    expect(entriesIn(consumer.handle(digestEntry(digestWith([]), 'request'), now))).toMatchObject([
      { type: 'digest', occasion: 'answer' },
    ]);
    expect(entriesIn(consumer.handle(digestEntry(digestWith([]), 'answer'), now))).toEqual([]);
  });
});
