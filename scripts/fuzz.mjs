// Throws bad bytes at the codec and at both ends of the handshake for a while: `npm run fuzz -- --seconds 60`. Each run
// takes seeds that no other took, and says the seed of a round that found something; `--seed N --rounds 1` plays it again.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { number, word } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const targets = ['codec', 'server', 'client'];
const values = readOptions({
  command: 'npm run fuzz --',
  about:
    'With --rounds these count, without it the time. Ends 0 where nothing is found; prints the seed of a round that found something.',
  flags: {
    seconds: { takes: number(1, 1e6), default: 60, says: 'how long, shared among the targets' },
    seed: { takes: number(0, 2 ** 31 - 1), defaultText: 'one that chance draws', says: 'the first seed' },
    rounds: { takes: number(1, 1e9), says: 'how many of each target, instead of --seconds' },
    target: { takes: word('NAME', targets), defaultText: 'all', says: 'what the bytes are thrown at' },
  },
});
const count = values.target === undefined ? targets.length : 1;
const seconds = values.rounds === undefined ? Math.ceil(values.seconds / count) : 0;
const seed = values.seed ?? Math.floor(Math.random() * 2 ** 31);
process.stdout.write(`seeds from ${seed}\n`);
const run = spawnSync(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, 'run', 'test/fuzz'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    FUZZ_SEED: String(seed),
    FUZZ_SECONDS: String(seconds),
    FUZZ_ROUNDS: String(values.rounds ?? 1),
    ...(values.target === undefined ? {} : { FUZZ_TARGET: values.target }),
  },
});
process.exit(run.status ?? 1);
