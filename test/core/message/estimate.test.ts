/** How long a text is: the printed capacities, and that an estimate and the cut always agree. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateText } from '../../../src/core/message/estimate.ts';
import { splitText } from '../../../src/core/message/split.ts';
import { anyText, gsmText } from './messages.ts';

describe('units, parts and what is left (7.8)', () => {
  it.each([
    { text: '', coding: 'gsm7', units: 0, perPart: 160, parts: 1, left: 160 },
    { text: 'a'.repeat(160), coding: 'gsm7', units: 160, perPart: 160, parts: 1, left: 0 },
    { text: 'a'.repeat(161), coding: 'gsm7', units: 161, perPart: 153, parts: 2, left: 145 },
    { text: `${'a'.repeat(152)}€b`, coding: 'gsm7', units: 155, perPart: 160, parts: 1, left: 5 },
    { text: `${'a'.repeat(152)}€${'b'.repeat(7)}`, coding: 'gsm7', units: 161, perPart: 153, parts: 2, left: 144 },
    { text: 'ł'.repeat(70), coding: 'ucs2', units: 70, perPart: 70, parts: 1, left: 0 },
    { text: 'ł'.repeat(71), coding: 'ucs2', units: 71, perPart: 67, parts: 2, left: 63 },
    { text: '😀', coding: 'ucs2', units: 2, perPart: 70, parts: 1, left: 68 },
  ])('$coding, $units units: $parts part(s), $left left', ({ text, ...expected }) => {
    expect(estimateText(text)).toMatchObject(expected);
  });

  it('gives one unit of each part to a 16-bit reference, and octets to other headers', () => {
    expect(estimateText('a'.repeat(161), { referenceBits: 16 })).toMatchObject({ perPart: 152, parts: 2 });
    const headers = [{ id: 5, data: Uint8Array.of(0x0b, 0x84, 0x23, 0xf0) }];
    // 7 octets of header leave 133, 12 with a concatenation 128.
    expect(estimateText('a', { headers })).toMatchObject({ perPart: 152, left: 151 });
    expect(estimateText('a'.repeat(161), { headers })).toMatchObject({ perPart: 146, parts: 2 });
  });
});

describe('the coding', () => {
  it('names the characters that force UCS-2, each once, in order', () => {
    expect(estimateText('ża😀ç€ż`').foreign).toEqual(['ż', '😀', 'ç', '`']);
    expect(estimateText('abc€').foreign).toEqual([]);
    expect(estimateText('ż', { coding: 'ucs2' })).toMatchObject({ coding: 'ucs2', foreign: [] });
  });

  it('is UCS-2 with the foreign characters where the GSM alphabet was asked for and does not do', () => {
    expect(estimateText('aż', { coding: 'gsm7' })).toMatchObject({ coding: 'ucs2', foreign: ['ż'] });
    expect(estimateText('abc', { coding: 'gsm7' })).toMatchObject({ coding: 'gsm7', foreign: [] });
  });
});

describe('a text that cannot be sent', () => {
  it('has a length too', () => {
    expect(estimateText('a'.repeat(153 * 255)).parts).toBe(255);
    expect(estimateText('a'.repeat(153 * 300))).toMatchObject({ parts: 300, left: 0 });
    expect(estimateText('a'.repeat(153 * 255 + 1)).parts).toBe(256);
    const headers = [{ id: 0x70, data: new Uint8Array(137) }];
    expect(estimateText('a', { headers }).parts).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('always', () => {
  it('says what the cut then does', () => {
    fc.assert(
      fc.property(fc.oneof(gsmText(700), anyText(300)), fc.constantFrom(1, 256), (text, reference) => {
        const estimate = estimateText(text, { referenceBits: reference > 255 ? 16 : 8 });
        const split = splitText(text, { reference });
        expect(split.ok).toBe(true);
        if (!split.ok) return;
        expect(estimate.coding).toBe(split.value.coding);
        expect(estimate.parts).toBe(split.value.parts.length);
        expect(estimate.left).toBeGreaterThanOrEqual(0);
        expect(estimate.left).toBeLessThanOrEqual(estimate.perPart);
      }),
    );
  });
});
