import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { callControl } from '../../../src/shell/control-client.ts';
import { runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { startRole } from './start-smsc.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const handset = '+639171234567';

async function start(...flags: readonly string[]): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
  cleanups.push(() => rm(stateDir, { recursive: true, force: true }));
  const role = await startRole(['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir, ...flags]);
  cleanups.push(() => role.end());
  return stateDir;
}

describe('smsc handset', () => {
  it('sends lines in their order, changes the handset, and tells all as JSON lines', async () => {
    const stateDir = await start();
    const stdin = [
      '/slow 5s',
      'to whom?',
      '/to 28820001',
      'one',
      '{"to":"28820002","text":"two"}',
      '/nonsense',
      '/status',
    ];
    const result = await runCommand(['smsc', 'handset', handset, '--state-dir', stateDir, '--timeout', '200ms'], {
      stdin: `${stdin.join('\n')}\n`,
    });
    // Nobody is logged in, so none is answered.
    expect(result).toMatchObject({ status: 6, stderr: '' });
    const events = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.every(({ schema }) => schema === 'handset.event/1')).toBe(true);
    expect(events[0]).toMatchObject({ type: 'ready', number: '639171234567', state: 'on' });
    expect(events.filter(({ type }) => type === 'sent')).toMatchObject([
      { ref: 1, to: '28820001' },
      { ref: 2, to: '28820002' },
    ]);
    expect(events.filter(({ type }) => type === 'waiting')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(2);
    expect(events.find(({ type }) => type === 'status')).toMatchObject({ state: 'slow', received: 0 });
    expect(await callControl(stateDir, 'GET /handsets')).toMatchObject({ handsets: [{ state: 'slow' }] });
  });

  it('ends with its input where nothing is left to wait for, though messages are on their way to it', async () => {
    const stateDir = await start('--handset', `${handset}=off`);
    const result = await runCommand(['smsc', 'handset', handset, '--state-dir', stateDir], { stdin: '/status\n' });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('"type":"status"');
  }, 20_000);

  it('ends 3 where the SMSC does not take the text, 5 where no simulator runs, 2 without a number', async () => {
    const stateDir = await start();
    const to = ['--to', '99', '--state-dir', stateDir];
    expect(await runCommand(['smsc', 'handset', handset, ...to], { stdin: 'x\n' })).toMatchObject({ status: 3 });
    const nowhere = ['--state-dir', join(tmpdir(), 'ringbridge-nowhere')];
    expect(await runCommand(['smsc', 'handset', handset, ...nowhere], { stdin: '' })).toMatchObject({ status: 5 });
    expect(await runCommand(['smsc', 'handset', ...to], { stdin: '' })).toMatchObject({ status: 2 });
  });
});

describe('smsc start --scenario', () => {
  it('runs with faults and counts them; list names those that ship; a wrong name ends 2', async () => {
    const stateDir = await start('--scenario', 'throttled');
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ faults: { refuse: 0 } });
    const list = await runHere(['smsc', 'start', '--scenario', 'list']);
    expect(list).toMatchObject({ status: 0, stderr: '' });
    expect(list.stdout).toContain('bad-day ');
    const wrong = await runHere(['smsc', 'start', '--scenario', 'throtled']);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('Did you mean throttled?');
  });
});
