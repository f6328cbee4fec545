/** Cutting texts: the printed capacities, what is never cut, and the limits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/base/bytes.ts';
import { packSeptets, septetCount, toSeptets } from '../../../src/core/codec/gsm-alphabet.ts';
import { alphabetOf, type NationalLanguages } from '../../../src/core/codec/national-language.ts';
import { isWellFormed, toUcs2, toWellFormed } from '../../../src/core/codec/user-data.ts';
import {
  appendHeaderElement,
  concatenationElement,
  type HeaderElement,
} from '../../../src/core/codec/user-data-header.ts';
import { type SplitText, splitBinary, splitText, type TextPart } from '../../../src/core/message/split.ts';
import { bytesOf } from '../codec/vectors.ts';
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

describe('what is asked for', () => {
  it('is a fault where a text does not fit the GSM alphabet, with the characters beside it', () => {
    const refused = splitText('ża😀ż', { reference: 1, coding: 'gsm7' });
    expect(refused).toMatchObject({ ok: false, fault: { code: 'MESSAGE_FOREIGN_CHARACTERS' }, foreign: ['ż', '😀'] });
    expect(JSON.stringify(refused.ok || refused.fault)).not.toMatch(/ż|😀/);
    expect(splitText('abc', { reference: 1, coding: 'gsm7' }).ok).toBe(true);
  });

  it('is UCS-2 for a text that would fit the GSM alphabet', () => {
    expect(splitText('abc', { reference: 1, coding: 'ucs2' })).toMatchObject({ value: { coding: 'ucs2' } });
  });

  it('is a header in every part, which takes its room (7.8)', () => {
    const headers = [{ id: 5, data: Uint8Array.of(0x0b, 0x84, 0x23, 0xf0) }];
    const one = splitText('a'.repeat(152), { reference: 1, headers });
    expect(one).toMatchObject({ value: { parts: [{ part: undefined }], header: bytesOf('0605040B8423F0') } });
    const two = splitText('a'.repeat(153), { reference: 1, headers });
    expect(two.ok && two.value.parts.map(({ text }) => text.length)).toEqual([146, 7]);
    const wide = splitText('a'.repeat(153), { reference: 256, headers });
    expect(wide.ok && wide.value.parts.map(({ text }) => text.length)).toEqual([145, 8]);
  });

  it('is a fault where the header leaves no room for a character', () => {
    for (const size of [136, 137, 200, 253]) {
      const headers = [{ id: 0x70, data: new Uint8Array(size) }];
      expect(splitText('€€', { reference: 1, headers })).toMatchObject({ fault: { code: 'IM_TEXT_TOO_LONG' } });
    }
  });
});

describe('national tables (7.8)', () => {
  const national = (text: string, wanted: NationalLanguages) => {
    const result = splitText(text, { reference: 1, national: wanted });
    if (!result.ok) throw new Error(result.fault.message);
    return result.value;
  };

  it('are not used unless they are allowed, nor where they make no fewer parts', () => {
    const turkish = 'ığşç'.repeat(30);
    expect(split(turkish)).toMatchObject({ coding: 'ucs2', national: undefined });
    expect(national(turkish, 'spanish')).toMatchObject({ coding: 'ucs2', national: undefined });
    expect(national('ığşç', 'auto')).toMatchObject({ coding: 'ucs2', national: undefined });
    expect(national('abc'.repeat(90), 'auto')).toMatchObject({ coding: 'gsm7', national: undefined });
  });

  it('are those that make the fewest parts, single shift before locking', () => {
    const few = `${'a'.repeat(140)}ığş`;
    expect(national(few, 'auto')).toMatchObject({
      national: { locking: undefined, single: 'turkish' },
      header: bytesOf('03240101'),
    });
    // 155 septets beside a header of four octets.
    expect(national('ığşç'.repeat(30), 'auto').national).toEqual({ locking: 'turkish', single: undefined });
    expect(national('ığşç'.repeat(30), 'turkish').parts).toHaveLength(1);
    expect(national(`${'a'.repeat(140)}áéí`, 'auto').national).toEqual({ locking: undefined, single: 'spanish' });
    expect(national(`${'ãõç'.repeat(40)}Φ`, 'auto').national).toEqual({ locking: 'portuguese', single: 'portuguese' });
  });

  it('make the GSM alphabet do where it is demanded', () => {
    expect(splitText('ığ', { reference: 1, coding: 'gsm7', national: 'auto' })).toMatchObject({
      value: { coding: 'gsm7', national: { locking: undefined, single: 'turkish' } },
    });
    expect(splitText('ığñž', { reference: 1, coding: 'gsm7', national: 'auto' }).ok).toBe(false);
  });

  it('leave 155 septets in a single message, 149 in each of several, and 152 and 146 with both', () => {
    // 140 − 4 and 140 − 9 octets; both tables take 7 and 12.
    const lengths = (text: string) => national(text, 'portuguese').parts.map((part) => part.text.length);
    expect(lengths('ã'.repeat(155))).toEqual([155]);
    expect(lengths('ã'.repeat(156))).toEqual([149, 7]);
    expect(lengths(`${'ã'.repeat(150)}Φ`)).toEqual([151]);
    expect(lengths(`${'ã'.repeat(151)}Φ`)).toEqual([146, 6]);
  });

  it('keep an escape pair together', () => {
    const parts = national(`${'a'.repeat(148)}ı${'b'.repeat(200)}`, 'turkish').parts;
    expect(parts.map((part) => part.text.length)).toEqual([148, 148, 53]);
    const single = national(`${'ñ'.repeat(148)}ç${'b'.repeat(20)}`, 'spanish').parts;
    expect(single.map((part) => part.text.length)).toEqual([148, 21]);
  });
});

describe('octets (7.8)', () => {
  const lengths = (size: number, reference = 1, headers: readonly HeaderElement[] = []) => {
    const result = splitBinary(new Uint8Array(size), { reference, headers });
    return result.ok ? result.value.map(({ bytes }) => bytes.length) : result.fault.code;
  };

  it('are 140 in a single message, 134 or 133 in each of several, less beside a header', () => {
    expect(lengths(0)).toEqual([0]);
    expect(lengths(140)).toEqual([140]);
    expect(lengths(141)).toEqual([134, 7]);
    expect(lengths(141, 256)).toEqual([133, 8]);
    const ports = [{ id: 5, data: new Uint8Array(4) }];
    expect(lengths(133, 1, ports)).toEqual([133]);
    expect(lengths(134, 1, ports)).toEqual([128, 6]);
  });

  it('are refused above 255 parts, or where the header leaves no room', () => {
    expect(lengths(255 * 134)).toHaveLength(255);
    expect(lengths(255 * 134 + 1)).toBe('IM_TEXT_TOO_LONG');
    expect(lengths(5, 1, [{ id: 1, data: new Uint8Array(135) }])).toBe('IM_TEXT_TOO_LONG');
    expect(lengths(1, 1, [{ id: 1, data: new Uint8Array(253) }])).toBe('IM_TEXT_TOO_LONG');
  });

  it('come together again, in order, with the same header in each part', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 0, max: 0xffff }), (bytes, reference) => {
        const headers = [{ id: 0x70, data: Uint8Array.of(7) }];
        const result = splitBinary(bytes, { reference, headers });
        if (!result.ok) throw new Error(result.fault.message);
        expect(concatBytes(...result.value.map((piece) => piece.bytes))).toEqual(bytes);
        for (const piece of result.value) {
          const element = piece.part && concatenationElement(piece.part);
          const header = element === undefined ? piece.header : appendHeaderElement(piece.header, element);
          expect(header.length + piece.bytes.length).toBeLessThanOrEqual(140);
        }
      }),
      { numRuns: 50 },
    );
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

describe('packed', () => {
  /** The octets that the radio side carries: header, fill bits, septets or units. */
  const octetsOf = (piece: TextPart, { header, national }: SplitText): number => {
    const element = piece.part && concatenationElement(piece.part);
    const whole = element === undefined ? header : appendHeaderElement(header, element);
    if (piece.coding === 'ucs2') return whole.length + toUcs2(piece.text).length;
    const septets = toSeptets(piece.text, alphabetOf(national));
    if (septets === undefined) throw new Error('the tables do not have the text');
    const headerSeptets = new Uint8Array(Math.ceil((whole.length * 8) / 7));
    return packSeptets(Uint8Array.of(...headerSeptets, ...septets)).length;
  };

  it('every part fits 140 octets, in every alphabet, beside every header', () => {
    const national = fc.constantFrom('off' as const, 'auto' as const, 'turkish' as const, 'portuguese' as const);
    const portuguese = fc.string({ unit: fc.constantFrom(...'ãõçê€{Φa bc'), maxLength: 500, size: 'max' });
    const turkish = fc.string({ unit: fc.constantFrom(...'ığşçİ€{a bc'), maxLength: 500, size: 'max' });
    const header = fc.array(fc.record({ id: fc.constantFrom(1, 4, 5, 0x70), data: fc.uint8Array({ maxLength: 12 }) }), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(
        fc.oneof(gsmText(500), anyText(300), portuguese, turkish),
        national,
        header,
        fc.constantFrom(1, 256),
        (text, allowed, headers, reference) => {
          const result = splitText(text, { reference, national: allowed, headers });
          if (!result.ok) throw new Error(result.fault.message);
          expect(result.value.parts.map((piece) => piece.text).join('')).toBe(toWellFormed(text).text);
          for (const piece of result.value.parts) expect(octetsOf(piece, result.value)).toBeLessThanOrEqual(140);
        },
      ),
    );
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
