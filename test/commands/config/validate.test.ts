import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeUsers } from '../../../src/cli/im/user-changes.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(dir, 'hel1.secret'), `${'ab'.repeat(32)}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const imServer = `
[[buffer]]
smsc-id = "hel1"
secret-file = "hel1.secret"

[[route]]
prefix = "+63"
smsc-id = "hel1"

[[route]]
prefix = "+358"
smsc-id = "hel1"
fallback = []

[from-handset]
service-number = ["2882"]
`;

function write(toml: string): string {
  const path = join(dir, 'x.toml');
  writeFileSync(path, toml);
  return path;
}

async function validate(toml: string, ...more: readonly string[]) {
  const result = await runHere(['config', 'validate', write(toml), '--json', ...more], { env: {} });
  return { status: result.status, document: documentOf(result) };
}

describe('config validate', () => {
  it('finds the role by the keys, and nothing wrong though the state directory is left to a flag', async () => {
    expect(await validate(imServer)).toMatchObject({ status: 0, document: { ok: true, role: 'im-server' } });
  });

  it.each([
    ['a key in the second route', imServer.replace('fallback = []', 'fallbak = []'), 13, 'Did you mean "fallback"?'],
    ['a value in the second route', imServer.replace('"+358"', '"+358x"'), 11, 'Correct it'],
    ['an SMSC of the second route', imServer.replace('fallback = []', 'fallback = ["hel9"]'), 13, 'hel9=FILE'],
    ['a key that is none', `listn = "127.0.0.1:0"${imServer}`, 1, 'Did you mean "listen"?'],
    ['the file of a secret', imServer.replace('"hel1.secret"', '"gone.secret"'), undefined, ''],
  ])('says the line of %s, and what helps', async (_, toml, line, hint) => {
    const { status, document } = await validate(toml);
    const where = line === undefined ? expect.any(String) : expect.stringMatching(new RegExp(`x\\.toml:${line}$`));
    expect(document).toMatchObject({ ok: false, problems: [{ where, hint: expect.stringContaining(hint) }] });
    expect(status).toBe(7);
  });

  it('reads it for the role that is named', async () => {
    expect(await validate(imServer, '--role', 'buffer')).toMatchObject({ status: 7, document: { role: 'buffer' } });
    expect(await validate('user = "app"\nring-size = 16\n')).toMatchObject({ status: 0, document: { role: 'buffer' } });
  });
});

describe('im-server route', () => {
  async function route(args: readonly string[]) {
    const result = await runHere(['im-server', 'route', ...args, '--config', write(imServer), '--json'], {
      env: {},
    });
    return { status: result.status, document: documentOf(result) };
  }

  it('says which SMSC and by which prefix, out of a config file alone', async () => {
    expect((await route(['+639171234567'])).document).toMatchObject({ rule: 'prefix', prefix: '+63', now: 'hel1' });
    expect((await route(['+4670123'])).document).toMatchObject({ rule: 'none', smscIds: [] });
    expect((await route(['alice'])).status).toBe(2);
  });

  it('says who gets what a handset writes, with the users of a stopped server', async () => {
    const stateDir = join(dir, 'im');
    await changeUsers(stateDir, { type: 'add', name: 'alice', suffix: '0001', passwordHash: 'x', role: 'ordinary' });
    const ask = async (to: string, text: string) =>
      (await route(['--from', '+639171234567', '--to', to, text, '--state-dir', stateDir])).document;
    expect(await ask('28820001', 'Hello')).toMatchObject({ rule: 'suffix', user: 'alice', askedOf: 'stopped' });
    expect(await ask('2882', '@alice Hello')).toMatchObject({ rule: 'name', user: 'alice' });
    expect(await ask('2882', 'Hello')).toMatchObject({ rule: 'nobody' });
    expect(await ask('28820001', 'Stop')).toMatchObject({ rule: 'service-word', word: 'stop' });
  });

  it('needs a config file where no server runs', async () => {
    const result = await runHere(['im-server', 'route', '+639171234567', '--state-dir', dir], { env: {} });
    expect(result).toMatchObject({ status: 2, stdout: '' });
  });
});
