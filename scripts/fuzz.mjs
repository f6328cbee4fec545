// Throws bad bytes at the codec and at both ends of the handshake for a while: `npm run fuzz -- --seconds 60`. Each run
// takes seeds that no other took, and says the seed of a round that found something; `--seed N --rounds 1` plays it again.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const targets = ['codec', 'server', 'client'];
const number = (name, text, least) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`--${name}: "${text}" is no number from ${least}; write it like --${name} 60\n`);
  process.exit(2);
};

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    target: { type: 'string' },
  },
});
if (values.target !== undefined && !targets.includes(values.target)) {
  process.stderr.write(`--target: "${values.target}" is none of ${targets.join(', ')}\n`);
  process.exit(2);
}
const count = values.target === undefined ? targets.length : 1;
// With a seed the rounds count, without one the time.
const seconds = values.rounds === undefined ? Math.ceil(number('seconds', values.seconds, 1) / count) : 0;
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : number('seed', values.seed, 0);
process.stdout.write(`seeds from ${seed}\n`);
const run = spawnSync(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, 'run', 'test/fuzz'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    FUZZ_SEED: String(seed),
    FUZZ_SECONDS: String(seconds),
    FUZZ_ROUNDS: String(values.rounds === undefined ? 1 : number('rounds', values.rounds, 1)),
    ...(values.target === undefined ? {} : { FUZZ_TARGET: values.target }),
  },
});
process.exit(run.status ?? 1);
