/**
 * Whether a value is what its parameter may hold: characters, length, range, one value by itself. How parameters go
 * together is `validate.ts`; the characters inside 033 are the link alphabet's. Source: docs/reference/cimd2.md
 * sections 3.1–3.4.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import type { ParameterInfo } from './parameters.ts';

/** What is wrong with a value, as half a sentence; never holds the value. */
export interface ValueFlaw {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Undefined where the value may stand. An empty value is no value (section 1.7) and not to be asked about, except for
 * 033, which may be empty.
 */
export function checkValue(info: ParameterInfo, value: string): ValueFlaw | undefined {
  switch (info.type) {
    case 'integer':
      return checkInteger(info, value);
    case 'address':
      return checkAddress(info, value);
    case 'hex':
      return checkHex(info, value);
    case 'time':
      return checkTime(value);
    case 'string':
      return checkString(info, value);
    case 'user-data':
      return checkLength(info, value);
    case 'unspecified':
      return undefined;
    default:
      return assertNever(info.type);
  }
}

/**
 * An integer of section 3.1: digits, leading zeros accepted; a minus only in -1 (050, 053).
 *
 * @returns undefined where it is none
 */
export function parseInteger(value: string): number | undefined {
  return /^(?:[0-9]+|-1)$/.test(value) ? Number(value) : undefined;
}

/**
 * The address without hyphens, which older centres allowed and Kannel still sends: digits with at most one leading `+`
 * where the address was valid. SPEC: section 3.1.
 */
export function normalizeAddress(value: string): string {
  return value.includes('-') ? value.replaceAll('-', '') : value;
}

function checkInteger(info: ParameterInfo, value: string): ValueFlaw | undefined {
  const number = parseInteger(value);
  if (number === undefined) return { code: 'CIMD2_ILLEGAL_BYTE', message: 'not an integer' };
  const tooLong = checkLength(info, value);
  if (tooLong !== undefined) return tooLong;
  const range = info.range;
  if (range !== undefined && (number < range.from || number > range.to)) {
    return { code: 'CIMD2_VALUE_OUT_OF_RANGE', message: `outside ${range.from} to ${range.to}` };
  }
  return undefined;
}

function checkAddress(info: ParameterInfo, value: string): ValueFlaw | undefined {
  const address = normalizeAddress(value);
  if (!/^\+?[0-9]+$/.test(address)) {
    return { code: 'CIMD2_ILLEGAL_BYTE', message: 'not digits with at most one leading +' };
  }
  return checkLength(info, address);
}

function checkHex(info: ParameterInfo, value: string): ValueFlaw | undefined {
  if (!/^[0-9A-Fa-f]+$/.test(value)) return { code: 'CIMD2_ILLEGAL_BYTE', message: 'not hex digits' };
  if (value.length % 2 !== 0) return { code: 'CIMD2_VALUE_OUT_OF_RANGE', message: 'an odd number of hex digits' };
  return checkLength(info, value);
}

/** Digit pairs of a time with their limits: `yymmddhhmmss`. */
const timeRanges = [
  { from: 0, to: 99 },
  { from: 1, to: 12 },
  { from: 1, to: 31 },
  { from: 0, to: 23 },
  { from: 0, to: 59 },
  { from: 0, to: 59 },
] as const;

/** Whether the month has that day is not asked: what counts is that a stamp can be told from any other. */
function checkTime(value: string): ValueFlaw | undefined {
  if (!/^[0-9]+$/.test(value)) return { code: 'CIMD2_ILLEGAL_BYTE', message: 'not digits' };
  if (value.length > 12) return { code: 'CIMD2_VALUE_TOO_LONG', message: `${value.length} digits instead of 12` };
  if (value.length < 12) return { code: 'CIMD2_VALUE_OUT_OF_RANGE', message: `${value.length} digits instead of 12` };
  const isTime = timeRanges.every((range, index) => {
    const pair = Number(value.slice(index * 2, index * 2 + 2));
    return pair >= range.from && pair <= range.to;
  });
  return isTime ? undefined : { code: 'CIMD2_VALUE_OUT_OF_RANGE', message: 'no time of the form yymmddhhmmss' };
}

function checkString(info: ParameterInfo, value: string): ValueFlaw | undefined {
  for (const character of value) {
    if (character < ' ' || character > '~' || info.forbidden.includes(character)) {
      return { code: 'CIMD2_ILLEGAL_BYTE', message: 'holds a character that is not allowed there' };
    }
  }
  return checkLength(info, value);
}

function checkLength(info: ParameterInfo, value: string): ValueFlaw | undefined {
  if (info.maxLength === undefined || value.length <= info.maxLength) return undefined;
  return { code: 'CIMD2_VALUE_TOO_LONG', message: `${value.length} characters, at most ${info.maxLength}` };
}
