import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { later } from '../../../src/core/base/time.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { effortLimit, type SearchQuestion } from '../../../src/core/im/search.ts';
import { wordsOf } from '../../../src/core/im/words.ts';
import { Bench } from './bench.ts';
import { countingReader } from './counting-reader.ts';

const [one, two] = ['+358401111111', '+358402222222'];

describe('a search', () => {
  it('finds by words in any order and spelling, newest first, what was sent and what came', () => {
    const bench = withAlice();
    bench.send('alice', one, 'The door bell rang');
    bench.arrive(two, '28820001', 'BELL at the back dóor');
    bench.send('alice', one, 'the bell only');
    expect(find(bench, 'door BELL')).toEqual(['BELL at the back dóor', 'The door bell rang']);
    expect(find(bench, 'bells')).toEqual([]);
  });

  it('keeps to a conversation, a direction and a time', () => {
    const bench = withAlice();
    bench.send('alice', one, 'tea one');
    bench.arrive(one, '28820001', 'tea two');
    bench.now = later(bench.now, 60_000);
    const since = bench.now;
    bench.send('alice', two, 'tea three');
    expect(find(bench, 'tea', { peer: one })).toEqual(['tea two', 'tea one']);
    expect(find(bench, 'tea', { direction: 'in' })).toEqual(['tea two']);
    expect(find(bench, 'tea', { since })).toEqual(['tea three']);
    expect(find(bench, 'tea', { until: since })).toEqual(['tea two', 'tea one']);
    expect(find(bench, '', { peer: two })).toEqual(['tea three']);
  });

  it('does not show one user what another wrote', () => {
    const bench = withAlice();
    bench.addUser('bob');
    bench.send('alice', one, 'secret');
    expect(bench.history.search('bob', { words: ['secret'], limit: 9 })).toEqual({ texts: [], next: undefined });
  });

  it('finds a text as it now stands, once, whatever steps it took', () => {
    const bench = withAlice();
    bench.send('alice', one, 'parcel');
    bench.confirm(bench.part(0).id, '261122120000');
    const { texts } = bench.history.search('alice', { words: ['parcel'], limit: 9 });
    expect(texts).toMatchObject([{ text: 'parcel', step: 'accepted' }]);
  });

  it('page by page gives the same as a naive look through everything', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd');
    const text = fc.record({ peer: fc.constantFrom(one, two), words: fc.array(word, { minLength: 1, maxLength: 4 }) });
    const question = fc.record({
      words: fc.uniqueArray(word, { maxLength: 3 }),
      peer: fc.constantFrom(undefined, one, two),
      limit: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), question, (texts, asked) => {
        const bench = withAlice();
        texts.forEach(({ peer, words }, index) => {
          bench.send('alice', peer, `${words.join(' ')} n${index}`);
        });
        const naive = texts
          .map(({ peer, words }, index) => ({ peer, words, text: `${words.join(' ')} n${index}` }))
          .filter(({ peer }) => asked.peer === undefined || peer === asked.peer)
          .filter(({ words }) => asked.words.every((wanted) => words.includes(wanted)))
          .map((found) => found.text)
          .reverse();
        const pages: string[] = [];
        let before: number | undefined;
        for (;;) {
          const page = bench.history.search('alice', { ...asked, before });
          expect(page.texts.length).toBeLessThanOrEqual(asked.limit);
          pages.push(...page.texts.map((found) => found.text));
          if (page.next === undefined) break;
          before = page.next;
        }
        expect(pages).toEqual(naive);
      }),
      { numRuns: 60 },
    );
  });

  it('reads as much for a page of 4,000 texts as of 800', () => {
    const bench = withAlice();
    const reads = [800, 4_000].map((count) => {
      while (bench.history.position('alice') < count) {
        bench.now = later(bench.now, 100);
        bench.arrive(one, '28820001', `tick ${bench.history.position('alice') % 97}`);
      }
      const counted = countingReader(bench.store);
      historyOf(counted.reader).search('alice', { words: wordsOf('tick 13'), limit: 5 });
      return counted.count();
    });
    expect(reads[0]).toBeLessThan(700);
    expect(reads[1]).toBeLessThanOrEqual((reads[0] ?? 0) * 1.5);
  });

  it('ends early where words hardly ever meet, and says where to go on', () => {
    const bench = withAlice();
    bench.send('alice', one, 'even odd');
    for (let index = 0; index < effortLimit * 1.1; index += 1) {
      bench.now = later(bench.now, 100);
      bench.send('alice', one, index % 2 === 0 ? 'even' : 'odd');
    }
    const question = { words: ['even', 'odd'], limit: 5 };
    const first = bench.history.search('alice', question);
    expect(first.texts).toEqual([]);
    expect(first.next).toBeDefined();
    const texts: string[] = [];
    for (let next = first.next; next !== undefined; ) {
      const page = bench.history.search('alice', { ...question, before: next });
      texts.push(...page.texts.map(({ text }) => text));
      next = page.next;
    }
    expect(texts).toEqual(['even odd']);
  });
});

function withAlice(): Bench {
  const bench = new Bench({ sendRate: { perSecond: 1_000_000, burst: 1_000_000 } });
  bench.addUser('alice', { suffix: '0001' });
  return bench;
}

function find(bench: Bench, words: string, more: Partial<SearchQuestion> = {}): readonly string[] {
  const page = bench.history.search('alice', { words: wordsOf(words), limit: 50, ...more });
  return page.texts.map(({ text }) => text);
}

/** Counts records, not calls: what a disk would have to bring. */
