/** The demo as somebody runs it: the binary, its roles as processes, a link that is cut, roles that are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { documentOf, runCommand } from '../run-command.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
/** A bad link that fits into a test. */
const badLink = ['--pace', '20/s', '--cut-every', '1500ms', '--cut-for', '300ms', '--delay', '60ms'];

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A temporary directory of its own, so that what is left behind in it can be seen. */
async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'rb-demo-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

interface Ready {
  readonly schema: string;
  readonly url: string;
  readonly stateDir: string;
  readonly pids: readonly number[];
  readonly users: readonly { readonly name: string; readonly password: string }[];
  readonly commands: readonly string[];
}

/** The demo without a screen, up and running. */
async function startDemo(temporary: string): Promise<{ readonly child: ChildProcess; readonly ready: Ready }> {
  const child = spawn(process.execPath, [bin, 'demo', '--json', '--cut-every', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (status) => reject(new Error(`ended with ${status} before it was ready`)));
  });
  return { child, ready: JSON.parse(line) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('demo --headless', () => {
  it('loses and doubles nothing through cuts, and leaves nothing behind', async () => {
    const temporary = await temporaryDir();
    const result = await runCommand(['demo', '--headless', '--json', '--messages', '40', ...badLink], {
      env: { TMPDIR: temporary },
    });
    const whole = { sent: 40, arrived: 40, lost: 0, doubled: 0, doubledMarked: 0, inDoubt: 0 };
    expect(documentOf(result)).toEqual({
      schema: 'demo.result/1',
      ok: true,
      seed: 1,
      cuts: expect.any(Number),
      cutsFelt: expect.any(Number),
      kills: 0,
      mt: whole,
      mo: whole,
      ordered: true,
      settled: true,
      inStep: true,
      seconds: expect.any(Number),
    });
    expect(documentOf(result)).toMatchObject({ cuts: expect.toSatisfy((cuts: number) => cuts >= 1) });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(await readdir(temporary)).toEqual([]);
  });

  it('loses nothing, and doubles nothing without a mark, while buffer and IM server are killed', async () => {
    const result = await runCommand([
      ...['demo', '--headless', '--json', '--messages', '60', ...badLink, '--seed', '2'],
      ...['--kill', 'buffer=2', '--kill', 'im-server=2'],
    ]);
    expect(documentOf(result)).toMatchObject({
      ok: true,
      kills: 4,
      mt: { sent: 60, arrived: 60, lost: 0, doubled: 0 },
      mo: { sent: 60, arrived: 60, lost: 0, doubled: 0, doubledMarked: 0 },
      ordered: true,
      settled: true,
      inStep: true,
    });
    expect(result.status).toBe(0);
  });

  it('ends 7 and keeps the logs where not all has settled in time', async () => {
    const temporary = await temporaryDir();
    const result = await runCommand(
      [
        ...['demo', '--headless', '--json', '--messages', '5', '--pace', '1000/s'],
        ...['--delay', '300ms', '--cut-every', '0', '--settle-within', '0'],
      ],
      { env: { TMPDIR: temporary } },
    );
    expect(result.status).toBe(7);
    const document = documentOf(result) as { readonly stateDir: string };
    expect(document).toMatchObject({ ok: false, settled: false, complaints: expect.any(Array) });
    expect(await readdir(join(document.stateDir, 'logs'))).toEqual(
      expect.arrayContaining(['buffer.log', 'im-server.log', 'link.log', 'smsc.log']),
    );
  });

  it.each([
    [['--kill', 'smsc=1'], 'buffer=5'],
    [['--cut-every', '1s', '--cut-for', '800ms'], 'shorter --cut-for'],
  ])('refuses %j before anything is started, and says how it is meant', async (flags, hint) => {
    const { status, stderr } = await runCommand(['demo', '--headless', ...flags]);
    expect(status).toBe(2);
    expect(stderr).toContain(hint);
  });
});

describe('demo', () => {
  it('does not begin in a directory where something is already', async () => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'mine.txt'), 'of value');
    const { status, stderr } = await runCommand(['demo', '--state-dir', dir]);
    expect(status).toBe(2);
    expect(stderr).toContain('is not empty');
    expect(await readdir(dir)).toEqual(['mine.txt']);
  });

  it('has commands to type that work as they are, and ends all roles and removes what it made when it is told to', async () => {
    const temporary = await temporaryDir();
    const { child, ready } = await startDemo(temporary);
    expect(ready).toMatchObject({ schema: 'demo.ready/1', users: [{ name: 'alice' }, { name: 'bob' }] });
    expect(ready.pids).toHaveLength(4);
    expect(ready.pids.every(isAlive)).toBe(true);
    expect((await fetch(ready.url)).status).toBe(200);
    const [place = '', inject = '', inspect = ''] = ready.commands;
    const env = { XDG_STATE_HOME: place.replace('export XDG_STATE_HOME=', '') };
    expect(inject).toContain(' smsc inject --from +639171234567 --to 28820001 "Hello"');
    const injected = await runCommand(['smsc', 'inject', '--from', '+639171234567', '--to', '28820001', 'Hello'], {
      env,
    });
    expect(injected).toMatchObject({ status: 0, stdout: expect.stringContaining('1 of 1 answered') });
    expect(inspect).toMatch(/ ring inspect --map$/);
    const map = await runCommand(['ring', 'inspect', '--map'], { env });
    expect(map).toMatchObject({ status: 0, stdout: expect.stringMatching(/demo.*\n.*mt.*\n.*buffer.*\n/) });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(ready.pids.filter(isAlive)).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('leaves no role behind when it is killed without a word', async () => {
    const { child, ready } = await startDemo(await temporaryDir());
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => ready.pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect(existsSync(ready.stateDir)).toBe(true);
  });
});
