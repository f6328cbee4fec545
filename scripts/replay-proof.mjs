// `npm run replay-proof`: that a recording is as good as having been there. Runs the demo with cuts and `kill -9` and a
// recording of each role, copies nothing but the recordings, and plays them back elsewhere: a copy of the program, another
// directory, environment, time zone and language. Every input has to lead to the recorded moves, rings, digests and words.
// Then one line of the program is changed, one after the other, and the replay has to stop at the first input that differs.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRate } from '../dist/cli/rate.js';
import { number, text } from './options/kinds.mjs';
import { readOptions } from './options.mjs';
import { lines } from './replay-proof/lines.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const checkFailed = 7;
const roles = ['buffer', 'im-server', 'smsc'];
/** Seeds that are tried until a message was in doubt. */
const mostRecordings = 5;
/** Inputs by recording. */
const known = new Map();

const values = readOptions({
  command: 'npm run replay-proof --',
  about: 'Ends 0 if all is as recorded and every changed line is noticed, 7 otherwise.',
  flags: {
    messages: { takes: number(1, 5_000), default: 5_000, says: 'texts each way' },
    pace: { takes: text('RATE', parseRate), default: '60/s', says: 'texts per second each way' },
    kills: { takes: number(1, 100), default: 4, says: 'of the buffer, and of the IM server' },
    seed: { takes: number(0, 2 ** 31 - 1), default: 1, says: 'the same seed cuts and kills alike' },
    dir: { takes: text('DIR'), says: 'a directory that is made, and kept with the recordings in it' },
  },
});

// Only now, since what is typed is judged before: it brings the compiler.
const { copyProgram } = await import('./sabotage/changed-program.mjs');
process.exitCode = await prove();

async function prove() {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'ringbridge-replay-proof-'));
  mkdirSync(dir, { recursive: true });
  try {
    await recordDoubt(join(dir, 'there'));
    const elsewhere = moveAway(dir);
    const program = join(dir, 'program');
    copyProgram({ name: 'the program as it is', changes: [] }, program);
    const asRecorded = [];
    for (const role of roles) asRecorded.push(await isAsRecorded(program, join(elsewhere, role)));
    const noticed = [];
    for (const line of lines) noticed.push(await isNoticed(line, program, elsewhere, dir));
    const isProved = [...asRecorded, ...noticed].every((holds) => holds);
    say(isProved ? 'proved' : 'not proved');
    return isProved ? 0 : checkFailed;
  } finally {
    if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

/** A kill that meets no message on its way leaves none in doubt, and one of the changed lines is about these. */
async function recordDoubt(stateDir) {
  for (let seed = values.seed; seed < values.seed + mostRecordings; seed += 1) {
    const { mt } = await record(stateDir, seed);
    if (mt.inDoubt > 0) return;
    say(`  with seed ${seed} nothing was in doubt`);
    rmSync(stateDir, { recursive: true, force: true });
  }
  throw new Error(`nothing was in doubt in ${mostRecordings} recordings; give more --kills`);
}

/** Messages both ways through cuts and kills, every role with a recording. */
async function record(stateDir, seed) {
  const args = [
    ...['demo', '--headless', '--json', '--messages', values.messages, '--pace', values.pace, '--seed', seed].map(
      String,
    ),
    ...['--kill', `buffer=${values.kills}`, '--kill', `im-server=${values.kills}`, '--delay', '20ms'],
    ...['--cut-every', '15s', '--cut-for', '6s', '--settle-within', '5m', '--durability', 'process'],
    ...['--state-dir', stateDir],
  ];
  const { status, stdout } = await run(root, args, process.env);
  const result = JSON.parse(stdout);
  const { cuts, cutsFelt, kills, mt, mo, seconds } = result;
  say(
    `${status === 0 ? '✔' : '✖'} recorded ${mt?.arrived} + ${mo?.arrived} messages, ${cutsFelt} of ${cuts} cuts felt, ${kills} kills, ${seconds} s`,
  );
  if (status !== 0) throw new Error(`the demo ended ${status}: ${stdout}`);
  return result;
}

/** Only the recordings; where they were made there is nothing any more. */
function moveAway(dir) {
  const elsewhere = join(dir, 'elsewhere');
  for (const role of roles) {
    cpSync(join(dir, 'there', 'ringbridge', role, 'recording'), join(elsewhere, role), { recursive: true });
  }
  renameSync(join(dir, 'there'), join(dir, 'was-there'));
  rmSync(join(dir, 'was-there'), { recursive: true, force: true });
  return elsewhere;
}

async function isAsRecorded(program, recording) {
  const { status, playback } = await replay(program, recording);
  const { role, lives, inputs, moves, passedOver, differences } = playback;
  const isSame = status === 0 && passedOver === 0 && differences.length === 0;
  say(
    `${isSame ? '✔' : '✖'} ${role}: ${lives} starts, ${inputs} inputs, ${moves} moves${isSame ? '' : ` ${JSON.stringify(playback)}`}`,
  );
  return isSame;
}

/** Whether the changed program stops, and up to the input before that all is as recorded. */
async function isNoticed(line, program, elsewhere, dir) {
  const changed = join(dir, 'changed');
  mkdirSync(changed);
  copyProgram(line, changed);
  const found = [];
  for (const role of ['buffer', 'im-server']) {
    const { status, playback } = await replay(changed, join(elsewhere, role));
    const [first] = playback.differences;
    if (status !== checkFailed || first === undefined) continue;
    const before =
      first.number === 1
        ? 0
        : (await replay(changed, join(elsewhere, role), '--until', String(first.number - 1))).status;
    found.push({
      text: `${role} at input ${first.number} of ${await inputsOf(program, join(elsewhere, role))}: ${first.text}`,
      isFirst: before === 0,
    });
  }
  rmSync(changed, { recursive: true, force: true });
  const isFound = found.length > 0 && found.every(({ isFirst }) => isFirst);
  say(`${isFound ? '✔' : '✖'} ${line.name}`);
  for (const { text } of found) say(`    ${text}`);
  return isFound;
}

async function inputsOf(program, recording) {
  if (!known.has(recording)) known.set(recording, (await replay(program, recording)).playback.inputs);
  return known.get(recording);
}

async function replay(program, recording, ...more) {
  const { status, stdout } = await run(program, ['sync', 'replay', recording, '--assert', '--json', ...more], {
    PATH: process.env.PATH,
    HOME: program,
    TZ: 'Pacific/Chatham',
    LANG: 'C',
  });
  return { status, playback: JSON.parse(stdout) };
}

function run(program, args, env) {
  const child = spawn(process.execPath, [join(program, 'bin/run.js'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout })));
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
