/** `sync replay RECORDING`: what real roles recorded, as it is and as it was tampered with. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines } from '../../../scripts/replay-proof/lines.mjs';
import { copyProgram } from '../../../scripts/sabotage/changed-program.mjs';
import { parseMoment } from '../../../src/cli/recording/moment.ts';
import { parseSpeed } from '../../../src/cli/recording/playback-flags.ts';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { entryKind } from '../../../src/shell/recording/entry-kind.ts';
import { findRecording } from '../../../src/shell/recording/recording-reader.ts';
import { encodeBlock, readBlocks, segmentHeader } from '../../../src/shell/recording/segment.ts';
import { type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';

let bridge: SmallBridge;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-playback-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(['one', 'two', 'three']);
  await bridge.drain();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

const play = (...args: string[]) => runHere(['sync', 'replay', ...args]);

/** A copy of the buffer's recording in which each entry is what `change` makes of it. */
function tampered(name: string, change: (entry: readonly PlainValue[]) => readonly PlainValue[]): string {
  const copy = join(dir, name);
  mkdirSync(copy);
  for (const file of findRecording(bridge.bufferDir)) {
    const blocks = [...readBlocks(readFileSync(file))].map(({ at, entries }) =>
      encodeBlock({ at, entries: entries.map(change) }),
    );
    writeFileSync(join(copy, basename(file)), Buffer.concat([segmentHeader, ...blocks]));
  }
  return copy;
}

/** The first input that confirmed a message: status 5 of a move. */
function withoutFirstConfirmation() {
  let isDone = false;
  return (entry: readonly PlainValue[]): readonly PlainValue[] => {
    const [kind, at, input, said, moves, ...rest] = entry;
    if (isDone || kind !== entryKind.input || !Array.isArray(moves)) return entry;
    const left = moves.filter((move: PlainValue) => !(Array.isArray(move) && move[4] === 5));
    if (left.length === moves.length) return entry;
    isDone = true;
    return [kind, at ?? 0, input ?? null, said ?? 0, left, ...rest];
  };
}

describe('sync replay RECORDING', () => {
  it('plays either role back to what it recorded, and --assert ends 0', async () => {
    for (const stateDir of [bridge.bufferDir, bridge.imDir]) {
      const result = await play(stateDir, '--assert', '--json');
      expect(result).toMatchObject({ status: 0, stderr: '' });
      expect(documentOf(result)).toMatchObject({
        schema: 'sync.playback/1',
        smscIds: ['hel1'],
        lives: 1,
        passedOver: 0,
        stoppedBy: 'end',
        breaks: [],
        differences: [],
      });
    }
    const { stdout } = await play(bridge.bufferDir);
    expect(stdout).toMatch(/^buffer hel1 {3}ringbridge .*\nplayed {3}1 start, \d+ inputs, \d+ moves\n✔ every input/);
    expect(stdout).toMatch(/\nmt +3 of 255 used|\nmt +0 of 255 used/);
  });

  it('ends 7 at the first input that moved other slots, and shows both', async () => {
    const recording = tampered('moved', withoutFirstConfirmation());
    const result = await play(recording, '--assert');
    expect(result.status).toBe(7);
    expect(result.stdout).toMatch(/✖ input \d+ at [\d:.]+ \(smsc-received\): the slots did not move as recorded/);
    expect(result.stdout).toMatch(/replayed {2}mt slot 1 number 1 confirmed, attempt 1/);
  });

  it('ends 7 where the same moves were told in other words', async () => {
    let left = 5;
    const recording = tampered('said', (entry) => {
      left -= entry[0] === entryKind.input ? 1 : 0;
      return left === 0 ? [...entry.slice(0, 3), 7, ...entry.slice(4)] : entry;
    });
    const result = await play(recording, '--assert', '--json');
    expect(result.status).toBe(7);
    expect(documentOf(result)).toMatchObject({ differences: [{ number: 5, kind: 'said' }], stoppedBy: 'difference' });
  });

  it('by a program with one line changed stops at the first input that differs, and not before', () => {
    const program = join(dir, 'changed');
    mkdirSync(program);
    const change = lines.find(({ name }) => name.startsWith('handshake'));
    if (change === undefined) throw new Error('no line of the handshake is changed any more');
    copyProgram(change, program);
    const playChanged = (...args: string[]) => {
      const command = [join(program, 'bin/run.js'), 'sync', 'replay', bridge.bufferDir, '--assert', '--json', ...args];
      const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
      return { status, playback: JSON.parse(stdout) };
    };
    const { status, playback } = playChanged();
    expect({ status, differences: playback.differences }).toMatchObject({ status: 7, differences: [{ kind: 'said' }] });
    const before = playback.differences[0].number - 1;
    expect(playChanged('--until', String(before))).toMatchObject({ status: 0, playback: { inputs: before } });
  });

  it('plays what is before the place where a kill cut the file, and tells of the cut', async () => {
    const copy = join(dir, 'torn');
    cpSync(join(bridge.bufferDir, 'recording'), copy, { recursive: true });
    const [file = ''] = findRecording(copy);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 5));
    const result = await play(copy, '--assert');
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(/\ncut {3}behind [\d:.]+: the file ends in the middle/);
  });

  it('stops where something was logged, and prints what moved until then', async () => {
    expect(documentOf(await play(bridge.bufferDir, '--until', 'link.up', '--json'))).toMatchObject({
      stoppedBy: 'until',
    });
  });

  it.each([
    [['DIR', '--assert'], /RECORDING_MISSING/],
    [['DIR', '--dry-run'], /--dry-run does not go with a recording/],
    [['--assert'], /--assert is for a recording/],
  ])('refuses %j with a remedy', async (args, stderr) => {
    const result = await play(...args.map((arg) => (arg === 'DIR' ? dir : arg)));
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(stderr);
  });

  it.each(['fast', '0x', '10'])('knows no speed %s', (speed) => {
    expect(() => parseSpeed(speed)).toThrow('is no speed');
  });

  it('takes a time of today or yesterday, and one with an offset, and no other words', () => {
    const noon = new Date(2026, 10, 22, 12).getTime();
    expect(parseMoment('11:59:59.5', '--until', noon)).toBe(noon - 500);
    expect(parseMoment('13:00', '--until', noon)).toBe(noon - 23 * 3_600_000);
    expect(parseMoment('2026-11-22T14:03:07+02:00', '--until', noon)).toBe(Date.UTC(2026, 10, 22, 12, 3, 7));
    for (const text of ['tomorrow', '25:00', '12:60', '2026-11-22']) {
      expect(() => parseMoment(text, '--until', noon)).toThrow('is no time');
    }
  });
});
