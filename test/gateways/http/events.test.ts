import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenIdOf } from '../../../src/core/im/tokens.ts';
import { streamsPerUser } from '../../../src/gateways/http/event-streams.ts';
import { hashToken } from '../../../src/gateways/web/access-token.ts';
import { faultsOf } from '../../json-schema.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { ApiClient, type EventListenerInTest, makeToken } from './api-client.ts';
import { schemaNamed, document as written } from './openapi.ts';

const phone = '+358401234567';

describe('the events of the HTTP API', () => {
  const server = new ImServerInTest({ sendRate: { perSecond: 10_000, burst: 10_000 } });
  let token: string;
  let alice: ApiClient;

  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
    token = makeToken(server, 'alice', ['send', 'read']);
    alice = new ApiClient(server.url, token);
  });

  afterAll(() => server.stop());

  it('tell of what comes, of what was sent and of its steps, and of links and what was read', async () => {
    const events = await opened(alice);
    server.arrive(phone, '28820001', 'Hello');
    const came = await events.hear('message', ({ data }) => data.text === 'Hello');
    expect(came.data).toMatchObject({ direction: 'in', peer: phone, step: 'stored' });
    expect(faultsOf(came.data, schemaNamed('Message'), written)).toEqual([]);
    expect(came.id).toBe(String(came.data.position));
    const { body } = await alice.send(phone, 'Answer');
    server.confirm(server.enqueued.length - 1, '261122140001');
    await events.hear('message', ({ data }) => data.id === body.id && data.step === 'accepted');
    server.links([{ smscId: 'hel1', state: 'down', since: 0 }]);
    expect((await events.hear('links')).data.links).toMatchObject([{ smscId: 'hel1', state: 'down', session: null }]);
    const session = { state: 'down', since: 0, code: 'PEER_UNREACHABLE' } as const;
    server.links([{ smscId: 'hel1', state: 'up', since: 0, session }]);
    const links = (await events.hear('links', ({ data }) => data.links?.[0]?.state === 'up')).data;
    expect(links.links).toMatchObject([{ state: 'up', session: { ...session, since: '1970-01-01T00:00:00.000Z' } }]);
    expect(faultsOf(links, schemaNamed('Links'), written)).toEqual([]);
    expect((await alice.call('GET /api/links')).body).toEqual(links);
    const read = { names: { peer: phone }, body: { order: came.data.order } };
    await alice.call('POST /api/conversations/{peer}/read', read);
    expect((await events.hear('read')).data).toEqual({ schema: 'read/1', peer: phone, order: came.data.order });
    events.close();
  });

  it('go on behind the last one that came, over cuts and a restart, each message once as it now stands', async () => {
    const before = await opened(alice);
    server.arrive(phone, '28820001', 'seen');
    const { id } = await before.hear('message', ({ data }) => data.text === 'seen');
    before.close();
    server.arrive(phone, '28820001', 'missed 1');
    await alice.send(phone, 'missed 2');
    server.confirm(server.enqueued.length - 1, '261122140101');
    await server.stop();
    await server.start();
    server.arrive(phone, '28820001', 'missed 3');
    const after = await new ApiClient(server.url, token).listen(id);
    await after.hear('message', ({ data }) => data.text === 'missed 3');
    const heard = after.heard.map(({ data }) => [data.text, data.step]);
    expect(heard.filter(([text]) => text?.startsWith('missed') || text === 'seen')).toEqual([
      ['missed 1', 'stored'],
      ['missed 2', 'accepted'],
      ['missed 3', 'stored'],
    ]);
    after.close();
  });

  it('begin anew where the last one that came is of another store', async () => {
    const events = await alice.listen('999999999');
    expect((await events.hear('message')).data.order).toBeGreaterThan(0);
    events.close();
  });

  it('are bounded per user, and refuse a position that is none', async () => {
    const streams: EventListenerInTest[] = [];
    for (let n = 0; n < streamsPerUser; n += 1) streams.push(await alice.listen());
    const refused = await alice.call('GET /api/events');
    expect([refused.status, refused.body.error.code]).toEqual([429, 'IM_LIMIT_REACHED']);
    const wrong = await alice.call('GET /api/events', { headers: { 'last-event-id': 'x' } });
    expect(wrong.status).toBe(400);
    for (const stream of streams) stream.close();
    expect(alice.faults).toEqual([]);
  });

  it('end when the token is revoked, and say so', async () => {
    const own = makeToken(server, 'alice', ['read']);
    const events = await opened(new ApiClient(server.url, own));
    const id = tokenIdOf(hashToken(own));
    server.input({ type: 'user', ref: 'r', change: { type: 'token-revoke', name: 'alice', id } });
    await events.hear('signed-out');
    await events.end();
  });

  it('reach a reader that was slow, all of them and in order, with nothing kept for it meanwhile', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /api/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    let text = '';
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    const count = 2_000;
    for (let n = 0; n < count; n += 1) server.arrive('+358407770000', '28820001', `slow ${n} ${'x'.repeat(2_000)}`);
    socket.resume();
    while (!text.includes(`slow ${count - 1} `)) await new Promise((resolve) => socket.once('data', resolve));
    const numbers = [...text.matchAll(/"slow (\d+) /g)].map(([, n]) => Number(n));
    expect(numbers).toEqual(Array.from({ length: count }, (_, n) => n));
    socket.destroy();
  });
});

/** A listener from now on; streams of the test before may still be closing. */
async function opened(client: ApiClient): Promise<EventListenerInTest> {
  for (;;) {
    const events = await client.listen();
    if (events.response.status === 200) return events;
  }
}
