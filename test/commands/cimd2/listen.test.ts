import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { type SmallSmsc, type SmallSmscOptions, startSmallSmsc } from './small-smsc.ts';

let smsc: SmallSmsc | undefined;
let child: ChildProcess | undefined;
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await smsc?.close();
  smsc = undefined;
});

async function environment(options: SmallSmscOptions): Promise<Readonly<Record<string, string>>> {
  smsc = await startSmallSmsc(options);
  return { RINGBRIDGE_SMSC: smsc.address, RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: 'right' };
}

async function against(options: SmallSmscOptions, args: readonly string[]) {
  return runCommand(['cimd2', 'listen', ...args], { env: await environment(options) });
}

const documentsOf = (stdout: string): unknown[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('cimd2 listen', () => {
  it('prints deliveries and reports as documents, answers each, and logs out when the count is reached', async () => {
    const result = await against({ texts: ['one', 'two _XXe'], foreignReport: 'waiting' }, ['--count', '3']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const documents = documentsOf(result.stdout);
    expect(documents).toMatchObject([
      { schema: 'cimd2.report/1', destination: '+358409999999', stamp: '261122120000', status: 4, final: true },
      { schema: 'cimd2.delivery/1', from: '+639171234567', to: '28820001', text: 'one', part: null },
      { schema: 'cimd2.delivery/1', text: 'two €', coding: 'gsm7', stamp: '261122120000' },
    ]);
    expect(smsc?.answeredReports).toEqual(['+358409999999/261122120000']);
    expect(smsc?.answeredTexts).toEqual([
      ['one', 0],
      ['two _XXe', 0],
    ]);
    expect(smsc?.operations).toEqual([1, 2]);
  });

  it('SPEC 2.9: answers with the error that is asked for', async () => {
    const result = await against({ texts: ['one'] }, ['--count', '1', '--answer', 'error:711']);
    expect(result.status).toBe(0);
    expect(smsc?.answeredTexts).toEqual([['one', 711]]);
  });

  it('prints without answering with --no-answer, and ends 0 when its time is over', async () => {
    const result = await against({ texts: ['one'] }, ['--no-answer', '--for', '300ms']);
    expect(result.status).toBe(0);
    expect(documentsOf(result.stdout)).toMatchObject([{ text: 'one' }]);
    expect(smsc?.answeredTexts).toEqual([]);
    expect(smsc?.operations).toEqual([1, 2]);
  });

  it('SPEC 2.6: asks for what waits with --poll, one by one until nothing does', async () => {
    const result = await against({ texts: ['one', 'two'], textsCome: 'when-asked' }, [
      '--poll',
      '50ms',
      '--count',
      '2',
    ]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentsOf(result.stdout)).toMatchObject([{ text: 'one' }, { text: 'two' }]);
    expect(smsc?.operations.slice(0, 3)).toEqual([1, 5, 5]);
  });

  it('leaves unanswered what nobody took from its output', async () => {
    const env = await environment({ texts: ['one', 'two', 'three'] });
    const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
    const listener = spawn(process.execPath, [bin, 'cimd2', 'listen'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child = listener;
    listener.stdout.destroy();
    expect(await new Promise((resolve) => listener.once('close', resolve))).toBe(0);
    expect(smsc?.answeredTexts).toEqual([]);
  });

  it('logs out and ends 0 on SIGTERM', async () => {
    const env = await environment({ texts: ['one'] });
    const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
    const listener = spawn(process.execPath, [bin, 'cimd2', 'listen'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child = listener;
    listener.stdout.once('data', () => listener.kill('SIGTERM'));
    expect(await new Promise((resolve) => listener.once('close', resolve))).toBe(0);
    expect(smsc?.operations).toEqual([1, 2]);
    expect(smsc?.answeredTexts).toEqual([['one', 0]]);
  });

  it('ends 4 where the first login is refused, and 2 for an answer that is none', async () => {
    const refused = await against({ password: 'other' }, ['--json']);
    expect(refused).toMatchObject({ status: 4, stderr: '' });
    expect(documentOf(refused)).toMatchObject({ error: { code: 'SESSION_LOGIN_REFUSED' } });
    const wrong = await runHere(['cimd2', 'listen', '--answer', '711']);
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('error:711') });
  });
});
