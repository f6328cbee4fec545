import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImServerInTest } from '../../gateways/web/im-server.ts';
import { documentOf, type RunOptions, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';

const phone = '+358401234567';
const server = new ImServerInTest();
beforeAll(async () => {
  await server.addUser('alice', 'correct horse', '0001');
  await server.addUser('bob', 'correct horse', '0002');
  await server.start();
});
afterAll(() => server.stop());

/** As alice, with what else a test says. */
function asAlice(args: readonly string[], options: RunOptions = {}) {
  const env = { RINGBRIDGE_IM_URL: server.url, RINGBRIDGE_IM_USER: 'alice', RINGBRIDGE_IM_PASSWORD: 'correct horse' };
  const all = { ...options, env: { ...env, ...options.env } };
  return options.stdin === undefined ? runHere(['im', ...args], all) : runCommand(['im', ...args], all);
}

describe('im send', () => {
  it('ends 0 when the text is stored', async () => {
    const result = await asAlice(['send', phone, 'Hello']);
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(result.stdout).toMatch(/^✓ {2}stored {11}id [0-9a-f-]{36} {3}1 part\n$/);
    expect(server.enqueued.at(-1)?.message).toMatchObject({ to: phone, from: '0001', content: { text: 'Hello' } });
  });

  it('does not make its user look as if here: nobody sits at it', async () => {
    server.presenceChanges.splice(0);
    await asAlice(['send', phone, 'Hello']);
    expect(server.presenceChanges).toEqual([]);
  });

  it('waits until it is on the handset, and gives one document with --json', async () => {
    const index = server.enqueued.length;
    const running = asAlice(['send', phone, 'Wait for it', '--wait', 'delivered', '--json']);
    await expect.poll(() => server.enqueued.length, { timeout: 20_000 }).toBe(index + 1);
    server.confirm(index, '261122140000');
    server.report(index, '261122140000', 4);
    const result = await running;
    expect(result).toMatchObject({ stderr: '', status: 0 });
    expect(documentOf(result)).toMatchObject({ schema: 'im.send/1', to: phone, step: 'delivered', parts: 1 });
  });

  it('ends 3 with the reason when the SMSC refuses it', async () => {
    const index = server.enqueued.length;
    const running = asAlice(['send', phone, 'No', '--wait', 'at-smsc']);
    await expect.poll(() => server.enqueued.length, { timeout: 20_000 }).toBe(index + 1);
    server.refuse(index, 300);
    expect(await running).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('the number is not valid (900:300)'),
    });
  });

  it('ends 0 when a text to another user is stored, whatever was waited for', async () => {
    const result = await asAlice(['send', 'bob', 'Lunch?', '--wait', 'delivered', '--json']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({ to: 'bob', step: 'stored' });
  });

  it('ends 6 when it was stored and no more came in time', async () => {
    const result = await asAlice(['send', phone, 'Slow', '--wait', 'accepted', '--timeout', '1s']);
    expect(result).toMatchObject({ status: 6, stderr: expect.stringContaining('Do not send it again') });
  });

  it.each([
    ['3 for a user that does not exist', ['send', 'nobody', 'x'], {}, 3, 'IM_UNKNOWN_USER'],
    ['4 for a wrong password', ['send', phone, 'x'], { RINGBRIDGE_IM_PASSWORD: 'wrong' }, 4, 'IM_BAD_PASSWORD'],
    [
      '5 where nobody listens',
      ['send', phone, 'x'],
      { RINGBRIDGE_IM_URL: 'http://127.0.0.1:9' },
      5,
      'PEER_UNREACHABLE',
    ],
    ['2 for an address that is none', ['send', phone, 'x', '--url', 'im.example'], {}, 2, 'CONFIG_BAD_ADDRESS'],
    ['2 without a text', ['send', phone], {}, 2, 'USAGE_MISSING_VALUE'],
  ])('ends %s', async (_, args, env, status, code) => {
    const result = await asAlice([...args, '--json'], { env });
    expect(result).toMatchObject({ status, stderr: '' });
    expect(documentOf(result)).toMatchObject({ schema: 'error/1', error: { code } });
  });
});

describe('im chat in a pipe', () => {
  it('takes lines and objects, tells events as JSON lines, and ends when all is stored', async () => {
    const input = `Hello\n${JSON.stringify({ to: phone, text: 'As an object', cid: 'mine' })}\n`;
    const result = await asAlice(['chat', phone], { stdin: input });
    expect(result).toMatchObject({ stderr: '', status: 0 });
    const events = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ schema: 'im.event/1', type: 'ready', user: 'alice' });
    expect(events.filter(({ type }) => type === 'text')).toMatchObject([
      { direction: 'out', peer: phone, text: 'Hello', step: 'stored' },
      { cid: 'mine', text: 'As an object', step: 'stored' },
    ]);
  });

  it('answers questions, tells what came since a position, and takes a plain line for a text', async () => {
    server.arrive(phone, '28820001', 'Came while nobody was there');
    const asked = `{"type":"conversations"}\n{"type":"history","peer":"${phone}","limit":1}\n/history\n`;
    const result = await asAlice(['chat', 'bob', '--since', '0'], { stdin: asked });
    expect(result).toMatchObject({ stderr: '', status: 0 });
    const events = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const came = expect.objectContaining({ direction: 'in', peer: phone, text: 'Came while nobody was there' });
    expect(events.find(({ type }) => type === 'conversations').conversations).toContainEqual(
      expect.objectContaining({ peer: phone, last: came }),
    );
    expect(events.find(({ type }) => type === 'history')).toMatchObject({ peer: phone, texts: [came] });
    const texts = events.filter(({ type }) => type === 'text');
    expect(texts).toContainEqual(came);
    expect(texts).toContainEqual(expect.objectContaining({ direction: 'out', peer: 'bob', text: '/history' }));
    expect(new Set(texts.map(({ id }) => id)).size).toBe(texts.length);
  });

  it('counts as nobody who is here until it says so', async () => {
    server.presenceChanges.splice(0);
    await asAlice(['chat', phone], { stdin: '{"type":"conversations"}\n' });
    expect(server.presenceChanges).toEqual([]);
    await asAlice(['chat', phone], { stdin: '{"type":"presence","presence":"here"}\n{"type":"conversations"}\n' });
    await expect.poll(() => server.presenceChanges).toEqual(['alice here', 'alice gone']);
  });

  it('ends 8 when some lines were refused', async () => {
    const input = `${JSON.stringify({ to: 'nobody', text: 'x' })}\n${JSON.stringify({ to: phone, text: 'y' })}\n`;
    const result = await asAlice(['chat'], { stdin: input });
    expect(result.status).toBe(8);
    expect(result.stdout).toContain('"type":"refused"');
  });

  it('ends 0 where the input is over before it is logged in', async () => {
    const result = await asAlice(['chat', phone], { stdin: '' });
    expect(result).toMatchObject({ stderr: '', status: 0, stdout: expect.stringContaining('"type":"ready"') });
  });

  it('ends 4 for a wrong password', async () => {
    const result = await asAlice(['chat', '--json'], { stdin: '', env: { RINGBRIDGE_IM_PASSWORD: 'wrong' } });
    expect(documentOf(result)).toMatchObject({ error: { code: 'IM_BAD_PASSWORD' } });
    expect(result.status).toBe(4);
  });
});
