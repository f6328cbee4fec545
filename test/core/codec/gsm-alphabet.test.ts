/** The GSM alphabet: every septet both ways, the rules around the escape, and packing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basicTable,
  extensionTable,
  fromSeptets,
  packSeptets,
  septetCount,
  septetsOf,
  toSeptets,
  unpackSeptets,
} from '../../../src/core/codec/gsm-alphabet.ts';

const alphabet = [...basicTable.replace('\u001b', ''), ...extensionTable.map(([, character]) => character)];
const gsmText = fc.array(fc.constantFrom(...alphabet), { maxLength: 200 }).map((characters) => characters.join(''));

describe('characters and septets', () => {
  it('has 128 places, 127 characters of the basic table and ten of the extension table, all different', () => {
    expect(basicTable).toHaveLength(128);
    expect(new Set(alphabet).size).toBe(137);
  });

  it('gives the septets that the reference prints (7.2, 7.3)', () => {
    expect([...(toSeptets('@$_"€|\f^à') ?? [])]).toEqual([
      0x00, 0x02, 0x11, 0x22, 0x1b, 0x65, 0x1b, 0x40, 0x1b, 0x0a, 0x1b, 0x14, 0x7f,
    ]);
  });

  it('brings every text of the alphabet back', () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        expect(fromSeptets(toSeptets(text) ?? [])).toBe(text);
      }),
    );
  });

  it('counts as many septets as there are', () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        expect(septetCount(text)).toBe(toSeptets(text)?.length);
      }),
    );
  });

  it.each(['ç', '`', '\t', '\u001b', '\u0000', 'ł', '😀', '\ud800', 'α'])('has no septet for %j', (character) => {
    expect(septetsOf(character)).toBeUndefined();
    expect(toSeptets(`a${character}`)).toBeUndefined();
    expect(septetCount(`a${character}`)).toBeUndefined();
  });

  it('reads capital C with cedilla where some libraries have the small one (7.2)', () => {
    expect(fromSeptets([0x09])).toBe('Ç');
  });
});

describe('the escape (7.3, 7.5)', () => {
  it.each([
    { septets: [0x61, 0x1b], text: 'a ', rule: 'at the end it is a space' },
    { septets: [0x1b, 0x1b, 0x65], text: ' €', rule: 'before another escape it is a space' },
    { septets: [0x1b, 0x1b], text: '  ', rule: 'both hold at once' },
    { septets: [0x1b, 0x61], text: 'a', rule: 'an unknown second septet is shown from the basic table' },
    { septets: [0x1b, 0x61, 0x65], text: 'ae', rule: 'it counts for one septet only' },
  ])('$rule', ({ septets, text }) => {
    expect(fromSeptets(septets)).toBe(text);
  });

  it('makes a text of any septets at all, never with the place holder in it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = fromSeptets(bytes);
        expect(text).not.toContain('\u001b');
        expect(text.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe('packing', () => {
  it('packs the known example', () => {
    const hello = toSeptets('hello') ?? new Uint8Array();
    expect([...packSeptets(hello)]).toEqual([0xe8, 0x32, 0x9b, 0xfd, 0x06]);
  });

  it('unpacks what it packed, with at most one septet of padding behind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 127, maxLength: 170 }), (septets) => {
        const unpacked = unpackSeptets(packSeptets(septets));
        expect(unpacked.subarray(0, septets.length)).toEqual(septets);
        expect(unpacked.length - septets.length).toBe(septets.length % 8 === 7 ? 1 : 0);
      }),
    );
  });

  it('holds 160 septets in 140 octets', () => {
    expect(packSeptets(new Uint8Array(160))).toHaveLength(140);
    expect(unpackSeptets(new Uint8Array(140))).toHaveLength(160);
  });
});
