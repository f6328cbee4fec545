// Runs the tests that prove the promises, or reads the report of a run, and prints docs/guarantees.md from them:
// `node scripts/print-guarantees.mjs [--report FILE]`. Prints nothing and ends 7 unless all of them passed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printInto } from './guarantees/document.mjs';
import { complaintsAbout } from './guarantees/report.mjs';
import { tests } from './guarantees/tests.mjs';
import { existing } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const checkFailed = 7;
const root = fileURLToPath(new URL('..', import.meta.url));
const path = new URL('../docs/guarantees.md', import.meta.url);
const values = readOptions({
  command: 'node scripts/print-guarantees.mjs',
  about:
    'Prints docs/guarantees.md from its tables if the tests that it names have passed; otherwise prints nothing and ends 7.',
  flags: {
    report: {
      takes: existing('FILE'),
      defaultText: 'runs the tests',
      says: 'of a run of the tests, made with vitest run --reporter=json',
    },
  },
});

const named = Object.values(tests);
const complaints = complaintsAbout(values.report === undefined ? run() : read(values.report), named, root);
if (complaints.length > 0) {
  process.stderr.write(`${complaints.join('\n')}\n`);
  process.exitCode = checkFailed;
} else {
  writeFileSync(path, printInto(readFileSync(path, 'utf8')));
  process.stdout.write(`docs/guarantees.md is printed; its ${named.length} tests passed.\n`);
}

function run() {
  const dir = mkdtempSync(join(tmpdir(), 'ringbridge-guarantees-'));
  const report = join(dir, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = [...new Set(named.map(({ file }) => file))];
  try {
    const args = [vitest, 'run', '--reporter=json', `--outputFile=${report}`, ...files];
    spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    return read(report);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
