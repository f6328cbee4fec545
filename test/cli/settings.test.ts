import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import {
  address,
  choice,
  duration,
  integer,
  list,
  path,
  phone,
  rate,
  required,
  rows,
  secretFile,
  size,
  text,
  toggle,
} from '../../src/cli/setting-kinds.ts';
import { flagsOf, resolveSettings } from '../../src/cli/settings.ts';
import { fail, ok } from '../../src/core/base/result.ts';
import { parseListenAddress } from '../../src/shell/address.ts';

const table = {
  smsc: required(text({ description: 'address of the SMSC', environment: 'RINGBRIDGE_SMSC', helpValue: 'URL' })),
  'ring-size': integer({ description: 'places in the ring', min: 1, max: 255, default: 255 }),
  alive: duration({ description: 'idle time before alive', default: 30_000, minMs: 1_000 }),
  pace: rate({ description: 'submits per second' }),
  'log-size': size({ description: 'largest log', default: 65_536 }),
  'in-doubt': choice(['resend', 'hold'], { description: 'what to do in doubt', default: 'resend' }),
  insecure: toggle({ description: 'allow plain text' }),
  metrics: toggle({ description: 'serve metrics', default: true }),
  'state-dir': path({ description: 'where state is kept', helpValue: 'DIR' }),
  'password-file': secretFile({ description: 'password', secretEnvironment: 'RINGBRIDGE_SMSC_PASSWORD' }),
  number: list(phone({ description: 'service numbers' })),
  buffer: rows(
    {
      'smsc-id': required(text({ description: 'name of the SMSC' })),
      'secret-file': secretFile({ description: 'secret' }),
      weight: integer({ description: 'share', min: 1, max: 9, default: 1 }),
    },
    {
      description: 'an SMSC and its secret',
      helpValue: 'ID=FILE',
      split: (line) => {
        const [id, file] = line.split('=');
        return id === undefined || file === undefined
          ? fail('CONFIG_BAD_VALUE', `"${line}" is not ID=FILE.`)
          : ok({ 'smsc-id': id, 'secret-file': file });
      },
    },
  ),
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, content: string, mode = 0o600): string {
  const file = join(dir, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const smsc = { smsc: 'tcp://h:1' };

describe('resolveSettings', () => {
  it('takes flag before environment before file before default, and knows which it was', async () => {
    const config = write('b.toml', '# comment\nring-size = 10\nalive = "10s"\nin-doubt = "hold"\n');
    const resolved = await resolveSettings(
      table,
      { ...smsc, config, 'ring-size': '30' },
      { RINGBRIDGE_RING_SIZE: '20', RINGBRIDGE_ALIVE: '20s' },
    );
    expect(resolved.values).toMatchObject({ 'ring-size': 30, alive: 20_000, 'in-doubt': 'hold', 'log-size': 65_536 });
    expect(resolved.origins).toMatchObject({
      'ring-size': { type: 'flag', where: '--ring-size' },
      alive: { type: 'environment', where: 'RINGBRIDGE_ALIVE' },
      'in-doubt': { type: 'file', where: `${config}:4` },
      'log-size': { type: 'default' },
    });
    expectTypeOf(resolved.values['ring-size']).toEqualTypeOf<number>();
    expectTypeOf(resolved.values.pace).toEqualTypeOf<number | undefined>();
    expectTypeOf(resolved.values['in-doubt']).toEqualTypeOf<'resend' | 'hold'>();
    expectTypeOf(resolved.values.smsc).toEqualTypeOf<string>();
  });

  it('names every way to give what is missing', async () => {
    await expect(resolveSettings(table, {}, {})).rejects.toMatchObject({
      code: 'CONFIG_MISSING',
      exitStatus: 2,
      hint: expect.stringMatching(/--smsc URL, or RINGBRIDGE_SMSC, or smsc in the file/),
    });
  });

  it('treats an empty variable as not set', async () => {
    const { values } = await resolveSettings(table, smsc, { RINGBRIDGE_RING_SIZE: '', RINGBRIDGE_SMSC_PASSWORD: '' });
    expect(values).toMatchObject({ 'ring-size': 255, 'password-file': undefined });
  });

  it.each([
    ['ring-size', '0', 'out of range'],
    ['ring-size', '256', 'out of range'],
    ['ring-size', '1.5', 'no whole number'],
    ['alive', '30', 'no unit'],
    ['alive', '10ms', 'too short'],
    ['pace', 'fast', 'no rate'],
    ['log-size', '64', 'no size'],
    ['in-doubt', 'maybe', 'none of resend, hold'],
    ['number', 'alice', 'no phone number'],
    ['buffer', 'hel1', 'not ID=FILE'],
  ])('refuses --%s %s with the flag in the message', async (name, value, why) => {
    const raw = name === 'number' || name === 'buffer' ? [value] : value;
    await expect(resolveSettings(table, { ...smsc, [name]: raw }, {})).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: expect.stringMatching(new RegExp(`^--${name}: .*${why}`)),
    });
  });

  it('refuses an unknown key with its line and the nearest known one', async () => {
    const config = write('b.toml', 'smsc = "tcp://h:1"\n\nring-sise = 10\n');
    await expect(resolveSettings(table, { config }, {})).rejects.toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      message: expect.stringContaining(':3: unknown key "ring-sise"'),
      hint: expect.stringContaining('"ring-size"'),
    });
  });

  it.each(['constructor', '__proto__', 'toString'])('knows no key %s, which every object answers to', async (key) => {
    for (const text of [`smsc = "tcp://h:1"\n${key} = 1\n`, `smsc = "tcp://h:1"\n[[buffer]]\n${key} = 1\n`]) {
      const config = write('o.toml', text);
      const refused = { code: 'CONFIG_UNKNOWN_KEY', message: expect.stringContaining(`"${key}"`) };
      await expect(resolveSettings(table, { config }, {})).rejects.toMatchObject(refused);
    }
  });

  it('refuses an unknown key inside a table', async () => {
    const config = write('b.toml', 'smsc = "tcp://h:1"\n[[buffer]]\nsmscid = "hel1"\n');
    await expect(resolveSettings(table, { config }, {})).rejects.toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      message: expect.stringContaining('b.toml:3'),
      hint: expect.stringContaining('"smsc-id"'),
    });
  });

  it('refuses a file that is no TOML with line and column', async () => {
    const config = write('b.toml', 'smsc = "tcp://h:1"\nalive = 30s\n');
    await expect(resolveSettings(table, { config }, {})).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringMatching(/b\.toml:2:\d+/),
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(resolveSettings(table, { config: join(dir, 'none.toml') }, {})).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('refuses a value of the wrong type in the file', async () => {
    const config = write('b.toml', 'smsc = 5\n');
    await expect(resolveSettings(table, { config }, {})).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: expect.stringContaining('Expected a text in quotes, found number 5'),
    });
  });

  it('reads lists, switches, and rows from the file, paths relative to it', async () => {
    write('hel1.secret', 's3cret\n');
    const config = write(
      'b.toml',
      [
        'smsc = "tcp://h:1"',
        'number = ["2882", "+358 40 1234567"]',
        'insecure = true',
        'metrics = false',
        'state-dir = "state"',
        '[[buffer]]',
        'smsc-id = "hel1"',
        'secret-file = "hel1.secret"',
        '[[buffer]]',
        'smsc-id = "hel2"',
        'weight = 3',
      ].join('\n'),
    );
    const { values } = await resolveSettings(table, { config }, {});
    expect(values).toMatchObject({
      number: ['2882', '+358401234567'],
      insecure: true,
      metrics: false,
      'state-dir': join(dir, 'state'),
      buffer: [
        { 'smsc-id': 'hel1', 'secret-file': 's3cret', weight: 1 },
        { 'smsc-id': 'hel2', 'secret-file': undefined, weight: 3 },
      ],
    });
  });

  it('reads rows and lists from flags and from the environment', async () => {
    const secret = write('hel1.secret', 's3cret');
    const { values } = await resolveSettings(
      table,
      { ...smsc, buffer: [`hel1=${secret}`] },
      { RINGBRIDGE_NUMBER: '2882, 2883' },
    );
    expect(values.buffer).toEqual([{ 'smsc-id': 'hel1', 'secret-file': 's3cret', weight: 1 }]);
    expect(values.number).toEqual(['2882', '2883']);
  });

  it('takes a secret from a file or the environment and warns when others can read the file', async () => {
    const open = write('open.secret', 'pw\n', 0o644);
    const fromFile = await resolveSettings(table, { ...smsc, 'password-file': open }, {});
    expect(fromFile.values['password-file']).toBe('pw');
    expect(fromFile.warnings).toEqual([expect.stringContaining('chmod 600')]);
    const fromEnvironment = await resolveSettings(table, smsc, { RINGBRIDGE_SMSC_PASSWORD: 'other' });
    expect(fromEnvironment.values['password-file']).toBe('other');
    expect(fromEnvironment.warnings).toEqual([]);
  });

  it.each([
    ['empty', '', 'CONFIG_BAD_VALUE'],
    ['two lines', 'a\nb\n', 'CONFIG_BAD_VALUE'],
    ['far too long', 'x'.repeat(5_000), 'CONFIG_UNREADABLE'],
  ])('refuses a secret file that is %s', async (_, content, code) => {
    const file = write('bad.secret', content);
    await expect(resolveSettings(table, { ...smsc, 'password-file': file }, {})).rejects.toMatchObject({
      code,
      message: expect.stringContaining('bad.secret'),
    });
  });
});

