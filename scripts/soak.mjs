// `npm run soak -- --seeds 20000`: as many seeds of `sim run` as wanted, shared among the processors. Prints what failed
// with the command that repeats it, and a line of counts at the end; ends 7 if a promise did not hold.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '../dist/cli/duration.js';
import { worldFaultKinds } from '../dist/sim/faults.js';
import { listOf, number, text, word } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const checkFailed = 7;
/** Seeds that one process runs before it is made anew. */
const batchSize = 100;

const values = readOptions({
  command: 'npm run soak --',
  about:
    'Prints each seed that failed with the command that repeats it, and counts. Ends 0 if every promise held, 7 otherwise.',
  flags: {
    seeds: { takes: number(1, 1e9), default: 1_000, says: 'how many, counted from --from' },
    from: { takes: number(0, 1e9), default: 1, says: 'the first seed' },
    for: { takes: text('30s', parseDuration), default: '30s', says: 'virtual time of each in which things go wrong' },
    only: { takes: listOf(word('KIND', worldFaultKinds)), says: 'faults of these kinds only' },
    jobs: {
      takes: number(1, 1_000),
      default: availableParallelism(),
      defaultText: 'as many as processors',
      says: 'processes at a time',
    },
  },
});

const counts = { seeds: 0, texts: 0, faults: 0, deaths: 0, lostDisks: 0, doubled: 0, happenings: 0, slowestMs: 0 };
const failures = [];
const children = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}
process.exitCode = await soak(values.from, values.from + values.seeds - 1, values.jobs);

async function soak(first, last, jobs) {
  const startedAt = Date.now();
  let next = first;
  const work = async () => {
    while (next <= last) {
      const from = next;
      next += batchSize;
      await runBatch(from, Math.min(last, from + batchSize - 1));
      process.stderr.write(`soak: ${counts.seeds} of ${last - first + 1} seeds, ${failures.length} failed\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const { seeds, texts, faults, deaths, lostDisks, doubled, happenings, slowestMs } = counts;
  process.stdout.write(
    `${seeds} seeds in ${seconds} s: ${texts} texts, ${faults} faults, ${deaths} deaths, ${lostDisks} disks lost, ` +
      `${doubled} doubled and marked, ${happenings} happenings checked; settled within ${Math.round(slowestMs / 1_000)} s; ` +
      `${failures.length} failed\n`,
  );
  return failures.length === 0 && seeds === last - first + 1 ? 0 : checkFailed;
}

function runBatch(from, to) {
  const args = ['sim', 'run', '--seeds', `${from}-${to}`, '--for', values.for, '--json'];
  if (values.only !== undefined) args.push('--only', values.only.join(','));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const lines = createInterface({ input: child.stdout });
  lines.on('line', take);
  return new Promise((resolve) => {
    child.once('close', () => {
      children.delete(child);
      resolve();
    });
  });
}

function take(line) {
  const result = JSON.parse(line);
  if (result.schema !== 'sim.result/1') {
    process.stdout.write(`${line}\n`);
    failures.push(result);
    return;
  }
  counts.seeds += 1;
  counts.texts += result.texts.mt + result.texts.mo;
  for (const name of ['faults', 'deaths', 'lostDisks', 'doubled', 'happenings']) counts[name] += result[name];
  counts.slowestMs = Math.max(counts.slowestMs, result.settledMs);
  if (result.ok) return;
  failures.push(result.seed);
  process.stdout.write(
    `seed ${result.seed}: ${result.failure.checker}: ${result.failure.complaint}\n  ${result.command}\n`,
  );
}
