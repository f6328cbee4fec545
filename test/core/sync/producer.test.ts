import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import {
  bytesOf,
  copyWith,
  digestEntry,
  digestWith,
  entriesIn,
  entryIn,
  epochOf,
  eventsIn,
  inStep,
  now,
  producerWith,
  recordsIn,
  statusOf,
} from './lane-ends.ts';

const numbersPlaced = (outputs: Parameters<typeof entryIn>[0]) =>
  entryIn(outputs, 'place').map(({ seq: number, messageId, fate, attempts }) => [number, messageId, fate, attempts]);

describe('placing, DESIGN section 3', () => {
  it('places nothing on a connection before it has compared the digest of the consumer', () => {
    const producer = producerWith({});
    expect(entriesIn(producer.linkUp('mirror')).map((entry) => entry.type)).toEqual(['digest']);
    expect(entriesIn(producer.enqueue('m1', bytesOf(1), now))).toEqual([]);
    expect(numbersPlaced(producer.handle(digestEntry(digestWith([])), now))).toEqual([[1, 'm1', 'known', 0]]);
    expect(numbersPlaced(producer.enqueue('m2', bytesOf(2), now))).toEqual([[2, 'm2', 'known', 0]]);
  });

  it('goes on above the highest number that the consumer ever used', () => {
    const producer = producerWith({ copies: [copyWith(1, 'settled')] });
    inStep(producer, digestWith([copyWith(1, 'settled')], { lastSeq: 8 }));
    expect(numbersPlaced(producer.enqueue('m2', bytesOf(2), now))).toEqual([[9, 'm2', 'known', 0]]);
  });

  it('keeps what has no room in the outbox, and moves it into the ring in the commit that settles a slot', () => {
    const producer = producerWith({ size: 1 }, { size: 1 });
    inStep(producer, digestWith([], { size: 1 }));
    for (const number of [1, 2]) producer.enqueue(`m${number}`, bytesOf(number), now);
    expect(producer.outboxCount).toBe(1);
    const outputs = producer.handle(statusOf(copyWith(1, 'confirmed', { attempts: 1 })), now);
    // SPEC: DESIGN section 2 rule 2: by the higher number in its slot the consumer learns that it is settled.
    expect(numbersPlaced(outputs)).toEqual([[2, 'm2', 'known', 0]]);
    expect(entriesIn(outputs)).toHaveLength(1);
    expect(recordsIn(outputs).map(({ key, value }) => [key[3], value !== undefined])).toEqual([
      ['slot', true],
      ['outbox', false],
      ['slot', true],
      ['bytes', true],
    ]);
    expect(producer.outboxCount).toBe(0);
  });

  it('says that a slot is settled where the next message goes into another, DESIGN section 2 rule 2', () => {
    const producer = producerWith({ size: 2 }, { size: 2 });
    inStep(producer, digestWith([], { size: 2 }));
    for (const number of [1, 2, 3]) producer.enqueue(`m${number}`, bytesOf(number), now);
    const second = producer.handle(statusOf(copyWith(2, 'confirmed', { attempts: 1 })), now);
    expect(entriesIn(second)).toMatchObject([{ type: 'place', seq: 4 }]);
    const first = producer.handle(statusOf(copyWith(1, 'confirmed', { attempts: 1 })), now);
    expect(entriesIn(first)).toMatchObject([{ type: 'settled', seq: 1 }]);
  });

  it('lets nothing overtake what waits in the outbox, also where there is room in the ring', () => {
    const producer = producerWith({}, {}, [{ place: 1, messageId: 'm1', bytes: bytesOf(1), attempts: 0 }]);
    expect(producer.hasRoom()).toBe(false);
    producer.enqueue('m2', bytesOf(2), now);
    expect(producer.outboxCount).toBe(2);
    expect(numbersPlaced(inStep(producer, digestWith([])))).toEqual([
      [1, 'm1', 'known', 0],
      [2, 'm2', 'known', 0],
    ]);
  });

  it('has room for a deliver only where it gets a slot at once', () => {
    expect(producerWith(undefined).hasRoom()).toBe(false);
    const producer = producerWith({ size: 1 }, { size: 1 });
    expect(producer.hasRoom()).toBe(true);
    producer.enqueue('m1', bytesOf(1), now);
    expect(producer.hasRoom()).toBe(false);
  });
});

