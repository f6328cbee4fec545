// `npm run bench:watch`: what it costs the bridge at full load that somebody watches its rings. The same measurement with
// `ring inspect --watch` and without, by turns, each pair from the same state; the medians decide. `--watch screen` watches
// on a terminal that `script` lends, `--watch stream` in a pipe.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillOutbox, measureBridge, Workshop } from './bench/bridge.mjs';
import { endAll, processSeconds } from './bench/processes.mjs';
import { median } from './bench/turn-taker.mjs';
import { number, word } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const options = readOptions({
  command: 'npm run bench:watch --',
  about: 'Ends 0 if rate and watcher keep within their limits, 7 otherwise.',
  flags: {
    pairs: { takes: number(1, 1_000), default: 9, says: 'measurements with a watcher and without; medians count' },
    rtt: { takes: number(0, 60_000), default: 50, says: 'round trip of the link, milliseconds' },
    seconds: { takes: number(1, 3_600), default: 4, says: 'how long each is measured' },
    fill: { takes: number(1, 1e7), default: 60_000, says: 'texts handed in beforehand' },
    watch: {
      takes: word('HOW', ['screen', 'stream']),
      default: 'screen',
      says: 'on a terminal that `script` lends, or in a pipe',
    },
  },
});
const checkFailed = 7;
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const how = { rttMs: options.rtt, durability: 'process', reports: 'none' };
const times = { warmUpMs: 8_000, measureMs: options.seconds * 1_000 };

/** Less than this share of the rate may be lost, and of a processor be used by the one who watches. */
const goals = { rate: 0.02, watcher: 0.05 };

/** Somebody who watches both ends. */
function startWatcher(dirs) {
  const args = [program, 'ring', 'inspect', '--watch', ...dirs.flatMap((dir) => ['--state-dir', dir])];
  const line = `stty cols 200 rows 60; exec ${process.execPath} ${args.join(' ')}`;
  const child =
    options.watch === 'screen'
      ? spawn('script', ['-qfc', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], env: terminal })
      : spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  child.stdout.on('data', (chunk) => {
    bytes += chunk.length;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    // `script` runs it in a process of its own.
    cpuSeconds: () => processSeconds(options.watch === 'screen' ? childOf(child.pid) : child.pid),
    bytes: () => bytes,
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function childOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0];
}

const terminal = { ...process.env, TERM: 'xterm-256color' };

async function measure(workshop, isWatched) {
  let watcher;
  const seen = {};
  const result = await measureBridge(workshop, program, {
    ...how,
    ...times,
    beside: {
      running: (dirs) => {
        if (isWatched) watcher = startWatcher(dirs);
      },
      measuring: (mark) => {
        if (watcher === undefined) return;
        seen[mark] = { at: performance.now(), cpu: watcher.cpuSeconds(), bytes: watcher.bytes() };
      },
      over: () => watcher?.end(),
    },
  });
  const { begin, end } = seen;
  const seconds = begin === undefined ? 0 : (end.at - begin.at) / 1_000;
  if (begin !== undefined && end.bytes === begin.bytes) throw new Error('the watcher saw nothing');
  return { ...result, watcherShare: begin === undefined ? 0 : (end.cpu - begin.cpu) / seconds };
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

const dir = mkdtempSync(join(tmpdir(), 'ringbridge-watch-'));
try {
  const workshop = new Workshop(dir);
  await fillOutbox(workshop, program, { count: options.fill, reports: 'none' });
  const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}`;
  process.stdout.write(
    `${machine}, load ${loadavg()[0]?.toFixed(1)}, round trip ${options.rtt} ms, ${options.watch}\n\n`,
  );
  const pairs = [];
  for (let i = 0; i < options.pairs; i += 1) {
    // By turns also within the pair, so that a machine that gets slower favours nobody.
    const order = i % 2 === 0 ? [false, true] : [true, false];
    const pair = {};
    for (const isWatched of order) pair[isWatched ? 'watched' : 'alone'] = await measure(workshop, isWatched);
    pairs.push(pair);
    const { alone, watched } = pair;
    const cpu = `${alone.cpuMicros.buffer} and ${watched.cpuMicros.buffer} µs of the buffer a message`;
    process.stdout.write(
      `${String(i + 1).padStart(2)}   alone ${alone.perSecond.toFixed(0)}/s   watched ${watched.perSecond.toFixed(0)}/s   ${cpu}   watcher ${percent(watched.watcherShare)}   others ${alone.othersPercent} and ${watched.othersPercent} %\n`,
    );
  }
  const rates = ['alone', 'watched'].map((which) => median(pairs.map((pair) => pair[which].perSecond)));
  const lost = 1 - rates[1] / rates[0];
  const share = median(pairs.map(({ watched }) => watched.watcherShare));
  const cost = median(pairs.map(({ alone, watched }) => watched.cpuMicros.buffer / alone.cpuMicros.buffer - 1));
  process.stdout.write(`
medians   alone ${rates[0].toFixed(0)}/s   watched ${rates[1].toFixed(0)}/s   lost ${percent(lost)} (less than ${percent(goals.rate)})
          the buffer's processor time a message ${cost < 0 ? '' : '+'}${percent(cost)}
          the watcher ${percent(share)} of a processor (less than ${percent(goals.watcher)})
`);
  process.exitCode = lost < goals.rate && share < goals.watcher ? 0 : checkFailed;
} finally {
  await endAll();
  rmSync(dir, { recursive: true, force: true });
}
