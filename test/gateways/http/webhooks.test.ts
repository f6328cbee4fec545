import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/core/im/history.ts';
import { type Webhook, webhookKey, webhookValue } from '../../../src/gateways/http/webhook.ts';
import { webhooksPerUser } from '../../../src/gateways/http/webhook-change.ts';
import { changeStopped } from '../../../src/gateways/http/webhook-control.ts';
import { hooksOf } from '../../../src/gateways/http/webhook-views.ts';
import { faultsOf } from '../../json-schema.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { ApiClient, makeToken } from './api-client.ts';
import { operations, schemaNamed, document as written } from './openapi.ts';

/** A program that is called. */
class Target {
  /** Statuses of the next answers; 204 when there are none left. */
  answers: number[] = [];
  readonly heard: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  constructor() {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      this.heard.push({ path: request.url ?? '', headers: request.headers, body });
      const status = this.answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  get url(): string {
    // A TCP server is bound to an address and port, never a path.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** All calls, once there are so many. */
  async calls(count: number): Promise<Target['heard']> {
    while (this.heard.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.heard;
  }
}

const phone = '+358401234567';
const name = 'orders';

describe('webhooks', () => {
  const server = new ImServerInTest();
  const target = new Target();
  let admin: ApiClient;
  let alice: ApiClient;

  beforeAll(async () => {
    await target.start();
    for (const user of ['alice', 'root'])
      await server.addUser(user, `password of ${user}`, user === 'root' ? '0009' : '0001');
    server.input({ type: 'user', ref: 's', change: { type: 'set', name: 'root', scopes: ['send', 'read', 'admin'] } });
    await server.start();
    admin = new ApiClient(server.url, makeToken(server, 'root', ['send', 'read', 'admin']));
    alice = new ApiClient(server.url, makeToken(server, 'alice', ['send', 'read']));
  });

  afterAll(async () => {
    await server.stop();
    await target.stop();
    expect([...admin.faults, ...alice.faults]).toEqual([]);
    const own = operations().filter((operation) => operation.includes(' /api/webhooks'));
    expect(own.filter((operation) => !admin.called.has(operation))).toEqual([]);
  });

  it('are called for everything new, signed so that anybody with the secret can tell', async () => {
    const made = await admin.call('PUT /api/webhooks/{name}', { names: { name }, body: { url: target.url } });
    expect(made.status).toBe(201);
    const { secret } = made.body;
    server.arrive(phone, '28820009', 'Hello');
    const [call] = await target.calls(1);
    if (call === undefined) throw new Error('nothing came');
    const { body, headers } = call;
    const event = JSON.parse(body);
    expect(faultsOf(event, schemaNamed('WebhookEvent'), written)).toEqual([]);
    expect(event.message).toMatchObject({ text: 'Hello', direction: 'in', peer: phone });
    expect(headers['webhook-id']).toBe(event.id);
    expect(isGenuine(secret, headers, body)).toBe(true);
    expect(isGenuine(secret, headers, body.replace('Hello', 'Hullo'))).toBe(false);
    expect(isGenuine(secret, { ...headers, 'webhook-timestamp': '1' }, body)).toBe(false);
    const shown = await admin.call('GET /api/webhooks/{name}', { names: { name } });
    expect(shown.body).toMatchObject({ name, state: 'active', parked: [] });
    expect(JSON.stringify(shown.body)).not.toContain(secret);
    expect((await admin.call('GET /api/webhooks')).body.webhooks).toMatchObject([{ name }]);
  });

  it('tell what comes while the server or the target is away, each event once and in order', async () => {
    target.answers = [503];
    const before = target.heard.length;
    server.arrive(phone, '28820009', 'one');
    await target.calls(before + 1);
    await server.stop();
    server.arrive(phone, '28820009', 'two');
    target.answers = [];
    await server.start();
    await target.calls(before + 3);
    const told = target.heard.slice(before).map(({ body }) => JSON.parse(body));
    expect(told.map(({ message }) => message.text)).toEqual(['one', 'one', 'two']);
    expect(told[0].id).toBe(told[1].id);
    expect(told[1].id).not.toBe(told[2].id);
  });

  it('are told what was given up when the server starts, where the operator wanted that of a stopped one', async () => {
    const before = target.heard.length;
    server.arrive(phone, '28820009', 'given up');
    await target.calls(before + 1);
    await server.stop();
    const history = historyOf(server.store);
    const root = history.user('root');
    const [hook] = hooksOf(history, 'root');
    if (root === undefined || hook === undefined) throw new Error('there is one');
    const { id } = JSON.parse(target.heard.at(-1)?.body ?? '').message;
    const parked = [{ messageId: id, position: hook.position, why: 'answered 404', at: 0 }];
    const key = webhookKey(hook);
    const keep = (kept: Webhook) => server.input({ type: 'note', gateway: 'http', key, value: webhookValue(kept) });
    keep({ ...hook, position: history.position('root'), parked });
    keep(changeStopped({ type: 'retry', user: 'root', name }, root, historyOf(server.store)).hook);
    await server.start();
    const calls = await target.calls(before + 2);
    expect(JSON.parse(calls.at(-1)?.body ?? '').message.text).toBe('given up');
    await expect.poll(() => hooksOf(historyOf(server.store), 'root')[0]?.parked).toEqual([]);
    expect(hooksOf(historyOf(server.store), 'root')[0]?.isRetryWanted).toBeUndefined();
  });

  it('follow no redirect', async () => {
    target.answers = [302];
    const before = target.heard.length;
    server.arrive(phone, '28820009', 'moved');
    const calls = await target.calls(before + 2);
    expect(calls.slice(before).map(({ path }) => path)).toEqual(['/hook', '/hook']);
  });

  it('are parked where the target is gone, listed, and go on where they were', async () => {
    target.answers = [410];
    const before = target.heard.length;
    server.arrive(phone, '28820009', 'gone');
    await target.calls(before + 1);
    const names = { name };
    for (;;) {
      const { body } = await admin.call('GET /api/webhooks/{name}', { names });
      if (body.state === 'parked') {
        expect(body.why).toBe('answered 410');
        break;
      }
    }
    server.arrive(phone, '28820009', 'later');
    const resumed = await admin.call('POST /api/webhooks/{name}/resume', { names });
    expect(resumed.body.state).toBe('active');
    await target.calls(before + 3);
    const told = target.heard.slice(before).map(({ body }) => JSON.parse(body).message.text);
    expect(told).toEqual(['gone', 'gone', 'later']);
  });

  it('point to no place inside for those who do not run the server', async () => {
    for (const url of [target.url, 'https://192.168.0.1/', 'http://example.org/', 'https://169.254.169.254/']) {
      const answer = await alice.call('PUT /api/webhooks/{name}', { names: { name }, body: { url } });
      expect([answer.status, answer.body.error.code]).toEqual([422, 'IM_WEBHOOK_TARGET']);
    }
  });

  it('are bounded per user, and refuse names, addresses and secrets that are none', async () => {
    const body = { url: 'https://hooks.example.invalid/' };
    for (const [wrong, sent] of [
      ['../x', body],
      ['x'.repeat(65), body],
      ['ok', {}],
      ['ok', { ...body, secret: 'short' }],
    ] as const) {
      const answer = await alice.call('PUT /api/webhooks/{name}', { names: { name: wrong }, body: sent });
      expect(answer.status).toBe(400);
    }
    for (let n = 0; n < webhooksPerUser; n += 1) {
      await alice.call('PUT /api/webhooks/{name}', { names: { name: `h${n}` }, body });
    }
    const answer = await alice.call('PUT /api/webhooks/{name}', { names: { name: 'more' }, body });
    expect([answer.status, answer.body.error.code]).toEqual([422, 'IM_LIMIT_REACHED']);
    // Those of one user are nobody else's.
    expect((await admin.call('GET /api/webhooks/{name}', { names: { name: 'h0' } })).status).toBe(404);
  });

  it('end with a word of their user, and with their user', async () => {
    const names = { name };
    expect((await admin.call('DELETE /api/webhooks/{name}', { names })).status).toBe(204);
    expect((await admin.call('DELETE /api/webhooks/{name}', { names })).status).toBe(404);
    const before = target.heard.length;
    server.arrive(phone, '28820009', 'nobody is told');
    server.input({ type: 'user', ref: 'r', change: { type: 'remove', name: 'alice' } });
    await new Promise((resolve) => setImmediate(resolve));
    await server.stop();
    await server.start();
    expect(target.heard.length).toBe(before);
    expect(server.notes('http')).toEqual([]);
  });
});

/** What docs/http-api.md shows. */
function isGenuine(secret: string, headers: IncomingHttpHeaders, body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given } = headers;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wanted = `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`;
  const isFresh = Math.abs(Date.now() / 1_000 - Number(time)) < 300;
  const isSame =
    String(given).length === wanted.length && timingSafeEqual(Buffer.from(String(given)), Buffer.from(wanted));
  return isFresh && isSame;
}
