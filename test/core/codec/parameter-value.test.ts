import { describe, expect, it } from 'vitest';
import { checkValue, normalizeAddress, parseInteger } from '../../../src/core/codec/parameter-value.ts';
import { findParameter, parameters } from '../../../src/core/codec/parameters.ts';

/** Undefined where the value may stand, else the code without its prefix. */
function flaw(code: number, value: string): string | undefined {
  const info = findParameter(code);
  if (info === undefined) throw new Error(`there is no parameter ${code}`);
  return checkValue(info, value)?.code.replace('CIMD2_', '');
}

describe('integers (3.1, 3.2)', () => {
  const integers = parameters.filter((info) => info.type === 'integer');

  it.each(integers.map((info) => [info.code, info] as const))(
    'are taken in %i at both ends of the range, and not beyond',
    (code, info) => {
      const { from, to } = info.range ?? { from: 0, to: 0 };
      expect(flaw(code, String(from))).toBeUndefined();
      expect(flaw(code, String(to))).toBeUndefined();
      expect(flaw(code, String(from - 1))).toBeDefined();
      expect(flaw(code, String(to + 1))).toBeDefined();
    },
  );

  it('may be -1 in 050 and 053 alone', () => {
    const negative = integers.filter((info) => flaw(info.code, '-1') === undefined).map((info) => info.code);
    expect(negative).toEqual([50, 53]);
    expect(flaw(50, '-2')).toBe('ILLEGAL_BYTE');
  });

  it('may have leading zeros, up to their length', () => {
    expect(flaw(64, '00')).toBeUndefined();
    expect(flaw(64, '000')).toBe('VALUE_TOO_LONG');
  });

  it.each([['1.0'], [' 1'], ['1 '], ['+1'], ['1e1'], ['0x1'], ['\u0660']])('are not %j', (value) => {
    expect(flaw(30, value)).toBe('ILLEGAL_BYTE');
    expect(parseInteger(value)).toBeUndefined();
  });

  it('are taken up to 999 as a subaddress, although 9 is the largest that is sent', () => {
    expect(flaw(12, '999')).toBeUndefined();
    expect(findParameter(12)?.emitRange).toEqual({ from: 0, to: 9 });
  });
});

describe('addresses (3.1)', () => {
  it.each([['1'], ['+358501234567'], ['358-50-123'], ['12345678901234567890'], ['+1234567890123456789']])(
    'are %s',
    (value) => {
      expect(flaw(21, value)).toBeUndefined();
    },
  );

  it.each([['+'], ['-'], ['1+2'], ['++1'], ['12a'], ['1 2']])('are not %j', (value) => {
    expect(flaw(21, value)).toBe('ILLEGAL_BYTE');
  });

  it('have at most 20 characters, hyphens not counted', () => {
    expect(flaw(21, `+${'1'.repeat(20)}`)).toBe('VALUE_TOO_LONG');
    expect(flaw(21, `1-${'1'.repeat(19)}`)).toBeUndefined();
  });

  it('lose their hyphens and nothing else', () => {
    expect(normalizeAddress('+358-50-1234567')).toBe('+358501234567');
    expect(normalizeAddress('12345')).toBe('12345');
  });
});

describe('hex (3.1)', () => {
  it('is an even number of digits of either case', () => {
    expect(flaw(34, '00fFaA')).toBeUndefined();
    expect(flaw(34, '00f')).toBe('VALUE_OUT_OF_RANGE');
    expect(flaw(34, '0g')).toBe('ILLEGAL_BYTE');
  });

  it('has at most 280 digits', () => {
    expect(flaw(34, '00'.repeat(140))).toBeUndefined();
    expect(flaw(34, '00'.repeat(141))).toBe('VALUE_TOO_LONG');
  });
});

describe('times (3.1)', () => {
  it.each([['260131235959'], ['000101000000'], ['991231235959']])('are %s', (value) => {
    expect(flaw(60, value)).toBeUndefined();
  });

  it.each([
    ['261331235959', 'VALUE_OUT_OF_RANGE'],
    ['260031235959', 'VALUE_OUT_OF_RANGE'],
    ['260100235959', 'VALUE_OUT_OF_RANGE'],
    ['260132235959', 'VALUE_OUT_OF_RANGE'],
    ['260131245959', 'VALUE_OUT_OF_RANGE'],
    ['260131236059', 'VALUE_OUT_OF_RANGE'],
    ['260131235960', 'VALUE_OUT_OF_RANGE'],
    ['26013123595', 'VALUE_OUT_OF_RANGE'],
    ['2601312359590', 'VALUE_TOO_LONG'],
    ['26013123595x', 'ILLEGAL_BYTE'],
  ])('are not %s', (value, code) => {
    expect(flaw(60, value)).toBe(code);
  });
});

describe('strings (3.1, 3.3)', () => {
  it('hold printable ASCII', () => {
    expect(flaw(901, ' ~')).toBeUndefined();
    for (const value of ['\x1f', '\x7f', '\xe4']) expect(flaw(901, value)).toBe('ILLEGAL_BYTE');
  });

  it('hold no spaces where they name a user or are a password', () => {
    expect(flaw(10, 'a b')).toBe('ILLEGAL_BYTE');
    expect(flaw(11, 'a b')).toBe('ILLEGAL_BYTE');
  });

  it('hold none of six characters where they are shown as the sender', () => {
    for (const character of '$@]_`}') expect(flaw(27, `a${character}`)).toBe('ILLEGAL_BYTE');
    expect(flaw(27, 'Shop & Co!')).toBeUndefined();
  });

  it.each([
    [10, 32],
    [11, 32],
    [27, 11],
    [901, 64],
  ])('are in %i at most %i characters long', (code, length) => {
    expect(flaw(code, 'a'.repeat(length))).toBeUndefined();
    expect(flaw(code, 'a'.repeat(length + 1))).toBe('VALUE_TOO_LONG');
  });
});

it('takes in 033 any byte, up to 480 of them', () => {
  expect(flaw(33, '\r\n\x1b\xff[_')).toBeUndefined();
  expect(flaw(33, '\xff'.repeat(480))).toBeUndefined();
  expect(flaw(33, '\xff'.repeat(481))).toBe('VALUE_TOO_LONG');
});

it('asks nothing of the obsolete ones (3.5)', () => {
  expect(flaw(41, 'anything')).toBeUndefined();
});
