/** docs/cimd2.md prints the tables of the program; here it is held to them. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types, which runs before anything is compiled
import { printInto } from '../../../scripts/cimd2-document.mjs';
import { wrongCountCode, wrongValueCode } from '../../../src/core/codec/fault-codes.ts';
import { generalError, nack, operations } from '../../../src/core/codec/operations.ts';
import { parameters } from '../../../src/core/codec/parameters.ts';

it('is printed from the tables as they are: else run `npm run build && node scripts/print-cimd2.mjs`', () => {
  const document = readFileSync(new URL('../../../docs/cimd2.md', import.meta.url), 'utf8');
  expect(document).toBe(
    printInto(document, { operations, generalError, nack, parameters, wrongValueCode, wrongCountCode }),
  );
  expect(document.split('\n').filter((line) => line.startsWith('### '))).toHaveLength(operations.length);
});
