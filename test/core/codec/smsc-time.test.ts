/** Twelve digits and instants, against the platform's own calendar. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { formatSmscTime, formatZoneOffset, parseSmscTime, parseZoneOffset } from '../../../src/core/codec/smsc-time.ts';

const first = Date.UTC(1970, 0, 1);
const last = Date.UTC(2069, 11, 31, 23, 59, 59);
const offset = fc.integer({ min: -1439, max: 1439 });

describe('digits to instant', () => {
  it('reads local time under the offset of its zone', () => {
    expect(parseSmscTime('260131235959', 0)).toBe(Date.parse('2026-01-31T23:59:59Z'));
    expect(parseSmscTime('260131235959', 480)).toBe(Date.parse('2026-01-31T23:59:59+08:00'));
    expect(parseSmscTime('260101000000', -210)).toBe(Date.parse('2026-01-01T00:00:00-03:30'));
  });

  it('reads 70 as 1970 and 69 as 2069', () => {
    expect(parseSmscTime('700101000000', 0)).toBe(0);
    expect(parseSmscTime('690101000000', 0)).toBe(Date.UTC(2069, 0, 1));
  });

  it('knows the leap days', () => {
    expect(parseSmscTime('000229120000', 0)).toBe(Date.UTC(2000, 1, 29, 12));
    expect(parseSmscTime('240229120000', 0)).toBe(Date.UTC(2024, 1, 29, 12));
    expect(parseSmscTime('250229120000', 0)).toBeUndefined();
  });

  it.each([
    '',
    '26013123595',
    '2601312359590',
    '261301000000',
    '260001000000',
    '260100000000',
    '260132000000',
    '260431000000',
    '260101240000',
    '260101006000',
    '260101000060',
    '26010100000x',
    '+60101000000',
    '260101000000\n',
  ])('refuses %j', (digits) => {
    expect(parseSmscTime(digits, 0)).toBeUndefined();
  });
});

describe('instant to digits', () => {
  it('agrees with the calendar of the platform over the whole range', () => {
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (at) => {
        const iso = new Date(at).toISOString();
        expect(formatSmscTime(instant(at), 0)).toBe(iso.slice(2, 19).replaceAll(/[-T:]/g, ''));
      }),
    );
  });

  it.each(['000229235959', '000301000000', '240229000000', '691231235959', '700101000000'])('writes %s', (digits) => {
    expect(formatSmscTime(parseSmscTime(digits, 0) ?? instant(Number.NaN), 0)).toBe(digits);
  });

  it('comes back, to the second, under any offset', () => {
    const inside = fc.integer({ min: first / 1000 + 86_400, max: Math.floor(last / 1000) - 86_400 });
    fc.assert(
      fc.property(inside, offset, fc.nat(999), (seconds, minutes, ms) => {
        const digits = formatSmscTime(instant(seconds * 1000 + ms), minutes);
        expect(parseSmscTime(digits, minutes)).toBe(seconds * 1000);
      }),
    );
  });
});

describe('zones', () => {
  it.each([
    { text: '+08:00', minutes: 480 },
    { text: '-03:30', minutes: -210 },
    { text: '+00:00', minutes: 0 },
    { text: '-00:00', minutes: 0 },
    { text: 'Z', minutes: 0 },
  ])('reads $text', ({ text, minutes }) => {
    expect(parseZoneOffset(text)).toBe(minutes);
  });

  it.each(['', '8', '+8:00', '+24:00', '+08:60', '+0800', 'ask', ' +08:00', '+08:00 '])('refuses %j', (text) => {
    expect(parseZoneOffset(text)).toBeUndefined();
  });

  it('writes what it reads', () => {
    fc.assert(
      fc.property(offset, (minutes) => {
        expect(parseZoneOffset(formatZoneOffset(minutes))).toBe(minutes);
      }),
    );
  });
});
