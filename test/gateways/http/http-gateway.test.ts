import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestRate } from '../../../src/gateways/http/http-gateway.ts';
import { faultsOf } from '../../json-schema.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { ApiClient, makeToken } from './api-client.ts';
import { faultsOfAnswer, operations, schemaNamed, document as written } from './openapi.ts';

const phone = '+358401234567';

describe('the HTTP API', () => {
  const server = new ImServerInTest({ sendRate: { perSecond: 1_000, burst: 1_000 } });
  let alice: ApiClient;
  let bob: ApiClient;

  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.addUser('bob', 'battery staple');
    await server.start();
    server.links([{ smscId: 'hel1', state: 'up', since: Date.UTC(2026, 10, 22), rttMs: 210 }]);
    alice = new ApiClient(server.url, makeToken(server, 'alice', ['send', 'read']));
    bob = new ApiClient(server.url, makeToken(server, 'bob', ['send', 'read']));
  });

  afterAll(() => server.stop());

  it('takes a message once per key, and tells its step', async () => {
    const before = server.enqueued.length;
    const first = await alice.send(phone, 'Hello', 'key-1');
    expect([first.status, first.body.step]).toEqual([201, 'stored']);
    expect(first.headers.get('location')).toBe(`/api/messages/${first.body.id}`);
    const again = await alice.send('+358 40 123 4567', 'Hello', 'key-1');
    expect([again.status, again.body.id]).toEqual([200, first.body.id]);
    const byField = await alice.call('POST /api/messages', { body: { to: phone, text: 'Hello', cid: 'key-1' } });
    expect([byField.status, byField.body.id]).toEqual([200, first.body.id]);
    expect(server.enqueued.length - before).toBe(1);
    server.confirm(before, '261122130001');
    const names = { id: first.body.id };
    expect((await alice.call('GET /api/messages/{id}', { names })).body.step).toBe('accepted');
    server.report(before, '261122130001', 4);
    const { body } = await alice.call('GET /api/messages/{id}', { names });
    expect([body.step, ...body.steps.map(({ step }: { step: string }) => step)]).toEqual([
      ...['delivered', 'stored', 'accepted', 'delivered'],
    ]);
    const times = body.steps.map(({ at }: { at: string }) => Date.parse(at));
    expect(times).toEqual([...times].sort());
    expect(times[0]).toBe(Date.parse(first.body.at));
  });

  it('tells conversations page by page, newest first, each once', async () => {
    for (const [index, to] of ['+358400000001', '+358400000002', '+358400000003'].entries()) {
      await bob.send(to, 'Hello', `talk-${index}`);
    }
    const peers: string[] = [];
    let query: string | undefined = 'limit=2';
    while (query !== undefined) {
      const { status, body } = await bob.call('GET /api/conversations', { query });
      expect(status).toBe(200);
      for (const { peer } of body.conversations) peers.push(peer);
      query = body.next === null ? undefined : `limit=2&cursor=${body.next}`;
    }
    expect(peers.slice(0, 3)).toEqual(['+358400000003', '+358400000002', '+358400000001']);
    expect(new Set(peers).size).toBe(peers.length);
    expect((await bob.call('GET /api/conversations', { query: 'cursor=7' })).status).toBe(400);
  });

  it('refuses a key for another message, and sends nothing', async () => {
    await alice.send(phone, 'One', 'key-2');
    const before = server.enqueued.length;
    for (const [to, text] of [
      [phone, 'Two'],
      ['+358409999999', 'One'],
      ['bob', 'One'],
    ] as const) {
      const answer = await alice.send(to, text, 'key-2');
      expect([answer.status, answer.body.error.code]).toEqual([422, 'IM_KEY_REUSED']);
    }
    expect(server.enqueued.length).toBe(before);
    // The key belongs to the user: bob has his own.
    expect((await bob.send(phone, 'Two', 'key-2')).status).toBe(201);
  });

  it('answers one of two sends at once as the other, whoever is stored first', async () => {
    server.isDiskHeld = true;
    const both = [alice.send(phone, 'Twins', 'key-3'), alice.send(phone, 'Twins', 'key-3')];
    // One persist, and one answer for each.
    while (server.heldCount < 4) await new Promise((resolve) => setImmediate(resolve));
    const before = server.enqueued.length;
    server.letGo();
    const [one, two] = await Promise.all(both);
    expect(one?.body.id).toBe(two?.body.id);
    expect(server.enqueued.length - before).toBe(1);
  });

  it.each([
    [{ to: phone }, 400, 'IM_BAD_REQUEST'],
    [{ to: phone, text: 7 }, 400, 'IM_BAD_REQUEST'],
    ['[]', 400, 'IM_BAD_REQUEST'],
    ['{"to":', 400, 'IM_BAD_REQUEST'],
    [{ to: phone, text: '' }, 422, 'IM_BAD_REQUEST'],
    [{ to: phone, text: 'x'.repeat(10_001) }, 422, 'IM_TEXT_TOO_LONG'],
    [{ to: 'nobody', text: 'x' }, 422, 'IM_UNKNOWN_USER'],
    [{ to: "admin'--", text: 'x' }, 422, 'IM_BAD_ADDRESS'],
    [{ to: '../x', text: 'x' }, 422, 'IM_BAD_ADDRESS'],
    [{ to: 'a\u202eb', text: 'x' }, 422, 'IM_BAD_ADDRESS'],
    [{ to: phone, text: 'x', cid: 'a\u0001' }, 400, 'IM_BAD_REQUEST'],
    [{ to: phone, text: 'x', cid: 'c'.repeat(65) }, 400, 'IM_BAD_REQUEST'],
    [{ to: phone, text: 'x'.repeat(1_000_000) }, 413, 'IM_BAD_REQUEST'],
  ])('refuses what is no sound message, with a code (%#)', async (body, status, code) => {
    const before = server.enqueued.length;
    const answer = await alice.call('POST /api/messages', { body });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.hint).not.toBe('');
    expect(server.enqueued.length).toBe(before);
  });

  it('refuses a body that is no JSON by its type, and a request of a page of another site', async () => {
    const form = { 'content-type': 'text/plain' };
    const answer = await alice.call('POST /api/messages', { body: { to: phone, text: 'x' }, headers: form });
    expect(answer.status).toBe(415);
    const foreign = { origin: 'https://evil.example' };
    const refused = await alice.call('POST /api/messages', { body: { to: phone, text: 'x' }, headers: foreign });
    expect(refused.status).toBe(403);
  });

  it('lets nobody in without a login, and nobody further than the scopes go', async () => {
    const bare = await fetch(`${server.url}/api/messages`);
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Bearer')]);
    const sender = new ApiClient(server.url, makeToken(server, 'alice', ['send']));
    const reader = new ApiClient(server.url, makeToken(server, 'alice', ['read']));
    const listing = await sender.call('GET /api/messages');
    expect([listing.status, listing.body.error.code]).toEqual([403, 'IM_SCOPE_MISSING']);
    const sending = await reader.send(phone, 'Hello');
    expect([sending.status, sending.body.error.code]).toEqual([403, 'IM_SCOPE_MISSING']);
    const basic = `Basic ${Buffer.from('alice:correct horse').toString('base64')}`;
    expect((await sender.call('GET /api/messages', { headers: { authorization: basic } })).status).toBe(200);
    const wrong = await sender.call('GET /api/messages', { headers: { authorization: 'Bearer rb_no' } });
    expect([wrong.status, wrong.body.error.code]).toEqual([401, 'IM_BAD_TOKEN']);
  });

  it('finds messages by words, page by page, and keeps to the user', async () => {
    for (let n = 0; n < 5; n += 1) server.arrive('+358405550000', '28820001', `Zebra number ${n}`);
    const first = await alice.call('GET /api/messages', { query: 'words=z%C3%A9bra&limit=3' });
    expect(first.body.messages.map(({ text }: { text: string }) => text)).toEqual([
      'Zebra number 4',
      'Zebra number 3',
      'Zebra number 2',
    ]);
    const rest = await alice.call('GET /api/messages', { query: `words=zebra&limit=3&cursor=${first.body.next}` });
    expect(rest.body.messages).toHaveLength(2);
    expect(rest.body.next).toBeNull();
    const peer = await alice.call('GET /api/messages', { query: 'peer=%2B358405550000&direction=in&words=3+zebra' });
    expect(peer.body.messages).toMatchObject([{ text: 'Zebra number 3', peer: '+358405550000', direction: 'in' }]);
    expect((await bob.call('GET /api/messages', { query: 'words=zebra' })).body.messages).toEqual([]);
    const [found] = peer.body.messages;
    expect((await bob.call('GET /api/messages/{id}', { names: { id: found.id } })).status).toBe(404);
    const later = await alice.call('GET /api/messages', { query: `words=zebra&since=2999-01-01T00:00:00Z` });
    expect(later.body.messages).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=ten',
    'cursor=42',
    'since=yesterday',
    'direction=up',
    'words=',
    'words=%F0%9F%91%8D',
    'words=a&words=b',
    'page=2',
  ])('refuses the question %s with the name of what is wrong', async (query) => {
    const answer = await alice.call('GET /api/messages', { query });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'IM_BAD_REQUEST']);
  });

  it('lists conversations with what is not read, and takes what was', async () => {
    server.arrive('+358405551111', '28820001', 'Unread');
    const [first] = (await alice.call('GET /api/conversations')).body.conversations;
    expect(first).toMatchObject({ peer: '+358405551111', unread: 1, last: { text: 'Unread' } });
    const names = { peer: first.peer };
    server.readMarks = 'refused';
    const full = await alice.call('POST /api/conversations/{peer}/read', { names, body: { order: first.last.order } });
    expect([full.status, full.body.error.code]).toEqual([503, 'IM_LIMIT_REACHED']);
    server.readMarks = 'taken';
    const taken = await alice.call('POST /api/conversations/{peer}/read', { names, body: { order: first.last.order } });
    expect(taken.status).toBe(202);
    expect((await alice.call('GET /api/conversations', { query: 'limit=1' })).body.conversations).toMatchObject([
      { peer: '+358405551111', unread: 0 },
    ]);
    const nowhere = { names: { peer: '../x' }, body: { order: 1 } };
    expect((await alice.call('POST /api/conversations/{peer}/read', nowhere)).status).toBe(404);
    const nothing = { names, body: { order: -1 } };
    expect((await alice.call('POST /api/conversations/{peer}/read', nothing)).status).toBe(400);
  });

  it('says how the links are', async () => {
    const { links } = (await alice.call('GET /api/links')).body;
    expect(links).toEqual([
      { smscId: 'hel1', state: 'up', since: '2026-11-22T00:00:00.000Z', rttMs: 210, reason: null, session: null },
    ]);
  });

  it('knows no other paths and methods, and says which there are', async () => {
    const headers = { authorization: 'Bearer x' };
    expect((await fetch(`${server.url}/api/nothing`, { headers })).status).toBe(404);
    expect((await fetch(`${server.url}/api/messages/%E0%A4%A`, { headers })).status).toBe(404);
    const answer = await fetch(`${server.url}/api/messages`, { method: 'DELETE', headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, GET']);
  });

  it('slows down who asks too often, and only that one', async () => {
    await server.addUser('carol', 'in a hurry');
    const carol = new ApiClient(server.url, makeToken(server, 'carol', ['read']));
    let limited: Awaited<ReturnType<ApiClient['call']>> | undefined;
    for (let n = 0; n < 40 * requestRate.burst && limited === undefined; n += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => carol.call('GET /api/links')));
      limited = answers.find(({ status }) => status === 429);
    }
    expect(limited?.body.error).toMatchObject({ code: 'IM_TOO_FAST', retryable: true });
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await alice.call('GET /api/links')).status).toBe(200);
  });

  it('is all written down in openapi.yaml, which it serves, and answers as it says there', async () => {
    const routes = (server.http?.routes ?? []).map(({ method, path }) => `${method} ${path}`);
    expect([...routes].sort()).toEqual([...operations()].sort());
    const events = await alice.listen();
    expect(await faultsOfAnswer('GET /api/events', events.response)).toEqual([]);
    events.close();
    // Those of webhooks are called, and held to it, in webhooks.test.ts.
    const uncalled = operations().filter((operation) => !alice.called.has(operation));
    expect(uncalled.filter((operation) => !operation.includes(' /api/webhooks'))).toEqual([]);
    expect([...alice.faults, ...bob.faults]).toEqual([]);
    const served = await fetch(`${server.url}/api/openapi.yaml`);
    expect(served.headers.get('content-type')).toBe('application/yaml');
    expect(await served.text()).toMatch(/^openapi: 3\.1\.0\n/);
  });

  it('would notice an answer that is not as it is written down', () => {
    const message = { schema: 'message/1', id: 7 };
    expect(faultsOf(message, schemaNamed('Message'), written)).toEqual(
      expect.arrayContaining(['$.id is no string: 7', expect.stringContaining('has no position')]),
    );
  });
});
