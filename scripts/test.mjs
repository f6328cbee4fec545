// All tests: first `npm run check` (types, lint, formatting, architecture), then vitest. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const steps = [
  ['typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['@biomejs/biome/bin/biome', 'check', '.'],
  ['vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
];
for (const [script, ...args] of steps) {
  const run = spawnSync(process.execPath, [`${root}node_modules/${script}`, ...args], { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
