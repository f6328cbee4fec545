import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenTransport } from '../../../src/shell/tcp.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { type SmallSmsc, type SmallSmscOptions, startSmallSmsc } from './small-smsc.ts';

let smsc: SmallSmsc | undefined;
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'send-'));
});
afterEach(async () => {
  await smsc?.close();
  smsc = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const to = '+358401234567';

async function against(options: SmallSmscOptions, args: readonly string[], password = 'right') {
  smsc = await startSmallSmsc(options);
  return runHere(['cimd2', 'send', ...args], {
    env: { RINGBRIDGE_SMSC: smsc.address, RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: password },
  });
}

describe('cimd2 send', () => {
  it('submits a text and says under which key the SMSC has it', async () => {
    const result = await against({}, [to, 'Hello']);
    expect(result).toEqual({
      stdout: `✔ accepted    key 261122123045/${to}   1 part, gsm7\n`,
      stderr: '',
      status: 0,
    });
    expect(smsc?.submits).toEqual([
      [
        { code: 21, value: to },
        { code: 33, value: 'Hello' },
      ],
    ]);
  });

  it('gives one document on one line with --json', async () => {
    const result = await against({}, [to, 'Hello', '--json']);
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(documentOf(result)).toEqual({
      schema: 'cimd2.send/1',
      to,
      coding: 'gsm7',
      count: 1,
      counts: { accepted: 1 },
      messages: [
        {
          status: 'accepted',
          parts: [{ status: 'accepted', destination: to, stamp: '261122123045', tookMs: expect.any(Number) }],
        },
      ],
    });
  });

  it('shows the packets as they were on the wire, the password starred', async () => {
    const { stdout, status } = await against({}, [to, 'Hello', '--show-packets', '--report']);
    const lines = stdout.split('\n');
    expect(status).toBe(0);
    expect(lines[0]).toMatch(/^> <STX>01:001<TAB>010:app<TAB>011:\*{8}<TAB>[0-9A-F]{2}<ETX> +login$/);
    expect(lines[1]).toMatch(/^< <STX>51:001<TAB>3C<ETX> +logged in, \d+ ms$/);
    expect(lines[2]).toBe(
      `${`> <STX>03:003<TAB>021:${to}<TAB>033:Hello<TAB>056:62<TAB>BF<ETX>`.padEnd(80)}submit message`,
    );
    expect(lines[3]).toMatch(
      /^< <STX>53:003<TAB>021:\+358401234567<TAB>060:261122123045<TAB>E7<ETX> +accepted, \d+ ms$/,
    );
    expect(stdout).not.toContain('right');
  });

  it('waits for the report from the handset and answers it', async () => {
    const result = await against({ reportStatus: 4 }, [to, 'Hello', '--wait', 'delivered']);
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(result.stdout).toMatch(/✔ delivered {3}\d+ ms {3}status 4, delivery successful\n$/);
    expect(smsc?.answeredReports).toEqual([`${to}/261122123045`]);
    expect(smsc?.submits[0]).toContainEqual({ code: 56, value: '62' });
  });

  it('ends 3 when the report says that it did not arrive', async () => {
    const result = await against({ reportStatus: 3 }, [to, 'Hello', '--wait', 'delivered']);
    expect(result.status).toBe(3);
    expect(result.stdout).toContain('✖ undelivered');
  });

  it('ends 6 when no report comes in time, and says that it was accepted', async () => {
    const result = await against({}, [to, 'Hello', '--wait', 'delivered', '--timeout', '300ms']);
    expect(result.status).toBe(6);
    expect(result.stderr).toContain('do not send it again because of this');
  });

  it("leaves another's report unanswered, and takes it only if told to", async () => {
    const left = await against({ foreignReport: 'waiting', reportStatus: 4 }, [
      to,
      'Hello',
      '--wait',
      'delivered',
      '--timeout',
      '500ms',
    ]);
    expect(left).toMatchObject({ status: 6, stderr: expect.stringContaining('left unanswered') });
    expect(smsc?.answeredReports).toEqual([]);
    await smsc?.close();

    const taken = await against({ foreignReport: 'waiting', reportStatus: 4 }, [
      to,
      'Hello',
      '--wait',
      'delivered',
      '--take-others',
    ]);
    expect(taken).toMatchObject({ status: 0, stderr: expect.stringContaining('021:+358409999999') });
    expect(smsc?.answeredReports).toEqual(['+358409999999/261122120000', `${to}/261122123045`]);
  });

  it('splits a long text and sends its parts in order', async () => {
    const result = await against({}, [to, 'x'.repeat(400), '--json']);
    expect(documentOf(result)).toMatchObject({ coding: 'gsm7', messages: [{ parts: [{}, {}, {}] }] });
    const headers = smsc?.submits.map((submit) => submit.find(({ code }) => code === 32)?.value ?? '');
    expect(headers?.map((header) => header.slice(-4))).toEqual(['0301', '0302', '0303']);
  });

  it('does not send the rest of a text when a part is refused, and ends 8', async () => {
    const result = await against({ refuseWith: (nth) => (nth === 2 ? 300 : 0) }, [to, 'x'.repeat(400), '--json']);
    expect(result.status).toBe(8);
    expect(documentOf(result)).toMatchObject({
      messages: [
        {
          status: 'partly',
          parts: [{ status: 'accepted' }, { status: 'refused', error: 300 }, { status: 'not-sent' }],
        },
      ],
    });
    expect(smsc?.submits.length).toBe(2);
  });

  it('uses UCS-2 where it is asked for, and refuses gsm7 where a character does not fit', async () => {
    await against({}, [to, 'Hi', '--coding', 'ucs2']);
    expect(smsc?.submits[0]).toContainEqual({ code: 34, value: '00480069' });
    await smsc?.close();
    const refused = await against({}, [to, 'Привет', '--coding', 'gsm7']);
    expect(refused).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('"П"') });
    expect(smsc?.submits).toEqual([]);
  });

  it('sends many, each with its number, and counts them', async () => {
    const result = await against({ refuseWith: (nth) => (nth === 2 ? 10 : 0) }, [
      to,
      'number {n}',
      '--count',
      '3',
      '--pace',
      '200/s',
      '--json',
    ]);
    expect(result.status).toBe(8);
    expect(documentOf(result)).toMatchObject({ count: 3, counts: { accepted: 2, refused: 1 } });
    expect(smsc?.submits.map((submit) => submit[1]?.value)).toEqual(['number 1', 'number 2', 'number 3']);
  });

  it.each([
    [300, false, 'incorrect destination address'],
    [10, true, 'temporary congestion'],
  ])('ends 3 when the SMSC refuses with %i, retryable: %s', async (code, retryable, meaning) => {
    const result = await against({ refuseWith: () => code }, [to, 'Hello', '--json']);
    expect(result).toMatchObject({ stderr: '', status: 3 });
    expect(documentOf(result)).toMatchObject({
      schema: 'error/1',
      error: { code: 'SMSC_REFUSED', retryable, message: expect.stringContaining(`${code}, ${meaning}`) },
    });
  });

  it.each([
    ['answers that it may have processed it', { refuseWith: () => 5 }],
    ['closes instead of answering', { answers: 'cut' }],
    ['does not answer in time', { answers: 'silent' }],
  ] as const)('ends 6 when the SMSC %s', async (_, options) => {
    const result = await against(options, [to, 'Hello', '--json', '--timeout', '400ms']);
    expect(result).toMatchObject({ stderr: '', status: 6 });
    expect(documentOf(result)).toMatchObject({ error: { code: 'OUTCOME_UNKNOWN', retryable: false } });
    expect(smsc?.submits.length).toBe(1);
  });

  it('ends 4 with a wrong password, and says that nothing was sent', async () => {
    const result = await against({}, [to, 'Hello'], 'wrong');
    expect(result).toMatchObject({ status: 4, stdout: '' });
    expect(result.stderr).toMatch(
      /^✖ The SMSC at tcp:\/\/127\.0\.0\.1:\d+ refused the login of "app": 100, .*Nothing was sent\./,
    );
    expect(result.stderr).toContain('--password-file');
    expect(result.stderr).not.toContain('wrong');
  });

  it('ends 5 at a port where nobody listens', async () => {
    const free = await listenTransport({ type: 'tcp', host: '127.0.0.1', port: 0 }, () => ({
      received: () => undefined,
      closed: () => undefined,
    }));
    await free.close();
    const port = free.address.type === 'tcp' ? free.address.port : 0;
    const env = { RINGBRIDGE_SMSC_PASSWORD: 'x' };
    const args = ['cimd2', 'send', to, 'Hello', '--smsc', `tcp://127.0.0.1:${port}`, '--user', 'app'];
    const result = await runHere(args, { env });
    expect(result).toMatchObject({ status: 5, stdout: '', stderr: expect.stringContaining('(PEER_UNREACHABLE)') });
    const inJson = await runHere([...args, '--json'], { env });
    expect(inJson).toMatchObject({ status: 5, stderr: '' });
    expect(documentOf(inJson)).toMatchObject({ error: { code: 'PEER_UNREACHABLE', retryable: true } });
  });

  it('takes the text from stdin', async () => {
    smsc = await startSmallSmsc();
    const env = { RINGBRIDGE_SMSC: smsc.address, RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: 'right' };
    const result = await runCommand(['cimd2', 'send', to, '-'], { env, stdin: 'from stdin\n' });
    expect(result.status).toBe(0);
    expect(smsc.submits[0]).toContainEqual({ code: 33, value: 'from stdin' });
  });

  it('warns when others can read the password file', async () => {
    smsc = await startSmallSmsc();
    const file = join(dir, 'app.secret');
    writeFileSync(file, 'right\n', { mode: 0o644 });
    const args = ['cimd2', 'send', to, 'Hello', '--smsc', smsc.address, '--user', 'app', '--password-file', file];
    expect(await runCommand(args)).toMatchObject({ status: 0, stderr: expect.stringContaining('chmod 600') });
  });
});

