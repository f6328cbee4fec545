// `npm run crash`: the roles as real processes on real disks, under load both ways, killed, cut off, stopped and starved.
// Counts from the SMSC's and the IM server's own records, prints a table, ends 7 on any loss or unmarked double.
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { canMount, namespaceEnvironment, namespaceFlags } from './crash/mounts.mjs';

const usageError = 2;
const checkFailed = 7;
const names = ['kill', 'link', 'stop', 'disk', 'readonly', 'deleted', 'corrupt', 'clock', 'drain', 'outbox'];

const help = `Usage: npm run crash -- [options]

  --kills N      kills in all (default 200), however long the machine takes for them
  --minutes N    how long the other chapters are (default 10; with 4 and more a process is stopped for 40 s,
                 with less than 1 each fault is tried at one end only)
  --seed N       the same seed draws the same kills (default 1)
  --only NAMES   chapters: ${names.join(', ')}; several as kill,link
  --jobs N       chapters at a time, each with processes of its own (default 4)
  --pace N       texts per second each way in each chapter (default 8)
  --dir DIR      on the disk to use (default: the directory for temporary files)
  --keep         leave stores and logs there, also where all went well
  --json         one line of JSON instead of the table

Ends 0 if nothing is lost and nothing doubled without a mark, 7 otherwise. docs/crash.md tells more.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: names.join(',') },
    jobs: { type: 'string', default: '4' },
    pace: { type: 'string', default: '8' },
    dir: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${help}\n`);
} else {
  const settings = {
    kills: numberOf('kills', 1, 10_000),
    minutes: numberOf('minutes', 0.1, 600),
    seed: numberOf('seed', 0, 2 ** 31),
    jobs: numberOf('jobs', 1, names.length),
    perSecond: numberOf('pace', 0.1, 50),
    only: values.only.split(','),
  };
  const unknown = settings.only.find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`--only: "${unknown}" is none of ${names.join(', ')}`);
  const flags = canMount() ? undefined : namespaceFlags();
  process.exitCode = flags === undefined ? await runHere(settings) : await runInNamespace(flags);
}

/** The same once more where small disks can be mounted, seen by nobody else. */
function runInNamespace(flags) {
  const args = [...flags, process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, ...namespaceEnvironment } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}

async function runHere(settings) {
  const { runAll } = await import('./crash/chapters.mjs');
  const { endAllWorlds } = await import('./crash/world.mjs');
  const { tableOf } = await import('./crash/table.mjs');
  const baseDir = mkdtempSync(join(realpathSync(values.dir), 'ringbridge-crash-'));
  let keeps = values.keep;
  const tidy = () =>
    keeps ? note(`stores and logs are in ${baseDir}`) : rmSync(baseDir, { recursive: true, force: true });
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () =>
      endAllWorlds()
        .then(tidy)
        .finally(() => process.exit(status)),
    );
  }
  const startedAt = performance.now();
  const chapters = await runAll({ ...settings, baseDir, tell: (name, text) => note(`${name}: ${text}`) });
  const ok = chapters.every(({ outcome }) => outcome !== 'failed');
  keeps ||= !ok;
  tidy();
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const result = { schema: 'crash.result/1', ok, seed: settings.seed, seconds, chapters };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${tableOf(result)}\n`);
  return ok ? 0 : checkFailed;
}

function numberOf(name, least, most) {
  const value = Number(values[name]);
  if (values[name] !== '' && value >= least && value <= most) return value;
  return refuse(`--${name}: "${values[name]}" is no number from ${least} to ${most}`);
}

function refuse(text) {
  process.stderr.write(`${text}\n`);
  process.exit(usageError);
}

function note(text) {
  process.stderr.write(`crash: ${text}\n`);
}
