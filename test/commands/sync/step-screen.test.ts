/** `sync replay --step` on a real terminal, which tmux lends: keys arrive, it goes both ways, and leaves the terminal as it was. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { hasTmux, TmuxScreen } from '../ring/tmux-screen.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

describe.skipIf(!hasTmux)(`sync replay --step on a terminal${hasTmux ? '' : ' (skipped: not installed: tmux)'}`, () => {
  let bridge: SmallBridge;
  const screen = new TmuxScreen();
  beforeAll(async () => {
    bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
    await bridge.carry(['one', 'two']);
    await bridge.drain();
  });
  afterAll(async () => {
    screen.end();
    await bridge.clear();
  });

  it('goes from move to move and back, to a number, and leaves the terminal as it was', async () => {
    const command = [process.execPath, bin, 'sync', 'replay', bridge.bufferDir, '--step'].join(' ');
    screen.start(command, { columns: 80, rows: 24 });
    await screen.shows(/input 1 of \d+/);
    screen.type('n');
    const moved = await screen.shows(/^moved +mt slot 1, number 1 {3}free → mirrored/m);
    const number = Number(/input (\d+) of/.exec(moved)?.[1]);
    screen.keys('Right');
    await screen.shows(new RegExp(`input ${number + 1} of`));
    screen.keys('Left');
    expect(await screen.shows(new RegExp(`input ${number} of`))).toBe(moved);
    screen.type('g3');
    screen.keys('Enter');
    await screen.shows(/input 3 of/);
    screen.type('q');
    expect(await screen.shows(/ended \d+/)).toMatch(/^before\nended 0(\n|$)/);
    expect(screen.isAlternate).toBe(false);
  });
});
