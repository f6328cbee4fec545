import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, fromLatin1, toHex, toLatin1 } from '../../../src/core/base/bytes.ts';

describe('bytes as Latin-1 text', () => {
  it('is one character per byte, whatever the length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = [...bytes].map((byte) => String.fromCharCode(byte)).join('');
        expect(toLatin1(bytes)).toBe(text);
        expect([...fromLatin1(text)]).toEqual([...bytes]);
      }),
    );
  });

  it('is the text of a stretch where one is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), fc.nat(70), (bytes, one, other) => {
        const [from, end] = [Math.min(one, other, bytes.length), Math.min(Math.max(one, other), bytes.length)];
        expect(toLatin1(bytes, from, end)).toBe(toLatin1(bytes.slice(from, end)));
      }),
    );
  });
});

describe('bytes as hex digits', () => {
  it('are two upper-case digits each, and are read in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const hex = [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
        expect(toHex(bytes)).toBe(hex);
        expect(fromHex(hex)).toEqual(bytes);
        expect(fromHex(hex.toLowerCase())).toEqual(bytes);
      }),
    );
  });

  it('are nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), (text) => {
        expect(fromHex(text) !== undefined).toBe(/^([0-9A-Fa-f]{2})+$/.test(text));
      }),
      { examples: [['0'], ['0g'], ['@0'], ['`0'], ['G0'], [':0'], ['/0'], ['\u0141\u0141']] },
    );
  });
});
