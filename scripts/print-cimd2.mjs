// Prints the tables of the program into docs/cimd2.md: `npm run build && node scripts/print-cimd2.mjs`.
import { readFileSync, writeFileSync } from 'node:fs';
import { wrongCountCode, wrongValueCode } from '../dist/core/codec/fault-codes.js';
import { generalError, nack, operations } from '../dist/core/codec/operations.js';
import { parameters } from '../dist/core/codec/parameters.js';
import { printInto } from './cimd2-document.mjs';
import { readOptions } from './options.mjs';

readOptions({
  command: 'node scripts/print-cimd2.mjs',
  about: 'Prints the tables of the program, as built, into docs/cimd2.md.',
});

const path = new URL('../docs/cimd2.md', import.meta.url);
const tables = { operations, generalError, nack, parameters, wrongValueCode, wrongCountCode };
writeFileSync(path, printInto(readFileSync(path, 'utf8'), tables));
