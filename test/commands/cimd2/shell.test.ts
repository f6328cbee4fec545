import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, runCommand } from '../run-command.ts';
import { type RunningRole, startRole } from '../smsc/start-smsc.ts';
import { type SmallSmsc, startSmallSmsc } from './small-smsc.ts';

let folder = '';
let smsc: RunningRole | undefined;
let small: SmallSmsc | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringbridge-shell-'));
  smsc = await startRole(['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', join(folder, 'smsc')]);
});
afterEach(async () => {
  await small?.close();
  small = undefined;
});
afterAll(async () => {
  await smsc?.end();
  await rm(folder, { recursive: true, force: true });
});

/** Against the simulator unless an address is given. */
function shell(
  args: readonly string[],
  stdin: string | undefined,
  address = smsc?.ready.listen ?? '',
  password = 'ringbridge',
) {
  return runCommand(['cimd2', 'shell', ...args], {
    env: { RINGBRIDGE_SMSC: address, RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: password },
    ...(stdin === undefined ? {} : { stdin }),
  });
}

/** Stamps, times and what follows from them differ from run to run. */
const lasting = (text: string): string =>
  text
    .replace(/060:\d{12}/g, '060:STAMP')
    .replace(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
    .replace(/<TAB>[0-9A-F]{2}<ETX>/g, '<TAB>##<ETX>')
    .replace(/ {2,}/g, '  ');

const example = (name: string): string =>
  fileURLToPath(new URL(`../../../docs/examples/${name}.cimd2`, import.meta.url));
const allMet = /✔ \d+ lines {3}\d+ expected {3}0 failed {3}0 unanswered\n$/;

describe('cimd2 shell', () => {
  it('carries out the examples against the simulator', async () => {
    const window = await shell(['--script', example('window'), '--window', '3'], undefined);
    expect(window).toMatchObject({ status: 0, stderr: '' });
    expect(window.stdout).toMatch(allMet);
    // One behind the other on one connection.
    const both = await shell(
      [],
      `source ${example('login-rules')}\nlogin\nexpect 51 !900\nsource ${example('cancel')}\n`,
    );
    expect(both).toMatchObject({ status: 0, stderr: '' });
    expect(both.stdout).toMatch(allMet);
  });

  it('stops at the first expectation that fails, says line, expected and got, and ends 7', async () => {
    const result = await shell([], 'submit +639171234567 Hi\nexpect 53 900=310\nalive\n');
    expect(result.status).toBe(7);
    expect(lasting(result.stdout).split('\n')).toEqual([
      '> <STX>01:001<TAB>010:app<TAB>011:********<TAB>##<ETX>  login',
      '< CIMD2-A ConnectionInfo: ringbridge SMSC simulator<LF>  no packet: skipped',
      '< <STX>51:001<TAB>##<ETX>  logged in, TIME',
      '  1 submit +639171234567 Hi',
      '> <STX>03:003<TAB>021:+639171234567<TAB>033:Hi<TAB>##<ETX>  submit message',
      '  2 expect 53 900=310',
      '< <STX>53:003<TAB>021:+639171234567<TAB>060:STAMP<TAB>##<ETX>  accepted, TIME',
      '✖ expected 53 900=310 (submit message response)',
      '  got <STX>53:003<TAB>021:+639171234567<TAB>060:STAMP<TAB>##<ETX>',
      '> <STX>02:005<TAB>##<ETX>  logout',
      '< <STX>52:005<TAB>##<ETX>  logout: done, TIME',
      '✖ 2 lines  1 expected  1 failed  0 unanswered',
      '',
    ]);
    expect(result.stderr).toContain(
      '✖ Line 2 of stdin: expected 53 900=310 (submit message response); got <STX>53:003',
    );
    expect(result.stderr).toContain('(CHECK_FAILED)');
  });

  it('tells lines and what came as documents with --json, and saves a script that runs again', async () => {
    const saved = join(folder, 'saved.cimd2');
    const lines = ['login', 'packet alive 011=short$password', 'alive', `save ${saved} --with-answers`];
    const result = await shell(['--json', '--keep-going'], `${lines.join('\n')}\nexpect 53 within 1ms\n`);
    const documents = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(result).toMatchObject({ status: 7, stderr: '' });
    expect(result.stdout).not.toContain('shortringbridge');
    expect(documents.map(({ schema }) => schema)).toContain('cimd2.shell.packet/1');
    expect(documents.filter(({ schema }) => schema === 'cimd2.shell.line/1')).toMatchObject([
      { line: 1, typed: 'login', outcome: 'done' },
      { line: 2, typed: 'packet alive 011=********', outcome: 'done' },
      { line: 3, outcome: 'done' },
      { line: 4, outcome: 'done' },
      { line: 5, outcome: 'unmet', expected: '53 (submit message response)' },
    ]);
    expect(documents.slice(-2)).toMatchObject([
      { schema: 'cimd2.shell/1', lines: 5, expectations: 1, failures: 1, unanswered: 0 },
      { schema: 'error/1', error: { code: 'CHECK_FAILED' } },
    ]);
    expect((await readFile(saved, 'utf8')).split('\n').slice(1, -1)).toEqual([
      'login',
      'expect 51 !900',
      '# A line with a password was left out here, and what came after it.',
      'alive',
      'expect 90 !900',
    ]);
    expect(await shell(['--script', saved], undefined)).toMatchObject({ status: 0 });
  });

  it('checks the whole script before it connects, and names line and nearest command', async () => {
    const script = join(folder, 'wrong.cimd2');
    await writeFile(script, 'alive\n# fine so far\nsubmitt +639171234567 Hi\n');
    // Nothing listens there: 5 would say that it was tried.
    const result = await shell(['--script', script, '--json'], undefined, 'tcp://127.0.0.1:1');
    expect(result).toMatchObject({ status: 2, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      error: { message: `Line 3 of ${script}: There is no "submitt"; did you mean submit? Nothing was sent.` },
    });
  });

  it('ends 4 where its login is refused', async () => {
    const refused = await shell(['--json'], 'alive\n', undefined, 'wrong');
    expect(refused).toMatchObject({ status: 4, stderr: '' });
    expect(refused.stdout).toContain('SESSION_LOGIN_REFUSED');
  });

  it('ends 6 where a submit is left without an answer', async () => {
    small = await startSmallSmsc({ answers: 'silent' });
    const result = await shell(['--timeout', '200ms'], 'submit +639171234567 Hi\n', small.address, 'right');
    expect(result).toMatchObject({ status: 6, stderr: expect.stringContaining('OUTCOME_UNKNOWN') });
    expect(result.stdout).toContain('1 unanswered');
  });
});
