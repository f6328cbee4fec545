import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { xmppOf, xmppSettings } from '../../../src/cli/im/xmpp-settings.ts';
import { resolveSettings } from '../../../src/cli/settings.ts';

let dir = '';
let secret = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'xmpp-'));
  secret = join(dir, 'xmpp.secret');
  writeFileSync(secret, 's3cret\n', { mode: 0o600 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function fromFile(toml: string) {
  const path = join(dir, 'im.toml');
  writeFileSync(path, toml);
  return xmppOf((await resolveSettings(xmppSettings, { config: path }, {})).values);
}

async function fromFlags(...xmpp: readonly string[]) {
  return xmppOf((await resolveSettings(xmppSettings, { xmpp }, {})).values);
}

describe('the settings of the XMPP gateway', () => {
  it('say the same in a file and as flags', async () => {
    const file = await fromFile(`
      [xmpp]
      component = "SMS.example.org"
      server = "[::1]:5275"
      secret-file = "xmpp.secret"
      users-of = "example.org"
      user = ["Boss@example.net=alice", "desk@example.net=desk"]
    `);
    const flags = await fromFlags(
      ...['component=sms.example.org', 'server=[::1]:5275', `secret-file=${secret}`, 'users-of=example.org'],
      ...['user=boss@example.net=alice', 'user=desk@example.net=desk'],
    );
    expect(file).toEqual(flags);
    expect(file).toEqual({
      domain: 'sms.example.org',
      server: { host: '::1', port: 5275 },
      secret: 's3cret',
      usersOf: 'example.org',
      named: new Map([
        ['boss@example.net', 'alice'],
        ['desk@example.net', 'desk'],
      ]),
    });
  });

  it('ask for no gateway where nothing is said, and for the usual port where none is', async () => {
    expect(await fromFlags()).toBeUndefined();
    const chosen = await fromFlags('component=sms.example.org', `secret-file=${secret}`);
    expect(chosen?.server).toEqual({ host: '127.0.0.1', port: 5347 });
  });

  it.each([
    ['no domain', ['component=sms example'], 'CONFIG_BAD_VALUE'],
    ['no port', ['server=localhost'], 'CONFIG_BAD_VALUE'],
    ['a port that does not exist', ['server=localhost:70000'], 'CONFIG_BAD_VALUE'],
    ['an account without a user', ['user=alice@example.org'], 'CONFIG_BAD_VALUE'],
    ['an account with a resource', ['user=alice@example.org/phone=alice'], 'CONFIG_BAD_VALUE'],
    ['a user who cannot exist', ['user=alice@example.org=Al Ice'], 'CONFIG_BAD_VALUE'],
    [
      'an account that is named twice',
      ['component=x.org', 'user=a@b.org=alice', 'user=A@b.org=bob'],
      'CONFIG_BAD_VALUE',
    ],
    ['a key that does not exist', ['components=sms.example.org'], 'CONFIG_UNKNOWN_KEY'],
    ['no form at all', ['sms.example.org'], 'CONFIG_BAD_VALUE'],
  ])('refuse %s', async (_, flags, code) => {
    const refused = fromFlags(`secret-file=${secret}`, ...flags);
    await expect(refused).rejects.toMatchObject({ code });
  });

  it('name what is missing', async () => {
    await expect(fromFlags('component=sms.example.org')).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      message: 'The XMPP gateway lacks secret-file.',
    });
    await expect(fromFlags(`secret-file=${secret}`)).rejects.toMatchObject({
      message: 'The XMPP gateway lacks component.',
    });
  });
});
