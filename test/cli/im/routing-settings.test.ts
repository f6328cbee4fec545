import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routingFaults, routingOf, routingSettings } from '../../../src/cli/im/routing-settings.ts';
import { resolveSettings } from '../../../src/cli/settings.ts';
import { defaultExchangeSettings } from '../../../src/core/im/exchange-io.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'routing-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function fromFile(toml: string) {
  const path = join(dir, 'im.toml');
  writeFileSync(path, toml);
  return (await resolveSettings(routingSettings, { config: path }, {})).values;
}

async function fromFlags(flags: Readonly<Record<string, unknown>>) {
  return (await resolveSettings(routingSettings, flags, {})).values;
}

describe('routing settings', () => {
  it('say the same in a file and as flags', async () => {
    const file = await fromFile(`
      [[route]]
      prefix = "+63"
      smsc-id = "mnl1"
      fallback = ["mnl2", "hel1"]
      [[route]]
      prefix = ""
      smsc-id = "hel1"
      [from-handset]
      service-number = ["2882"]
      suffix-length = 4
      default-user = "desk"
      unknown-answer = ""
      stop = ["STOP", "SLUTA"]
      help = ["INFO"]
    `);
    const flags = await fromFlags({
      route: ['prefix=+63:mnl1,mnl2,hel1', 'prefix=:hel1'],
      'service-number': ['2882'],
      'default-user': 'desk',
      'from-handset': ['suffix-length=4', 'unknown-answer=', 'stop=STOP,SLUTA', 'help=INFO'],
    });
    const ids = ['mnl1', 'mnl2', 'hel1'];
    expect(routingOf(file, ids)).toEqual(routingOf(flags, ids));
    expect(routingOf(file, ids)).toEqual({
      routes: [
        { prefix: '+63', smscId: 'mnl1', fallback: ['mnl2', 'hel1'] },
        { prefix: '', smscId: 'hel1', fallback: [] },
      ],
      fallbackAfterMs: 120_000,
      serviceNumbers: ['2882'],
      suffixLength: 4,
      defaultUser: 'desk',
      unknownAnswer: '',
      words: { help: ['INFO'], block: ['BLOCK'], stop: ['STOP', 'SLUTA'], start: ['START'] },
    });
  });

  it('that say nothing send everything through the only SMSC, and nothing where there are two', async () => {
    const values = await fromFlags({});
    expect(routingOf(values, ['hel1']).routes).toEqual([{ prefix: '', smscId: 'hel1' }]);
    expect(routingOf(values, ['hel1', 'hel2']).routes).toEqual([]);
    expect(routingOf(values, ['hel1']).unknownAnswer).toBe(defaultExchangeSettings.unknownAnswer);
  });

  it.each([
    ['a fallback without a buffer', 'prefix=+63:hel1,gone', undefined, 'fallback'],
    ['an SMSC without a buffer', 'prefix=+63:gone', undefined, 'smsc-id'],
    ['an SMSC that falls back to itself', 'prefix=+63:hel1,hel1', undefined, 'fallback'],
    ['a word with two meanings', 'prefix=+63:hel1', 'stop=HELP', 'stop'],
  ])('are refused for %s', async (_, route, word, column) => {
    const values = await fromFlags({ route: [route], ...(word === undefined ? {} : { 'from-handset': [word] }) });
    expect(routingFaults(values, ['hel1'])).toMatchObject([{ row: 0, column }]);
    expect(() => routingOf(values, ['hel1'])).toThrow(expect.objectContaining({ code: 'CONFIG_BAD_VALUE' }));
  });

  it('are refused for the same prefix twice, plus or not', async () => {
    const values = await fromFlags({ route: ['prefix=+63:hel1', 'prefix=63:hel2'] });
    expect(routingFaults(values, undefined)).toMatchObject([{ row: 1, column: 'prefix' }]);
  });

  it.each([
    ['prefix=+63x:hel1', undefined],
    ['+63', undefined],
    [undefined, 'stop=two words'],
    [undefined, 'suffix-length=0'],
    [undefined, `unknown-answer=${'x'.repeat(451)}`],
    [undefined, 'STOP'],
  ])('refuse %s %s', async (route, fromHandset) => {
    const given = route === undefined ? { 'from-handset': [fromHandset] } : { route: [route] };
    await expect(fromFlags(given)).rejects.toMatchObject({ code: 'CONFIG_BAD_VALUE' });
  });
});
