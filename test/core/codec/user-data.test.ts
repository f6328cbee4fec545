/** 034: UCS-2, octets, packed septets, and texts that are no well-formed UTF-16. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/base/bytes.ts';
import { basicTable, packSeptets } from '../../../src/core/codec/gsm-alphabet.ts';
import { alphabetOf } from '../../../src/core/codec/national-language.ts';
import {
  decodeHex,
  decodeUserData034,
  encodeUserData034,
  fillBits,
  fromUcs2,
  isWellFormed,
  toUcs2,
  toWellFormed,
  unpackUserData,
} from '../../../src/core/codec/user-data.ts';
import { vectorValue } from './vector-values.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 80 });
const anyUnits = fc
  .array(fc.oneof(fc.constantFrom(0xd83d, 0xde00, 0xdfff, 0x61), fc.integer({ min: 0, max: 0xffff })), {
    maxLength: 40,
  })
  .map((units) => String.fromCharCode(...units));

describe('UCS-2 (7.7)', () => {
  it('reads and makes the vector submit-ucs2', () => {
    const wire = vectorValue('submit-ucs2', 34);
    expect(decodeUserData034(wire, 8)).toEqual({ ok: true, value: { type: 'text', alphabet: 'ucs2', text: 'test' } });
    expect(encodeUserData034(toUcs2('test'))).toBe(wire);
  });

  it('sends a character beyond U+FFFF as a surrogate pair, and no byte order mark', () => {
    expect(toHex(toUcs2('😀ł'))).toBe('D83DDE000142');
  });

  it('brings every text back, unit by unit, lone surrogates and a leading U+FEFF included', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), (text) => {
        expect(fromUcs2(toUcs2(text))).toEqual({ ok: true, value: text });
      }),
    );
    expect(fromUcs2(Uint8Array.of(0xfe, 0xff, 0, 0x61))).toEqual({ ok: true, value: '\ufeffa' });
  });

  it('refuses half a character', () => {
    expect(decodeUserData034('007400', 8)).toMatchObject({ ok: false, fault: { code: 'CIMD2_USER_DATA' } });
  });
});

describe('packed septets (7.7)', () => {
  it('reads the vector submit-packed-7bit-hex of jcimd', () => {
    const wire = vectorValue('submit-packed-7bit-hex', 34);
    expect(decodeUserData034(wire, 0)).toEqual({ ok: true, value: { type: 'text', alphabet: 'gsm7', text: 'hello' } });
  });

  it('takes a final zero or carriage return of seven octets as padding, and nothing else', () => {
    const seven = (text: string) => [...text].map((character) => basicTable.indexOf(character));
    for (const end of [[], [0x0d], [0x00]]) {
      expect([...unpackUserData(packSeptets(Uint8Array.from([...seven('1234567'), ...end])))]).toEqual(
        seven('1234567'),
      );
    }
    expect(unpackUserData(packSeptets(Uint8Array.from(seven('12345678'))))).toHaveLength(8);
    expect([...unpackUserData(packSeptets(Uint8Array.from(seven('123@'))))]).toEqual(seven('123@'));
    expect(unpackUserData(new Uint8Array())).toHaveLength(0);
  });
});

describe('packed septets behind a header (7.7, 7.8)', () => {
  it('has no fill bits unless the reader knows of them, as jcimd sends none', () => {
    expect(decodeUserData034('E8329BFD06', 0)).toMatchObject({ value: { text: 'hello' } });
  });

  it('begins at a multiple of seven bits from the start of the header', () => {
    expect([0, 1, 5, 6, 7, 12].map(fillBits)).toEqual([0, 6, 2, 1, 0, 2]);
  });

  it('reads what was packed behind any header, but for a final septet that may be padding', () => {
    const septets = fc.uint8Array({ max: 127, maxLength: 60 });
    fc.assert(
      fc.property(septets, fc.integer({ min: 0, max: 20 }), (text, headerOctets) => {
        const fill = fillBits(headerOctets);
        const bits = `${[...text]
          .reverse()
          .map((septet) => septet.toString(2).padStart(7, '0'))
          .join('')}${'0'.repeat(fill)}`;
        const count = Math.ceil(bits.length / 8);
        const octets = Array.from({ length: count }, (_, i) =>
          Number.parseInt(bits.padStart(count * 8, '0').slice((count - 1 - i) * 8, (count - i) * 8), 2),
        );
        const read = unpackUserData(Uint8Array.from(octets), fill);
        expect(text.length - read.length === 0 || [0x00, 0x0d].includes(text.at(-1) ?? -1)).toBe(true);
        expect([...read]).toEqual([...text.subarray(0, read.length)]);
        expect(text.length - read.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is read in the alphabet that the header names', () => {
    const alphabet = alphabetOf({ locking: 'turkish', single: undefined });
    expect(decodeUserData034('1C', 0, { alphabet })).toMatchObject({ value: { text: 'Ş' } });
  });
});

describe('octets', () => {
  it('keeps 8-bit and compressed data as octets, whatever alphabet the latter names', () => {
    for (const dataCoding of [4, 21, 245, 32, 36, 40]) {
      expect(decodeUserData034('00ff', dataCoding)).toEqual({
        ok: true,
        value: { type: 'octets', octets: Uint8Array.of(0, 255) },
      });
    }
  });

  it('reads hex of either case and makes upper case', () => {
    expect(decodeHex('aBcD', 34)).toEqual({ ok: true, value: Uint8Array.of(0xab, 0xcd) });
    expect(encodeUserData034(Uint8Array.of(0xab, 0xcd))).toBe('ABCD');
  });

  it.each(['0', 'ABC', 'GG', '0x', ' 0', '00\n', '٠٠'])('refuses %j as hex', (value) => {
    expect(decodeHex(value, 34)).toMatchObject({ ok: false, fault: { code: 'CIMD2_USER_DATA' } });
  });

  it('never throws, whatever stands in 034 and 030', () => {
    const hexLike = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(hexLike, anyText), fc.integer({ min: 0, max: 255 }), (value, dataCoding) => {
        const decoded = decodeUserData034(value, dataCoding);
        expect(decoded.ok || decoded.fault.code === 'CIMD2_USER_DATA').toBe(true);
      }),
    );
  });
});

describe('well-formed text', () => {
  it('replaces each lone surrogate, keeps pairs, and counts', () => {
    expect(toWellFormed('a\ud83d😀\ude00')).toEqual({ text: 'a\ufffd😀\ufffd', replaced: 2 });
    expect(toWellFormed('\ud83d\ud83d\ude00')).toEqual({ text: '\ufffd😀', replaced: 1 });
  });

  it('leaves nothing to replace, and nothing else changed', () => {
    fc.assert(
      fc.property(anyUnits, (text) => {
        const once = toWellFormed(text);
        expect(once.text).toHaveLength(text.length);
        expect(isWellFormed(once.text)).toBe(true);
        expect(isWellFormed(text)).toBe(once.replaced === 0);
        if (once.replaced === 0) expect(once.text).toBe(text);
      }),
    );
  });
});
