import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant } from '../../src/core/base/time.ts';
import { changeUsers } from '../../src/core/im/users.ts';
import { makeToken } from './http/api-client.ts';
import { ImClientInTest } from './web/im-client.ts';
import { ImServerInTest } from './web/im-server.ts';

const phone = '+358401234567';
const rightToLeft = '\u202e';
const nul = '\u0000';
const hostileNames = [
  '../x',
  "admin'--",
  `${rightToLeft}alice`,
  `alice${nul}`,
  'a'.repeat(10_000),
  '<script>alert(1)</script>',
  '__proto__/..',
  '',
  ' ',
  'alice\r\nset-cookie: x=1',
  '𝓪𝓵𝓲𝓬𝓮',
];

interface Reply {
  readonly status: number;
  readonly code: string | undefined;
}

describe('hostile requests', () => {
  const server = new ImServerInTest();
  let tokens: Readonly<Record<'all' | 'send' | 'read', string>>;

  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
    const both = ['send', 'read'] as const;
    const token = (scopes: readonly ('send' | 'read')[]) => makeToken(server, 'alice', scopes);
    tokens = { all: token(both), send: token(['send']), read: token(['read']) };
  });

  afterAll(() => server.stop());

  /** Not fetch, which repairs paths and refuses headers by itself. */
  function ask(
    method: string,
    path: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ): Promise<Reply> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const request = httpRequest({ hostname, port, method, path, headers: options.headers ?? {} }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('close', () => {
          const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
          resolve({ status: response.statusCode ?? 0, code });
        });
      });
      request.on('error', reject);
      request.end(options.body);
    });
  }

  const json = { 'content-type': 'application/json' };
  const bearer = (which: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[which]}` });
  const message = (to: string, text: string) => JSON.stringify({ to, text });

  it.each<readonly [string, string, number, string]>([
    ['a text of 1 MB', message(phone, 'x'.repeat(1_000_000)), 413, 'IM_BAD_REQUEST'],
    ['a text of 10,001 characters', message(phone, 'x'.repeat(10_001)), 422, 'IM_TEXT_TOO_LONG'],
    ['an empty text', message(phone, ''), 422, 'IM_BAD_REQUEST'],
    ['what is no JSON', '{"to":', 400, 'IM_BAD_REQUEST'],
    ['a list', '[1,2]', 400, 'IM_BAD_REQUEST'],
    ['JSON that is deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'IM_BAD_REQUEST'],
    ['a prototype', '{"__proto__":{"to":"+358401234567","text":"x"}}', 400, 'IM_BAD_REQUEST'],
    ['a text that is an object', '{"to":"+358401234567","text":{"length":3}}', 400, 'IM_BAD_REQUEST'],
    ...hostileNames.map(
      (to) => [`a text to ${JSON.stringify(to).slice(0, 40)}`, message(to, 'x'), 422, 'IM_'] as const,
    ),
  ])('%s is refused', async (_, body, status, code) => {
    const before = server.enqueued.length;
    const reply = await ask('POST', '/api/messages', { headers: { ...json, ...bearer('all') }, body });
    expect(reply).toMatchObject({ status, code: expect.stringContaining(code) });
    expect(server.enqueued).toHaveLength(before);
  });

  it('of a token without the scope, with a forged token or from the page of another site are refused', async () => {
    const body = message(phone, 'x');
    const send = (headers: Readonly<Record<string, string>>) =>
      ask('POST', '/api/messages', { headers: { ...json, ...headers }, body });
    expect(await send(bearer('read'))).toEqual({ status: 403, code: 'IM_SCOPE_MISSING' });
    expect(await ask('GET', '/api/messages', { headers: bearer('send') })).toEqual({
      status: 403,
      code: 'IM_SCOPE_MISSING',
    });
    const forged = { authorization: `Bearer ${tokens.all.slice(0, -1)}_` };
    expect(await send(forged)).toEqual({ status: 401, code: 'IM_BAD_TOKEN' });
    const foreign = { ...bearer('all'), origin: 'https://evil.example' };
    expect(await send(foreign)).toEqual({ status: 403, code: 'IM_BAD_REQUEST' });
    const login = { headers: { ...json, origin: 'https://evil.example' }, body: '{"user":"alice","password":"x"}' };
    expect(await ask('POST', '/session', login)).toEqual({ status: 403, code: 'IM_BAD_REQUEST' });
    const socket = new ImClientInTest(server.url, { origin: 'https://evil.example' });
    await expect(socket.hear('welcome')).rejects.toThrow('403');
  });

  it.each([
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', 404],
    ['GET', '/api/../session', 404],
    ['GET', '/api/messages/..%2f..%2fetc', 404],
    ['GET', '/api/messages?cursor=o-1', 400],
    ['GET', "/api/messages?words='%20OR%201=1--&limit=1e9", 400],
    ['GET', `/api/messages?peer=${encodeURIComponent(nul)}`, 200],
    ['GET', `/api/messages?words=${'x'.repeat(201)}`, 400],
    ['PUT', '/api/webhooks/..%2fx', 400],
    ['POST', '/api/conversations/%00/read', 404],
    ['DELETE', '/api/messages', 405],
  ])('%s %s is answered with its status and nothing else', async (method, path, status) => {
    const body = method === 'POST' || method === 'PUT' ? { body: '{"order":1,"url":"https://example.org/"}' } : {};
    expect((await ask(method, path, { headers: { ...json, ...bearer('all') }, ...body })).status).toBe(status);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://127.0.0.1:22/',
    'https://[::1]/',
    'file:///etc/passwd',
    'javascript:1',
  ])('a webhook to %s is refused', async (url) => {
    const options = { headers: { ...json, ...bearer('all') }, body: JSON.stringify({ url }) };
    const reply = await ask('PUT', '/api/webhooks/x', options);
    expect(reply.code).toMatch(/^IM_(WEBHOOK_TARGET|BAD_REQUEST|SCOPE_MISSING)$/);
  });

  it('for keys that no store can hold are refused', async () => {
    for (const key of ['a b', 'x'.repeat(65), 'ä']) {
      const headers = { ...json, ...bearer('all') };
      const body = JSON.stringify({ to: phone, text: 'x', cid: key });
      expect(await ask('POST', '/api/messages', { headers, body })).toEqual({ status: 400, code: 'IM_BAD_REQUEST' });
    }
  });

  it.each(hostileNames.map((name) => [JSON.stringify(name).slice(0, 40), name] as const))(
    'a user named %s is not made',
    (_, name) => {
      const add = { type: 'add', name, suffix: undefined, passwordHash: 'x', role: 'ordinary' } as const;
      const changed = changeUsers({ users: new Map(), tokens: new Map() }, add, instant(0));
      expect(changed).toMatchObject({ ok: false, fault: { code: 'IM_BAD_NAME' } });
    },
  );
});