describe('expiry in the outbox, DESIGN section 11', () => {
  it('ends what waited until it was no longer valid, and gives the slot to the next', () => {
    const producer = producerWith(undefined);
    producer.enqueue('m1', bytesOf(1, 'a', instant(now + 10)), now);
    producer.enqueue('m2', bytesOf(2), now);
    expect(producer.tick(instant(now + 9))).toEqual([]);
    const outputs = producer.tick(instant(now + 10));
    expect(outputs.filter((output) => output.type === 'ended')).toMatchObject([
      { messageId: 'm1', outcome: { status: 'expired' }, possibleDuplicate: false },
    ]);
    expect(recordsIn(outputs)).toEqual([{ key: ['ring', 'hel1', 'mt', 'outbox', 1], value: undefined }]);
    expect(producer.outboxCount).toBe(1);
  });

  it('never ends a message that is in the ring', () => {
    const producer = producerWith({});
    producer.enqueue('m1', bytesOf(1, 'a', instant(now + 10)), now);
    expect(producer.tick(instant(now + 1_000))).toEqual([]);
    expect(producer.ring.inUse).toBe(1);
  });
});

describe('a new or restored consumer, DESIGN section 4', () => {
  const offered = copyWith(1, 'placed', { isOffered: true });
  const kept = copyWith(2, 'placed', { isOffered: false });
  const flying = copyWith(3, 'in-flight', { attempts: 2, isOffered: true });

  it.each([
    ['without an epoch', digestWith([], { epoch: undefined })],
    ['with the epoch', digestWith([])],
    ['with another epoch and nothing unfinished', digestWith([], { epoch: epochOf('3') })],
  ])('doubts all that was offered to the store before, and only that (a store %s)', (_, digest) => {
    const producer = producerWith({ copies: [offered, kept, flying] });
    const outputs = inStep(producer, digest, 'another store');
    expect(numbersPlaced(outputs)).toEqual([
      [1, 'm1', 'unknown', 1],
      [2, 'm2', 'known', 0],
      [3, 'm3', 'unknown', 3],
    ]);
    expect(producer.ring.unfinished().map((copy) => copy.status)).toEqual(['in-doubt', 'placed', 'in-doubt']);
    expect(producer.state?.mirrorStore).toBe('another store');
  });

  it('doubts nothing that the store before had not been given', () => {
    const producer = producerWith({ copies: [offered] });
    expect(numbersPlaced(inStep(producer, digestWith([])))).toEqual([[1, 'm1', 'known', 0]]);
  });

  it('doubts nothing that the new store holds', () => {
    const producer = producerWith({ copies: [offered] });
    expect(numbersPlaced(inStep(producer, digestWith([copyWith(1, 'mirrored')]), 'another store'))).toEqual([]);
  });

  it('keeps its doubt until the consumer holds the message, however often the connection is cut', () => {
    const producer = producerWith({ copies: [offered] });
    inStep(producer, digestWith([]), 'another store');
    producer.linkDown();
    expect(numbersPlaced(inStep(producer, digestWith([]), 'another store'))).toEqual([[1, 'm1', 'unknown', 1]]);
  });
});

