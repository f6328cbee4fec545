// `npm run bench:pace`: how steadily the buffer submits on real sockets under each --pace, with an outbox full of
// messages that waited. It stands on the line between buffer and SMSC and notes when each submit passes.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillOutbox, smscUser, Workshop } from './bench/bridge.mjs';
import { endAll, startRole } from './bench/processes.mjs';
import { number } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const options = readOptions({
  command: 'npm run bench:pace --',
  about:
    'Prints messages a second and how far the gaps between submits are off, under each pace. There is no goal: it ends 0.',
  // Less does not surely hold two begins of the cycle, and so no gap between them.
  flags: { seconds: { takes: number(6, 3_600), default: 10, says: 'how long each pace is measured' } },
});
const measureMs = options.seconds * 1_000;
/** What a pace makes of the first moments is not looked at. */
const warmUpMs = 1_000;
const messageCount = 4_000;
const paces = ['sporadic', '20/s', '100/s', '300/s', 'cycle:2s'];
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));

/** STX, operation 03, colon: it stands nowhere else. */
const submitHeader = '\x0203:';

/** Passes bytes both ways, and notes when submits go up. */
function standOnTheLine(smscPort) {
  const passed = [];
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: smscPort, host: '127.0.0.1', noDelay: true });
    near.on('data', (bytes) => {
      const now = performance.timeOrigin + performance.now();
      for (let at = bytes.indexOf(submitHeader); at >= 0; at = bytes.indexOf(submitHeader, at + 1)) passed.push(now);
      far.write(bytes);
    });
    far.on('data', (bytes) => near.write(bytes));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ passed, port: server.address().port, close: () => server.close() }));
  });
}

async function measure(workshop, pace) {
  const smsc = await workshop.startSmsc(program);
  const line = await standOnTheLine(smsc.port);
  const stateDir = workshop.newDir('im-server');
  cpSync(workshop.filledDir, stateDir, { recursive: true });
  const how = { durability: 'disk', reports: 'none' };
  const im = await workshop.startImServer(program, { stateDir, ...how });
  await startRole(program, [
    ...['buffer', 'start', '--smsc', `tcp://127.0.0.1:${line.port}`, '--im-server', `ws://127.0.0.1:${im.port}/link`],
    ...['--user', smscUser, '--password-file', workshop.passwordFile, '--secret-file', workshop.secretFile],
    ...['--smsc-id', 'bench', '--state-dir', workshop.newDir('buffer'), '--reports', 'none', '--pace', pace],
  ]);
  while (line.passed.length === 0) await pass(10);
  const from = line.passed[0] + warmUpMs;
  await pass(warmUpMs + measureMs);
  await endAll();
  line.close();
  return line.passed.filter((time) => time >= from && time < from + measureMs);
}

function pass(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The value that the share `part` of them does not exceed. */
function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Of each batch of a cycle the first; a batch ends where a tenth of the cycle passes without a submit. */
function beginsOf(times, cycleMs) {
  return times.filter((time, index) => index > 0 && time - times[index - 1] > cycleMs / 10);
}

function describe(pace, all) {
  const cycleMs = Number.parseFloat(pace.split(':')[1] ?? '');
  const times = Number.isNaN(cycleMs) ? all : beginsOf(all, cycleMs);
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const meanMs = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const wantedMs = pace.endsWith('/s') ? 1_000 / Number.parseFloat(pace) : Number.isNaN(cycleMs) ? meanMs : cycleMs;
  const off = gaps.map((gap) => Math.abs(gap - wantedMs));
  const perSecond = (1_000 * (all.length - 1)) / (all.at(-1) - all[0]);
  return [pace, perSecond.toFixed(1), ...[0.5, 0.95, 1].map((part) => quantile(off, part).toFixed(1))];
}

const dir = mkdtempSync(join(tmpdir(), 'ringbridge-pace-'));
try {
  const workshop = new Workshop(dir);
  await fillOutbox(workshop, program, { count: messageCount, reports: 'none' });
  process.stdout.write(
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${options.seconds} s each, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  process.stdout.write(
    'jitter: how far a gap between two submits (two begins of a cycle) is off the wanted one, or off their mean where none is wanted\n\n',
  );
  const rows = [['pace', 'per second', 'jitter p50, ms', 'p95', 'max']];
  for (const pace of paces) rows.push(describe(pace, await measure(workshop, pace)));
  for (const row of rows)
    process.stdout.write(`${row.map((cell, index) => (index === 0 ? cell.padEnd(14) : cell.padStart(16))).join('')}\n`);
} finally {
  await endAll();
  rmSync(dir, { recursive: true, force: true });
}
