// `npm run bench:history`: what an IM server costs that keeps many messages, beside one that keeps few: a start, a page of
// a conversation and one of the list of them, a search, memory. Both stores are filled in this run with the code that fills
// them in life. Seconds are of processor time, since a busy machine shall tell the same as an idle one. Prints a table; ends
// 7 where a goal is missed.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillHistory } from './bench/fill-history.mjs';
import { median } from './bench/turn-taker.mjs';
import { number, text } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const checkFailed = 7;
const readyWithinMs = 300_000;
/** What the system counts processor time in. */
const tickMs = 10;

/** How many times as much the large store may cost. */
const goals = [
  { what: 'start', name: 'a start, ms', times: 2 },
  { what: 'page', name: 'a page of a conversation, ms', times: 2 },
  { what: 'talks', name: 'a page of 50 conversations, of 200, ms', times: 2 },
  { what: 'strangers', name: 'a page of 50, of one for each 10 messages, ms', times: 2 },
  { what: 'rare', name: 'search for a word of one message, ms', times: 5 },
  { what: 'common', name: 'search for a word of every message, ms', times: 5 },
  { what: 'two', name: 'search for two words, ms', times: 5 },
  { what: 'anonymous', name: 'memory after the start, MiB', times: 1.25 },
];

const values = readOptions({
  command: 'npm run bench:history --',
  about: 'Ends 0 if every goal is met, 7 otherwise.',
  flags: {
    few: { takes: number(1_000, 1e8), default: 10_000, says: 'messages in the small store' },
    many: {
      takes: number(1_000, 1e8),
      default: 1_000_000,
      says: 'messages in the large store, about 1.5 GB of disk and minutes to fill for a million',
    },
    rounds: { takes: number(1, 1_000), default: 5, says: 'times that everything is measured; medians count' },
    keep: { takes: text('DIR'), says: 'keep the stores there, and use those that are there' },
    json: { says: 'the numbers as JSON instead of the table' },
  },
});

process.exitCode = await run();

async function run() {
  const dir = values.keep ?? mkdtempSync(join(tmpdir(), 'ringbridge-history-'));
  try {
    const sizes = [values.few, values.many];
    for (const count of sizes) await fill(join(dir, `${count}`), count);
    const samples = new Map(sizes.map((count) => [count, []]));
    // By turns, so that what the machine does meanwhile is done to both.
    for (let round = 0; round < values.rounds; round += 1) {
      for (const count of sizes) samples.get(count).push(await sample(join(dir, `${count}`), count));
    }
    const [few, many] = sizes.map((count) => ({ count, ...mediansOf(samples.get(count)) }));
    const killed = await startOf(join(dir, `${many.count}`), 'SIGKILL').then(() => startOf(join(dir, `${many.count}`)));
    const verdicts = goals.map(({ what, name, times }) => {
      const reached = many[what] / few[what];
      return { what, name, few: few[what], many: many[what], reached, goal: times, isMet: reached <= times };
    });
    const isMet = verdicts.every((verdict) => verdict.isMet);
    const result = { schema: 'bench-history.result/1', node: process.version, few, many, killed, verdicts, isMet };
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${lines(result).join('\n')}\n`);
    return isMet ? 0 : checkFailed;
  } finally {
    if (values.keep === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

async function fill(stateDir, count) {
  if (sizeOf(stateDir) !== undefined) return;
  const begun = performance.now();
  const tell = (written) => {
    if (written % 100_000 === 0) process.stderr.write(`${written.toLocaleString('en-US')} messages written\n`);
  };
  await fillHistory({ dist, stateDir, count, tell });
  const seconds = Math.round((performance.now() - begun) / 1_000);
  process.stderr.write(`${count.toLocaleString('en-US')} messages are there after ${seconds} s\n`);
}

async function sample(stateDir, count) {
  const { start, resident, anonymous } = await startOf(stateDir);
  const ask = join(root, 'scripts/bench/ask-history.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [ask, dist, stateDir, String(count)]);
  return { start, resident, anonymous, ...JSON.parse(stdout) };
}

/** Starts the IM server on that store, and ends it. @param signal one that lets it say nothing makes the next start careful */
async function startOf(stateDir, signal = 'SIGTERM') {
  const args = ['im-server', 'start', '--listen', '127.0.0.1:0', '--state-dir', stateDir];
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...args], {
    env: { ...process.env, RINGBRIDGE_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the IM server does not start')), readyWithinMs);
      child.stdout.once('data', () => resolve(clearTimeout(timer)));
      child.once('exit', (status) => reject(new Error(`the IM server ended with ${status}`)));
    });
    return { start: processorMsOf(child.pid), ...memoryOf(child.pid) };
  } finally {
    child.kill(signal);
    await ended;
  }
}

/** Fields 14 and 15 of /proc/PID/stat, behind the name in parentheses. */
function processorMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** In MiB: with the pages of the store that the system has mapped and takes back when it wants, and without any file. */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return { resident: mebibytes('VmRSS'), anonymous: mebibytes('RssAnon') };
}

function mediansOf(samples) {
  const names = Object.keys(samples[0]);
  return Object.fromEntries(names.map((name) => [name, median(samples.map((one) => one[name].ms ?? one[name]))]));
}

function sizeOf(stateDir) {
  return statSync(join(stateDir, 'store.lmdb'), { throwIfNoEntry: false })?.size;
}

function lines({ few, many, killed, verdicts, isMet, node }) {
  const counts = [few, many].map(({ count }) => count.toLocaleString('en-US'));
  const heads = ['processor time, or memory', ...counts, 'times', 'goal', ''];
  const number = (value) => (value >= 20 ? value.toFixed(0) : value.toPrecision(3));
  const rows = verdicts.map((one) => {
    const cells = [one.name, number(one.few), number(one.many), one.reached.toFixed(2), `≤ ${one.goal}`];
    return [...cells, one.isMet ? 'met' : 'MISSED'];
  });
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const format = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return [
    `messages kept: ${counts.join(' and ')}; node ${node}`,
    '',
    format(heads).trimEnd(),
    ...rows.map(format),
    '',
    `resident with mapped pages of the store: ${number(few.resident)} and ${number(many.resident)} MiB`,
    `a start of ${counts[1]} after kill -9, which looks at every page first: ${number(killed.start)} ms`,
    '',
    isMet ? 'Every goal is met.' : 'A goal is missed.',
  ];
}
