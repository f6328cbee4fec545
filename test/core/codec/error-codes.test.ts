import { describe, expect, it } from 'vitest';
import {
  cimdErrorMeaning,
  cimdErrors,
  deliverOutcome,
  findCimdError,
  parseErrorCode,
  retryClass,
} from '../../../src/core/codec/error-codes.ts';
import { faultCodes, wrongCountCode, wrongValueCode } from '../../../src/core/codec/fault-codes.ts';
import { findOperation, operations } from '../../../src/core/codec/operations.ts';
import { referenceCells } from './reference.ts';

/** Column "In" of reference 9. */
const places = {
  any: undefined,
  login: 1,
  submit: 3,
  enquire: 4,
  'delivery request': 5,
  cancel: 6,
  set: 8,
  get: 9,
  deliver: 20,
  'deliver (app -> SMSC)': 20,
} as const;

describe('table of error codes', () => {
  it('has the codes, places and retry classes of reference 9', () => {
    const printed = referenceCells('9', 4)
      .filter(([, , meaning]) => !meaning?.startsWith('not assigned'))
      .map(([code, place, , retry]) => [
        Number(code),
        // A place that is not in the list gives undefined and fails where a code has a place.
        places[place as keyof typeof places],
        retry === '-' ? 'none' : retry?.split(' ')[0],
      ])
      .sort((a, b) => Number(a[0]) - Number(b[0]));
    expect(printed).toHaveLength(61);
    expect(cimdErrors.map(({ code, operation, retry }) => [code, operation, retry])).toEqual(printed);
  });

  it('has the meanings of reference 9', () => {
    for (const [code, , meaning] of referenceCells('9', 4)) {
      const ours = findCimdError(Number(code));
      if (ours !== undefined) expect(meaning).toContain(ours.meaning);
    }
  });

  it('fits every meaning into 901', () => {
    for (const { meaning } of cimdErrors) expect(meaning).toMatch(/^[ -~]{1,64}$/);
    expect(cimdErrorMeaning(999)).toBe('unknown error code');
  });

  it('asks unknown codes again below 100 only', () => {
    expect([50, 99, 109, 317, 999].map(retryClass)).toEqual(['later', 'later', 'no', 'no', 'no']);
    expect(retryClass(10)).toBe('later');
  });
});

describe('reading 900', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['310', 310],
    ['007', 7],
    ['310 ', 310],
    ['9x1', 9],
  ])('takes %j as %i', (value, code) => {
    expect(parseErrorCode(value)).toBe(code);
  });

  it.each([[''], ['x'], ['-1'], [' 1']])('takes %j as none', (value) => {
    expect(parseErrorCode(value)).toBeUndefined();
  });
});

it('sorts the answers to a deliver as reference 2.9 does', () => {
  expect([undefined, 0].map(deliverOutcome)).toEqual(['delivered', 'delivered']);
  expect([700, 709].map(deliverOutcome)).toEqual(['waiting', 'waiting']);
  expect([710, 729, 730, 750].map(deliverOutcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
  expect([1, 10, 699, 751, 999].map(deliverOutcome)).toEqual(['keep', 'keep', 'keep', 'keep', 'keep']);
});

describe('choice of code for a faulty parameter', () => {
  it('is the one of the last paragraph of reference 9 for a submit', () => {
    const wrong = [21, 23, 27, 30, 32, 33, 34, 44, 50, 51, 52, 53, 54, 55, 56, 58, 64, 65, 67].map((parameter) =>
      wrongValueCode(3, parameter),
    );
    expect(wrong).toEqual([
      300, 306, 322, 304, 302, 302, 302, 318, 305, 305, 307, 308, 308, 309, 310, 311, 313, 314, 312,
    ]);
    expect(wrongCountCode(3, 21)).toBe(301);
  });

  it('is a code of that very operation, wherever a row says so', () => {
    for (const { operation, wrong, count } of faultCodes) {
      for (const code of [wrong, count]) expect(findCimdError(code)?.operation).toBe(operation);
    }
  });

  it('covers parameters that the operation has', () => {
    for (const { operation, parameters } of faultCodes) {
      const role = findOperation(operation);
      if (role?.type !== 'request') throw new Error(`${operation} is a request`);
      const known = role.operation.request.map((use) => use.code);
      for (const parameter of parameters) expect(known).toContain(parameter);
    }
  });

  it('covers every parameter of every request of an application', () => {
    for (const { code, requester, request } of operations) {
      if (requester === 'smsc') continue;
      for (const use of request) expect(wrongValueCode(code, use.code), `${code} ${use.code}`).toBeGreaterThan(99);
    }
  });

  it('is a general one elsewhere', () => {
    expect(wrongValueCode(20, 21)).toBe(8);
    expect(wrongCountCode(20, 21)).toBe(2);
  });
});
