// The page counts parts by itself while one types; the server cuts. Both must come to the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NationalLanguages, nationalChoices } from '../../../src/core/codec/national-language.ts';
import { estimateText, type TextEstimate } from '../../../src/core/message/estimate.ts';
import { type NationalAlphabet, nationalAlphabets } from '../../../src/core/message/national-alphabets.ts';

interface PageEstimate {
  readonly coding: TextEstimate['coding'];
  readonly parts: number;
  readonly used: number;
  readonly left: number;
  readonly language?: string;
}

// A script of the page: it has no types, and what it gives back is compared field by field.
const path = '../../../src/gateways/web/page/estimate.js';
const { estimate } = (await import(path)) as {
  readonly estimate: (text: string, national: readonly NationalAlphabet[]) => PageEstimate;
};

describe('the estimate of the page', () => {
  it.each([
    ['nothing', ''],
    ['exactly one', 'x'.repeat(160)],
    ['one too many', 'x'.repeat(161)],
    ['an extension character at the end of a part', `${'x'.repeat(152)}€${'x'.repeat(60)}`],
    ['exactly one in UCS-2', 'я'.repeat(70)],
    ['a surrogate pair at the end of a part', `${'я'.repeat(66)}🙂${'я'.repeat(20)}`],
    ['a family of one grapheme at the end of a part', `${'я'.repeat(60)}👩‍👩‍👧‍👧${'я'.repeat(20)}`],
    ['a lone surrogate', `a\ud83d${'b'.repeat(80)}`],
    ['as much as can be sent', 'x'.repeat(10_000)],
    ['as much in UCS-2', 'ж'.repeat(10_000)],
    ['more than 255 parts', 'ж'.repeat(255 * 67 + 1)],
  ])('is that of the server: %s', (_, text) => agree(text));

  it('is that of the server for any text', () => {
    const character = fc.constantFrom(...'aZ9 \n€[]^ñÑ', 'я', '漢', '🙂', '👍🏽', 'e\u0301', '\u202e', '\ud83d', '\0');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 400 }), (texts) => agree(texts.join(''))),
      { numRuns: 300 },
    );
  });

  it.each(nationalChoices)('is that of a server that takes these national tables: %s', (national) => {
    // One text of each language, with characters that only one of its tables has, or both.
    const letters = [...'aZ9 €[', ...'ğşİı', ...'áíóú', ...'ãõâêôª', 'я', '🙂'];
    const character = fc.constantFrom(...letters);
    const texts = fc.tuple(fc.array(character, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(texts, ([some, times]) => agree(some.join('').repeat(times), national)),
      { numRuns: 200 },
    );
    for (const letter of letters) {
      for (const length of [1, 154, 155, 156, 300]) agree(`${letter}${'x'.repeat(length - 1)}`, national);
    }
  });
});

function agree(text: string, national: NationalLanguages = 'off'): void {
  const { coding, parts, units, left, national: tables } = estimateText(text, { national });
  const found = estimate(text, nationalAlphabets(national));
  expect({ coding: found.coding, parts: found.parts, used: found.used }).toEqual({ coding, parts, used: units });
  expect(found.language).toBe(tables?.single ?? tables?.locking);
  // Of what cannot be sent nobody says what is left.
  if (parts <= 255) expect(found.left).toBe(left);
}
