import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordCountLimit, wordLengthLimit, wordsOf } from '../../../src/core/im/words.ts';

describe('the words of a text', () => {
  it.each([
    ['Hello, hello world!', ['hello', 'world']],
    ['CAFÉ café cafe', ['cafe']],
    ['don’t call +358 40-123', ['don', 't', 'call', '358', '40', '123']],
    ['Привет МИР', ['привет', 'мир']],
    ['ﬁne ２０２６', ['fine', '2026']],
    ['𝓐𝓵𝓲𝓬𝓮 Ⓑⓞⓑ 𝟚𝟘𝟚𝟞 ᴀ', ['alice', 'bob', '2026', 'ᴀ']],
    ['سَلَام', ['سلام']],
    ['हिन्दी', ['हिन्दी']],
    ['東京へ', ['東', '京', 'へ']],
    ['한국어', ['한국어']],
    ['👍 …', []],
    ['', []],
  ])('of %j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are cut where they are long, and so is the same word in a question', () => {
    const long = 'ä'.repeat(100);
    expect(wordsOf(long)).toEqual(['a'.repeat(wordLengthLimit)]);
    expect(wordsOf(long.slice(1))).toEqual(wordsOf(long));
  });

  it('are bounded', () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `w${index}`).join(' ');
    expect(wordsOf(text)).toHaveLength(wordCountLimit);
  });

  it('are fit for keys of the store whatever the text is, and stay as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const word of wordsOf(text)) {
          expect([...word].every((character) => character >= ' ')).toBe(true);
          expect(wordsOf(word)).toEqual([word]);
        }
      }),
    );
  });
});
