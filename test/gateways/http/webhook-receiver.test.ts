import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImServerInTest } from '../web/im-server.ts';
import { ApiClient, makeToken } from './api-client.ts';

const program = fileURLToPath(new URL('../../../docs/examples/webhook-receiver.mjs', import.meta.url));
const phone = '+358401234567';
const [secret, otherSecret] = [secretOf(7), secretOf(8)];

describe('the webhook receiver of docs/examples', () => {
  const server = new ImServerInTest();
  let receiver: ChildProcess | undefined;
  let url = '';
  let printed = '';

  beforeAll(async () => {
    await server.addUser('root', 'correct horse', '0009');
    const scopes = ['send', 'read', 'admin'] as const;
    server.input({ type: 'user', ref: 's', change: { type: 'set', name: 'root', scopes } });
    await server.start();
    const child = spawn(process.execPath, [program, '0'], { env: { WEBHOOK_SECRET: secret }, stdio: 'pipe' });
    receiver = child;
    child.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    const line = await new Promise<string>((resolve) => child.stderr.once('data', (chunk) => resolve(String(chunk))));
    url = `http://127.0.0.1:${/\d+/.exec(line)?.[0]}/hook`;
    const admin = new ApiClient(server.url, makeToken(server, 'root', scopes));
    const made = await admin.call('PUT /api/webhooks/{name}', { names: { name: 'orders' }, body: { url, secret } });
    expect(made.status).toBe(201);
  });

  afterAll(async () => {
    receiver?.kill();
    await server.stop();
  });

  const lines = () =>
    printed
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));

  it('prints what the IM server tells it', async () => {
    server.arrive(phone, '28820009', 'Hello');
    await expect.poll(() => lines().map(({ message }) => message.text), { timeout: 20_000 }).toEqual(['Hello']);
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const signed = (id: string, time: number, body: string, key = secret) => {
    const bytes = Buffer.from(key.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', bytes).update(`${id}.${time}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${signature}` };
  };
  const genuine = signed('a.1', now(), '{"n":1}');

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['without any signature', {}, '{"n":1}'],
    ['with another body', genuine, '{"n":2}'],
    ['with another id', { ...genuine, 'webhook-id': 'a.2' }, '{"n":1}'],
    ['with another time', { ...genuine, 'webhook-timestamp': String(now() + 1) }, '{"n":1}'],
    ['with a time that is none', { ...genuine, 'webhook-timestamp': 'now' }, '{"n":1}'],
    ['by another secret', signed('a.1', now(), '{"n":1}', otherSecret), '{"n":1}'],
    ['five minutes ago', signed('a.1', now() - 301, '{"n":1}'), '{"n":1}'],
    ['five minutes ahead', signed('a.1', now() + 310, '{"n":1}'), '{"n":1}'],
    ['with a signature cut short', { ...genuine, 'webhook-signature': 'v1,' }, '{"n":1}'],
    ['with as many letters, not all of one byte', { ...genuine, 'webhook-signature': 'é'.repeat(47) }, '{"n":1}'],
  ])('refuses a call %s, and prints nothing', async (_, headers, body) => {
    const before = printed;
    expect(await call(url, headers, body)).toBe(401);
    expect(printed).toBe(before);
  });

  it('takes a call that is told twice, as after an answer that was lost, and prints it once', async () => {
    const before = lines().length;
    const headers = signed('b.1', now(), '{"n":3}');
    expect([await call(url, headers, '{"n":3}'), await call(url, headers, '{"n":3}')]).toEqual([204, 204]);
    expect(await call(url, signed('b.1', now() - 20, '{"n":3}'), '{"n":3}')).toBe(204);
    expect(await call(url, signed('b.2', now(), '{"n":4}'), '{"n":4}')).toBe(204);
    await expect.poll(() => lines().slice(before), { timeout: 20_000 }).toEqual([{ n: 3 }, { n: 4 }]);
  });

  it('goes on after a body that is too long, and after a call that ends in its middle', async () => {
    expect(await call(url, {}, 'x'.repeat(1_100_000))).toBe(413);
    await new Promise<void>((resolve) => {
      const half = request(url, { 'content-length': '100' });
      half.on('error', () => resolve());
      half.write('{', () => half.destroy(new Error('left')));
    });
    expect(await call(url, {}, '')).toBe(401);
  });

  it('checks signatures with the lines that docs/http-api.md shows', async () => {
    const read = (path: string) => readFile(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
    const shown = /```js\n(.*?)```/s.exec(await read('http-api.md'))?.[1] ?? '';
    const [imported = '', checking = ''] = shown.split('\n\n');
    expect(checking).toContain('function isGenuine');
    const whole = await read('examples/webhook-receiver.mjs');
    expect(whole).toContain(imported);
    expect(whole).toContain(checking);
  });
});

function secretOf(byte: number): string {
  return `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
}

/** @returns the status of the answer */
function call(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, headers);
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    // As bytes: headers that travel with a string would be written in its encoding.
    sent.end(Buffer.from(body));
  });
}

function request(url: string, headers: Readonly<Record<string, string>>): ClientRequest {
  return httpRequest(url, { method: 'POST', agent: false, headers });
}