describe('flagsOf', () => {
  it('says default and environment name of every setting in help', () => {
    const flags = flagsOf(table);
    expect(flags['ring-size']?.description).toBe('places in the ring [default: 255; env: RINGBRIDGE_RING_SIZE]');
    expect(flags['alive']?.description).toContain('default: 30s');
    expect(flags['smsc']?.description).toContain('required');
    expect(flags['password-file']?.description).toContain('RINGBRIDGE_SMSC_PASSWORD');
    expect(Object.keys(flags)).toEqual([...Object.keys(table), 'config']);
  });

  it('lets a switch that is on by default be turned off', () => {
    expect(flagsOf(table)['metrics']).toMatchObject({ type: 'boolean', allowNo: true });
    expect(flagsOf(table)['insecure']).toMatchObject({ type: 'boolean', allowNo: false });
  });
});

describe('address()', () => {
  const places = { listen: address({ description: 'where to listen', parse: parseListenAddress, default: ':8080' }) };

  it.each([
    [{ listen: 'banana' }, {}, '--listen: "banana" is no address'],
    [{}, { RINGBRIDGE_LISTEN: 'localhost:70000' }, 'RINGBRIDGE_LISTEN: "localhost:70000" is no address'],
  ])('says where the wrong address stands: %o %o', async (flags, environment, text) => {
    await expect(resolveSettings(places, flags, environment)).rejects.toMatchObject({
      code: 'CONFIG_BAD_ADDRESS',
      message: expect.stringContaining(text),
    });
  });
});
