import { describe, expect, it } from 'vitest';
import { later, minuteMs } from '../../../src/core/base/time.ts';
import { findTexts, type TextCursor, type TextQuestion, type TextSight } from '../../../src/core/im/find-texts.ts';
import { effortLimit } from '../../../src/core/im/search.ts';
import { wordsOf } from '../../../src/core/im/words.ts';
import { Bench, phone } from './bench.ts';

const other = '+358407654321';

/** Texts of three people, one a minute. */
function busy(): Bench {
  const bench = new Bench();
  for (const name of ['alice', 'bob', 'carol']) bench.addUser(name, name === 'alice' ? { role: 'default' } : {});
  const say = (user: string, to: string, text: string) => {
    bench.send(user, to, text);
    bench.now = later(bench.now, minuteMs);
  };
  say('alice', phone, 'Tea at four?');
  say('bob', phone, 'Tea at five');
  say('bob', other, 'No tea');
  say('carol', 'bob', 'Bob, tea?');
  bench.arrive(phone, '2882', 'Tea it is');
  return bench;
}

function find(bench: Bench, question: Partial<TextQuestion>): readonly TextSight[] {
  const found: TextSight[] = [];
  let cursor: TextCursor | undefined;
  do {
    const page = findTexts(bench.store, { words: [], isMeant: () => true, limit: 50, cursor, ...question });
    found.push(...page.texts);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

const summary = (found: readonly TextSight[]) =>
  found.map(({ user, view }) => `${user} ${view.direction} ${view.text}`);

describe('texts of all users', () => {
  it('are found by the number of the other party, however it is spelled, in both directions', () => {
    for (const number of [phone, phone.slice(1)]) {
      expect(summary(find(busy(), { number })).sort()).toEqual([
        'alice out Tea at four?',
        'bob in Tea it is',
        'bob out Tea at five',
      ]);
    }
    expect(find(busy(), { number: '+3581' })).toEqual([]);
  });

  it('are found by words, user and time', () => {
    const bench = busy();
    const start = later(bench.now, -4 * minuteMs);
    expect(summary(find(bench, { words: wordsOf('TEA five') }))).toEqual(['bob out Tea at five']);
    expect(summary(find(bench, { user: 'carol' }))).toEqual(['carol out Bob, tea?']);
    expect(summary(find(bench, { user: 'nobody' }))).toEqual([]);
    expect(summary(find(bench, { until: later(start, minuteMs) }))).toEqual(['alice out Tea at four?']);
    expect(summary(find(bench, { since: later(start, minuteMs), until: later(start, 2 * minuteMs) }))).toEqual([
      'bob out Tea at five',
    ]);
  });

  it('are found by what an index cannot tell, as many of each user as are wanted', () => {
    const found = find(busy(), { isMeant: ({ text }) => text.endsWith('?'), limit: 1 });
    expect(summary(found)).toEqual(['alice out Tea at four?', 'bob in Bob, tea?', 'carol out Bob, tea?']);
    expect(summary(find(busy(), { user: 'bob', limit: 1 }))).toEqual(['bob in Tea it is']);
  });

  it('are found by the beginning of their id, or of the id of a short message of theirs', () => {
    const bench = busy();
    const { id } = bench.lastText('bob', phone);
    for (const part of [id, id.slice(0, 18)]) expect(summary(find(bench, { id: part }))).toEqual(['bob in Tea it is']);
    // All were made within minutes of each other.
    expect(find(bench, { id: id.slice(0, 6) }).length).toBeGreaterThan(3);
    const sent = bench.part(0);
    expect(summary(find(bench, { id: sent.id }))).toEqual(['alice out Tea at four?']);
    expect(find(bench, { id: `${id.slice(0, -1)}x` })).toEqual([]);
  });

  it('between two users are there once for each', () => {
    const bench = busy();
    const { id } = bench.lastText('carol', 'bob');
    expect(find(bench, { id }).map(({ user, trail }) => [user, trail])).toEqual([
      ['bob', undefined],
      ['carol', undefined],
    ]);
  });

  it('say how they went, whether more is to come, and whether they were read', () => {
    const bench = busy();
    bench.refuse(bench.part(1).id, 300);
    bench.give({ type: 'read', user: 'bob', peer: phone, order: 9 });
    expect(find(bench, { number: phone })).toMatchObject([
      { user: 'alice', state: 'open', isRead: false, trail: { direction: 'out', parts: [{ destination: phone }] } },
      { user: 'bob', state: 'closed', isRead: true, trail: { direction: 'in' } },
      { user: 'bob', state: 'closed', trail: { reached: [{ step: 'stored' }, { step: 'failed' }] } },
    ]);
  });

  it('include answers of the bridge itself, by their id', () => {
    const bench = new Bench();
    bench.arrive(phone, '2882', 'Who is there?');
    const answer = bench.part(0);
    expect(find(bench, { id: answer.textId })).toMatchObject([{ user: '', state: 'open', view: { peer: phone } }]);
    expect(find(bench, { id: answer.id })).toHaveLength(1);
  });

  it('come in pages that read no more than a server can spare, each text once', () => {
    const bench = new Bench();
    for (let i = 0; i < 250; i += 1) {
      const name = `user-${String(i).padStart(3, '0')}`;
      bench.addUser(name);
      for (let n = 0; n < 4; n += 1) bench.send(name, phone, `text ${n}`);
    }
    let reads = 0;
    const counting = {
      get: (key: Parameters<typeof bench.store.get>[0]) => {
        reads += 1;
        return bench.store.get(key);
      },
      *entries(...args: Parameters<typeof bench.store.entries>) {
        for (const entry of bench.store.entries(...args)) {
          reads += 1;
          yield entry;
        }
      },
    };
    const seen = new Set<string>();
    let cursor: TextCursor | undefined;
    let pages = 0;
    do {
      reads = 0;
      const page = findTexts(counting, { words: [], isMeant: () => true, limit: 50, cursor });
      expect(reads).toBeLessThan(3 * effortLimit);
      for (const { user, view } of page.texts) seen.add(`${user} ${view.id}`);
      pages += 1;
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen.size).toBe(1_000);
    expect(pages).toBeGreaterThan(2);
  });
});
