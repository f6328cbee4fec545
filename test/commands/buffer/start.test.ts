import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPrometheusText } from '../../shell/metrics/prometheus-text.ts';
import { runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { type RunningRole, startRole } from '../smsc/start-smsc.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringbridge-buffer-'));
  await writeFile(join(dir, 'hel1.secret'), `${'0f'.repeat(32)}\n`, { mode: 0o600 });
  await writeFile(join(dir, 'bad.secret'), 'not hex\n', { mode: 0o600 });
  await writeFile(join(dir, 'app.password'), 'ringbridge\n', { mode: 0o600 });
  const lines = [
    'smsc = "tcp://127.0.0.1:9"',
    'smsc-id = "hel1"',
    'user = "app"',
    'password-file = "app.password"',
    'secret-file = "hel1.secret"',
    'im-server = "ws://127.0.0.1:9/link"',
    'state-dir = "state"',
    'answer-timeout = "20s"',
  ];
  await writeFile(join(dir, 'hel1.toml'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'typo.toml'), `${[...lines, 'ring-sise = 7'].join('\n')}\n`);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const config = () => ['--config', join(dir, 'hel1.toml')];

async function start(...flags: readonly string[]): Promise<RunningRole> {
  const role = await startRole(['buffer', 'start', ...config(), ...flags]);
  cleanups.push(async () => role.child.kill('SIGKILL'));
  return role;
}

describe('buffer start', () => {
  it('says in one line that it is ready, is alone in its state directory, and drains with exit status 0', async () => {
    const buffer = await start();
    expect(buffer.ready).toMatchObject({
      schema: 'role.ready/1',
      role: 'buffer',
      listen: null,
      smscId: 'hel1',
      stateDir: join(dir, 'state'),
      pid: buffer.child.pid,
    });
    const second = await runCommand(['buffer', 'start', ...config()]);
    expect(second).toMatchObject({ status: 9, stdout: '' });
    expect(second.stderr).toContain('STORE_BUSY');
    expect(second.stderr).toContain(String(buffer.child.pid));
    expect(await buffer.end()).toBe(0);
    expect(buffer.stdout().split('\n')).toHaveLength(2);
    const events = buffer
      .stderr()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['role.ready', 'link.retry', 'role.ended']),
    );
    expect(buffer.stderr()).not.toContain('ringbridge\n');

    const other = await runHere(['buffer', 'start', ...config(), '--smsc-id', 'tku1']);
    expect(other).toMatchObject({ status: 2, stdout: '' });
    expect(other.stderr).toContain('STORE_WRONG_SMSC');
    const wrongRole = ['--listen', '127.0.0.1:0', '--state-dir', join(dir, 'state')];
    const im = await runHere(['im-server', 'start', ...wrongRole]);
    expect(im).toMatchObject({ status: 2, stdout: '' });
    expect(im.stderr).toContain('STORE_WRONG_ROLE');
  });

  it('serves metrics where --metrics says, and tells there that it is not ready yet', async () => {
    const buffer = await start('--metrics', '127.0.0.1:0', '--state-dir', join(dir, 'measured'));
    const { metrics } = buffer.ready as { readonly metrics?: string };
    expect(metrics).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const text = await (await fetch(String(metrics))).text();
    expect(readPrometheusText(text).get('ringbridge_link_up')?.samples).toEqual([
      { labels: { smsc: 'hel1' }, value: 0 },
    ]);
    const ready = await fetch(String(metrics).replace('/metrics', '/readyz'));
    expect(ready.status).toBe(503);
    expect(await ready.text()).toBe('not ready: the link is down\n');
    expect(await buffer.end()).toBe(0);
  });

  it.each([
    ['a link without TLS to another machine', ['--im-server', 'ws://im.example.org/link'], 'CONFIG_INSECURE', 'wss://'],
    ['metrics for other machines', ['--metrics', '0.0.0.0:0'], 'CONFIG_INSECURE', '--insecure'],
    ['a zone that is none', ['--smsc-zone', '8 hours'], 'CONFIG_BAD_VALUE', '+08:00'],
    ['a ring larger than there is', ['--ring-size', '256'], 'CONFIG_BAD_VALUE', '255'],
    ['an SMSC id that is no name', ['--smsc-id', '../x'], 'CONFIG_BAD_VALUE', 'dashes and underscores'],
  ])('refuses %s', async (_, flags, code, hint) => {
    const result = await runHere(['buffer', 'start', ...config(), ...flags]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(hint);
  });

  it('refuses a secret that is none without showing it', async () => {
    const result = await runHere(['buffer', 'start', ...config(), '--secret-file', join(dir, 'bad.secret')]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('openssl rand -hex 32');
    expect(result.stderr).not.toContain('not hex');
  });

  it('refuses a key of the config file that it does not know, and names the nearest', async () => {
    const result = await runHere(['buffer', 'start', '--config', join(dir, 'typo.toml')]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(/CONFIG_UNKNOWN_KEY/);
    expect(result.stderr).toContain('typo.toml:9');
    expect(result.stderr).toContain('ring-size');
  });

  it('names the flag that is missing', async () => {
    const result = await runHere(['buffer', 'start']);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('--smsc');
  });
});
