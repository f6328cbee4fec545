// All tests: types beside everything else, lint and formatting, then vitest (the architecture test is in it), and at the end
// a judge who reads every packet that the processes under test wrote. Wrong types end it at once. Arguments go to vitest.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/** Most tests wait for something now and then: the compiler takes these moments. */
const types = start(process.env, 'pipe', ['typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json']);
const found = text(types.child.stdout);
const steps = [
  [process.env, '@biomejs/biome/bin/biome', 'check', '.'],
  [recording, 'vitest/vitest.mjs', 'run', '--exclude', judge, ...process.argv.slice(2)],
  [{ ...process.env, WIRE_TAP_DIR: packets }, 'vitest/vitest.mjs', 'run', judge],
];
let status = 0;
for (const [env, ...args] of steps) {
  const step = start(env, 'inherit', args);
  const isWrong = types.ended.then((wrong) => (wrong === 0 ? step.ended : wrong));
  status = await Promise.race([isWrong, step.ended.then((failed) => (failed === 0 ? isWrong : failed))]);
  if (status === 0) continue;
  step.child.kill();
  await step.ended;
  break;
}
types.child.kill();
if ((await types.ended) !== 0) process.stdout.write(await found);
rmSync(packets, { recursive: true, force: true });
process.exit(status);

function start(env, stdout, [script, ...args]) {
  const options = { cwd: root, stdio: ['inherit', stdout, 'inherit'], env };
  const child = spawn(process.execPath, [`${root}node_modules/${script}`, ...args], options);
  return { child, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1))) };
}