describe('a producer that lost its store, DESIGN section 4', () => {
  const theirs = [
    copyWith(4, 'settled'),
    copyWith(5, 'confirmed', { attempts: 1 }),
    copyWith(6, 'mirrored', { attempts: 1, possibleDuplicate: true }),
  ];

  it('takes epoch, slots and next number from the digest in one commit', () => {
    const producer = producerWith(undefined);
    const outputs = inStep(producer, digestWith(theirs, { lastSeq: 6 }));
    const persists = outputs.filter((output) => output.type === 'persist');
    expect(persists).toHaveLength(1);
    expect(recordsIn(outputs).map(({ key }) => key.slice(3).join(' '))).toEqual([
      'slot 1',
      'slot 2',
      'slot 3',
      'state',
    ]);
    expect(producer.state?.epoch).toBe(digestWith([]).epoch);
    expect(numbersPlaced(producer.enqueue('new', bytesOf(9), now))).toEqual([[7, 'new', 'known', 0]]);
  });

  it('tells what ended only when it has the message, and then settles it', () => {
    const producer = producerWith(undefined);
    inStep(producer, digestWith(theirs));
    const [, ended, waiting] = theirs;
    if (ended === undefined || waiting === undefined) return expect.unreachable();
    expect(producer.handle(statusOf(ended), now)).toEqual([]);
    const outputs = producer.handle({ type: 'reconstruct', lane: 'mt', state: ended, bytes: bytesOf(5) }, now);
    expect(outputs.filter((output) => output.type === 'ended')).toMatchObject([{ messageId: 'm5', bytes: bytesOf(5) }]);
    expect(entriesIn(outputs)).toMatchObject([{ type: 'settled', seq: 5 }]);
    producer.handle({ type: 'reconstruct', lane: 'mt', state: waiting, bytes: bytesOf(6) }, now);
    expect(producer.ring.find(seq(6))).toMatchObject({ status: 'mirrored', attempts: 1, possibleDuplicate: true });
  });

  it('gives up what no store holds any more, says so and frees the slot', () => {
    const producer = producerWith(undefined);
    inStep(producer, digestWith(theirs));
    producer.linkDown();
    const outputs = inStep(producer, digestWith([], { epoch: undefined }), 'another store');
    expect(eventsIn(outputs).filter((event) => event === 'sync.message-lost')).toHaveLength(2);
    expect(numbersPlaced(outputs)).toEqual([]);
    expect(producer.ring.inUse).toBe(0);
  });
});

describe('a producer that went back in time, DESIGN section 4', () => {
  it('gives its own messages new numbers, in their order, and takes over the messages of the consumer', () => {
    const producer = producerWith({ copies: [copyWith(1, 'placed'), copyWith(2, 'placed')] });
    const theirs = digestWith([
      copyWith(4, 'mirrored', { messageId: 'other 4' }),
      copyWith(2, 'mirrored', { messageId: 'other 2' }),
    ]);
    const outputs = inStep(producer, theirs);
    expect(producer.ring.unfinished().map((copy) => copy.messageId)).toEqual(['other 2', 'other 4', 'm1']);
    expect(numbersPlaced(outputs)).toEqual([[6, 'm1', 'known', 0]]);
    producer.handle(
      { type: 'reconstruct', lane: 'mt', state: copyWith(4, 'mirrored', { messageId: 'other 4' }), bytes: bytesOf(4) },
      now,
    );
    const freed = producer.handle(statusOf(copyWith(4, 'confirmed', { attempts: 1 })), now);
    expect(numbersPlaced(freed)).toEqual([[7, 'm2', 'known', 0]]);
  });

  it('adopts a newer number over one that it has settled', () => {
    const producer = producerWith({ copies: [copyWith(1, 'settled')] });
    inStep(producer, digestWith([copyWith(4, 'mirrored')]));
    producer.handle({ type: 'reconstruct', lane: 'mt', state: copyWith(4, 'mirrored'), bytes: bytesOf(4) }, now);
    expect(producer.ring.find(seq(4))).toMatchObject({ status: 'mirrored', bytes: bytesOf(4) });
  });
});

