import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findStateDirs } from '../../../src/cli/ring/state-dirs.ts';

let home = '';
const place = (name: string) => join(home, 'ringbridge', name);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'state-dirs-'));
  vi.stubEnv('XDG_STATE_HOME', home);
  vi.stubEnv('RINGBRIDGE_STATE_DIR', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

function make(name: string, file: string): void {
  mkdirSync(place(name), { recursive: true });
  writeFileSync(join(place(name), file), '');
}

describe('the usual state directories', () => {
  it('are those with a store, and that of a simulated SMSC where one is of use', async () => {
    make('hel1', 'store.lmdb');
    make('im', 'store.lmdb');
    make('smsc', 'control.sock');
    make('cimd2-shell', 'history');
    expect(await findStateDirs(undefined)).toEqual([place('hel1'), place('im')]);
    expect(await findStateDirs(undefined, 'with')).toEqual([place('hel1'), place('im'), place('smsc')]);
  });

  it('are missing where there is a simulated SMSC alone', async () => {
    make('smsc', 'control.sock');
    await expect(findStateDirs(undefined, 'with')).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
  });

  it('are not looked for where some are given', async () => {
    make('hel1', 'store.lmdb');
    make('smsc', 'control.sock');
    expect(await findStateDirs(['here'], 'with')).toEqual(['here']);
    vi.stubEnv('RINGBRIDGE_STATE_DIR', '/one:/two');
    expect(await findStateDirs(undefined, 'with')).toEqual(['/one', '/two']);
  });
});
