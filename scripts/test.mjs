// All tests: first `npm run check` (types, lint, formatting, architecture), then vitest, and at the end a judge who reads
// every packet that the processes under test wrote. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const judge = 'test/interop/wire-judge.test.ts';
const packets = mkdtempSync(join(tmpdir(), 'ringbridge-wire-'));
const tap = `--import=${new URL('../test/interop/wire-tap.mjs', import.meta.url).href}`;
const recording = {
  ...process.env,
  WIRE_TAP_DIR: packets,
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${tap}`.trim(),
};

const steps = [
  [process.env, 'typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  [process.env, '@biomejs/biome/bin/biome', 'check', '.'],
  [recording, 'vitest/vitest.mjs', 'run', '--exclude', judge, ...process.argv.slice(2)],
  [{ ...process.env, WIRE_TAP_DIR: packets }, 'vitest/vitest.mjs', 'run', judge],
];
let status = 0;
for (const [env, script, ...args] of steps) {
  const run = spawnSync(process.execPath, [`${root}node_modules/${script}`, ...args], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  status = run.status ?? 1;
  if (status !== 0) break;
}
rmSync(packets, { recursive: true, force: true });
process.exit(status);
