import { chmod, link, lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callControl } from '../../src/shell/control-client.ts';
import { lockStateDir, type StateDirLock } from '../../src/shell/state-dir.ts';
import { type Child, startChild } from './processes/child.ts';

let folder = '';
let stateDir = '';
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ringbridge-dir-')));
  stateDir = join(folder, 'state');
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function lockHere(path = stateDir, role = 'im-server'): Promise<StateDirLock> {
  const lock = await lockStateDir(path, role);
  closing.push(() => lock.release());
  return lock;
}

async function startHolder(path = stateDir): Promise<Child> {
  const child = startChild('./dir-holder.ts', [path]);
  closing.push(() => child.kill());
  expect(await child.next()).toBe('ready');
  return child;
}

describe('lockStateDir', () => {
  it('makes the directory for this user alone', async () => {
    const lock = await lockHere(join(stateDir, 'deep', 'er'));
    expect((await stat(lock.stateDir)).mode & 0o777).toBe(0o700);
    expect(lock.stateDir).toBe(join(stateDir, 'deep', 'er'));
  });

  it('leaves alone what another holds at its place, after the directory was deleted and made anew', async () => {
    const former = await lockStateDir(stateDir, 'buffer');
    await rm(stateDir, { recursive: true });
    await lockHere(stateDir, 'im-server');
    await former.release();
    expect(await callControl(stateDir, 'GET /who')).toMatchObject({ role: 'im-server' });
  });

  it('refuses a second process with exit status 9, and says who holds it and since when', async () => {
    const holder = await startHolder();
    expect(await holder.ask('lock')).toBe('held');
    await expect(lockStateDir(stateDir, 'buffer')).rejects.toMatchObject({
      code: 'STORE_BUSY',
      exitStatus: 9,
      message: expect.stringMatching(new RegExp(`held by buffer \\(process ${holder.pid}, since 20\\d\\d-.*Z\\)`)),
      hint: expect.stringContaining('--state-dir'),
    });
    expect(await readdir(stateDir)).toEqual(['control.sock']);
  });

  it('finds the same directory under another name', async () => {
    await lockHere();
    await expect(lockStateDir(join(stateDir, '..', 'state'), 'buffer')).rejects.toMatchObject({ code: 'STORE_BUSY' });
  });

  it('takes the directory after the holder let go, and after it was killed', async () => {
    const holder = await startHolder();
    expect(await holder.ask('lock')).toBe('held');
    expect(await holder.ask('release')).toBe('released');
    expect(await holder.ask('lock')).toBe('held');
    await holder.kill();
    expect((await lstat(join(stateDir, 'control.sock'))).isSocket()).toBe(true);
    const lock = await lockHere();
    expect(lock.holder).toMatchObject({ role: 'im-server', pid: process.pid });
    expect(await callControl(stateDir, 'GET /who')).toEqual({ schema: 'role.who/1', ...lock.holder });
  });

  it('lets exactly one in when many come at once to what a killed one left', async () => {
    for (let round = 0; round < 30; round += 1) {
      const left = await lockStateDir(stateDir, 'buffer');
      // As kill -9 leaves it: the socket's name without anybody behind it.
      const kept = `${left.socketPath}.kept`;
      await link(left.socketPath, kept);
      await left.release();
      await rename(kept, left.socketPath);
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockStateDir(stateDir, 'buffer')));
      const held = tries.filter((tried) => tried.status === 'fulfilled');
      for (const tried of tries)
        if (tried.status === 'rejected') expect(tried.reason).toMatchObject({ code: 'STORE_BUSY' });
      expect(held.length).toBe(1);
      for (const { value } of held) await value.release();
      expect(await readdir(stateDir)).toEqual([]);
    }
  });

  it('puts the socket into the runtime directory where the path is too long, found from any environment', async () => {
    const long = join(folder, 'x'.repeat(90), 'state');
    const runtime = join(folder, 'run');
    await mkdir(runtime);
    vi.stubEnv('XDG_RUNTIME_DIR', runtime);
    const lock = await lockHere(long);
    expect(lock.socketPath).toMatch(new RegExp(`^${runtime}/ringbridge-[0-9a-f]{24}\\.sock$`));
    vi.stubEnv('XDG_RUNTIME_DIR', undefined);
    expect(await callControl(long, 'GET /who')).toMatchObject({ pid: process.pid });
    await expect(lockStateDir(long, 'buffer')).rejects.toMatchObject({ code: 'STORE_BUSY' });
    const other = join(folder, 'x'.repeat(90), 'other');
    vi.stubEnv('XDG_RUNTIME_DIR', runtime);
    expect((await lockHere(other)).socketPath).not.toBe(lock.socketPath);
  });

  it('forgets a runtime directory that is gone', async () => {
    const long = join(folder, 'x'.repeat(90), 'state');
    const [first, second] = [join(folder, 'run1'), join(folder, 'run2')];
    await mkdir(first);
    await mkdir(second);
    vi.stubEnv('XDG_RUNTIME_DIR', first);
    const holder = await startHolder(long);
    expect(await holder.ask('lock')).toBe('held');
    await holder.kill();
    await rm(first, { recursive: true });
    vi.stubEnv('XDG_RUNTIME_DIR', second);
    expect((await lockHere(long)).socketPath).toContain(second);
  });

  it('says what is wrong with a path that cannot be a directory', async () => {
    await writeFile(stateDir, 'a file');
    await expect(lockStateDir(stateDir, 'buffer')).rejects.toMatchObject({ code: 'STORE_FAILED', exitStatus: 2 });
    await expect(lockStateDir(join(stateDir, 'below'), 'buffer')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it.skipIf(process.getuid?.() === 0)('says that a directory may not be written to', async () => {
    await mkdir(stateDir);
    await chmod(stateDir, 0o500);
    await expect(lockStateDir(stateDir, 'buffer')).rejects.toMatchObject({ code: 'STORE_READ_ONLY', exitStatus: 2 });
    await chmod(stateDir, 0o700);
  });

  it('leaves a file alone that has the name of the socket', async () => {
    await mkdir(stateDir);
    await writeFile(join(stateDir, 'control.sock'), 'precious');
    await expect(lockStateDir(stateDir, 'buffer')).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('is no socket'),
    });
    expect(await readdir(stateDir)).toEqual(['control.sock']);
  });
});
