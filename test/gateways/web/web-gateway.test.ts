import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ImClientInTest } from './im-client.ts';
import { ImServerInTest } from './im-server.ts';

const phone = '+358401234567';

describe('the web gateway', () => {
  const server = new ImServerInTest();
  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.addUser('bob', 'battery staple');
    await server.start();
  });
  afterAll(() => server.stop());

  it('welcomes a terminal that logs in with a password, and gives it a token to come back with', async () => {
    const first = new ImClientInTest(server.url);
    await first.say({ type: 'login', user: 'alice', password: 'correct horse' });
    const { token } = await first.hear('welcome', ({ user, suffix }) => user === 'alice' && suffix === '0001');
    first.close();
    const second = new ImClientInTest(server.url);
    await second.say({ type: 'login', token });
    expect(await second.hear('welcome')).not.toHaveProperty('token');
    second.close();
  });

  it('says the same to a wrong password and to a wrong name', async () => {
    const ends = ['alice', 'nobody'].map(async (user) => {
      const client = new ImClientInTest(server.url);
      await client.say({ type: 'login', user, password: 'wrong' });
      const { code, message } = await client.hear('error');
      return { code, message, end: await client.end() };
    });
    const [one, other] = await Promise.all(ends);
    expect(one).toMatchObject({ code: 'IM_BAD_PASSWORD', end: { code: 4001 } });
    expect(other).toEqual(one);
  });

  it('turns a client away that asks before it has logged in', async () => {
    const client = new ImClientInTest(server.url);
    await client.say({ type: 'send', cid: 'x', to: phone, text: 'Hello' });
    expect((await client.end()).code).toBe(4001);
  });

  it('stores a text and tells its steps to every client of the user', async () => {
    const [one, two] = await Promise.all([loggedIn(), loggedIn()]);
    const index = server.enqueued.length;
    await one.say({ type: 'send', cid: 'steps', to: phone, text: 'Hello' });
    const { text } = await one.hear('stored', ({ cid }) => cid === 'steps');
    expect(text).toMatchObject({ peer: phone, step: 'stored', direction: 'out' });
    await two.hear('message');
    server.confirm(index, '261122130000');
    server.report(index, '261122130000', 4);
    for (const client of [one, two]) {
      await client.hear('step', ({ step }) => step === 'accepted');
      await client.hear('step', ({ step }) => step === 'delivered');
      client.close();
    }
  });

  it('answers only when the text is on disk', async () => {
    const client = await loggedIn();
    server.isDiskHeld = true;
    await client.say({ type: 'send', cid: 'held', to: phone, text: 'Hello' });
    await client.settle();
    expect(client.heard.filter(({ type }) => type === 'stored')).toEqual([]);
    server.letGo();
    await client.hear('stored', ({ cid }) => cid === 'held');
    client.close();
  });

  it('stores once what is sent twice', async () => {
    const client = await loggedIn();
    const before = server.enqueued.length;
    for (const _ of [1, 2]) await client.say({ type: 'send', cid: 'twice', to: phone, text: 'Hello' });
    const first = await client.hear('stored');
    const second = await client.hear('stored');
    expect(second['text']).toEqual(first['text']);
    expect(server.enqueued.length - before).toBe(1);
    client.close();
  });

  it('gives a client that comes back what it missed, each text once, in its present state', async () => {
    const client = await loggedIn();
    const { position } = await loggedInWelcome();
    const index = server.enqueued.length;
    await client.say({ type: 'send', cid: 'missed', to: phone, text: 'Hello' });
    await client.hear('stored');
    server.confirm(index, '261122130001');
    server.arrive(phone, '28820001', 'Hi');
    client.close();
    const later = await loggedIn();
    await later.say({ type: 'resume', position });
    expect(await later.hear('changes')).toMatchObject({
      isComplete: true,
      texts: [
        { cid: 'missed', step: 'accepted' },
        { text: 'Hi', direction: 'in' },
      ],
    });
    later.close();
  });

  it('misses nothing for a client that attaches while the disk is busy', async () => {
    const client = await loggedIn();
    server.isDiskHeld = true;
    server.arrive(phone, '28820001', 'in between');
    const late = new ImClientInTest(server.url);
    await late.say({ type: 'login', user: 'alice', password: 'correct horse' });
    await client.settle();
    server.letGo();
    await late.hear('welcome');
    await late.say({ type: 'history', ref: '1', peer: phone, limit: 1 });
    expect(await late.hear('history')).toMatchObject({ texts: [{ text: 'in between' }] });
    client.close();
    late.close();
  });

  it('pages through a conversation from the newest back', async () => {
    const client = await loggedIn();
    for (const text of ['1', '2', '3', '4', '5']) server.arrive('+358409999999', '28820001', text);
    await client.say({ type: 'history', ref: 'a', peer: '+358409999999', limit: 2 });
    const page = await client.hear('history', ({ ref }) => ref === 'a');
    expect(page).toMatchObject({ texts: [{ text: '4' }, { text: '5' }], hasMore: true });
    // Just checked: the page has texts with an order.
    const [oldest] = page['texts'] as readonly { readonly order: number }[];
    await client.say({ type: 'history', ref: 'b', peer: '+358409999999', before: oldest?.order, limit: 3 });
    expect(await client.hear('history', ({ ref }) => ref === 'b')).toMatchObject({
      texts: [{ text: '1' }, { text: '2' }, { text: '3' }],
      hasMore: false,
    });
    client.close();
  });

  it('lists conversations newest first with what is not read, and forgets that when it is read', async () => {
    const client = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    const alice = await loggedIn();
    await alice.say({ type: 'send', cid: 'to-bob', to: 'bob', text: 'Lunch?' });
    const { text } = await client.hear('message');
    await client.say({ type: 'conversations', ref: '1' });
    const unread = { peer: 'alice', unread: 1, last: { text: 'Lunch?' } };
    expect(await client.hear('conversations')).toMatchObject({ conversations: [unread] });
    // Just heard: the text of a message.
    const mark = { type: 'read', peer: 'alice', order: (text as { readonly order: number }).order };
    server.readMarks = 'refused';
    await client.say(mark);
    expect(await client.hear('error')).toMatchObject({ code: 'IM_LIMIT_REACHED', retryable: true });
    server.readMarks = 'taken';
    await client.say(mark);
    await client.hear('read');
    await client.say({ type: 'conversations', ref: '2' });
    expect(await client.hear('conversations')).toMatchObject({ conversations: [{ peer: 'alice', unread: 0 }] });
    client.close();
    alice.close();
  });

  it('lists more conversations than a page holds page by page', async () => {
    for (let number = 0; number < 501; number += 1) server.arrive(`+4917${number}`, '28820001', `from ${number}`);
    const client = await loggedIn();
    await client.say({ type: 'conversations', ref: '1' });
    const peersOf = (message: Record<string, unknown>) =>
      (message['conversations'] as readonly { readonly peer: string }[]).map(({ peer }) => peer);
    const first = await client.hear('conversations');
    expect(peersOf(first)).toEqual(Array.from({ length: 500 }, (_, index) => `+4917${500 - index}`));
    await client.say({ type: 'conversations', ref: '2', before: first['next'] });
    const second = await client.hear('conversations');
    // Behind it are those of the tests before.
    expect(peersOf(second)[0]).toBe('+49170');
    expect(second).not.toHaveProperty('next');
    await client.say({ type: 'conversations', ref: '3', before: 'o1' });
    expect((await client.end()).code).toBe(4002);
  });

  it('tells how the links are, also to a client that comes later', async () => {
    const links = [{ smscId: 'hel1', state: 'up', since: 1, rttMs: 200 }] as const;
    const client = await loggedIn();
    server.links(links);
    expect(await client.hear('links')).toEqual({ type: 'links', links });
    const later = await loggedIn();
    expect(await later.hear('links')).toEqual({ type: 'links', links });
    client.close();
    later.close();
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['an unknown type', '{"type":"dance"}'],
    ['a field of another kind', '{"type":"send","cid":1,"to":"x","text":"y"}'],
    ['bytes', new Uint8Array([0xff, 0xfe])],
  ])('closes a connection that says %s', async (_, data) => {
    const client = await loggedIn();
    await client.sayRaw(data);
    expect((await client.end()).code).toBe(4002);
  });

  it('closes a connection whose message is over 64 KiB', async () => {
    const client = await loggedIn();
    await client.sayRaw('x'.repeat(64 * 1024 + 1));
    expect((await client.end()).code).toBe(1009);
  });

  it('lets at most 16 clients of one user in', async () => {
    const clients: ImClientInTest[] = [];
    const { token } = await loggedInWelcome();
    for (let i = 0; i < 16; i += 1) {
      const client = new ImClientInTest(server.url);
      await client.say({ type: 'login', token });
      await client.hear('welcome');
      clients.push(client);
    }
    const last = new ImClientInTest(server.url);
    await last.say({ type: 'login', token });
    expect((await last.end()).code).toBe(4009);
    for (const client of clients) {
      client.close();
      await client.end();
    }
  });

  it('refuses a page of another site, and takes our own', async () => {
    const foreign = new ImClientInTest(server.url, { origin: 'https://evil.example' });
    expect((await foreign.end()).reason).toContain('403');
    const own = new ImClientInTest(server.url, { origin: server.url });
    await own.say({ type: 'login', user: 'alice', password: 'correct horse' });
    await own.hear('welcome');
    own.close();
  });

  it('signs all clients out when the user is removed, and their tokens are of no use', async () => {
    await server.addUser('carol', 'to be removed');
    const client = new ImClientInTest(server.url);
    await client.say({ type: 'login', user: 'carol', password: 'to be removed' });
    const { token } = await client.hear('welcome');
    server.input({ type: 'user', ref: 'r', change: { type: 'remove', name: 'carol' } });
    expect((await client.end()).code).toBe(4001);
    const again = new ImClientInTest(server.url);
    await again.say({ type: 'login', token });
    expect((await again.end()).code).toBe(4001);
  });

  it('tells when an own text reached its steps, and nothing of what is none', async () => {
    const client = await loggedIn();
    await client.say({ type: 'send', cid: 'when', to: phone, text: 'When?' });
    const stored = await client.hear('stored', ({ cid }) => cid === 'when');
    // Just stored: the text has an id.
    const { id } = stored['text'] as { readonly id: string };
    await client.say({ type: 'steps', ref: 'a', id });
    expect(await client.hear('steps')).toMatchObject({
      ref: 'a',
      id,
      steps: [{ step: 'stored', at: expect.any(Number) }],
    });
    await client.say({ type: 'steps', ref: 'b', id: id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) });
    expect(await client.hear('steps')).toMatchObject({ ref: 'b', steps: [] });
    client.close();
  });

  it('limits how often one may try to log in', async () => {
    await server.addUser('dave', 'never guessed');
    // At once: a password takes its time to be checked, and every six seconds one more attempt is allowed.
    const guesses = Array.from({ length: 16 }, (_, i) => logIn('dave', `guess ${i}`));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  it('serves the page under a strict policy and nothing beside it', async () => {
    const page = await fetch(server.url);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'/);
    const html = await page.text();
    expect(html).toContain('<title>ringbridge</title>');
    expect(html).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|style="/);
    for (const [, file] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([file, (await fetch(`${server.url}/${file}`)).status]).toEqual([file, 200]);
    }
    expect((await fetch(`${server.url}/..%2fweb-gateway.ts`)).status).toBe(404);
    const etag = page.headers.get('etag') ?? '';
    expect((await fetch(server.url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('opens the WebSocket of a page by its cookie, which scripts cannot read', async () => {
    const response = await logIn('bob', 'battery staple');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const client = new ImClientInTest(server.url, { cookie: cookie.split(';')[0] ?? '' });
    expect(await client.hear('welcome')).toMatchObject({ user: 'bob' });
    client.close();
  });

  it('refuses a login that a form of another site sends', async () => {
    const body = JSON.stringify({ user: 'bob', password: 'battery staple' });
    const headers = { 'content-type': 'application/json', origin: 'https://evil.example' };
    expect((await fetch(`${server.url}/session`, { method: 'POST', headers, body })).status).toBe(403);
    const form = { 'content-type': 'text/plain' };
    expect((await fetch(`${server.url}/session`, { method: 'POST', headers: form, body })).status).toBe(400);
  });

  async function loggedIn(): Promise<ImClientInTest> {
    return ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
  }

  /** What a client of alice is welcomed with; it leaves again. */
  async function loggedInWelcome(): Promise<Awaited<ReturnType<ImClientInTest['hear']>>> {
    const client = new ImClientInTest(server.url);
    await client.say({ type: 'login', user: 'alice', password: 'correct horse' });
    const welcome = await client.hear('welcome');
    client.close();
    await client.end();
    return welcome;
  }

  function logIn(user: string, password: string): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${server.url}/session`, { method: 'POST', headers, body: JSON.stringify({ user, password }) });
  }
});

describe('a client that does not read', () => {
  it('is dropped, and the others hear everything', async () => {
    const server = new ImServerInTest();
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
    const [reader, sleeper] = await Promise.all([loggedIn(), rawClient()]);
    sleeper.pause();
    const gone = new Promise((resolve) => sleeper.once('close', resolve));
    // Far more than the system buffers for one that sleeps.
    const text = 'x'.repeat(5_000);
    for (let i = 0; i < 2_500; i += 1) {
      server.arrive(phone, '28820001', text);
      if (i % 50 === 0) await reader.settle();
    }
    sleeper.resume();
    await gone;
    await reader.settle();
    expect(reader.heard.filter(({ type }) => type === 'message')).toHaveLength(2_500);
    reader.close();
    await server.stop();

    function loggedIn(): Promise<ImClientInTest> {
      return ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    }

    async function rawClient(): Promise<WebSocket> {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/im`);
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(JSON.stringify({ type: 'login', user: 'alice', password: 'correct horse' }));
      await new Promise((resolve) => socket.once('message', resolve));
      return socket;
    }
  });
});
