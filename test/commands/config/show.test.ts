import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleTables } from '../../../src/cli/config/role-tables.ts';
import { configRoles } from '../../../src/cli/config/roles.ts';
import { faultsOf } from '../../json-schema.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-show-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

describe('config show', () => {
  it('says of each setting what it is and where that came from, and is a config file again', async () => {
    const config = write('smsc.toml', '# a comment\nturn = "20ms"\nhandset = ["+358401234567=off"]\n');
    const env = { RINGBRIDGE_SMSC_RATE: '5/s', RINGBRIDGE_SMSC_RETRY: '' };
    const shown = await runHere(['config', 'show', 'smsc', '--origin', '--config', config], { env });
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toContain(`turn = "20ms"  # ${config}:2\n`);
    expect(shown.stdout).toContain('rate = "5/s"  # RINGBRIDGE_SMSC_RATE\n');
    expect(shown.stdout).toContain('idle = ');
    expect(shown.stdout).toContain('# tls-cert is not set\n');
    const again = write('again.toml', shown.stdout);
    const values = (result: { readonly stdout: string }) =>
      Object(documentOf({ ...result, stderr: '', status: 0 })).settings.map(
        ({ name, value }: { name: string; value: unknown }) => [name, value],
      );
    const first = await runHere(['config', 'show', 'smsc', '--json', '--config', config], { env });
    const second = await runHere(['config', 'show', 'smsc', '--json', '--config', again]);
    expect(values(second)).toEqual(values(first));
  });

  it('never shows a secret that the environment holds, and says what is missing', async () => {
    const env = { RINGBRIDGE_SMSC_PASSWORD: 'hush-hush' };
    const result = await runHere(['config', 'show', 'buffer', '--json'], { env });
    expect(result.stdout).not.toContain('hush');
    expect(documentOf(result)).toMatchObject({
      startable: false,
      settings: expect.arrayContaining([
        { name: 'smsc', state: 'missing', value: null, origin: { type: 'default', where: 'default' } },
        expect.objectContaining({ name: 'password-file', state: 'secret', value: null }),
      ]),
    });
    const { stdout } = await runHere(['config', 'show', 'buffer'], { env });
    expect(stdout).toContain('# password-file = "********"\n');
    expect(stdout).toContain('# smsc is missing\n');
  });

  it.each([
    ['a role that is none', ['bufer'], 'USAGE_BAD_VALUE', 'Did you mean buffer?'],
    ['no role at all', [], 'USAGE_MISSING_VALUE', 'ROLE'],
    ['a file that is not there', ['smsc', '--config', '/nowhere.toml'], 'CONFIG_UNREADABLE', '--config'],
  ])('refuses %s', async (_, args, code, hint) => {
    const result = await runHere(['config', 'show', ...args]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(hint);
  });
});

describe.each(configRoles)('config init and config schema of %s', (role) => {
  it('name every setting, and agree with each other on what one looks like', async () => {
    const { stdout, status } = await runHere(['config', 'init', role]);
    expect(status).toBe(0);
    const values = parse(stdout.replaceAll(/^#(?! )/gm, ''));
    expect(Object.keys(values).sort()).toEqual(Object.keys(roleTables[role]).sort());
    const schema = JSON.parse((await runHere(['config', 'schema', role])).stdout);
    // What stands for a word of a choice that has no default is all of its words.
    const faults = faultsOf(values, schema, schema).filter((fault) => !fault.includes('|'));
    expect(faults).toEqual([]);
    expect(faultsOf({ unheard: 1 }, schema, schema)[0]).toContain('a field unheard');
  });
});
