import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, later, minuteMs } from '../../../src/core/base/time.ts';
import { ConversationBook } from '../../../src/core/im/conversation-book.ts';
import { unreadLimit } from '../../../src/core/im/conversation-list.ts';
import { ConversationLister, nextRoundMs } from '../../../src/core/im/conversation-lister.ts';
import { type Conversation, historyOf } from '../../../src/core/im/history.ts';
import { conversationFrom, conversationValue, keys, numberFrom, viewFrom } from '../../../src/core/im/records.ts';
import { pieceMs, Retention } from '../../../src/core/im/retention.ts';
import { type TextView, textId } from '../../../src/core/im/text.ts';
import { Turn } from '../../../src/core/im/turn.ts';
import { Bench } from './bench.ts';
import { allPages } from './conversation-pages.ts';
import { countingReader } from './counting-reader.ts';
import { MemoryStore } from './memory-store.ts';

const [one, two, three] = ['+358401111111', '+358402222222', '+358403333333'];
const peers = [one, two, three, 'bob'] as const;

describe('the list of conversations', () => {
  it('is that of a naive look through all texts, whatever is said, read, deleted, started again and brought over', () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('out' as const), peer: fc.constantFrom(...peers) }) },
      { weight: 6, arbitrary: fc.record({ type: fc.constant('in' as const), peer: fc.constantFrom(...peers) }) },
      fc.record({ type: fc.constant('read' as const), peer: fc.constantFrom(...peers), order: fc.nat(40) }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(minuteMs, dayMs) }),
      fc.record({ type: fc.constantFrom('forget', 'restart', 'before', 'list', 'piece') }),
    );
    const keeping = fc.record({
      forMs: fc.constantFrom(undefined, dayMs),
      count: fc.constantFrom(undefined, 0, 2, 5),
    });
    fc.assert(
      fc.property(
        keeping,
        fc.array(act, { maxLength: 40, size: 'max' }),
        fc.integer({ min: 1, max: 4 }),
        (keep, acts, limit) => {
          const bench = withPeople();
          const retention = new Retention(keep, bench.store);
          for (const one of acts) {
            perform(bench, one, retention);
            for (const user of ['alice', 'bob'])
              expect(allPages(bench.store, user, limit)).toEqual(naiveList(bench, user));
          }
          bench.tidy(new ConversationLister(bench.store), nextRoundMs);
          for (const user of ['alice', 'bob']) {
            expect(allPages(bench.store, user, limit)).toEqual(naiveList(bench, user));
            expectNothingElse(bench, user);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('costs as many reads with 300 conversations of 6 texts as with 40 of 2', () => {
    const reads = [
      [40, 2],
      [300, 6],
    ].map(([count = 0, texts = 0]) => {
      const bench = withPeople();
      for (let text = 0; text < texts; text += 1) {
        for (let number = 0; number < count; number += 1) bench.arrive(`+35840${1_000_000 + number}`, '28820001', 'in');
      }
      const counted = countingReader(bench.store);
      const page = historyOf(counted.reader).conversations('alice', { limit: 20 });
      expect(page.map(({ unread }) => unread)).toEqual(Array(20).fill(texts));
      return counted.count();
    });
    expect(reads[0]).toBeLessThanOrEqual(20 * 7);
    expect(reads[1]).toBe(reads[0]);
  });

  it('goes on behind a cursor while messages come: nothing twice, and nothing left out but what moved to the top', () => {
    const bench = withPeople();
    const numbers = Array.from({ length: 9 }, (_, index) => `+35840111000${index}`);
    for (const number of numbers) bench.arrive(number, '28820001', 'in');
    const newestFirst = numbers.toReversed();
    const first = bench.history.conversations('alice', { limit: 3 });
    expect(peersOf(first)).toEqual(newestFirst.slice(0, 3));
    for (const moved of [newestFirst[1], newestFirst[5]]) bench.arrive(moved ?? '', '28820001', 'again');
    const before = first.at(-1)?.last.order;
    expect(peersOf(bench.history.conversations('alice', { limit: 9, before }))).toEqual(
      newestFirst.slice(3).filter((number) => number !== newestFirst[5]),
    );
    expect(peersOf(bench.history.conversations('alice', { limit: 2 }))).toEqual([newestFirst[5], newestFirst[1]]);
  });

  it('is empty where none are asked for', () => {
    const bench = withPeople();
    bench.send('alice', one, 'out');
    expect(bench.history.conversations('alice', { limit: 0 })).toEqual([]);
  });
});

describe('a store of before there was the list', () => {
  it('gets it piece by piece, and a start in the middle goes on where it was', () => {
    const bench = withPeople();
    for (let number = 0; number < 120; number += 1) {
      for (let text = 0; text <= number % 4; text += 1) bench.arrive(`+358401110${number + 100}`, '28820001', 'in');
    }
    const shown = allPages(bench.store, 'alice', 50);
    makeOld(bench);
    expect(allPages(bench.store, 'alice', 50)).toEqual(shown);
    const [piece] = new ConversationLister(bench.store).handle({ type: 'tick' }, bench.now);
    expect(piece).toMatchObject({ user: 'alice', rest: 'more' });
    if (piece !== undefined) bench.give(piece);
    bench.restart();
    expect(bench.store.get(keys.listed('alice'))).toBeUndefined();
    expect(allPages(bench.store, 'alice', 50)).toEqual(shown);
    const found = bench.tidy(new ConversationLister(bench.store), nextRoundMs);
    const brought = [piece, ...found].flatMap((input) => input?.conversations.map(({ peer }) => peer) ?? []);
    expect(brought.toSorted()).toEqual(peersOf(shown).toSorted());
    expect(found.at(-1)).toMatchObject({ rest: 'none', conversations: [] });
    expect(bench.store.get(keys.listed('alice'))).toBeDefined();
    expect(allPages(bench.store, 'alice', 50)).toEqual(shown);
    expectNothingElse(bench, 'alice');
    expect(new ConversationLister(bench.store).handle({ type: 'tick' }, bench.now)).toEqual([]);
  });

  it.each(['as it is', 'as before'])('is looked at a bounded number of records at a time: %s', (form) => {
    const bench = withPeople();
    for (let number = 0; number < 600; number += 1) {
      const texts = number < 12 ? 150 : 1;
      for (let text = 0; text < texts; text += 1) bench.send('alice', `+35840${1_000_000 + number}`, 'out');
    }
    if (form === 'as before') makeOld(bench);
    const counted = countingReader(bench.store);
    const lister = new ConversationLister(counted.reader);
    let before = 0;
    for (let at = lister.deadline(); at !== undefined; at = lister.deadline()) {
      bench.now = later(bench.now, Math.max(0, at - bench.now));
      const pieces = lister.handle({ type: 'tick' }, bench.now);
      expect(counted.count() - before).toBeLessThan(2_600);
      for (const piece of pieces) bench.give(piece);
      before = counted.count();
    }
    expect(before).toBeGreaterThan(600);
    expect(bench.store.get(keys.listed('alice'))).toBeDefined();
  });

  it('keeps the number of unread texts where more came in than are counted', () => {
    const bench = withPeople();
    for (let text = 0; text < unreadLimit + 30; text += 1) bench.arrive(one, '28820001', 'in');
    makeOld(bench);
    bench.tidy(new ConversationLister(bench.store), nextRoundMs);
    const unread = () => bench.history.conversations('alice', { limit: 1 })[0]?.unread;
    expect(unread()).toBe(unreadLimit);
    const last = bench.lastText('alice', one).order;
    bench.give({ type: 'read', user: 'alice', peer: one, order: last - 40 });
    expect(unread()).toBe(40);
    bench.give({ type: 'read', user: 'alice', peer: one, order: 3 });
    expect(unread()).toBe(unreadLimit);
  });

  it('does not lose a text that comes while an older standing of its conversation is brought over', () => {
    const bench = withPeople();
    bench.arrive(one, '28820001', 'first');
    makeOld(bench);
    const lister = new ConversationLister(bench.store);
    const [piece] = lister.handle({ type: 'tick' }, bench.now);
    bench.arrive(one, '28820001', 'second');
    if (piece !== undefined) bench.give(piece);
    expect(allPages(bench.store, 'alice', 5)).toMatchObject([{ unread: 2, last: { text: 'second' } }]);
    bench.tidy(lister, nextRoundMs);
    expect(bench.store.get(keys.listed('alice'))).toBeDefined();
    expect(allPages(bench.store, 'alice', 5)).toMatchObject([{ unread: 2, last: { text: 'second' } }]);
    expectNothingElse(bench, 'alice');
  });

  it('does not bring back a conversation whose deletion is on its way to disk', () => {
    const bench = withPeople();
    bench.arrive(one, '28820001', 'old');
    makeOld(bench);
    bench.now = later(bench.now, 2 * dayMs);
    const [deletion] = new Retention({ forMs: dayMs, count: undefined }, bench.store).handle(
      { type: 'tick' },
      bench.now,
    );
    const [piece] = new ConversationLister(bench.store).handle({ type: 'tick' }, bench.now);
    const inputs = [deletion, piece].flatMap((input) => (input === undefined ? [] : [input]));
    expect(inputs).toMatchObject([{ type: 'forget' }, { type: 'list', conversations: [{ peer: one }] }]);
    const outputs = inputs.flatMap((input) => bench.exchange.handle(input, bench.now));
    for (const output of outputs) if (output.type === 'persist') bench.store.write(output.records);
    expect([...bench.store.entries(['im', 'conversation'])]).toEqual([]);
    expect([...bench.store.entries(['im', 'in'])]).toEqual([]);
  });

  it('counts none of the texts whose deletion was on its way to disk', () => {
    const bench = withPeople();
    for (let text = 0; text < 3; text += 1) bench.arrive(one, '28820001', 'old');
    bench.now = later(bench.now, 2 * dayMs);
    for (let text = 0; text < 2; text += 1) bench.arrive(one, '28820001', 'new');
    makeOld(bench);
    const [piece] = new ConversationLister(bench.store).handle({ type: 'tick' }, bench.now);
    bench.tidy(new Retention({ forMs: dayMs, count: undefined }, bench.store), pieceMs);
    if (piece !== undefined) bench.give(piece);
    expect(allPages(bench.store, 'alice', 5)).toMatchObject([{ unread: 2 }]);
    expect(allPages(bench.store, 'alice', 5)).toEqual(naiveList(bench, 'alice'));
  });

  it('is put right after a version of before ran on it once more', () => {
    const bench = withPeople();
    for (const peer of [one, two, three]) for (let text = 0; text < 5; text += 1) bench.arrive(peer, '28820001', 'in');
    asBefore(bench, () => {
      for (const peer of [two, one]) for (let text = 0; text < 3; text += 1) bench.arrive(peer, '28820001', 'in');
    });
    expect(peersOf(allPages(bench.store, 'alice', 5))).toEqual([three]);
    bench.tidy(new ConversationLister(bench.store), nextRoundMs);
    expect(allPages(bench.store, 'alice', 5)).toEqual(naiveList(bench, 'alice'));
    bench.give({ type: 'read', user: 'alice', peer: one, order: 4 });
    bench.arrive(one, '28820001', 'in');
    expect(allPages(bench.store, 'alice', 5)).toEqual(naiveList(bench, 'alice'));
  });
});

describe('the book of conversations', () => {
  const view = (peer: string, order: number): TextView => ({
    ...{ id: textId(`00000000-0000-7000-8000-${String(order).padStart(12, '0')}`), direction: 'in', peer, text: 'x' },
    ...{ at: new Bench().now, order, position: order, step: 'stored', reason: undefined, cid: '', parts: 1, marks: [] },
  });

  it('remembers beyond its limit what is not on disk yet, and no longer', () => {
    const store = new MemoryStore();
    const counted = countingReader(store);
    const book = new ConversationBook(counted.reader, 2);
    const turn = new Turn();
    for (let order = 1; order <= 5; order += 1) book.add('alice', view(`+1${order}`, order), turn);
    const before = counted.count();
    book.add('alice', view('+11', 6), turn);
    // Nothing of it was read: it is known.
    expect(counted.count() - before).toBeLessThanOrEqual(1);
    for (const output of turn.outputs()) if (output.type === 'persist') store.write(output.records);
    expect([...store.entries(['im', 'latest', 'alice'])].map(([key]) => key[3])).toEqual([2, 3, 4, 5, 6]);
    const next = new Turn();
    book.add('alice', view('+12', 7), next);
    for (const output of next.outputs()) if (output.type === 'persist') store.write(output.records);
    expect([...store.entries(['im', 'latest', 'alice'])].map(([key]) => key[3])).toEqual([3, 4, 5, 6, 7]);
    const reads = counted.count();
    // Forgotten by now, so it is read.
    book.add('alice', view('+13', 8), new Turn());
    expect(counted.count()).toBeGreaterThan(reads);
  });
});

function withPeople(): Bench {
  const bench = new Bench({ sendRate: { perSecond: 1_000_000, burst: 1_000_000 } });
  bench.addUser('alice', { suffix: '0001' });
  bench.addUser('bob', { suffix: '0002' });
  return bench;
}

type Act =
  | { readonly type: 'out' | 'in'; readonly peer: string }
  | { readonly type: 'read'; readonly peer: string; readonly order: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: string };

function perform(bench: Bench, act: Act, retention: Retention): void {
  if ('order' in act) {
    const order = Math.min(act.order, bench.history.position('alice'));
    bench.give({ type: 'read', user: 'alice', peer: act.peer, order });
  } else if ('peer' in act) {
    if (act.type === 'out') bench.send('alice', act.peer, 'out');
    else if (act.peer === 'bob') bench.send('bob', 'alice', 'in');
    else bench.arrive(act.peer, '28820001', 'in');
  } else if ('ms' in act) {
    bench.now = later(bench.now, act.ms);
  } else if (act.type === 'forget') {
    bench.now = later(bench.now, minuteMs);
    bench.tidy(retention, pieceMs);
  } else if (act.type === 'restart') {
    bench.restart();
  } else if (act.type === 'before') {
    makeOld(bench);
  } else if (act.type === 'list') {
    bench.tidy(new ConversationLister(bench.store), nextRoundMs);
  } else {
    for (const piece of new ConversationLister(bench.store).handle({ type: 'tick' }, bench.now)) bench.give(piece);
  }
}

function naiveList(bench: Bench, user: string): readonly Conversation[] {
  const texts = Array.from(bench.store.entries(['im', 'text', user]), ([, value]) => viewFrom(value));
  texts.sort((a, b) => b.order - a.order);
  return [...new Set(texts.map(({ peer }) => peer))].flatMap((peer) => {
    const own = texts.filter((text) => text.peer === peer);
    const read = bench.store.get(keys.read(user, peer));
    const readUpTo = read === undefined ? 0 : numberFrom(read);
    const unread = own.filter(({ direction, order }) => direction === 'in' && order > readUpTo).length;
    return own.slice(0, 1).map((last) => ({ peer, last, readUpTo, unread: Math.min(unread, unreadLimit) }));
  });
}

/** The list holds each conversation once, and the numbers of texts that are there and came in. */
function expectNothingElse(bench: Bench, user: string): void {
  const orders = (table: string) => Array.from(bench.store.entries(['im', table, user]), ([key]) => Number(key.at(-1)));
  const texts = Array.from(bench.store.entries(['im', 'text', user]), ([, value]) => viewFrom(value));
  expect(orders('latest').toReversed()).toEqual(naiveList(bench, user).map(({ last }) => last.order));
  const came = texts.filter(({ direction }) => direction === 'in').map(({ order }) => order);
  expect(orders('in').toSorted((a, b) => a - b)).toEqual(came.toSorted((a, b) => a - b));
}

/** As a version of before would have left it. */
function makeOld(bench: Bench): void {
  for (const table of ['latest', 'listed', 'in']) {
    bench.store.write(Array.from(bench.store.entries(['im', table]), ([key]) => ({ key, value: undefined })));
  }
  makeConversationsOld(bench);
  // It ran in another process.
  bench.restart();
}

/** A version of before takes this on a store that knows the list: it writes nothing of it. */
function asBefore(bench: Bench, act: () => void): void {
  const listOf = () => ['latest', 'listed', 'in'].flatMap((table) => [...bench.store.entries(['im', table])]);
  const kept = listOf();
  act();
  bench.store.write(listOf().map(([key]) => ({ key, value: undefined })));
  bench.store.write(kept.map(([key, value]) => ({ key, value })));
  makeConversationsOld(bench, (order) => !kept.some(([key]) => key[1] === 'latest' && key[3] === order));
  bench.restart();
}

function makeConversationsOld(bench: Bench, isMeant: (order: number) => boolean = () => true): void {
  for (const [key, value] of [...bench.store.entries(['im', 'conversation'])]) {
    const { order, id } = conversationFrom(value);
    if (isMeant(order)) bench.store.write([{ key, value: conversationValue({ order, id, incoming: undefined }) }]);
  }
}

function peersOf(conversations: readonly Conversation[]): readonly string[] {
  return conversations.map(({ peer }) => peer);
}
