import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSettings } from '../../../src/cli/settings.ts';
import { smscSettingsOf, startSettings } from '../../../src/cli/smsc/start-settings.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'smsc-settings-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Given {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly toml?: string;
}

async function resolved({ flags = {}, environment = {}, toml }: Given) {
  const config = join(dir, 'smsc.toml');
  if (toml !== undefined) writeFileSync(config, toml);
  return resolveSettings(startSettings, { ...flags, ...(toml === undefined ? {} : { config }) }, environment);
}

async function settings(given: Given) {
  const { values, origins } = await resolved(given);
  return smscSettingsOf(values, origins, []);
}

describe('the settings of smsc start', () => {
  it('may all come from the file', async () => {
    const toml = `
      listen = "tcp://127.0.0.1:0"
      user = "billing"
      number = "3000"
      handset = ["+639171234567=off", "+639181234567=slow:3s"]
      unknown = "fail"
      retry = "10s,1m"
      turn = "5ms"
      rate = "50/s"
      throttle = "refuse"
      lenient = true
      idle = "0s"
      seed = 7
      greeting = "none"
      zone = "+08:00"
      scenario = "faults/mine.toml"
      state-dir = "state"
      [[account]]
      user = "other"
      number = "4000"
    `;
    const { values } = await resolved({ toml });
    expect(values).toMatchObject({ listen: 'tcp://127.0.0.1:0', user: 'billing', number: '3000', seed: 7 });
    expect(values).toMatchObject({ scenario: join(dir, 'faults/mine.toml'), 'state-dir': join(dir, 'state') });
    expect(values.account).toMatchObject([{ user: 'other', number: '4000' }]);
    expect(await settings({ toml })).toMatchObject({
      handsets: [
        { number: '+639171234567', state: { type: 'off' } },
        { number: '+639181234567', state: { type: 'slow', ms: 3_000 } },
      ],
      unknownNumbers: 'fail',
      zoneOffset: 480,
      turnMs: 5,
      ratePerSecond: 50,
      throttle: 'refuse',
      attemptDelaysMs: [10_000, 60_000],
      rules: 'lenient',
      session: { idleMs: 0, greeting: undefined, numbers: 'lenient' },
    });
  });

  it('are written in docs/simulator.md as they are read', async () => {
    const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8');
    const { values } = await resolved({ toml: /```toml\n(.*?)```/s.exec(page)?.[1] ?? '' });
    expect(values).toMatchObject({ lenient: true, retry: [10_000, 60_000], account: [{ user: 'billing', rate: 5 }] });
  });

  it('have names of their own in the environment, since buffer and clients have the same settings', async () => {
    const environment = {
      RINGBRIDGE_SMSC_NUMBER: '3000',
      RINGBRIDGE_NUMBER: '1',
      RINGBRIDGE_SMSC_HANDSET: '63917=off',
    };
    const { values, origins } = await resolved({ environment });
    expect(values).toMatchObject({ number: '3000', handset: [{ state: { type: 'off' } }] });
    expect(origins.number.where).toBe('RINGBRIDGE_SMSC_NUMBER');
  });

  it('are refused where the file is one of another role', async () => {
    await expect(resolved({ toml: 'smsc-id = "hel1"\n' })).rejects.toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      message: expect.stringContaining('smsc.toml:1: unknown key "smsc-id"'),
    });
  });

  it('let a flag choose the rules against the file, and never both of them side by side', async () => {
    expect(await settings({})).toMatchObject({ rules: 'strict' });
    expect(await settings({ toml: 'lenient = true\n', flags: { strict: true } })).toMatchObject({ rules: 'strict' });
    expect(await settings({ toml: 'strict = true\n', flags: { lenient: true } })).toMatchObject({ rules: 'lenient' });
    await expect(settings({ flags: { lenient: true, strict: true } })).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: '--strict and --lenient exclude each other.',
    });
  });

  it('are refused with their place where a value has not its form', async () => {
    for (const [line, words] of [
      ['zone = "noon"', 'no time zone'],
      ['retry = "10"', 'smsc.toml:1: '],
      ['handset = ["+639171234567=asleep"]', 'no handset'],
    ] as const) {
      await expect(resolved({ toml: `${line}\n` }), line).rejects.toMatchObject({
        code: 'CONFIG_BAD_VALUE',
        message: expect.stringContaining(words),
      });
    }
  });
});
