/** Cutting texts: the printed capacities, what is never cut, and the limits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { septetCount } from '../../../src/core/codec/gsm-alphabet.ts';
import { isWellFormed, toWellFormed } from '../../../src/core/codec/user-data.ts';
import { type SplitText, splitText } from '../../../src/core/message/split.ts';
import { anyText, gsmText } from './messages.ts';

function split(text: string, reference = 1): SplitText {
  const result = splitText(text, { reference });
  if (!result.ok) throw new Error(result.fault.message);
  return result.value;
}

function lengthsOf(text: string, reference = 1): readonly number[] {
  return split(text, reference).parts.map((part) => part.text.length);
}

describe('sizes (7.8)', () => {
  it('sends 160 septets or 70 units as one, and one more as two', () => {
    expect(split('a'.repeat(160)).parts).toEqual([{ text: 'a'.repeat(160), coding: 'gsm7', part: undefined }]);
    expect(split('ł'.repeat(70)).parts).toEqual([{ text: 'ł'.repeat(70), coding: 'ucs2', part: undefined }]);
    expect(lengthsOf('a'.repeat(161))).toEqual([153, 8]);
    expect(lengthsOf('ł'.repeat(71))).toEqual([67, 4]);
  });

  it('gives one septet or one unit of each part to a 16-bit reference', () => {
    expect(lengthsOf('a'.repeat(161), 255)).toEqual([153, 8]);
    expect(lengthsOf('a'.repeat(161), 256)).toEqual([152, 9]);
    expect(lengthsOf('ł'.repeat(71), 256)).toEqual([66, 5]);
  });

  it('counts characters of the extension table twice', () => {
    expect(lengthsOf('€'.repeat(80))).toEqual([80]);
    expect(lengthsOf('€'.repeat(81))).toEqual([76, 5]);
  });

  it('makes one empty part of an empty text', () => {
    expect(split('').parts).toEqual([{ text: '', coding: 'gsm7', part: undefined }]);
  });

  it('numbers the parts from 1 under one reference', () => {
    expect(split('a'.repeat(400), 300).parts.map(({ part }) => part)).toEqual([
      { reference: 300, index: 1, count: 3 },
      { reference: 300, index: 2, count: 3 },
      { reference: 300, index: 3, count: 3 },
    ]);
  });
});

describe('coding', () => {
  it('is UCS-2 for the whole text as soon as one character does not fit the GSM alphabet', () => {
    expect(new Set(split(`${'a'.repeat(200)}ç`).parts.map(({ coding }) => coding))).toEqual(new Set(['ucs2']));
  });
});

describe('what is not cut', () => {
  it('keeps an escape pair together (7.8)', () => {
    expect(lengthsOf(`${'a'.repeat(152)}€${'b'.repeat(20)}`)).toEqual([152, 21]);
  });

  it('keeps a surrogate pair together (7.8)', () => {
    expect(lengthsOf(`${'ł'.repeat(66)}😀${'b'.repeat(10)}`)).toEqual([66, 12]);
  });

  it('keeps together what readers take for one character', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(split(`${'ł'.repeat(60)}${family}${'b'.repeat(10)}`).parts[1]?.text).toBe(family + 'b'.repeat(10));
    expect(split(`${'a'.repeat(152)}\r\n${'b'.repeat(20)}`).parts[1]?.text).toBe(`\r\n${'b'.repeat(20)}`);
  });

  it('cuts a single character that is longer than a part, between its code points', () => {
    const tower = `e${'\u0301'.repeat(100)}`;
    expect(lengthsOf(tower)).toEqual([67, 34]);
    expect(lengthsOf(`e\u0301${'\u{1d165}'.repeat(40)}`)).toEqual([66, 16]);
  });

  it('cuts inside characters before it gives a text up', () => {
    // Two such do not fit a part of 67, so whole characters would need 400 parts.
    const unit = `e${'\u0301'.repeat(33)}`;
    expect(split(unit.repeat(400)).parts.length).toBe(Math.ceil((34 * 400) / 67));
  });
});

describe('limits', () => {
  it('takes 255 full parts and refuses one septet or unit more', () => {
    expect(split('a'.repeat(255 * 153)).parts).toHaveLength(255);
    expect(split('ł'.repeat(255 * 67)).parts).toHaveLength(255);
    for (const text of ['a'.repeat(255 * 153 + 1), 'ł'.repeat(255 * 67 + 1), '😀'.repeat(34 * 255)]) {
      expect(splitText(text, { reference: 1 })).toMatchObject({ ok: false, fault: { code: 'IM_TEXT_TOO_LONG' } });
    }
  });

  it('replaces lone surrogates and says how many', () => {
    expect(split('a\ud83db\ude00')).toMatchObject({ replacedSurrogates: 2, parts: [{ text: 'a\ufffdb\ufffd' }] });
    expect(split('😀').replacedSurrogates).toBe(0);
  });

  it('takes a reference that no header can carry for a bug', () => {
    for (const reference of [-1, 65_536, 0.5]) expect(() => splitText('a', { reference })).toThrow('reference');
  });
});

describe('always', () => {
  it('fits, is in order, loses nothing, and cuts no pair', () => {
    const lone = fc.constantFrom('', '\ud83d', '\ude00');
    const text = fc.oneof(
      gsmText(700),
      fc.tuple(anyText(300), lone, anyText(50)).map((texts) => texts.join('')),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 0xffff }), (whole, reference) => {
        const { parts, coding } = split(whole, reference);
        expect(parts.map((part) => part.text).join('')).toBe(toWellFormed(whole).text);
        const small = reference > 255 ? { gsm7: 152, ucs2: 66 } : { gsm7: 153, ucs2: 67 };
        const capacity = parts.length === 1 ? { gsm7: 160, ucs2: 70 } : small;
        for (const part of parts) {
          expect(part.coding).toBe(coding);
          expect(isWellFormed(part.text)).toBe(true);
          const size = coding === 'gsm7' ? septetCount(part.text) : part.text.length;
          expect(size).toBeLessThanOrEqual(capacity[coding]);
          if (parts.length > 1) expect(size).toBeGreaterThan(0);
        }
      }),
    );
  });
});