describe('a producer that finds that its store went back, DESIGN section 4', () => {
  const setBack = { hasBeenAt: () => false };
  const seen = { producerSeen: { run: 'f'.repeat(32), count: 9 } };

  it('takes what it had told nobody for handed over meanwhile, where the consumer is past it', () => {
    const unoffered = copyWith(1, 'placed', { isOffered: false });
    const producer = producerWith({ copies: [unoffered] }, setBack);
    const outputs = inStep(producer, digestWith([copyWith(4, 'settled')], seen));
    expect(eventsIn(outputs)).toContain('sync.producer-went-back');
    expect(numbersPlaced(outputs)).toEqual([[5, 'm1', 'unknown', 1]]);
  });

  it('ends what waits with the outcome that the consumer remembers', () => {
    const producer = producerWith({}, setBack, [{ place: 1, messageId: 'm2', bytes: bytesOf(2), attempts: 0 }]);
    const { outcome } = copyWith(2, 'confirmed');
    const outputs = inStep(producer, digestWith([{ ...copyWith(2, 'settled'), outcome }], seen));
    expect(numbersPlaced(outputs)).toEqual([]);
    expect(outputs).toContainEqual(expect.objectContaining({ type: 'ended', messageId: 'm2', outcome }));
    expect(producer.outboxCount).toBe(0);
  });

  it('doubts nothing that came in after the start', () => {
    const producer = producerWith({}, setBack);
    producer.enqueue('m1', bytesOf(1), now);
    expect(numbersPlaced(inStep(producer, digestWith([], seen)))).toEqual([[1, 'm1', 'known', 0]]);
  });

  it('draws the conclusions once', () => {
    const producer = producerWith({ copies: [copyWith(1, 'placed')] }, setBack);
    inStep(producer, digestWith([], seen));
    expect(producer.knows(seen.producerSeen)).toBe(true);
    expect(eventsIn(inStep(producer, digestWith([], seen)))).not.toContain('sync.producer-went-back');
  });

  it('takes over the epoch that the consumer has gone on to: the numbers of the one before are forgotten', () => {
    const producer = producerWith({ copies: [copyWith(1, 'placed')] }, setBack);
    const outputs = inStep(producer, digestWith([], { epoch: epochOf('9'), ...seen }));
    expect(producer.state?.epoch).toBe(epochOf('9'));
    expect(numbersPlaced(outputs)).toEqual([[1, 'm1', 'unknown', 1]]);
  });
});

describe('another size of ring, DESIGN section 2', () => {
  it('begins a new epoch where nothing is unsettled, and forgets the slots of the old one', () => {
    const producer = producerWith({ size: 3, copies: [copyWith(4, 'settled')] }, { size: 2 });
    const outputs = inStep(producer, digestWith([copyWith(4, 'settled')]));
    expect(producer.state).toMatchObject({ epoch: epochOf('2'), size: 2, mirrorStore: 'mirror' });
    expect(recordsIn(outputs).map(({ key, value }) => [key.slice(3).join(' '), value !== undefined])).toEqual([
      ['slot 1', false],
      ['bytes 1', false],
      ['state', true],
    ]);
    expect(numbersPlaced(producer.enqueue('m1', bytesOf(1), now))).toEqual([[1, 'm1', 'known', 0]]);
  });

  it.each([
    ['here', [copyWith(4, 'mirrored')], [copyWith(4, 'mirrored')]],
    ['at the consumer', [copyWith(4, 'settled')], [copyWith(4, 'settled'), copyWith(5, 'mirrored')]],
    ['at the consumer, with an outcome', [copyWith(4, 'settled')], [copyWith(4, 'settled'), copyWith(5, 'confirmed')]],
  ])('keeps the old epoch while something is unsettled %s', (_, mine, theirs) => {
    const producer = producerWith({ size: 3, copies: mine }, { size: 2 });
    inStep(producer, digestWith(theirs));
    expect(producer.state).toMatchObject({ epoch: digestWith([]).epoch, size: 3 });
  });

  it('begins it in the middle of a connection only when the consumer has answered, with nothing left on its way', () => {
    const producer = producerWith({ size: 3, copies: [copyWith(4, 'mirrored')] }, { size: 2 });
    inStep(producer, digestWith([copyWith(4, 'mirrored')]));
    producer.handle(statusOf(copyWith(4, 'confirmed', { attempts: 1 })), now);
    const outputs = producer.handle(digestEntry(digestWith([copyWith(4, 'settled')]), 'regular'), now);
    expect(entriesIn(outputs)).toMatchObject([{ type: 'digest', occasion: 'request' }]);
    expect(producer.state?.size).toBe(3);
    producer.handle(digestEntry(digestWith([copyWith(4, 'settled')]), 'answer'), now);
    expect(producer.state?.size).toBe(2);
  });
});

