// `npm run soak -- --seeds 20000`: as many seeds of `sim run` as wanted, shared among the processors. Prints what failed
// with the command that repeats it, and a line of counts at the end; ends 7 if a promise did not hold.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const checkFailed = 7;
/** Seeds that one process runs before it is made anew. */
const batchSize = 100;

const help = `Usage: npm run soak -- [options]

  --seeds N       how many, counted from --from (default 1000)
  --from N        the first seed (default 1)
  --for 30s       virtual time of each in which things go wrong
  --only KIND,…   faults of these kinds only
  --jobs N        processes at a time (default: as many as processors)`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    for: { type: 'string', default: '30s' },
    only: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
});

const counts = { seeds: 0, texts: 0, faults: 0, deaths: 0, lostDisks: 0, doubled: 0, happenings: 0, slowestMs: 0 };
const failures = [];
const children = new Set();

if (values.help) {
  process.stdout.write(`${help}\n`);
} else {
  const [count, first, jobs] = [values.seeds, values.from, values.jobs].map(Number);
  if (![count, first, jobs].every(Number.isSafeInteger) || count < 1 || first < 0 || jobs < 1) {
    process.stderr.write(`${help}\n`);
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      for (const child of children) child.kill();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  }
  process.exitCode = await soak(first, first + count - 1, jobs);
}

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
  if (values.only !== undefined) args.push('--only', values.only);
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
