// `npm run crash`: the roles as real processes on real disks, under load both ways, killed, cut off, stopped and starved.
// Counts from the SMSC's and the IM server's own records, prints a table, ends 7 on any loss or unmarked double.
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canMount, namespaceEnvironment, namespaceFlags } from './crash/mounts.mjs';
import { diskToUse, listOf, number, word } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const checkFailed = 7;
const names = ['kill', 'link', 'stop', 'disk', 'readonly', 'deleted', 'corrupt', 'clock', 'drain', 'outbox'];

const values = readOptions({
  command: 'npm run crash --',
  about: 'Ends 0 if nothing is lost and nothing doubled without a mark, 7 otherwise. docs/crash.md tells more.',
  flags: {
    kills: { takes: number(1, 10_000), default: 200, says: 'kills in all, however long the machine takes for them' },
    minutes: {
      takes: number(0.1, 600, { fractions: 'allowed' }),
      default: 10,
      says: 'how long the other chapters are; with 4 and more a process is stopped for 40 s, with less than 1 each fault is tried at one end only',
    },
    seed: { takes: number(0, 2 ** 31), default: 1, says: 'the same seed draws the same kills' },
    only: { takes: listOf(word('NAME', names)), default: names, defaultText: 'all', says: 'chapters' },
    jobs: {
      takes: number(1, names.length),
      default: 4,
      says: 'chapters at a time, each with processes of its own',
    },
    pace: {
      takes: number(0.1, 50, { fractions: 'allowed' }),
      default: 8,
      says: 'texts per second each way in each chapter',
    },
    dir: diskToUse,
    keep: { says: 'leave stores and logs there, also where all went well' },
    json: { says: 'one line of JSON instead of the table' },
  },
});

const { kills, minutes, seed, jobs, pace: perSecond, only } = values;
const settings = { kills, minutes, seed, jobs, perSecond, only };
const flags = canMount() ? undefined : namespaceFlags();
process.exitCode = flags === undefined ? await runHere() : await runInNamespace();

/** The same once more where small disks can be mounted, seen by nobody else. */
function runInNamespace() {
  const args = [...flags, process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, ...namespaceEnvironment } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}

async function runHere() {
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

function note(text) {
  process.stderr.write(`crash: ${text}\n`);
}
