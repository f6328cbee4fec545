/** Recordings as disks and copies leave them, and as nobody would: each is read to an end, and told of. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playBack } from '../../../src/cli/recording/playback.ts';
import { OperatorError } from '../../../src/core/base/errors.ts';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { findRecording, readRecording } from '../../../src/shell/recording/recording-reader.ts';
import { Replay } from '../../../src/shell/recording/replay.ts';
import { type Block, encodeBlock, readBlocks, segmentHeader } from '../../../src/shell/recording/segment.ts';
import { type SmallBridge, startSmallBridge } from './small-bridge.ts';

let bridge: SmallBridge;
let dir = '';
const recordings: Uint8Array[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-damaged-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(['one', 'two']);
  await bridge.drain();
  for (const stateDir of [bridge.bufferDir, bridge.imDir, bridge.smscDir]) {
    recordings.push(Buffer.concat(findRecording(stateDir).map((file) => readFileSync(file))));
  }
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

const options = { speed: undefined, until: undefined, onDifference: 'go-on', onEvent: () => undefined } as const;

/** @returns how it was told of: a code, or what the end of the file was */
async function told(bytes: Uint8Array): Promise<string> {
  const file = join(dir, 'some.rec');
  writeFileSync(file, bytes);
  try {
    const { breaks } = await playBack(file, options);
    return breaks.map(({ why }) => why).join() || 'whole';
  } catch (error) {
    if (error instanceof OperatorError) return error.code;
    throw error;
  }
}

/** Plays entries whatever they are; throws only what is a bug of the reader. */
function play(blocks: readonly Block[]): number {
  const file = join(dir, 'entries.rec');
  writeFileSync(file, Buffer.concat([segmentHeader, ...blocks.map(encodeBlock)]));
  const replay = new Replay();
  let events = 0;
  for (const item of readRecording([file])) if (replay.take(item) !== undefined) events += 1;
  return events;
}

const anyRecording = fc.nat(2).map((index) => recordings[index] ?? new Uint8Array());

describe('a recording', () => {
  it('cut anywhere is played up to there, and told of as cut or empty', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecording, fc.double({ min: 0, max: 1, noNaN: true }), async (bytes, part) => {
        const length = Math.floor(part * bytes.length);
        expect(['whole', 'torn', 'RECORDING_UNREADABLE']).toContain(await told(bytes.subarray(0, length)));
      }),
      { numRuns: 40 },
    );
  });

  it('with changed bytes anywhere is played up to there, and never played as it was', async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyRecording, flips, async (bytes, changes) => {
        const changed = Uint8Array.from(bytes);
        const places = new Map(changes.map(([place, by]) => [place % bytes.length, by]));
        for (const [place, by] of places) changed[place] = (changed[place] ?? 0) ^ by;
        // The last bytes of the file's own header are not in use.
        const isUsed = [...places.keys()].some((place) => place < 6 || place >= segmentHeader.length);
        const answer = await told(changed);
        expect([
          'torn',
          'damaged',
          'foreign',
          'RECORDING_UNREADABLE',
          ...(isUsed ? [] : ['whole', 'RECORDING_UNREADABLE']),
        ]).toContain(answer);
      }),
      { numRuns: 60 },
    );
  });

  it('of any bytes at all ends with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await told(bytes)).toBe('RECORDING_UNREADABLE');
      }),
      { numRuns: 30 },
    );
  });

  it('of another format is not read', async () => {
    const other = Uint8Array.from(recordings[0] ?? []);
    other[5] = 2;
    expect(await told(other)).toBe('RECORDING_UNREADABLE');
  });

  it('with a damaged block in the middle goes on with its next file', async () => {
    const folder = join(dir, 'two-files');
    mkdirSync(folder);
    const [whole = new Uint8Array()] = recordings;
    const damaged = Uint8Array.from(whole);
    damaged[whole.length - 2] = (damaged[whole.length - 2] ?? 0) ^ 1;
    // What is damaged at the very end is taken for what a killed process left.
    const [last] = [...readBlocks(whole)].slice(-1);
    const behind = last === undefined ? [] : [encodeBlock({ ...last, entries: [] })];
    writeFileSync(join(folder, '00000001.rec'), Buffer.concat([damaged, ...behind]));
    writeFileSync(join(folder, '00000002.rec'), whole);
    const { breaks, lives, differences } = await playBack(folder, options);
    expect({ why: breaks.map(({ why }) => why), lives, differences }).toEqual({
      why: ['damaged'],
      lives: 2,
      differences: [],
    });
  });

  it('whose entries are of no moment that a date can name goes on without them', () => {
    const [bytes = new Uint8Array()] = recordings;
    const blocks = [...readBlocks(bytes)];
    for (const at of [-1.9e170, 1e300, Number.NaN]) {
      const strange = blocks.map((block) => ({
        ...block,
        entries: block.entries.flatMap((entry) => [[entry[0] ?? 0, at, ...entry.slice(2)], entry]),
      }));
      expect(play(strange)).toBe(play(blocks));
    }
  });

  it('whose entries are anything at all is played without a bug', () => {
    const value = fc.letrec<{ readonly any: PlainValue; readonly list: PlainValue }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.double(),
        fc.string(),
        fc.uint8Array({ maxLength: 20 }),
        tie('list'),
      ),
      list: fc.array(tie('any'), { maxLength: 8 }),
    }));
    const edit = fc.record({ block: fc.nat(), entry: fc.nat(), field: fc.nat(), value: value.any });
    fc.assert(
      fc.property(anyRecording, fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
        const blocks = [...readBlocks(bytes)].map((block) => ({ ...block, entries: [...block.entries] }));
        for (const { block, entry, field, value } of edits) {
          const entries = blocks[block % blocks.length]?.entries ?? [];
          const at = entry % entries.length;
          const fields = [...(entries[at] ?? [])];
          fields[field % fields.length] = value;
          entries[at] = fields;
        }
        expect(play(blocks)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is no recording', () => {
  it.each([
    ['an empty directory', () => mkdirSync(join(dir, 'empty')), 'empty', 'RECORDING_MISSING'],
    ['a path that is not there', () => undefined, 'nowhere', 'RECORDING_MISSING'],
    [
      'a directory with a file in the place of the recording',
      () => {
        mkdirSync(join(dir, 'odd'));
        writeFileSync(join(dir, 'odd', 'recording'), '');
      },
      'odd',
      'INPUT_UNREADABLE',
    ],
    ['a link to itself', () => symlinkSync('loop', join(dir, 'loop')), 'loop', 'INPUT_UNREADABLE'],
  ])('%s has a code and a remedy', async (_name, make, path, code) => {
    make();
    await expect(playBack(join(dir, path), options)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w/) });
  });
});
