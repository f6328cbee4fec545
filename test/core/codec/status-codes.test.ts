import { expect, it } from 'vitest';
import {
  allFinalReports,
  findStatusCode,
  findStatusError,
  isReportWanted,
  statusCodes,
  statusErrors,
} from '../../../src/core/codec/status-codes.ts';
import { referenceCells, referenceRows } from './reference.ts';

it('has the statuses of reference 8.2', () => {
  const printed = referenceRows('8.2').map(([code, name, final, bits]) => ({
    code: Number(code),
    name,
    isFinal: final === 'yes',
    reportBits: bits === '-' ? 0 : (bits?.split(', ') ?? []).reduce((sum, bit) => sum + Number(bit), 0),
  }));
  expect(printed).toHaveLength(10);
  expect(statusCodes).toEqual(printed);
});

it('has the reasons of reference 8.3', () => {
  const classes = { '-': 'none', P: 'permanent', T: 'temporary', A: 'account' } as const;
  const printed = referenceCells('8.3', 3)
    .map(([code, meaning, letter]) => ({
      code: Number(code),
      meaning,
      // A letter that is not in the list gives undefined and fails the comparison.
      class: classes[letter as keyof typeof classes],
    }))
    .sort((a, b) => a.code - b.code);
  expect(printed).toHaveLength(35);
  expect(statusErrors.filter((error) => error.class !== 'ussd')).toEqual(printed);
  expect(statusErrors.filter((error) => error.class === 'ussd').map((error) => error.code)).toEqual(
    Array.from({ length: 19 }, (_, index) => 750 + index),
  );
});

it('finds a row by its code', () => {
  expect(findStatusCode(4)?.name).toBe('delivery successful');
  expect(findStatusCode(10)).toBeUndefined();
  expect(findStatusError(29)?.meaning).toBe('absent subscriber');
  expect(findStatusError(2)).toBeUndefined();
});

it('reports every final status and no other one when all final events are asked for (8.1)', () => {
  for (const { code, isFinal } of statusCodes) expect(isReportWanted(code, allFinalReports)).toBe(isFinal);
});

it('reports only what was asked for', () => {
  expect(statusCodes.filter((status) => isReportWanted(status.code, 8)).map((status) => status.code)).toEqual([4]);
  expect(statusCodes.filter((status) => isReportWanted(status.code, 1)).map((status) => status.code)).toEqual([1, 5]);
  expect(statusCodes.filter((status) => isReportWanted(status.code, 0))).toEqual([]);
  expect(isReportWanted(42, 127)).toBe(false);
});
