import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, type Instant, later, minuteMs } from '../../../src/core/base/time.ts';
import type { KeepSettings } from '../../../src/core/im/exchange-io.ts';
import { type ForgetInput, pieceMs, Retention, youngestMs } from '../../../src/core/im/retention.ts';
import type { TextView } from '../../../src/core/im/text.ts';
import { wordsOf } from '../../../src/core/im/words.ts';
import { Bench, phone } from './bench.ts';

const forDays = (days: number): KeepSettings => ({ forMs: days * dayMs, count: undefined });
const newest = (count: number): KeepSettings => ({ forMs: undefined, count });

/** Lets retention run on that bench until it rests. @returns what it asked for */
function tidy(bench: Bench, retention: Retention): readonly ForgetInput[] {
  return bench.tidy(retention, pieceMs);
}

function allTexts(bench: Bench, user: string): readonly TextView[] {
  return bench.history.search(user, { words: [], limit: 10_000 }).texts.toReversed();
}

describe('texts that were kept for long enough', () => {
  it('stay for ever where nothing is said', () => {
    const bench = new Bench();
    expect(new Retention({ forMs: undefined, count: undefined }, bench.store).deadline()).toBeUndefined();
  });

  it('go with every record of theirs, by age', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.addUser('bob');
    const empty = bench.store.size;
    bench.send('alice', 'bob', 'hello there', 'cid-1');
    const [sent] = allTexts(bench, 'alice');
    bench.give({ type: 'read', user: 'bob', peer: 'alice', order: 1 });
    const retention = new Retention(forDays(2), bench.store);
    bench.now = later(bench.now, 2 * dayMs - minuteMs);
    expect(tidy(bench, retention)).toEqual([]);
    bench.now = later(bench.now, 2 * minuteMs);
    expect(tidy(bench, retention).map(({ user }) => user)).toEqual(['alice', 'bob']);
    // What is left of both is how far they have counted, and that all of their conversations are in the list.
    expect(bench.store.size).toBe(empty + 4);
    for (const user of ['alice', 'bob']) {
      expect(bench.history.conversations(user, { limit: 9 })).toEqual([]);
      expect(bench.history.search(user, { words: ['hello'], limit: 9 })).toEqual({ texts: [], next: undefined });
      expect(bench.history.changesSince(user, 0, { limit: 9 })).toEqual([]);
    }
    expect(sent && bench.history.text('alice', sent.id)).toBeUndefined();
    expect(bench.history.textOfCid('alice', 'cid-1')).toBeUndefined();
  });

  it('go by count, the oldest first, but none that is younger than a day', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.addUser('bob');
    for (let number = 0; number < 10; number += 1) {
      bench.send('alice', 'bob', `old ${number}`);
      bench.now = later(bench.now, minuteMs);
    }
    bench.now = later(bench.now, youngestMs);
    for (let number = 0; number < 5; number += 1) bench.send('alice', 'bob', `new ${number}`);
    const retention = new Retention(newest(7), bench.store);
    tidy(bench, retention);
    const left = allTexts(bench, 'alice').map(({ text }) => text);
    expect(left).toEqual(['old 8', 'old 9', 'new 0', 'new 1', 'new 2', 'new 3', 'new 4']);
    bench.send('alice', 'bob', 'one more');
    bench.now = later(bench.now, minuteMs);
    tidy(bench, retention);
    expect(allTexts(bench, 'alice')).toHaveLength(7);
    const none = new Retention(newest(0), bench.store);
    tidy(bench, none);
    expect(allTexts(bench, 'alice').map(({ text }) => text)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `new ${n}`).concat('one more'),
    );
  });

  it('are not those that are under way, however old', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.send('alice', phone, 'waits in the outbox');
    bench.send('alice', 'alice2', 'refused');
    bench.addUser('bob');
    bench.send('alice', 'bob', 'done');
    bench.now = later(bench.now, 40 * hourMs);
    const retention = new Retention(forDays(1), bench.store);
    tidy(bench, retention);
    expect(allTexts(bench, 'alice')).toMatchObject([{ text: 'waits in the outbox', step: 'stored' }]);
    const [first] = bench.enqueued;
    expect(first).toBeDefined();
  });

  it('leave a cursor where it was: it goes on from what is there', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.addUser('bob');
    for (let number = 0; number < 6; number += 1) {
      bench.send('alice', 'bob', `text ${number}`);
      bench.now = later(bench.now, 12 * hourMs);
    }
    const page = bench.history.search('bob', { words: ['text'], limit: 3 });
    tidy(bench, new Retention(forDays(2), bench.store));
    const { next } = page;
    expect(next).toBeDefined();
    expect(bench.history.search('bob', { words: ['text'], limit: 3, before: next })).toEqual({
      texts: [],
      next: undefined,
    });
    expect(bench.history.history('bob', 'alice', { before: 2, limit: 5 })).toEqual([]);
    expect(bench.history.changesSince('bob', 1, { limit: 9 }).map(({ text }) => text)).toEqual([
      'text 3',
      'text 4',
      'text 5',
    ]);
  });

  it('do not take a conversation with them to which somebody has just written', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.addUser('bob');
    bench.send('alice', 'bob', 'old');
    bench.now = later(bench.now, 3 * dayMs);
    const [piece] = new Retention(forDays(2), bench.store).handle({ type: 'tick' }, bench.now);
    // The text is in memory, and its records are on their way to disk.
    bench.send('alice', 'bob', 'new');
    if (piece !== undefined) bench.give(piece);
    expect(bench.history.conversations('alice', { limit: 9 })).toMatchObject([{ peer: 'bob', last: { text: 'new' } }]);
    tidy(bench, new Retention(forDays(2), bench.store));
    expect(allTexts(bench, 'alice').map(({ text }) => text)).toEqual(['new']);
  });

  it('leave the last one of a conversation as long as an older one of it is under way', () => {
    const bench = new Bench();
    bench.addUser('alice', { suffix: '0001' });
    bench.send('alice', phone, 'under way');
    for (const text of ['first', 'last']) bench.arrive(phone, '28820001', text);
    bench.now = later(bench.now, 3 * dayMs);
    tidy(bench, new Retention(forDays(2), bench.store));
    expect(allTexts(bench, 'alice').map(({ text }) => text)).toEqual(['under way', 'last']);
    expect(bench.history.conversations('alice', { limit: 9 })).toMatchObject([{ peer: phone, unread: 1 }]);
    bench.refuse(bench.part(0).id, 1);
    tidy(bench, new Retention(forDays(2), bench.store));
    expect(allTexts(bench, 'alice')).toEqual([]);
    expect(bench.history.conversations('alice', { limit: 9 })).toEqual([]);
  });

  it('go in pieces, and a piece that does not reach the disk is found again', () => {
    const bench = new Bench();
    bench.addUser('alice');
    bench.addUser('bob');
    for (let number = 0; number < 300; number += 1) bench.send('alice', 'bob', `text number ${number} of many`);
    bench.now = later(bench.now, 3 * dayMs);
    const retention = new Retention(forDays(2), bench.store);
    const [lost] = retention.handle({ type: 'tick' }, bench.now);
    expect(lost?.texts.length).toBeLessThan(100);
    let [found] = retention.handle({ type: 'tick' }, bench.now);
    for (let look = 0; found === undefined && look < 100; look += 1) {
      bench.now = later(bench.now, pieceMs);
      [found] = retention.handle({ type: 'tick' }, bench.now);
    }
    expect(found).toBeDefined();
    const rest = tidy(bench, new Retention(forDays(2), bench.store));
    for (const { texts } of rest) expect(texts.flatMap(({ keys }) => keys).length).toBeLessThan(600);
    for (const user of ['alice', 'bob']) expect(allTexts(bench, user)).toEqual([]);
  });

  it('are those of a naive model, and nothing is left of them or missing of the others', () => {
    const act = fc.record({
      from: fc.constantFrom('alice', 'bob', 'carol'),
      to: fc.constantFrom('alice', 'bob', 'carol', phone),
      words: fc.constantFrom('one two', 'two three', 'three', '👍', 'one'),
      afterMs: fc.constantFrom(0, minuteMs, 5 * hourMs, dayMs),
      tidies: fc.boolean(),
    });
    const keeping = fc.record({
      forMs: fc.constantFrom(undefined, dayMs, 2 * dayMs),
      count: fc.constantFrom(undefined, 0, 1, 3, 20),
    });
    fc.assert(
      fc.property(keeping, fc.array(act, { minLength: 1, maxLength: 25, size: 'max' }), (keep, acts) => {
        const bench = new Bench();
        const users = ['alice', 'bob', 'carol'] as const;
        for (const user of users) bench.addUser(user);
        const retention = new Retention(keep, bench.store);
        let naive = new Map<string, { at: Instant; isOpen: boolean; text: string }[]>(users.map((user) => [user, []]));
        const tidyBoth = (): void => {
          bench.now = later(bench.now, minuteMs);
          const now = bench.now;
          naive = new Map(Array.from(naive, ([user, texts]) => [user, kept(texts, keep, now)]));
          tidy(bench, retention);
        };
        for (const { from, to, words, afterMs, tidies } of acts) {
          if (from !== to) {
            bench.send(from, to, words);
            naive.get(from)?.push({ at: bench.now, isOpen: to === phone, text: words });
            naive.get(to)?.push({ at: bench.now, isOpen: false, text: words });
          }
          bench.now = later(bench.now, afterMs);
          if (tidies) tidyBoth();
        }
        tidyBoth();
        for (const user of users) {
          const left = allTexts(bench, user);
          expect(left.map(({ text }) => text)).toEqual(naive.get(user)?.map(({ text }) => text));
          expectNothingElse(bench, user, left);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Oldest first: too old, or too many and older than a day; never what is under way. */
function kept<T extends { readonly at: Instant; readonly isOpen: boolean }>(
  texts: readonly T[],
  { forMs = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY }: KeepSettings,
  now: Instant,
): T[] {
  const left = [...texts];
  for (const text of texts) {
    const age = now - text.at;
    if (text.isOpen) continue;
    if (age > forMs || (left.length > count && age > dayMs)) left.splice(left.indexOf(text), 1);
  }
  return left;
}

/** All that the store holds of this user's history is about these texts, and all of it is there. */
function expectNothingElse(bench: Bench, user: string, texts: readonly TextView[]): void {
  const keysOf = (table: string) => Array.from(bench.store.entries(['im', table, user]), ([key]) => key.slice(3));
  const ordered = (lists: readonly (readonly unknown[])[]) => lists.map((list) => JSON.stringify(list)).sort();
  const peers = [...new Set(texts.map(({ peer }) => peer))];
  expect(ordered(keysOf('text'))).toEqual(ordered(texts.map(({ id }) => [id])));
  expect(ordered(keysOf('place'))).toEqual(ordered(texts.map(({ order }) => [order])));
  expect(ordered(keysOf('order'))).toEqual(ordered(texts.map(({ peer, order }) => [peer, order])));
  expect(ordered(keysOf('change'))).toEqual(ordered(texts.map(({ position }) => [position])));
  expect(ordered(keysOf('conversation'))).toEqual(ordered(peers.map((peer) => [peer])));
  expect(ordered(keysOf('cid'))).toEqual(ordered(texts.flatMap(({ cid }) => (cid === '' ? [] : [[cid]]))));
  expect(ordered(keysOf('word'))).toEqual(
    ordered(texts.flatMap(({ text, order }) => wordsOf(text).map((word) => [word, order]))),
  );
}
