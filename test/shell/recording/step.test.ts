/** Stepping through a recording of real roles: what is shown, forwards and backwards. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { stepLines } from '../../../src/cli/recording/step/step-lines.ts';
import { StepSource } from '../../../src/cli/recording/step/step-source.ts';
import { displayWidth } from '../../../src/cli/table.ts';
import { runHere } from '../../commands/run-here.ts';
import { phone, type SmallBridge, startSmallBridge } from './small-bridge.ts';

let bridge: SmallBridge;
beforeAll(async () => {
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(['one', 'two', 'three']);
  await bridge.writeBack('and back');
  await bridge.drain();
});
afterAll(() => bridge.clear());

const page = (source: StepSource, number: number, privacy: 'mask' | 'reveal' = 'mask', rows = 24) =>
  stepLines(
    {
      ...{ step: source.at(number), last: source.last, side: source.side, smscIds: source.smscIds },
      ...{ bottom: 'keys', scrolled: 0 },
    },
    { paint: plainPainter, privacy, columns: 80, rows },
  );
const moved = (event: { readonly moves: readonly unknown[] }): boolean => event.moves.length > 0;

describe('stepping through a recording', () => {
  it('shows the same of an input whether it was come to from the front or from behind', () => {
    const forwards = new StepSource(bridge.bufferDir);
    const ahead = Array.from({ length: forwards.last }, (_, index) => page(forwards, index + 1));
    const back = Array.from({ length: forwards.last }, (_, index) => page(forwards, forwards.last - index));
    expect(back.reverse()).toEqual(ahead);
    const jumped = new StepSource(bridge.bufferDir);
    jumped.play(jumped.last);
    expect(page(jumped, 7)).toEqual(ahead[6]);
  });

  it('fits 80 columns and any rows', () => {
    const source = new StepSource(bridge.imDir);
    for (let number = 1; number <= source.last; number += 1) {
      for (const rows of [10, 24]) {
        const lines = page(source, number, 'mask', rows);
        expect(lines).toHaveLength(rows);
        expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
      }
    }
  });

  it('shows what came, what moved and why, what was said, and how full the rings are', () => {
    const source = new StepSource(bridge.bufferDir);
    const number = source.find(1, 'next', ({ moves }) => moves.some(({ after }) => after?.status === 'confirmed'));
    const text = page(source, number ?? 0).join('\n');
    expect(text).toMatch(/^buffer hel1 {3}input \d+ of \d+ {3}smsc-received +\d\d:\d\d:\d\d\.\d{3}\n─+\n/);
    expect(text).toMatch(/\nin {7}accepted {2}<STX>53:/);
    expect(text).toMatch(/\nmoved {4}mt slot 1, number 1 {3}in-flight → confirmed/);
    expect(text).toMatch(/\nsaid {5}/);
    expect(text).toMatch(/\nmt {3}\d of 255 used .*\nmo {3}\d of 255 used .*\nkeys$/);
    expect(text).not.toContain('not played');
  });

  it('masks numbers unless they are to be shown', () => {
    const source = new StepSource(bridge.smscDir);
    const all = (privacy: 'mask' | 'reveal') =>
      Array.from({ length: source.last }, (_, index) => page(source, index + 1, privacy, 60).join('\n')).join('\n');
    expect(all('mask')).not.toContain(phone);
    expect(all('mask')).toContain('021:+3584******67');
    expect(all('reveal')).toContain(phone);
  });

  it('finds moves in both directions', () => {
    const source = new StepSource(bridge.bufferDir);
    const all: number[] = [];
    for (let at = source.find(0, 'next', moved); at !== undefined; at = source.find(at, 'next', moved)) all.push(at);
    const back: number[] = [];
    for (
      let at = source.find(source.last + 1, 'previous', moved);
      at !== undefined;
      at = source.find(at, 'previous', moved)
    )
      back.push(at);
    expect(all.length).toBeGreaterThan(5);
    expect(back.reverse()).toEqual(all);
  });

  it('is refused where there is no terminal, or beside --assert, with a remedy', async () => {
    const piped = await runHere(['sync', 'replay', bridge.bufferDir, '--step', '--json']);
    expect(piped).toMatchObject({ status: 2 });
    expect(piped.stdout + piped.stderr).toMatch(/--step needs a terminal.*--moves/s);
    const both = await runHere(['sync', 'replay', bridge.bufferDir, '--step', '--assert']);
    expect(both.stderr).toMatch(/--step does not go with --assert/);
  });
});
