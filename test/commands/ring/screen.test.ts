/**
 * `ring inspect` on a real terminal, which tmux lends: that keys arrive, that it draws what the tests in
 * `test/cli/ring/screen` say it should, and that the terminal is as it was afterwards.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { epochA, writeState } from '../sample-state.ts';
import { hasTmux, TmuxScreen } from './tmux-screen.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const small = { columns: 80, rows: 24 };
const large = { columns: 200, rows: 60 };

let dir = '';
let screen: TmuxScreen;

function inspect(...dirs: readonly string[]): string {
  const args = dirs.flatMap((stateDir) => ['--state-dir', stateDir]);
  return ['env', '-u', 'NO_COLOR', 'TZ=UTC', process.execPath, bin, 'ring', 'inspect', ...args].join(' ');
}

/** Ages differ from run to run, and so do the times of moves. */
function withoutAges(text: string): string {
  const aged = text.replace(/\d+(\.\d+)? (ms|s|min|h|d)( \d+ (min|h))?(?= ago| {3}|$)/gm, 'AGE');
  return `${aged.replace(/\d\d:\d\d:\d\d\.\d{3} \(AGE ago\) */g, 'TIME (AGE ago) ').replace(/ +$/gm, '')}\n`;
}

/** Of the process that the shell runs. */
function childOf(pid: number): number {
  return Number(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim());
}

/** What stood there before is looked at only where the terminal has kept its size: tmux moves it when that changes. */
async function expectRestored(status: number, size: 'kept' | 'changed' = 'kept'): Promise<void> {
  const text = await screen.shows(/ended \d+/);
  await screen.shows(/ -?icanon/);
  expect(screen.isAlternate).toBe(false);
  expect(text).toMatch(new RegExp(`${size === 'kept' ? '^before\\n' : ''}ended ${status}(\\n|$)`));
  expect(screen.text).toMatch(/ icanon/);
  expect(screen.text).toMatch(/ echo /);
}

beforeEach(() => {
  screen = new TmuxScreen();
});

afterEach(() => {
  screen.end();
});

describe.skipIf(!hasTmux)(`ring inspect on a terminal${hasTmux ? '' : ' (skipped: not installed: tmux)'}`, () => {
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'ring-screen-'));
    await writeState(join(dir, 'buffer'), 'buffer', {
      epoch: epochA,
      mt: [
        {
          seq: 1,
          status: 'settled',
          attempts: 1,
          outcome: { status: 'confirmed', stamp: '261122123045', errorCode: 0, by: 'answer' },
        },
        { seq: 2, status: 'in-doubt', attempts: 1, text: 'a secret text' },
        { seq: 3, status: 'mirrored' },
      ],
      mo: [{ seq: 1, status: 'placed' }],
    });
    await writeState(join(dir, 'im-server'), 'im-server', {
      epoch: epochA,
      mt: [
        { seq: 2, status: 'in-flight', attempts: 1, text: 'a secret text' },
        { seq: 3, status: 'placed' },
      ],
    });
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('opens, filters, opens a slot, follows the size of the terminal, and leaves it as it was', async () => {
    screen.start(inspect(join(dir, 'buffer'), join(dir, 'im-server')), small);
    const opened = await screen.shows(/q quit$/);
    expect(screen.isAlternate).toBe(true);
    await expect(withoutAges(opened)).toMatchFileSnapshot('golden/opened-80x24.txt');
    screen.type('/in-doubt');
    screen.keys('Enter');
    await expect(withoutAges(await screen.shows(/filter in-doubt: /))).toMatchFileSnapshot('golden/filtered-80x24.txt');
    screen.keys('Enter');
    await expect(withoutAges(await screen.shows(/Not recorded/))).toMatchFileSnapshot('golden/slot-80x24.txt');
    screen.resize(large);
    const text = await screen.shows(/\n{12}.*q quit$/);
    expect(text.split('\n')).toHaveLength(60);
    screen.keys('Escape');
    await screen.shows(/filter in-doubt: /);
    screen.keys('Escape');
    await screen.shows(/^(?!(.|\n)*filter in-doubt)(.|\n)*q quit$/);
    await expect(withoutAges(screen.text)).toMatchFileSnapshot('golden/opened-200x60.txt');
    screen.keys('q');
    await expectRestored(0, 'changed');
  });

  it('leaves the terminal as it was when it is ended by SIGTERM', async () => {
    screen.start(inspect(join(dir, 'buffer')), small);
    await screen.shows(/q quit$/);
    process.kill(childOf(screen.shellPid), 'SIGTERM');
    await expectRestored(0);
  });
});

describe.skipIf(!hasTmux)(`time travel on a terminal${hasTmux ? '' : ' (skipped: not installed: tmux)'}`, () => {
  let bridge: SmallBridge;

  beforeAll(async () => {
    bridge = await startSmallBridge({ limitBytes: 1024 * 1024, keepMs: 3_600_000 });
    await bridge.carry(['one']);
    await bridge.drain();
  });

  afterAll(() => bridge?.clear());

  it('goes from event to event and from move to move, and back to what is now', async () => {
    screen.start(inspect(bridge.bufferDir, bridge.imDir), small);
    await screen.shows(/stopped$/m);
    screen.type('t');
    await screen.shows(/ended in order/);
    screen.keys('Home');
    await screen.shows(/ 1 of \d+ /);
    screen.type('n');
    expect(await screen.shows(/text of a user +mt slot 1 free → placed/)).toMatch(/^im-server +p/m);
    for (const step of [
      'place came +mt slot 1 free → mirrored',
      'mt slot 1 mirrored → in-flight, attempt 1',
      'packet \\d+ came: accepted +mt slot 1 in-flight → confirmed',
    ]) {
      screen.type('n');
      await screen.shows(new RegExp(`buffer .*${step}`));
    }
    screen.keys('Enter');
    const history = await screen.shows(/history\n.*in-flight → confirmed/);
    expect(history).not.toContain('settled');
    screen.keys('Escape');
    screen.type('t');
    await screen.shows(/stopped$/m);
    screen.keys('C-c');
    await expectRestored(0);
  });
});
