import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeUsers } from '../../../src/cli/im/user-changes.ts';
import { verifyPassword } from '../../../src/gateways/web/password.ts';
import { userRoutes } from '../../../src/gateways/web/user-routes.ts';
import { serveControl } from '../../../src/shell/control.ts';
import { lockStateDir } from '../../../src/shell/state-dir.ts';
import { Bench } from '../../core/im/bench.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { epochA, runSampleRole, writeState } from '../sample-state.ts';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'users-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function users(args: readonly string[], password = 'correct horse') {
  const env = { RINGBRIDGE_STATE_DIR: stateDir, RINGBRIDGE_IM_PASSWORD: password };
  return runCommand(['im-server', 'users', ...args], { env });
}

describe('im-server users on a stopped server', () => {
  it('adds, lists, and removes', async () => {
    expect(await users(['add', 'alice', '--suffix', '0001'])).toEqual({
      stdout: '✔ added alice, suffix 0001\n',
      stderr: '',
      status: 0,
    });
    expect((await users(['add', 'bob', '--default'])).status).toBe(0);
    expect((await users(['list'])).stdout).toMatch(/^NAME +SUFFIX +SINCE\nalice +0001 +2.*\nbob +– +default +2.*\n$/);
    expect((await users(['remove', 'alice', '--yes'])).stdout).toBe('✔ removed alice\n');
    expect(documentOf(await users(['list', '--json']))).toMatchObject({
      schema: 'im.users/1',
      users: [{ name: 'bob', role: 'default' }],
    });
  });

  it.each([
    ['3 for a name in use', ['add', 'alice'], 'correct horse', 3, 'IM_USER_EXISTS'],
    ['2 for a name that is none', ['add', 'Alice!'], 'correct horse', 2, 'IM_BAD_NAME'],
    ['3 for somebody who is not there', ['passwd', 'bob'], 'correct horse', 3, 'IM_UNKNOWN_USER'],
    ['2 for a password that is too short', ['passwd', 'alice'], 'abc', 2, 'IM_BAD_PASSWORD'],
    ['2 without a password', ['passwd', 'alice'], '', 2, 'USAGE_MISSING_VALUE'],
    ['2 without a yes', ['remove', 'alice'], 'correct horse', 2, 'USAGE_MISSING_VALUE'],
  ])('ends %s', async (_, args, password, status, code) => {
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: undefined, passwordHash: 'x', role: 'ordinary' });
    const result = await users([...args, '--json'], password);
    expect(documentOf(result)).toMatchObject({ error: { code } });
    expect(result).toMatchObject({ status, stderr: '' });
  });
});

describe('im-server users on a running server', () => {
  it('goes through its control socket, and no password does', async () => {
    const bench = new Bench();
    const lock = await lockStateDir(stateDir, 'im-server');
    const asked: unknown[] = [];
    const routes = userRoutes(async (change) => {
      asked.push(change);
      for (const output of bench.give({ type: 'user', ref: 'r', change })) {
        if (output.type === 'user-answer') return output.fault;
      }
      throw new Error('not answered');
    }, bench);
    serveControl(lock, routes, {
      onBug: (error) => {
        throw error;
      },
    });
    try {
      expect(documentOf(await users(['add', 'alice', '--json']))).toMatchObject({ where: 'running', name: 'alice' });
      expect(JSON.stringify(asked)).not.toContain('correct horse');
      expect(await verifyPassword('correct horse', bench.history.user('alice')?.passwordHash)).toBe(true);
      expect((await users(['add', 'alice'])).status).toBe(3);
      expect((await users(['list'])).stdout).toContain('alice');
    } finally {
      await lock.release();
    }
  });
});

describe('im-server users', () => {
  it.each(['running', 'stopped'])('says that a buffer has no users, on a %s one', async (state) => {
    await writeState(stateDir, 'buffer', { epoch: epochA });
    const lock = state === 'running' ? await runSampleRole(stateDir, async () => undefined) : undefined;
    for (const args of [['list'], ['add', 'alice']]) {
      const result = await users([...args, '--json']);
      expect(documentOf(result)).toMatchObject({ error: { code: 'STORE_WRONG_ROLE' } });
      expect(result.status).toBe(2);
    }
    await lock?.release();
  });
});
