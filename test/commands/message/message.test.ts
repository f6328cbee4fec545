/** `message find` and `message trace` against a bridge that runs, and against what it leaves behind. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRings } from '../../../src/shell/ring-reader.ts';
import { phone, type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';

const long = 'A text that is too long for one short message. '.repeat(5);
let bridge: SmallBridge;
let dirs: readonly string[] = [];

beforeAll(async () => {
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000, privacy: 'full' });
  await bridge.carry(['see you at five', long]);
  await bridge.writeBack('I am there');
  dirs = [bridge.imDir, bridge.bufferDir, bridge.smscDir].flatMap((dir) => ['--state-dir', dir]);
});
afterAll(async () => {
  await bridge.drain();
  await bridge.clear();
});

interface Found {
  readonly id: string;
  readonly way: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly step: string;
  readonly where: { readonly place: string; readonly words: string };
  readonly parts: readonly { readonly messageId: string; readonly key?: { readonly stamp: string } }[];
}

async function find(...args: string[]): Promise<readonly Found[]> {
  const { stdout, status } = await runHere(['message', 'find', '--json', ...dirs, ...args]);
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function idOf(text: string): Promise<string> {
  const [found] = await find('--text', text);
  if (found === undefined) throw new Error(`nothing was found with "${text}"`);
  return found.id;
}

const trace = (id: string, ...args: string[]) => runHere(['message', 'trace', id, ...dirs, ...args]);

describe('message find', () => {
  it('lists each message once, the newest first, masked, with its step and where it is', async () => {
    const { stdout, stderr, status } = await runHere(['message', 'find', ...dirs]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines.slice(1, -1).map(([, , , from, , to, step, where]) => [from, to, step, where])).toEqual([
      ['+3584…67', 'alice', 'stored', 'with the user'],
      ['alice', '+3584…67', 'on the handset', 'on the handset'],
      ['alice', '+3584…67', 'on the handset', 'on the handset'],
    ]);
    expect(stdout).not.toContain(phone);
    expect(stdout).not.toContain('five');
  });

  it('finds by words, number, hash, user and time, and shows what was typed', async () => {
    const [one] = await find('--text', 'see you at five');
    expect(one).toMatchObject({ schema: 'message.found/1', way: 'mt', text: 'see you at five', to: '+3584…67' });
    const byNumber = await find('--number', phone.slice(1));
    expect(byNumber.map(({ way }) => way)).toEqual(['mo', 'mt', 'mt']);
    expect(byNumber[0]).toMatchObject({ from: phone, text: '[10 ch, sha 8539]' });
    expect((await find('--hash', '8539')).map(({ id }) => id)).toEqual([byNumber[0]?.id]);
    expect(await find('--user', 'bob')).toEqual([]);
    expect(await find('--until', '1h')).toEqual([]);
    expect(await find('--since', '1h', '--last', '1')).toHaveLength(1);
  });

  it('names the short messages of a text with the keys of their reports (021 and 060) and both copies', async () => {
    const [found] = await find('--text', long.trim());
    expect(found?.parts).toHaveLength(2);
    for (const part of found?.parts ?? []) {
      expect(part).toMatchObject({ state: 'delivered', key: { destination: '+3584…67' } });
      expect(part.key?.stamp).toMatch(/^\d{12}$/);
      expect(part).toMatchObject({ copies: [{ side: 'im-server' }, { side: 'buffer' }] });
    }
    expect((await find('--id', found?.parts[1]?.messageId ?? '')).map(({ id }) => id)).toEqual([found?.id]);
  });

  it('finds what is in the rings where only a buffer is asked, and says that there may be more', async () => {
    const { stdout, stderr } = await runHere(['message', 'find', '--state-dir', bridge.bufferDir]);
    expect(stdout.split('\n')).toHaveLength(5);
    expect(stderr).toContain('Only rings were looked at');
  });

  it('refuses what is no question, and says so when nothing fits', async () => {
    const wrong = await runHere(['message', 'find', ...dirs, '--hash', 'xyz']);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('USAGE_BAD_VALUE');
    const none = await runHere(['message', 'find', ...dirs, '--number', '+4912345678']);
    expect(none).toEqual({ status: 0, stdout: '', stderr: 'No message fits.\n' });
  });
});

describe('message trace', () => {
  it('shows the way of a message from its client to the handset and back, each leg with its time', async () => {
    const { stdout, stderr, status } = await trace(await idOf('see you at five'));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const inOrder = [
      /client +sent by a client of alice/,
      /IM server taken, on disk/,
      /IM server in the ring/,
      /buffer +on disk, waits for its turn/,
      /buffer +submits it/,
      /buffer +the SMSC has taken it\n +packet \d{3}/,
      /IM server sender sees: at the SMSC/,
      /IM server stores the report: delivered/,
      /IM server sender sees: on the handset/,
    ];
    const places = inOrder.map((pattern) => stdout.search(pattern));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stdout).toMatch(/key +\+3584…67\/\d{12} at hel1/);
    expect(stdout).toMatch(/The message has been on the handset since \d\d:\d\d:\d\d/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('five');
  });

  it('shows all parts of a long text in one, and is asked by the id of any of them', async () => {
    const [found] = await find('--text', long.trim());
    const result = await trace(found?.parts[1]?.messageId ?? '', '--json');
    expect(documentOf(result)).toMatchObject({
      schema: 'message.trace/1',
      id: found?.id,
      verdict: { state: 'settled' },
      events: expect.arrayContaining([
        expect.objectContaining({ station: 'buffer', what: 'confirmed', part: 1, basis: 'noted' }),
        expect.objectContaining({ station: 'buffer', what: 'confirmed', part: 2 }),
        expect.objectContaining({ station: 'handset', what: 'shown' }),
      ]),
    });
  });

  it('shows the way of a message from a handset', async () => {
    const { stdout } = await trace(await idOf('I am there'));
    expect(stdout).toMatch(/buffer +taken from the SMSC, in the ring\n +packet \d{3}/);
    expect(stdout).toMatch(/The message is stored for alice, who has not read it yet\./);
  });

  it('says when what came from a handset was read', async () => {
    const id = await idOf('I am there');
    bridge.read();
    await expect.poll(async () => (await trace(id)).stdout).toMatch(/ client +read by alice\n/);
    expect((await trace(id)).stdout).toMatch(/The message is stored for alice, who has read it\./);
  });

  it('is told by the buffer what becomes of a message in doubt', async () => {
    expect(await readRings(bridge.bufferDir)).toMatchObject({ role: 'buffer', inDoubt: 'resend' });
    expect(await readRings(bridge.imDir)).not.toHaveProperty('inDoubt');
  });

  it('ends by itself with --follow when nothing more can happen', async () => {
    const { stdout, status } = await trace(await idOf('see you at five'), '--follow', '--json');
    expect(status).toBe(0);
    expect(documentOf({ stdout, stderr: '', status })).toMatchObject({ schema: 'message.trace/1' });
  });

  it('lists what an id may mean, and names an id that nobody knows with a remedy', async () => {
    const id = await idOf('see you at five');
    const several = await trace(id.slice(0, 6));
    expect(several.status).toBe(2);
    expect(several.stderr).toContain(id);
    expect(several.stderr).toContain('MESSAGE_AMBIGUOUS');
    expect(documentOf(await trace('ffffffff-ffff', '--json'))).toMatchObject({
      schema: 'error/1',
      error: { code: 'MESSAGE_UNKNOWN', hint: expect.stringContaining('message find') },
    });
    expect((await trace('see you')).stderr).toContain('USAGE_BAD_VALUE');
  });
});

describe('what a stopped bridge leaves', () => {
  it('answers as well: from recordings in full, without them as far as the stores know', async () => {
    const id = await idOf('see you at five');
    const before = documentOf(await trace(id, '--json'));
    await bridge.drain();
    const whats = (document: unknown) =>
      Object(document)
        .events.map(({ station, what }: { station: string; what: string }) => `${station} ${what}`)
        .filter((event: string) => event !== 'handset shown');
    const after = documentOf(await trace(id, '--json'));
    expect(whats(after)).toEqual(whats(before));
    for (const dir of bridge.dirs) rmSync(join(dir, 'recording'), { recursive: true, force: true });
    const { stdout } = await trace(id);
    expect(stdout).toContain('IM server sender sees: on the handset');
    expect(stdout).toMatch(/\d≤ .* IM server hears the outcome/);
    expect(stdout.replace(/\s+/g, ' ')).toContain('Start with --record 64MiB to keep more.');
    expect((await find('--text', 'see you at five'))[0]).toMatchObject({ step: 'on the handset' });
  });
});
