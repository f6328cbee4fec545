import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phone, type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, writeState } from '../sample-state.ts';
import { startRole } from '../smsc/start-smsc.ts';

let bridge: SmallBridge;
let empty = '';
beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'status-'));
  bridge = await startSmallBridge({ limitBytes: 1_048_576, keepMs: 86_400_000 });
  await bridge.carry(['one', 'two', 'three']);
});
afterAll(async () => {
  await bridge.drain();
  await bridge.clear();
  rmSync(empty, { recursive: true, force: true });
});

const moment = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const buffer = () => ['--state-dir', bridge.bufferDir];
const imServer = () => ['--state-dir', bridge.imDir];

describe('buffer status', () => {
  it('says first that it is well, then fits on a screen', async () => {
    const { stdout, stderr, status } = await runHere(['buffer', 'status', ...buffer()]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('well');
    expect(lines.length).toBeLessThan(24);
    const labels = lines.slice(3).map((line) => line.split(/ {3}/)[0]?.trim());
    expect(labels).toEqual(['session', 'submits', 'link', 'mt', 'mo', 'disk', 'recorder']);
    expect(stdout).toMatch(/submits .*3 accepted/);
  });

  it('has the same as a document, without numbers of people', async () => {
    const result = await runHere(['buffer', 'status', '--json', ...buffer()]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      ...{ schema: 'buffer.status/1', role: 'buffer', state: 'running', well: true, smscId: 'hel1' },
      since: moment,
      session: { state: 'ready', since: moment, logins: 1 },
      submits: { counts: { accepted: 3, refused: 0 }, turnAround: { count: 3 } },
      link: { state: 'up', desired: 'up', ups: 1, entriesOut: { total: expect.any(Number) } },
      mt: { contact: 'in-step', counts: { entered: { total: 3 }, confirmed: 3 } },
      mo: { counts: { confirmed: 3 } },
      disk: { durability: 'process', commits: { failures: 0, lastAt: moment } },
      recorder: { limitBytes: 1_048_576, dropped: 0 },
    });
    expect(result.stdout).not.toContain(phone.slice(1));
    expect(result.stdout).not.toContain('three');
  });

  it('goes on with --watch, a line of JSON for each look, and ends 0 at a signal', async () => {
    const watch = await startRole(['buffer', 'status', '--watch', '--every', '100ms', ...buffer()]);
    expect(watch.ready).toMatchObject({ schema: 'buffer.status/1', well: true });
    while (watch.stdout().split('\n').length < 4) await new Promise((seen) => watch.child.stdout?.once('data', seen));
    expect(await watch.end('SIGINT')).toBe(0);
    expect(watch.stderr()).toBe('');
    const looks = watch.stdout().trimEnd().split('\n');
    expect(looks.map((line) => JSON.parse(line).schema)).toEqual(looks.map(() => 'buffer.status/1'));
  });

  it('tells a stopped one as its store says, and ends 0', async () => {
    const stateDir = join(empty, 'stopped');
    await writeState(stateDir, 'buffer', { epoch: epochA, mt: [{ seq: 2, status: 'in-doubt', attempts: 1 }] });
    const { stdout, status } = await runHere(['buffer', 'status', '--state-dir', stateDir]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^not well: it does not run; it ended in order \(CONTROL_UNREACHABLE\)\nwhat to do: start it/,
    );
    expect(stdout).toMatch(/hel1 mt {3}1 of 255 used {3}1 in doubt/);
    const document = documentOf(await runHere(['buffer', 'status', '--json', '--state-dir', stateDir]));
    expect(document).toMatchObject({
      ...{ schema: 'buffer.status/1', state: 'stopped', well: false, ended: 'in-order' },
      lanes: [
        { smscId: 'hel1', lane: 'mt', used: 1, inDoubt: 1 },
        { smscId: 'hel1', lane: 'mo', used: 0 },
      ],
    });
  });

  it.each([
    ['an IM server', () => imServer(), 2, 'STORE_WRONG_ROLE', 'im-server status'],
    ['an empty directory', () => ['--state-dir', empty], 2, 'STORE_MISSING', '--state-dir'],
    ['another SMSC', () => [...buffer(), '--smsc-id', 'tku1'], 2, 'STORE_MISSING', '--state-dir'],
    ['a look without rest', () => [...buffer(), '--watch', '--every', '1ms'], 2, 'USAGE_BAD_VALUE', '100ms'],
  ])('refuses %s', async (_, flags, status, code, hint) => {
    const result = await runHere(['buffer', 'status', ...flags()]);
    expect(result).toMatchObject({ status, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(hint);
  });
});

describe('im-server status', () => {
  it('tells each SMSC, people and gateways, well or not', async () => {
    const { stdout, status } = await runHere(['im-server', 'status', ...imServer()]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^well\n/);
    expect(stdout).toMatch(/\nhel1 +link up for .* {3}SMSC session up/);
    expect(stdout).toMatch(/\npeople +1 user {3}/);
    const document = documentOf(await runHere(['im-server', 'status', '--json', ...imServer()]));
    expect(document).toMatchObject({
      ...{ schema: 'im-server.status/1', state: 'running', well: true, users: 1 },
      smscs: [{ smscId: 'hel1', outbox: 0, mt: { counts: { confirmed: 3 } }, link: { session: { state: 'up' } } }],
    });
  });
});

describe('sync status', () => {
  it('says that both ends are in step, or what one end alone knows', async () => {
    const { stdout, status } = await runHere(['sync', 'status', ...buffer(), ...imServer()]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^hel1 {3}in-step {3}since .*\n {2}mt {3}nothing left\n {2}mo {3}nothing left\n$/);
    const document = documentOf(await runHere(['sync', 'status', '--json', ...imServer()]));
    expect(document).toMatchObject({
      schema: 'sync.status/1',
      smscs: [
        { smscId: 'hel1', state: 'in-step', since: moment, lanes: [{ left: null, waitingForSlot: 0, drainMs: 0 }, {}] },
      ],
    });
  });

  it('refuses an SMSC that is not there', async () => {
    const result = await runHere(['sync', 'status', '--smsc-id', 'tku1', ...buffer()]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('There are rings of: hel1');
  });
});

describe('link status', () => {
  it('tells the link from both ends', async () => {
    const { stdout, status } = await runHere(['link', 'status', ...buffer(), ...imServer()]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^hel1 {3}from the buffer {3}up since /);
    expect(stdout).toMatch(/\nhel1 {3}from the im-server {3}up since /);
    const document = documentOf(await runHere(['link', 'status', '--json', ...buffer()]));
    const lanes = { mt: { drainMs: 0, waitingForAnswer: 0 }, mo: { drainMs: 0, waitingForSlot: 0 } };
    expect(document).toMatchObject({
      schema: 'link.status/1',
      links: [{ smscId: 'hel1', side: 'buffer', desired: 'up', state: 'up', happenings: [{ what: 'up' }], lanes }],
      stopped: [],
    });
  });

  it('needs a role that runs', async () => {
    const stateDir = join(empty, 'resting');
    await writeState(stateDir, 'im-server', { epoch: epochA });
    const result = await runHere(['link', 'status', '--json', '--state-dir', stateDir]);
    expect(result.status).toBe(5);
    expect(documentOf(result)).toMatchObject({ schema: 'error/1', error: { code: 'CONTROL_UNREACHABLE' } });
  });
});
