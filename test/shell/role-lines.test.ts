/** What a role says to the outside: its log, its ready line, and systemd. The roles of these tests are processes. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/shell/logger.ts';
import { startChild } from './processes/child.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringbridge-role-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the role, ends it when it is ready, and gives what it said. */
async function runRole(env: NodeJS.ProcessEnv = {}) {
  const child = startChild('./role.ts', [], { env });
  const ready = await child.next();
  child.signal('SIGTERM');
  const { stderr, status } = await child.ended();
  expect(status).toBe(0);
  const lines = stderr.split('\n').filter((line) => line !== '');
  return { pid: child.pid, ready: JSON.parse(ready), logged: lines.map((line) => JSON.parse(line)) };
}

describe('a role off a terminal', () => {
  it('prints one ready line, and logs JSON lines with repetitions counted', async () => {
    const { pid, ready, logged } = await runRole();
    expect(ready).toEqual({
      schema: 'role.ready/1',
      role: 'buffer',
      listen: '127.0.0.1:4711',
      pid,
      control: '/x/control.sock',
    });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(logged).toEqual([
      { level: 'warn', time, role: 'buffer', event: 'test.repeated', code: 'X', waitedMs: 1 },
      { level: 'warn', time, role: 'buffer', event: 'test.repeated', code: 'X', waitedMs: 3, repeated: 2 },
    ]);
  });

  it('logs as much as RINGBRIDGE_LOG_LEVEL says', async () => {
    const { logged } = await runRole({ RINGBRIDGE_LOG_LEVEL: 'debug' });
    expect(logged.map(({ event }) => event)).toContain('test.detail');
    expect((await runRole({ RINGBRIDGE_LOG_LEVEL: 'error' })).logged).toEqual([]);
  });

  it('tells systemd that it is ready and that it stops', async () => {
    const told = join(folder, 'told');
    await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`);
    await chmod(join(folder, 'systemd-notify'), 0o700);
    const { pid, logged } = await runRole({ NOTIFY_SOCKET: '/run/x', PATH: `${folder}:${process.env['PATH']}` });
    expect(await readFile(told, 'utf8')).toBe(`--pid=${pid} READY=1\n--pid=${pid} STOPPING=1\n`);
    expect(logged.length).toBe(2);
  });

  it('goes on where systemd cannot be told, and says so', async () => {
    await writeFile(join(folder, 'systemd-notify'), '#!/bin/sh\nexit 1\n');
    await chmod(join(folder, 'systemd-notify'), 0o700);
    const { logged } = await runRole({ NOTIFY_SOCKET: '/run/x', PATH: `${folder}:${process.env['PATH']}` });
    const failures = logged.filter(({ event }) => event === 'systemd.not-notified');
    expect(failures.map(({ state, reason }) => [state, reason])).toEqual([
      ['ready', 'systemd-notify ended with 1'],
      ['stopping', 'systemd-notify ended with 1'],
    ]);
  });
});

describe('createLogger', () => {
  it('refuses a level that does not exist, and names those that do', async () => {
    vi.stubEnv('RINGBRIDGE_LOG_LEVEL', 'loud');
    await expect(createLogger({ role: 'buffer' })).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      hint: 'Set it to one of debug, info, warn, error.',
    });
  });
});
