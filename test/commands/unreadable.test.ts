/** Commands that look, before what nobody wants to find: each says what is wrong and what to do, and none takes it for a bug. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBlock, readBlocks, segmentHeader } from '../../src/shell/recording/segment.ts';
import { type SmallBridge, startSmallBridge } from '../shell/recording/small-bridge.ts';
import { runHere } from './run-here.ts';

let bridge: SmallBridge;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'unreadable-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000, privacy: 'full' });
  await bridge.carry(['one', 'two']);
  await bridge.drain();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

type Harm = (file: string) => void;

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xff, at, at + 4);
  writeFileSync(file, bytes);
}

/** Each entry in a block of its own, however many came to the disk at once, so that one is neither the first nor the last. */
function flipMiddleBlock(file: string): void {
  const blocks = [...readBlocks(readFileSync(file))].flatMap(({ at, entries }) =>
    entries.map((entry) => encodeBlock({ at, entries: [entry] })),
  );
  writeFileSync(file, Buffer.concat([segmentHeader, ...blocks]));
  const before = blocks.slice(0, Math.floor(blocks.length / 2));
  // Behind its length and its checksum.
  flip(file, before.reduce((sum, { length }) => sum + length, segmentHeader.length) + 8);
}

const harms = {
  start: (file) => flip(file, 2),
  middle: flipMiddleBlock,
  truncated: (file) => truncateSync(file, readFileSync(file).length - 3),
  empty: (file) => truncateSync(file, 0),
  directory: (file) => {
    rmSync(file);
    mkdirSync(file);
  },
} satisfies Record<string, Harm>;

/** A copy of what the buffer left, its recording harmed. */
function harmed(harm: keyof typeof harms): string {
  const stateDir = join(dir, harm);
  if (!existsSync(stateDir)) {
    cpSync(bridge.bufferDir, stateDir, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    harms[harm](join(stateDir, 'recording', '00000001.rec'));
  }
  return stateDir;
}

const at = ['ring', 'inspect', '--at', new Date(Date.UTC(2200, 0)).toISOString()];
const history = ['ring', 'history', '1', '--lane', 'mt'];
/** Beside the harmed copy of the buffer's directory, which each call ends with. */
const diff = ['ring', 'diff', '--state-dir', 'im-server'];

describe('a recording that cannot be read', () => {
  it.each([
    [at, 'start', 2, /no recording, or one of another format.*\(RECORDING_UNREADABLE\)/],
    [history, 'start', 2, /no recording, or one of another format.*\(RECORDING_UNREADABLE\)/],
    [['ring', 'verify'], 'start', 7, /✖ buffer: a file is no recording of this version \(recording-readable\)/],
    [diff, 'start', 7, /✖ buffer: a file is no recording of this version \(recording-readable\)/],
    [diff, 'start', 7, /✖ both ends agree, and with what was recorded of im-server; not all that .*\(CHECK_FAILED\)/],
    [['ring', 'export', '--pcap', 'start.pcapng'], 'start', 2, /is no recording, or one of .*\(RECORDING_UNREADABLE\)/],
    [history, 'middle', 0, /buffer {2,}damaged: what follows in that file cannot be read/],
    [['ring', 'verify'], 'middle', 7, /✖ buffer: the rest of a file is damaged \(recording-readable, at /],
    [diff, 'middle', 7, /✖ buffer: the rest of a file is damaged \(recording-readable, at /],
    [history, 'truncated', 0, /mt slot 1/],
    [['ring', 'verify'], 'truncated', 0, /✔ every rule holds/],
    [diff, 'truncated', 0, /✔ both ends agree, and with what was recorded of im-server and buffer/],
    [at, 'empty', 2, /nothing is in it yet\. \(RECORDING_MISSING\)/],
    [['ring', 'export', '--pcap', 'empty.pcapng'], 'empty', 2, /is empty, or ends .*\(RECORDING_UNREADABLE\)/],
    [at, 'directory', 2, /00000001\.rec cannot be read: EISDIR.*\(INPUT_UNREADABLE\)/],
    [diff, 'empty', 0, /✔ both ends agree, and with what was recorded of im-server\n/],
    [history, 'directory', 2, /\(INPUT_UNREADABLE\)/],
    [['ring', 'verify'], 'directory', 2, /\(INPUT_UNREADABLE\)/],
    [diff, 'directory', 2, /\(INPUT_UNREADABLE\)/],
    [['ring', 'export', 'directory.tgz'], 'directory', 2, /\(INPUT_UNREADABLE\)/],
    [['message', 'find'], 'directory', 0, /\+3584…67/],
  ] as const)('%j, %s: ends %i', async (args, harm, status, said) => {
    const paths: Readonly<Record<string, string>> = { 'im-server': bridge.imDir };
    const made = args.map((arg) => paths[arg] ?? (/\.(tgz|pcapng)$/.test(arg) ? join(dir, arg) : arg));
    const result = await runHere([...made, '--state-dir', harmed(harm)]);
    expect(`${result.stdout}${result.stderr}`).toMatch(said);
    expect(result.status).toBe(status);
    // Half a file would be in the way of a whole one.
    expect(made.filter((arg) => arg !== bridge.imDir && existsSync(arg))).toEqual([]);
  });

  it('is said not to be checked by a playback, which ends 7', async () => {
    const { stdout, status } = await runHere(['sync', 'replay', harmed('middle'), '--assert']);
    expect(status).toBe(7);
    expect(stdout).toContain('(RECORDING_DAMAGED)');
    expect(stdout).toContain(
      '✖ every input that could be read led to the recorded moves and words; the rest was not checked',
    );
  });
});

const mayBecomeNobody = process.getuid?.() === 0 && process.seteuid !== undefined;

describe.skipIf(!mayBecomeNobody)('a state directory of another user', () => {
  it.each([
    [['ring', 'inspect'], 2, 'INPUT_UNREADABLE'],
    [['ring', 'verify'], 2, 'INPUT_UNREADABLE'],
    [history, 2, 'INPUT_UNREADABLE'],
    [['sync', 'status'], 2, 'INPUT_UNREADABLE'],
    [['message', 'find'], 2, 'INPUT_UNREADABLE'],
    [['link', 'status'], 2, 'INPUT_UNREADABLE'],
    [['buffer', 'status'], 2, 'INPUT_UNREADABLE'],
    [['smsc', 'inject', 'x', '--from', '358401234567', '--to', '2882'], 5, 'CONTROL_UNREACHABLE'],
  ] as const)('is not looked into by %j, which says as whom to run it', async (args, status, code) => {
    const call = [...args, '--state-dir', bridge.bufferDir];
    // Whatever the command reads of itself is read before.
    await runHere(call);
    process.seteuid?.(65_534);
    const result = await runHere(call).finally(() => process.seteuid?.(0));
    expect(result).toMatchObject({ status, stdout: '' });
    expect(result.stderr).toContain(`(${code})`);
    expect(result.stderr).toMatch(/user of the role/);
  });
});
