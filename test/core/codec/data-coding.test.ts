/** The coding scheme octet: every group of section 7.6, and every value. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  dataCodingValue,
  readDataCoding,
  recodeDataCoding,
  userDataParameter,
} from '../../../src/core/codec/data-coding.ts';

const all = Array.from({ length: 256 }, (_, value) => value);
const reference = readFileSync(new URL('../../../docs/reference/cimd2.md', import.meta.url), 'utf8');

describe('reading 030 (7.6)', () => {
  it.each([
    { values: [0], alphabet: 'gsm7', messageClass: undefined },
    { values: [4], alphabet: '8bit', messageClass: undefined },
    { values: [8], alphabet: 'ucs2', messageClass: undefined },
    { values: [12], alphabet: 'gsm7', messageClass: undefined },
    { values: [16, 240], alphabet: 'gsm7', messageClass: 0 },
    { values: [19, 243], alphabet: 'gsm7', messageClass: 3 },
    { values: [20, 244], alphabet: '8bit', messageClass: 0 },
    { values: [21, 245], alphabet: '8bit', messageClass: 1 },
    { values: [24], alphabet: 'ucs2', messageClass: 0 },
    { values: [27], alphabet: 'ucs2', messageClass: 3 },
    { values: [128, 143, 144, 191], alphabet: 'gsm7', messageClass: undefined },
    { values: [192, 207, 208, 223], alphabet: 'gsm7', messageClass: undefined },
    { values: [224, 239], alphabet: 'ucs2', messageClass: undefined },
  ])('reads $values as $alphabet of class $messageClass', ({ values, alphabet, messageClass }) => {
    for (const value of values) expect(readDataCoding(value)).toMatchObject({ alphabet, messageClass });
  });

  it('has no class without bit 4, whatever bits 1-0 say', () => {
    for (const value of [1, 2, 3, 5, 9, 65]) expect(readDataCoding(value).messageClass).toBeUndefined();
  });

  it('sees compression in bit 5 and automatic deletion in bit 6 of the general groups only', () => {
    for (const value of all) {
      expect(readDataCoding(value).isCompressed).toBe(value < 128 && Math.floor(value / 32) % 2 === 1);
      expect(readDataCoding(value).isDeletedAfterReading).toBe(value >= 64 && value < 128);
    }
    expect(readDataCoding(72)).toEqual({ ...readDataCoding(8), isDeletedAfterReading: true });
  });

  it('reads the message waiting groups', () => {
    expect(readDataCoding(0xc8).waiting).toEqual({ kind: 'voice-mail', state: 'active', text: 'discard' });
    expect(readDataCoding(0xd1).waiting).toEqual({ kind: 'fax', state: 'inactive', text: 'store' });
    expect(readDataCoding(0xea).waiting).toEqual({ kind: 'e-mail', state: 'active', text: 'store' });
    expect(readDataCoding(0xcf).waiting).toMatchObject({ kind: 'other', state: 'active' });
    for (const value of all) {
      expect(readDataCoding(value).waiting !== undefined).toBe(value >= 0xc0 && value < 0xf0);
    }
  });

  it('reads past the reserved bit 3 of F0 to FF', () => {
    for (const value of [0xf0, 0xf1, 0xf4, 0xf7]) expect(readDataCoding(value + 8)).toEqual(readDataCoding(value));
  });
});

describe('which parameter (7.6)', () => {
  it('agrees with the printed table, row by row', () => {
    const section = reference.slice(reference.indexOf('### 7.6'), reference.indexOf('Bits: general groups'));
    let checked = 0;
    for (const line of section.split('\n').filter((candidate) => /^\| [0-9]/.test(candidate))) {
      const [, decimals = '', , , , parameters = ''] = line.split('|').map((cell) => cell.trim());
      const ranges = decimals.split('/').map((range) => range.trim().split('-').map(Number));
      const codes = parameters.split('/').map((code) => Number(code.trim()));
      for (const [i, [first = Number.NaN, last = first]] of ranges.entries()) {
        if (Number.isNaN(first) || Number.isNaN(codes[0])) continue;
        for (let value = first; value <= last; value += 1) {
          expect(userDataParameter(readDataCoding(value)), `030:${value}`).toBe(codes[i] ?? codes[0]);
          checked += 1;
        }
      }
    }
    expect(checked).toBe(136);
  });

  it('is 034 for anything compressed', () => {
    for (const value of [32, 36, 40, 48, 96]) expect(userDataParameter(readDataCoding(value))).toBe(34);
  });
});

describe('making 030', () => {
  it('gives the values that read back as asked', () => {
    for (const alphabet of ['gsm7', '8bit', 'ucs2'] as const) {
      for (const messageClass of [undefined, 0, 1, 2, 3] as const) {
        const read = readDataCoding(dataCodingValue(alphabet, messageClass));
        expect(read).toMatchObject({ alphabet, messageClass, isCompressed: false, waiting: undefined });
      }
    }
    expect([dataCodingValue('gsm7'), dataCodingValue('gsm7', 0), dataCodingValue('ucs2', 0)]).toEqual([0, 16, 24]);
  });
});

describe('the same in another alphabet (7.6)', () => {
  it('keeps class, deletion and indication, and is of the wanted alphabet, for every value', () => {
    for (let value = 0; value < 256; value += 1) {
      const before = readDataCoding(value);
      for (const alphabet of ['gsm7', 'ucs2'] as const) {
        const after = readDataCoding(recodeDataCoding(value, alphabet));
        expect(after).toMatchObject({ alphabet, isCompressed: false, messageClass: before.messageClass });
        expect(after.isDeletedAfterReading).toBe(before.isDeletedAfterReading);
        expect(after.waiting?.kind).toBe(before.waiting?.kind);
        expect(after.waiting?.state).toBe(before.waiting?.state);
      }
    }
  });

  it('is the same value where the alphabet is the same', () => {
    for (const value of [0, 12, 17, 64, 128, 200, 240]) expect(recodeDataCoding(value, 'gsm7')).toBe(value);
    for (const value of [8, 24, 72, 226]) expect(recodeDataCoding(value, 'ucs2')).toBe(value);
  });

  it('stores an indication in UCS-2, which has no group that is discarded', () => {
    expect(recodeDataCoding(0xc8, 'ucs2')).toBe(0xe8);
    expect(recodeDataCoding(0xe8, 'gsm7')).toBe(0xd8);
  });
});
