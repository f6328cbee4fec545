import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/core/base/errors.ts';
import type { StateDirLock } from '../../../src/shell/state-dir.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, runSampleRole, writeState } from '../sample-state.ts';

let dir = '';
let buffer = '';
let imServer = '';
const locks: StateDirLock[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ring-'));
  buffer = join(dir, 'buffer');
  imServer = join(dir, 'im-server');
  await writeState(buffer, 'buffer', {
    epoch: epochA,
    mt: [
      { seq: 1, status: 'settled', attempts: 1, outcome: confirmed },
      { seq: 2, status: 'in-doubt', attempts: 1, text: 'a secret text' },
      { seq: 3, status: 'mirrored' },
    ],
    mo: [{ seq: 1, status: 'placed' }],
  });
  await writeState(imServer, 'im-server', {
    epoch: epochA,
    mt: [
      { seq: 1, status: 'settled', attempts: 1, outcome: confirmed },
      { seq: 2, status: 'in-flight', attempts: 1, text: 'a secret text' },
      { seq: 3, status: 'placed' },
      { seq: 4, status: 'placed' },
    ],
  });
});

afterEach(async () => {
  for (const lock of locks.splice(0)) await lock.release();
  rmSync(dir, { recursive: true, force: true });
});

const confirmed = { status: 'confirmed', stamp: '261122123045', errorCode: 0, by: 'answer' } as const;

function inspect(...args: string[]) {
  return runHere(['ring', 'inspect', '--state-dir', buffer, '--state-dir', imServer, ...args]);
}

describe('ring inspect', () => {
  it('lists the slots in use of both ends side by side, masked', async () => {
    const { stdout, stderr, status } = await inspect('--lane', 'mt');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `Not running, read from its store: buffer (${buffer}), im-server (${imServer})\n`,
    });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('hel1   1 on the way');
    expect(lines[1]).toMatch(/^mt {3}3 of 255 used {3}oldest .* {3}1 in doubt {3}epoch aaaa…$/);
    expect(lines.slice(2).map((line) => line.split(/ {2,}/).slice(1, 5))).toEqual([
      ['slot', 'seq', 'buffer', 'im-server'],
      ['2', '2', 'in-doubt', 'in-flight'],
      ['3', '3', 'mirrored', 'placed'],
      ['4', '4', 'free', 'placed'],
      [],
    ]);
    expect(lines[3]).toContain('+3584…67');
    expect(lines[3]).toContain('[13 ch, sha ');
    expect(stdout).not.toContain('secret');
  });

  it('shows numbers and texts with --reveal', async () => {
    const { stdout } = await inspect('--reveal');
    expect(stdout).toContain('+358401234567');
    expect(stdout).toContain('a secret text');
  });

  it('draws every slot of both copies as one letter', async () => {
    const { stdout } = await inspect('--map', '--lane', 'mt');
    const lines = stdout.split('\n').slice(2);
    expect(lines[0]).toBe(`  buffer      1 s?m${'·'.repeat(61)}`);
    expect(lines[1]).toBe(`             65 ${'·'.repeat(64)}`);
    expect(lines[3]).toBe(`            193 ${'·'.repeat(63)}`);
    expect(lines[4]).toBe(`  im-server   1 sfpp${'·'.repeat(60)}`);
  });

  it('shows one slot in full, with both copies', async () => {
    const { stdout, status } = await inspect('1', '--lane', 'mt');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^hel1 {3}mt {3}slot 1\n/);
    expect(stdout).toMatch(/outcome +confirmed: stamp 261122123045 +confirmed: stamp 261122123045/);
  });

  it('filters by status, side and lane in its document, and counts all', async () => {
    const result = await inspect('--status', 'settled', '--side', 'buffer', '--lane', 'mt', '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      schema: 'ring.inspect/1',
      rings: [
        {
          smscId: 'hel1',
          side: 'buffer',
          lane: 'mt',
          counts: { free: 252, settled: 1, 'in-doubt': 1, mirrored: 1 },
          slots: [{ slot: 1, seq: 1, status: 'settled', message: { to: '+3584…67' } }],
        },
      ],
    });
  });

  it('tells times in ISO 8601 in its documents', async () => {
    locks.push(await runSampleRole(imServer, async () => undefined));
    const moment = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const message = { createdAt: '2023-11-14T22:13:20.000Z', validUntil: '2033-05-18T03:33:20.000Z' };
    expect(documentOf(await inspect('2', '--lane', 'mt', '--json'))).toMatchObject({
      schema: 'ring.slot/1',
      copies: [
        { side: 'buffer', movedAt: moment, message },
        { side: 'im-server', movedAt: moment, message },
      ],
    });
    expect(documentOf(await inspect('--lane', 'mt', '--json'))).toMatchObject({
      rings: [{ slots: [{ message }, { message }, { status: 'free' }] }, {}],
      links: [{ state: 'up', since: '1970-01-01T00:00:00.000Z' }],
    });
  });

  it('asks a running role, and shows the state of its link', async () => {
    locks.push(await runSampleRole(imServer, async () => undefined));
    const { stdout, stderr } = await inspect('--lane', 'mt');
    expect(stdout).toMatch(/^hel1 {3}link up {3}rtt 200 ms {3}1 on the way\n/);
    expect(stderr).toBe(`Not running, read from its store: buffer (${buffer})\n`);
  });

  it.each([
    ['a directory without a store', () => ['--state-dir', join(dir, 'none')], 'STORE_MISSING', 2],
    ['the same end twice', () => ['--state-dir', buffer, '--state-dir', copyOfBuffer()], 'CONFIG_BAD_VALUE', 2],
    ['a status that is none', () => ['--state-dir', buffer, '--status', 'in-dout'], 'USAGE_BAD_VALUE', 2],
    [
      'an SMSC that none of the rings is for',
      () => ['--state-dir', buffer, '--smsc-id', 'tku1'],
      'CONFIG_BAD_VALUE',
      2,
    ],
    ['a slot that no ring has', () => ['300', '--state-dir', buffer], 'USAGE_BAD_VALUE', 2],
  ])('refuses %s', async (_, argsOf, code, status) => {
    await writeState(copyOfBuffer(), 'buffer', { epoch: epochA });
    mkdirSync(join(dir, 'none'));
    const result = await runHere(['ring', 'inspect', ...argsOf(), '--json']);
    expect(result).toMatchObject({ status, stderr: '' });
    expect(documentOf(result)).toMatchObject({ error: { code } });
  });

  it('says how to name a state directory when there is none in the usual place', async () => {
    const result = await runHere(['ring', 'inspect'], { env: { XDG_STATE_HOME: dir } });
    expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('--state-dir DIR') });
  });

  it('finds the state directories in their usual place', async () => {
    const usual = join(dir, 'state', 'ringbridge');
    await writeState(join(usual, 'buffer-hel1'), 'buffer', { epoch: epochA, mt: [{ seq: 9, status: 'mirrored' }] });
    const { stdout, status } = await runHere(['ring', 'inspect', '--lane', 'mt'], {
      env: { XDG_STATE_HOME: join(dir, 'state') },
    });
    expect(status).toBe(0);
    expect(stdout).toContain('1 of 255 used');
  });
});

