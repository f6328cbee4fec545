import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeStopped, readStopped } from '../../../src/cli/im/im-server-state.ts';
import { changeUsers } from '../../../src/cli/im/user-changes.ts';
import { fail } from '../../../src/core/base/result.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { webhookKey, webhookValue } from '../../../src/gateways/http/webhook.ts';
import { webhookControlRoutes } from '../../../src/gateways/http/webhook-control.ts';
import { hooksOf } from '../../../src/gateways/http/webhook-views.ts';
import { verifyPassword } from '../../../src/gateways/web/password.ts';
import { unknownUser, userRoutes } from '../../../src/gateways/web/user-routes.ts';
import { serveControl } from '../../../src/shell/control.ts';
import { lockStateDir } from '../../../src/shell/state-dir.ts';
import { Bench } from '../../core/im/bench.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, runSampleRole, writeState } from '../sample-state.ts';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'users-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function users(args: readonly string[], password = 'correct horse') {
  const env = { RINGBRIDGE_STATE_DIR: stateDir, RINGBRIDGE_IM_PASSWORD: password };
  return runHere(['im-server', 'users', ...args], { env });
}

describe('im-server users on a stopped server', () => {
  it('adds, lists, and removes', async () => {
    expect(await users(['add', 'alice', '--suffix', '0001'])).toEqual({
      stdout: '✔ added alice, suffix 0001\n',
      stderr: '',
      status: 0,
    });
    expect((await users(['add', 'bob', '--default'])).status).toBe(0);
    expect((await users(['list'])).stdout).toMatch(
      /^NAME +SUFFIX +SMSC +BLOCKED +SINCE\nalice +0001 +– +– +2.*\nbob +– +default +– +– +2.*\n$/,
    );
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

describe('im-server webhooks list', () => {
  it('reads a stopped server, and ends 3 for a user that does not exist', async () => {
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: undefined, passwordHash: 'x', role: 'ordinary' });
    const list = (...args: readonly string[]) =>
      runHere(['im-server', 'webhooks', 'list', ...args, '--json'], { env: { RINGBRIDGE_STATE_DIR: stateDir } });
    expect(documentOf(await list('alice'))).toEqual({ schema: 'im.webhooks/1', webhooks: [] });
    const wrong = await list('nobody');
    expect(documentOf(wrong)).toMatchObject({ error: { code: 'IM_UNKNOWN_USER' } });
    expect(wrong.status).toBe(3);
  });
});

describe('im-server webhooks', () => {
  const webhooks = (...args: readonly string[]) =>
    runHere(['im-server', 'webhooks', ...args], { env: { RINGBRIDGE_STATE_DIR: stateDir } });
  const listed = async () => {
    // The document is ours.
    const document = documentOf(await webhooks('list', '--json')) as { readonly webhooks: unknown };
    return document.webhooks;
  };
  const url = 'https://hooks.example.org/in';
  beforeEach(() =>
    changeUsers(stateDir, { type: 'add', name: 'alice', suffix: undefined, passwordHash: 'x', role: 'ordinary' }),
  );

  it('are added with a secret that is shown once, pointed elsewhere, and removed, on a stopped server', async () => {
    const added = await webhooks('add', 'alice', 'crm', '--url', url);
    expect(added).toMatchObject({ status: 0, stderr: '✔ crm of alice is called; its secret is shown only now\n' });
    expect(added.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    const again = await webhooks('add', 'alice', 'crm', '--url', `${url}2`, '--json');
    expect(documentOf(again)).toEqual({
      ...{ schema: 'im.webhook-changed/1', change: 'add', user: 'alice', name: 'crm', where: 'stopped', secret: null },
    });
    expect(await listed()).toMatchObject([{ user: 'alice', name: 'crm', url: `${url}2`, state: 'active', behind: 0 }]);
    expect(await webhooks('remove', 'alice', 'crm', '--yes')).toMatchObject({ stdout: '✔ removed crm of alice\n' });
    expect(await listed()).toEqual([]);
  });

  it('that gave up are listed with what was not taken, and tried again, on a stopped server', async () => {
    await webhooks('add', 'alice', 'crm', '--url', url);
    const parked = [{ messageId: 'm1', position: 1, why: 'answered 404', at: 0 }];
    await changeStopped(stateDir, (history) => {
      const [hook] = hooksOf(history, 'alice');
      if (hook === undefined) throw new Error('just added');
      const value = webhookValue({ ...hook, state: 'parked', why: 'answered 410', parked });
      return { type: 'note', gateway: 'http', key: webhookKey(hook), value };
    });
    expect((await webhooks('dead')).stdout).toBe(
      'USER   NAME  MESSAGE  GIVEN UP                  WHY\nalice  crm   m1       1970-01-01T00:00:00.000Z  answered 404\n',
    );
    expect((await webhooks('retry', 'alice', 'crm')).stdout).toBe('✔ crm of alice is tried again\n');
    expect(await listed()).toMatchObject([{ state: 'active', why: '', parked: 1 }]);
    const [hook] = await readStopped(stateDir, (history) => hooksOf(history, undefined));
    expect(hook?.isRetryWanted).toBe(true);
  });

  it.each([
    ['3 for one that is not there', ['retry', 'alice', 'crm'], 3, 'IM_NOT_FOUND'],
    ['3 for somebody who is not there', ['remove', 'bob', 'crm', '--yes'], 3, 'IM_UNKNOWN_USER'],
    [
      '3 for an address that nobody may have called',
      ['add', 'alice', 'crm', '--url', 'https://10.0.0.1/'],
      3,
      'IM_WEBHOOK_TARGET',
    ],
    ['2 for a name that is none', ['add', 'alice', 'c/m', '--url', url], 2, 'IM_BAD_REQUEST'],
    ['2 without a yes', ['remove', 'alice', 'crm'], 2, 'USAGE_MISSING_VALUE'],
    ['2 without a name', ['retry', 'alice'], 2, 'USAGE_MISSING_VALUE'],
  ])('end %s', async (_, args, status, code) => {
    const result = await webhooks(...args, '--json');
    expect(documentOf(result)).toMatchObject({ error: { code } });
    expect(result.status).toBe(status);
  });

  it('of a running server are changed by it, as the operator asks', async () => {
    const lock = await lockStateDir(stateDir, 'im-server');
    const bench = new Bench();
    bench.addUser('alice', { role: 'default' });
    const asked: unknown[] = [];
    const routes = webhookControlRoutes({
      history: historyOf(bench.store),
      unknownUser,
      change: async (change, user, reach) => {
        asked.push([change, user.name, reach]);
        return fail('IM_NOT_FOUND', 'There is no webhook of this name.');
      },
    });
    serveControl(lock, routes, { onBug: () => undefined });
    expect(await webhooks('retry', 'alice', 'crm')).toMatchObject({ status: 3 });
    expect(await webhooks('remove', 'bob', 'crm', '--yes')).toMatchObject({ status: 3 });
    expect(asked).toEqual([[{ type: 'retry', user: 'alice', name: 'crm' }, 'alice', 'public']]);
    await lock.release();
  });
});

describe('im-server users token', () => {
  it('shows the token once, lists it without, and revokes it', async () => {
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: undefined, passwordHash: 'x', role: 'ordinary' });
    const added = await users(['token', 'add', 'alice', '--scope', 'send,read', '--label', 'bell', '--expires', '90d']);
    const token = added.stdout.trim();
    expect(token).toMatch(/^rb_[A-Za-z0-9_-]{43}$/);
    const id = /token ([0-9a-f]{12}) of alice \(send, read\), until 2/.exec(added.stderr)?.[1] ?? '';
    const listed = await users(['token', 'list', 'alice', '--json']);
    expect(documentOf(listed)).toMatchObject({
      schema: 'im.tokens/1',
      tokens: [{ id, user: 'alice', scopes: ['send', 'read'], label: 'bell' }],
    });
    expect(listed.stdout).not.toContain(token);
    expect((await users(['token', 'revoke', id])).stdout).toBe(`✔ revoked ${id} of alice\n`);
    expect(await users(['token', 'revoke', id])).toMatchObject({ status: 3 });
    expect((await users(['token', 'list'])).stdout).toBe('');
  });

  it.each([
    ['2 for a scope that is none', ['add', 'alice', '--scope', 'write'], 2, 'CONFIG_BAD_VALUE'],
    ['3 for a scope that the user does not have', ['add', 'alice', '--scope', 'admin'], 3, 'IM_SCOPE_MISSING'],
    ['3 for somebody who is not there', ['list', 'bob'], 3, 'IM_UNKNOWN_USER'],
  ])('ends %s', async (_, args, status, code) => {
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: undefined, passwordHash: 'x', role: 'ordinary' });
    const result = await users(['token', ...args, '--json']);
    expect(documentOf(result)).toMatchObject({ error: { code } });
    expect(result.status).toBe(status);
  });
});

describe('im-server users set', () => {
  it('changes what is named, and shows numbers only when asked', async () => {
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: '0001', passwordHash: 'x', role: 'ordinary' });
    const args = ['set', 'alice', '--number', '+358501234567', '--suffix', '', '--admin', '--block', '+358401234567'];
    expect(await users(args)).toEqual({ stdout: '✔ changed alice\n', stderr: '', status: 0 });
    expect(documentOf(await users(['list', '--json']))).toMatchObject({
      users: [{ name: 'alice', number: '+3585…67', scopes: ['send', 'read', 'admin'], blocked: ['+3584…67'] }],
    });
    expect((await users(['list', '--reveal'])).stdout).toMatch(/alice +\+358501234567 +admin +– +\+358401234567 +2/);
    expect(await users(['set', 'alice'])).toMatchObject({ status: 2 });
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
      const token = (await users(['token', 'add', 'alice', '--scope', 'send'])).stdout.trim();
      expect(token).toMatch(/^rb_/);
      expect(JSON.stringify(asked)).not.toContain(token);
      expect(documentOf(await users(['token', 'list', 'alice', '--json']))).toMatchObject({
        tokens: [{ user: 'alice' }],
      });
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
