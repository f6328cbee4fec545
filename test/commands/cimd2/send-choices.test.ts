import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { formatSmscTime } from '../../../src/core/codec/smsc-time.ts';
import { documentOf } from '../run-command.ts';
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
const other = '+358407654321';

async function against(options: SmallSmscOptions, args: readonly string[], stdin?: string) {
  smsc = await startSmallSmsc(options);
  const env = { RINGBRIDGE_SMSC: smsc.address, RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: 'right' };
  return runHere(['cimd2', 'send', ...args], stdin === undefined ? { env } : { env, stdin });
}

const valuesOf = (nth: number) =>
  Object.fromEntries((smsc?.submits[nth] ?? []).map(({ code, value }) => [code, value]));

describe('cimd2 send, what a message may say', () => {
  it('SPEC 2.4: sends every choice in its parameter', async () => {
    const flags = [
      '--alphanumeric',
      'Shop',
      '--class',
      '2',
      '--validity',
      '2h',
      '--report-bits',
      '14',
      '--priority',
      '1',
    ];
    const rest = ['--reply-path', '--pid', '65', '--first-delivery', '10m', '--no-cancel'];
    const billing = ['--tariff-class', '3', '--service-description', '12'];
    const result = await against({}, [to, 'Hi', ...flags, ...rest, ...billing]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const chosen = { 27: 'Shop', 30: '18', 50: '23', 52: '65', 53: '1', 55: '1', 56: '14', 67: '1' };
    const charged = { 58: '0', 64: '3', 65: '12' };
    expect(valuesOf(0)).toEqual({ 21: to, 33: 'Hi', ...chosen, ...charged });
  });

  it('SPEC 7.7: sends hex as octets under their header', async () => {
    const result = await against({}, [to, '06 05 04', '--coding', 'binary', '--header', '06 05 04 15 81 00 00']);
    expect(result).toMatchObject({ status: 0, stdout: expect.stringContaining('1 part, binary') });
    expect(valuesOf(0)).toEqual({ 21: to, 30: '4', 32: '06050415810000', 34: '060504' });
  });

  it("SPEC 3.4: turns an absolute time into the SMSC's local time, whose zone it asks for", async () => {
    const at = instant(Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000);
    await against({}, [to, 'Hi', '--validity', new Date(at).toISOString()]);
    expect(smsc?.operations).toEqual([1, 9, 3, 2]);
    expect(valuesOf(0)).toMatchObject({ 51: formatSmscTime(at, 8 * 60) });
  });

  it('says which characters are foreign, and what they cost', async () => {
    const result = await against({}, [to, `${'x'.repeat(100)}Я`]);
    expect(result).toMatchObject({ status: 0, stdout: expect.stringContaining('part 2 of 2, ucs2') });
    expect(result.stderr).toContain('"Я" is not in the GSM alphabet');
    expect(result.stderr).toContain('2 parts instead of 1');
  });

  it('SPEC 2.4: gives each of several destinations its own answer, and ends 8 when one was refused', async () => {
    const refuseDestination = (number: string) => (number === other ? 300 : 0);
    const result = await against({ refuseDestination }, ['--to', to, '--to', other, 'Hi']);
    expect(result.status).toBe(8);
    expect(result.stdout.split('\n')).toEqual([
      `✔ accepted    key 261122123045/${to}   1 part, gsm7`,
      `✖ refused     300, incorrect destination address: the same again will be refused again (section 9)   ${other}   1 part, gsm7`,
      '1 accepted, 1 refused',
      '',
    ]);
    expect(smsc?.submits).toHaveLength(1);
  });

  it('SPEC 4.2: wants the first answer again for the same packet under the same number', async () => {
    const result = await against({}, [to, 'Hi', '--repeat', '2', '--json']);
    expect(result.status).toBe(0);
    expect(documentOf(result)).toMatchObject({ repeats: [{ status: 'same' }, { status: 'same' }] });
    expect(smsc?.submits).toHaveLength(1);
  });
});

describe('cimd2 send --raw', () => {
  it('sends the bytes as they are after the login, and shows what comes back', async () => {
    const wrongSum = '02 30 33 3A 30 30 33 09 30 30 03';
    const result = await against({}, ['--raw', wrongSum, '--for', '300ms', '--json']);
    expect(result.status).toBe(0);
    expect(documentOf(result)).toMatchObject({
      schema: 'cimd2.send.raw/1',
      packets: [
        { direction: 'out', wire: '<STX>03:003<TAB>00<ETX>' },
        {
          direction: 'in',
          wire: '<STX>99:003<TAB>4A<ETX>',
          meaning: expect.stringContaining('expects packet 003'),
          decoded: { name: 'nack', number: { section: '4.4' }, checksum: { found: '4A', holds: true }, faults: [] },
        },
      ],
      ended: null,
    });
  });

  it('needs no password with --no-login', async () => {
    smsc = await startSmallSmsc();
    const args = ['cimd2', 'send', '--raw', '02 34 30 3A 30 30 31 09 03', '--no-login', '--for', '300ms'];
    const result = await runHere([...args, '--smsc', smsc.address]);
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('<STX>98:001');
    expect(result.stdout).toMatch(/✔ 900 {2}error code +1 +unexpected operation/);
    expect(smsc.operations).toEqual([40]);
  });
});

describe('cimd2 send --file', () => {
  it('tells of each line, goes on after a refused one, and ends 8', async () => {
    const file = join(dir, 'batch.jsonl');
    writeFileSync(
      file,
      `{"to":"${to}","text":"one","id":"a"}\n\n{"to":"${other}","text":"two","priority":1}\n{"to":"1","text":"three"}\n`,
    );
    const result = await against({ refuseWith: (nth) => (nth === 2 ? 300 : 0) }, ['--file', file, '--json']);
    expect(result).toMatchObject({ status: 8, stderr: '' });
    const documents = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents).toMatchObject([
      { schema: 'cimd2.send.line/1', line: 1, id: 'a', to, status: 'accepted' },
      { line: 3, to: other, status: 'refused', parts: [{ error: 300, retry: 'no', section: '9' }] },
      { line: 4, to: '1', status: 'accepted' },
      { schema: 'cimd2.send/1', count: 3, counts: { accepted: 2, refused: 1 } },
    ]);
    expect(valuesOf(1)).toMatchObject({ 67: '1' });
  });

  it('sends nothing where one line is wrong, and names it', async () => {
    const lines = `{"to":"${to}","text":"one"}\n{"to":"${to}","txet":"two"}\n`;
    const result = await against({}, ['--file', '-'], lines);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(
      'Line 2 of the batch on stdin: "txet" is no key of a message; did you mean "text"?',
    );
    expect(smsc?.operations).toEqual([]);
  });

  it('tells the rest of a batch as not sent when the session is lost', async () => {
    const lines = Array.from({ length: 3 }, (_, n) => `{"to":"${to}","text":"${n}"}\n`).join('');
    const result = await against({ answers: 'cut' }, ['--file', '-', '--json'], lines);
    expect(result.status).toBe(6);
    const statuses = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).status);
    expect(statuses).toEqual(['unknown', 'not-sent', 'not-sent', undefined]);
  });
});

describe('choices that contradict each other', () => {
  it.each([
    ['--repeat with a window', [to, 'x', '--repeat', '1', '--window', '2'], 'section 5.2'],
    ['--raw with a text', ['hello', '--raw', '02'], 'whole packets'],
    ['--raw through the bridge', ['--raw', '02', '--via', 'http://127.0.0.1:1'], 'through the bridge'],
    ['a coding scheme of another alphabet', [to, 'x', '--coding', 'gsm7', '--dcs', '8'], 'for ucs2'],
    ['a header that is none', [to, 'x', '--header', '09 01'], 'no user data header'],
    ['a name that 027 cannot hold', [to, 'x', '--alphanumeric', 'a@b'], '322'],
    ['one number twice', ['--to', to, '--to', to, 'x'], 'twice'],
  ])('are refused before anything is sent: %s', async (_, args, words) => {
    const result = await runHere(['cimd2', 'send', ...args]);
    expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(words) });
  });
});
