/**
 * What each parameter may hold, and what is just beside it: written by hand from docs/reference/cimd2.md sections 3.1 to
 * 3.3, never from the tables of the program, which this is to judge. Values are wire bytes as latin-1.
 */

export interface Values {
  readonly lowest: readonly string[];
  readonly highest: readonly string[];
  /** Empty where the type has no order, or where one step down is malformed. */
  readonly tooLow: readonly string[];
  /** Empty where one step up has a digit too many, which is `tooLong`. */
  readonly tooHigh: readonly string[];
  readonly tooLong: readonly string[];
  readonly malformed: readonly string[];
}

/** 3.1: 0–9, a minus in 050 and 053 alone. */
const notIntegers = ['x', '1x', ' 1', '1.5', '+1', '-', '0x1', '\xb2'];
/** 3.1: 12 digits. Month, day, hour, minute and second each have their limits. */
const times: Values = {
  lowest: ['000101000000'],
  highest: ['991231235959'],
  tooLow: ['260001000000', '260100000000'],
  tooHigh: ['261301000000', '260132000000', '260101240000', '260101006000', '260101000060'],
  tooLong: ['2601312359590'],
  malformed: ['26013123595', '26013123595x', '26-131235959', ' 26013123595'],
};
/** 3.1: digits with at most one leading plus, hyphens accepted; 3.2: 20. */
const addresses: Values = {
  lowest: ['1', '0'],
  highest: ['12345678901234567890', '+1234567890123456789', '358-40-1234567'],
  tooLow: [],
  tooHigh: [],
  tooLong: ['123456789012345678901', '+12345678901234567890'],
  malformed: ['+', '-', '1+2', '++1', '12a', '1 2', '(1)', '\xb9'],
};
/** 3.1: an even number of digits; 3.2: 280 in a short message. */
const hexes: Values = {
  lowest: ['00', 'fF'],
  highest: ['00'.repeat(140)],
  tooLow: [],
  tooHigh: [],
  tooLong: ['00'.repeat(141)],
  malformed: ['0', '000', '0g', '0x', ' 0', '\xb9\xb9'],
};

/** By code. */
export const valuesOf: Readonly<Record<number, Values>> = {
  10: strings('a', 'u'.repeat(32), ['us er', 'us\x07er', 'us\x7fer', 'us\xe9er']),
  11: strings('!', '~'.repeat(32), ['pass word', 'pass\nword', '\xdf']),
  // 3.2: the length says three digits, the range 0–9: 0–999 is accepted.
  12: integers('0', '999', ['-1'], [], '1000'),
  19: integers('1', '128', ['0', '-1'], ['129', '999'], '0001'),
  21: addresses,
  23: addresses,
  26: addresses,
  // 3.3: six characters are forbidden.
  27: strings('A', 'Ab1 !?:;<=>', ['a$', 'a@', 'a]', 'a_', 'a`', 'a}', 'a\x1f', 'a\x7f', 'a\xe4']),
  28: addresses,
  30: integers('0', '255', ['-1'], ['256', '999'], '0000'),
  // 7.8: its first octet counts the ones behind it.
  32: { ...hexes, lowest: ['00', '0401020a0B'], highest: [`8B7089${'00'.repeat(137)}`] },
  // 3.2: 480 on the wire, which 160 combinations of three characters are.
  33: {
    lowest: ['a', '\n', '\xa3'],
    highest: ['_Oa'.repeat(160)],
    tooLow: [],
    tooHigh: [],
    tooLong: [`${'_Oa'.repeat(160)}a`],
    malformed: [],
  },
  34: hexes,
  44: integers('0', '1', ['-1'], ['2', '9'], '01'),
  50: { ...integers('-1', '255', ['-2'], ['256', '999'], '0000'), malformed: [...notIntegers, '--1', '-0'] },
  51: times,
  52: integers('0', '255', ['-1'], ['256'], '0000'),
  53: { ...integers('-1', '255', ['-2'], ['256', '999'], '0000'), malformed: [...notIntegers, '--1', '-0'] },
  54: times,
  55: integers('0', '1', ['-1'], ['2'], '01'),
  56: integers('0', '127', ['-1'], ['128', '255'], '0000'),
  58: integers('0', '1', ['-1'], ['2'], '00'),
  59: integers('0', '2', ['-1'], ['3', '9'], '00'),
  60: times,
  61: integers('0', '9', ['-1'], ['10', '99'], '000'),
  62: integers('0', '999', ['-1'], [], '1000'),
  63: times,
  64: integers('0', '99', ['-1'], [], '100'),
  65: integers('0', '99', ['-1'], [], '100'),
  66: integers('0', '999', ['-1'], [], '1000'),
  67: integers('1', '9', ['0'], [], '10'),
  68: integers('0', '2', ['-1'], ['3', '9'], '00'),
  69: addresses,
  500: integers('501', '999', ['500', '0'], [], '1000'),
  501: times,
  // 9: what does not begin with a digit is no code; `0` would be no error.
  900: { ...integers('1', '999', ['-1'], [], '1000'), malformed: ['x', '1x', ' 1', '1.5', '+1', '-', '\xb2'] },
  901: strings('x', 'e'.repeat(64), ['bad\x0aline', '\xe4']),
};

function integers(
  lowest: string,
  highest: string,
  tooLow: readonly string[],
  tooHigh: readonly string[],
  tooLong: string,
): Values {
  return { lowest: [lowest], highest: [highest], tooLow, tooHigh, tooLong: [tooLong], malformed: notIntegers };
}

function strings(lowest: string, highest: string, malformed: readonly string[]): Values {
  return { lowest: [lowest], highest: [highest], tooLow: [], tooHigh: [], tooLong: [`${highest}a`], malformed };
}