describe('a wrong call of cimd2 send, off a terminal', () => {
  it.each([
    ['TO', []],
    ['TEXT', [to]],
    ['--smsc', [to, 'Hello']],
    ['--user', [to, 'Hello', '--smsc', 'tcp://127.0.0.1:1']],
    ['--password-file', [to, 'Hello', '--smsc', 'tcp://127.0.0.1:1', '--user', 'app']],
  ])('names %s when it is missing, and ends 2', async (name, args) => {
    const result = await runHere(['cimd2', 'send', ...args]);
    expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(`Missing ${name}`) });
  });

  it.each([
    ['an unknown flag', [to, 'x', '--smcs', 'y'], 'USAGE_UNKNOWN_FLAG', '--smsc'],
    ['a number that is none', ['alice', 'x'], 'CONFIG_BAD_VALUE', ''],
    ['an address that is none', [to, 'x', '--smsc', 'nowhere'], 'CONFIG_BAD_ADDRESS', 'tcp://'],
    ['a duration without unit', [to, 'x', '--timeout', '30'], 'CONFIG_BAD_VALUE', ''],
    ['a word that is no choice', [to, 'x', '--wait', 'forever'], 'USAGE_BAD_VALUE', ''],
    ['two ways at once', [to, 'x', '--smsc', 'tcp://a:1', '--via', 'http://a'], 'USAGE_BAD_VALUE', ''],
    ['too many arguments', [to, 'Hello', 'world'], 'USAGE_UNEXPECTED_ARGUMENT', 'quotes'],
    ['a password over the open network', [to, 'x', '--via', 'http://im.example.org'], 'CONFIG_INSECURE', 'https'],
    [
      'a choice that the bridge makes',
      [to, 'x', '--via', 'http://127.0.0.1:1', '--flash'],
      'USAGE_BAD_VALUE',
      '--smsc',
    ],
  ])('refuses %s with exit status 2', async (_, args, code, hint) => {
    const result = await runHere(['cimd2', 'send', ...args, '--json']);
    expect(result).toMatchObject({ status: 2, stderr: '' });
    expect(documentOf(result)).toMatchObject({ error: { code, hint: expect.stringContaining(hint) } });
  });
});
