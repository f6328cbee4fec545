import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveSettings } from '../../src/cli/settings.ts';
import { accountSettings, accountsOf } from '../../src/cli/smsc-accounts.ts';
import { parseDelays, parseHandset } from '../../src/cli/smsc-flags.ts';
import type { Account } from '../../src/core/roles/smsc/settings.ts';

const first: Account = {
  user: 'app',
  password: 'of-the-first',
  number: '2882',
  type: 'receiving',
  reports: 'allowed',
  maxSessions: 10,
  maxWindow: 128,
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function placed(given: { readonly account?: readonly string[]; readonly config?: string }) {
  const { values } = await resolveSettings(accountSettings, given, {});
  return accountsOf({ account: first, password: { type: 'known' } }, values.account, () => undefined);
}

async function accounts(given: Parameters<typeof placed>[0]): Promise<readonly Account[]> {
  return (await placed(given)).map(({ account }) => account);
}

describe('accounts of a simulated SMSC', () => {
  it('are the one of the flags where no other is given', async () => {
    expect(await accounts({})).toEqual([first]);
  });

  it('are told how to be written where commas stand between their parts', async () => {
    await expect(accounts({ account: ['user=small,number=3000'] })).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: expect.stringContaining('with spaces between'),
    });
  });

  it('have limits and rights of their own, from a flag or from a table of the config file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringbridge-accounts-'));
    cleanups.push(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, 'billing.password'), 'its-own\n', { mode: 0o600 });
    const config = join(dir, 'smsc.toml');
    await writeFile(
      config,
      '[[account]]\nuser = "billing"\nnumber = "3000"\ntype = "querying"\nrate = "5/s"\npassword-file = "billing.password"\n',
    );
    const fromFile = await accounts({ config });
    expect(fromFile).toHaveLength(2);
    expect(fromFile[1]).toMatchObject({ user: 'billing', password: 'its-own', type: 'querying', ratePerSecond: 5 });
    const fromFlag = await accounts({
      account: ['user=x number=3001 originators=free max-waiting=7 default-reports=62'],
    });
    expect(fromFlag[1]).toMatchObject({
      ...{ user: 'x', password: 'of-the-first', number: '3001', type: 'receiving' },
      ...{ originators: 'free', maxWaiting: 7, defaultReportBits: 62, maxSessions: 10 },
    });
  });

  it('replace the one of the flags where they have its name, and come first then', async () => {
    const found = await accounts({ account: ['user=other number=1', 'user=app number=4000'] });
    expect(found.map(({ user, number }) => [user, number])).toEqual([
      ['app', '4000'],
      ['other', '1'],
    ]);
  });

  it('say where their password is, so that what is to be pasted names the right one', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringbridge-accounts-'));
    cleanups.push(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'own.password');
    await writeFile(file, 'its-own\n', { mode: 0o600 });
    const [replaced] = await placed({ account: [`user=app number=4000 password-file=${file}`] });
    expect(replaced).toMatchObject({ account: { password: 'its-own' }, password: { type: 'file', path: file } });
    const [shared] = await placed({ account: ['user=app number=4000'] });
    expect(shared).toMatchObject({ account: { password: 'of-the-first' }, password: { type: 'known' } });
    await writeFile(file, 'two words\n');
    await expect(placed({ account: [`user=x number=1 password-file=${file}`] })).rejects.toThrow(/without spaces/);
  });

  it('are refused where a key is unknown, a value is wrong, or two have one name', async () => {
    await expect(accounts({ account: ['user=x numbr=1'] })).rejects.toMatchObject({ code: 'CONFIG_UNKNOWN_KEY' });
    await expect(accounts({ account: ['user=x'] })).rejects.toMatchObject({ code: 'CONFIG_BAD_VALUE' });
    await expect(accounts({ account: ['x'] })).rejects.toMatchObject({ code: 'CONFIG_BAD_VALUE' });
    await expect(accounts({ account: ['user=x number=1 default-reports=128'] })).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
    });
    await expect(accounts({ account: ['user=x number=1', 'user=x number=2'] })).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
    });
  });
});

describe('delays between attempts', () => {
  it('are durations between commas, of a second at least', () => {
    expect(parseDelays('10s,30s, 1m')).toEqual({ ok: true, value: [10_000, 30_000, 60_000] });
    for (const text of ['', '10', '10s,', '500ms', 'x', `${'1s,'.repeat(20)}1s`])
      expect(parseDelays(text), text).toMatchObject({ ok: false, fault: { code: 'CONFIG_BAD_VALUE' } });
  });
});

describe('a handset', () => {
  it('may be full, or nobody’s', () => {
    expect(parseHandset('+639171234567=full')).toMatchObject({ ok: true, value: { state: { type: 'full' } } });
    expect(parseHandset('+639171234567=unknown')).toMatchObject({ ok: true, value: { state: { type: 'unknown' } } });
    expect(parseHandset('+639171234567=broken')).toMatchObject({ ok: false });
  });
});