describe('ring resolve', () => {
  const resolve = (...args: string[]) => runHere(['ring', 'resolve', ...args, '--state-dir', buffer, '--json']);

  it('tells the running role what was decided', async () => {
    const asked: unknown[] = [];
    locks.push(
      await runSampleRole(buffer, async (call, body) => {
        asked.push([call, body]);
        return call === 'POST /resolve' ? {} : undefined;
      }),
    );
    const result = await resolve('2', '--as', 'sent', '--yes');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toEqual({ schema: 'ring.resolved/1', smscId: 'hel1', lane: 'mt', slot: 2, as: 'sent' });
    expect(asked).toContainEqual(['POST /resolve', { smscId: 'hel1', slot: 2, as: 'sent' }]);
  });

  it('passes on what the role refuses, with its exit status', async () => {
    locks.push(
      await runSampleRole(buffer, async (call) => {
        if (call !== 'POST /resolve') return undefined;
        throw new OperatorError({ code: 'RING_SLOT_NOT_IN_DOUBT', message: 'm', hint: 'h', exitStatus: 3 });
      }),
    );
    const result = await resolve('2', '--as', 'sent', '--yes');
    expect(result.status).toBe(3);
    expect(documentOf(result)).toMatchObject({ error: { code: 'RING_SLOT_NOT_IN_DOUBT' } });
  });

  it.each([
    ['a slot that is not in doubt', ['3', '--as', 'sent', '--yes'], 'RING_SLOT_NOT_IN_DOUBT', 3],
    ['a slot whose message has ended', ['1', '--as', 'sent', '--yes'], 'RING_SLOT_NOT_IN_DOUBT', 3],
    ['an empty slot', ['77', '--as', 'sent', '--yes'], 'RING_SLOT_EMPTY', 3],
    ['a role that is not running', ['2', '--as', 'sent', '--yes'], 'CONTROL_UNREACHABLE', 5],
    ['a call without --as', ['2', '--yes'], 'USAGE_MISSING_VALUE', 2],
    ['a call without a slot', ['--as', 'sent', '--yes'], 'USAGE_MISSING_VALUE', 2],
  ])('refuses %s', async (_, args, code, status) => {
    const result = await resolve(...args);
    expect(result.status).toBe(status);
    expect(documentOf(result)).toMatchObject({ error: { code } });
  });

  it('does nothing without --yes where nobody can be asked', async () => {
    const asked: string[] = [];
    locks.push(
      await runSampleRole(buffer, async (call) => {
        asked.push(call);
        return undefined;
      }),
    );
    const result = await resolve('2', '--as', 'not-sent');
    expect(result.status).toBe(2);
    expect(documentOf(result)).toMatchObject({ error: { message: 'Missing --yes.' } });
    expect(asked).toEqual(['GET /rings']);
  });
});

function copyOfBuffer(): string {
  return join(dir, 'another-buffer');
}
