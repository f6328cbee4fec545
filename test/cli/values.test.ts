import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, formatDuration, parseDuration } from '../../src/cli/duration.ts';
import { parsePhone } from '../../src/cli/phone.ts';
import { formatRate, parseRate } from '../../src/cli/rate.ts';
import { formatSize, parseSize } from '../../src/cli/size.ts';

describe('durations', () => {
  it.each([
    ['200ms', 200],
    ['30s', 30_000],
    ['0.5s', 500],
    ['5m', 300_000],
    ['48h', 172_800_000],
    ['2d', 172_800_000],
    ['1h30m', 5_400_000],
    [' 1 H 30 M ', 5_400_000],
    ['0', 0],
  ])('reads %s', (text, expectedMs) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: expectedMs });
  });

  it('refuses a number without a unit and says which unit it may have meant', () => {
    expect(parseDuration('30')).toMatchObject({ ok: false, fault: { message: expect.stringContaining('30s') } });
  });

  it.each(['', 's', '-5s', '5 parsecs', '1.2.3s', '5s3', '1e3s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toMatchObject({ ok: false, fault: { code: 'CONFIG_BAD_VALUE' } });
  });

  it('reads back every text it writes for a default', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (ms) => {
        expect(parseDuration(durationText(ms))).toEqual({ ok: true, value: ms });
      }),
    );
  });

  it.each([
    [38, '38 ms'],
    [2_400, '2.4 s'],
    [61_000, '61 s'],
    [6_720_000, '1 h 52 min'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
  ])('shows %i ms as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown);
  });
});

describe('rates', () => {
  it.each([
    ['5/s', 5],
    ['0.5/s', 0.5],
    ['120/min', 2],
    ['90/m', 1.5],
    ['3600/h', 1],
  ])('reads %s', (text, perSecond) => {
    expect(parseRate(text)).toEqual({ ok: true, value: perSecond });
  });

  it.each(['5', '0/s', '-1/s', '200000/s', '5/day', ''])('refuses %j', (text) => {
    expect(parseRate(text).ok).toBe(false);
  });

  it.each([
    [5, '5/s'],
    [1.5, '90/min'],
  ])('shows %f a second as %s', (perSecond, shown) => {
    expect(formatRate(perSecond)).toBe(shown);
  });
});

describe('sizes', () => {
  it.each([
    ['64KiB', 65_536],
    ['16 mib', 16_777_216],
    ['1.5GiB', 1_610_612_736],
    ['512B', 512],
    ['0', 0],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toEqual({ ok: true, value: bytes });
  });

  it.each(['64', '64KB', 'KiB', '-1KiB', ''])('refuses %j', (text) => {
    expect(parseSize(text).ok).toBe(false);
  });

  it('reads back every size it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (bytes) => {
        expect(parseSize(formatSize(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});

describe('phone numbers', () => {
  it.each([
    ['+358 40 123-4567', '+358401234567'],
    ['+1 (555) 010-9999', '+15550109999'],
    ['040 1234567', '0401234567'],
    ['2882', '2882'],
    ['28820001', '28820001'],
  ])('reads %s', (text, number) => {
    expect(parsePhone(text)).toEqual({ ok: true, value: number });
  });

  it.each([
    ['', 'empty'],
    ['alice', '"a" does not belong'],
    ['+35840x', '"x" does not belong'],
    ['358+40', 'in front'],
    ['++358401234567', 'in front'],
    ['+0401234567', 'country code'],
    ['+123', '3 digits'],
    ['+1234567890123456', '16 digits'],
    ['123456789012345678901', 'too long'],
  ])('refuses %j and says why', (text, why) => {
    expect(parsePhone(text)).toMatchObject({ ok: false, fault: { message: expect.stringContaining(why) } });
  });

  it('lets nothing through but digits and one leading plus, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('+', '0', '7', ' ', '-', 'a') })), (text) => {
        const parsed = parsePhone(text);
        if (parsed.ok) expect(parsed.value).toMatch(/^\+?[0-9]{1,20}$/);
      }),
    );
  });
});
