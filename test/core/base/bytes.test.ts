import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toLatin1 } from '../../../src/core/base/bytes.ts';

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