describe('learning, DESIGN section 2', () => {
  it('never goes back to an earlier copy of a message', () => {
    const producer = producerWith({ copies: [copyWith(1, 'in-flight', { attempts: 2 })] });
    inStep(producer, digestWith([copyWith(1, 'in-flight', { attempts: 2 })]));
    for (const earlier of [copyWith(1, 'mirrored', { attempts: 1 }), copyWith(1, 'in-flight', { attempts: 1 })]) {
      expect(producer.handle(statusOf(earlier), now)).toEqual([]);
    }
    expect(producer.ring.find(seq(1))).toMatchObject({ status: 'in-flight', attempts: 2 });
  });

  it('says again that it has settled, where the consumer repeats an outcome', () => {
    const producer = producerWith({ copies: [copyWith(1, 'settled')] });
    inStep(producer, digestWith([copyWith(1, 'settled')]));
    const outputs = producer.handle(statusOf(copyWith(1, 'confirmed')), now);
    expect(entriesIn(outputs)).toMatchObject([{ type: 'settled', seq: 1 }]);
    expect(outputs).toHaveLength(1);
  });

  it('ignores the status of a number that is not in its slot any more', () => {
    const producer = producerWith({ copies: [copyWith(4, 'placed')] });
    inStep(producer, digestWith([copyWith(4, 'placed')]));
    expect(producer.handle(statusOf(copyWith(1, 'confirmed')), now)).toEqual([]);
  });

  it('repeats nothing because a regular digest crossed what it sent a moment ago', () => {
    const producer = producerWith({});
    inStep(producer, digestWith([]));
    producer.enqueue('m1', bytesOf(1), now);
    expect(entriesIn(producer.handle(digestEntry(digestWith([]), 'regular'), instant(now + 19_999)))).toEqual([]);
    const later = producer.handle(digestEntry(digestWith([]), 'regular'), instant(now + 20_000));
    expect(numbersPlaced(later)).toEqual([[1, 'm1', 'known', 0]]);
  });

  it('tells the consumer a decision with the attempt that it is about', () => {
    const producer = producerWith({ copies: [copyWith(1, 'in-doubt', { attempts: 2 })] });
    expect(producer.resolve(seq(1), 'sent', 'operator')).toEqual([]);
    inStep(producer, digestWith([copyWith(1, 'in-doubt', { attempts: 2 })]));
    expect(entriesIn(producer.resolve(seq(1), 'sent', 'operator'))).toMatchObject([
      { type: 'resolve', seq: 1, attempts: 2, as: 'sent', by: 'operator' },
    ]);
    expect(producer.resolve(seq(2), 'sent', 'operator')).toEqual([]);
  });

  it('moves nothing while the epochs are in conflict', () => {
    const producer = producerWith({});
    inStep(producer, digestWith([copyWith(1, 'mirrored')], { epoch: epochOf('3') }));
    expect(producer.contact).toBe('held');
    expect(entriesIn(producer.enqueue('m1', bytesOf(1), now))).toEqual([]);
    expect(producer.hasRoom()).toBe(false);
    expect(producer.outboxCount).toBe(1);
  });
});
