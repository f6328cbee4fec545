/** Those who keep a connection without saying what they want: the IM server answers 408 and has its connection back. */
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requestPatience } from '../../src/shell/im-server-process.ts';
import { type House, openHouse, password } from './together/house.ts';
import { ImClientInTest } from './web/im-client.ts';

/** Shorter than an operator has it, in the same proportions. */
const patience = { headersTimeout: 200, requestTimeout: 600, connectionsCheckingInterval: 40 };
const crlf = '\r\n';

describe('an IM server', () => {
  const sockets: Socket[] = [];
  let house: House;

  beforeAll(async () => {
    const people = [{ name: 'alice', suffix: '0001' }];
    house = await openHouse({ people, sites: [], onSmscEvent: () => undefined, patience });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(() => house?.stop());

  /** Says this and, every 30 ms, one more byte. @returns all that was answered until the end, and when that was, in ms */
  function visit(said: string, drip = ''): Promise<{ readonly answer: string; readonly afterMs: number }> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const socket = connect({ host: '127.0.0.1', port: house.port }, () => socket.write(said));
      sockets.push(socket);
      const dripping = setInterval(() => drip !== '' && socket.writable && socket.write(drip), 30);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        clearInterval(dripping);
        resolve({ answer, afterMs: performance.now() - began });
      });
    });
  }

  const head = (...lines: readonly string[]): string => [...lines, 'Host: localhost', 'x: '].join(crlf);
  const post = (path: string): string =>
    [
      `POST ${path} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${house.token('alice')}`,
      'Content-Type: application/json',
      'Content-Length: 5000',
      '',
      '{',
    ].join(crlf);

  it.each([
    ['says nothing at all', () => '', ''],
    ['stops in the middle of a head', () => head('GET / HTTP/1.1'), ''],
    ['says its head a byte at a time', () => head('GET / HTTP/1.1'), 'x'],
    ['asks for a WebSocket a byte at a time', () => head('GET /im HTTP/1.1', 'Upgrade: websocket'), 'x'],
    ['asks for a link a byte at a time', () => head('GET /link HTTP/1.1', 'Upgrade: websocket'), 'x'],
  ])('ends with 408 who %s, when the time for heads is over', async (_, say, drip) => {
    const { answer, afterMs } = await visit(say(), drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(afterMs).toBeGreaterThanOrEqual(patience.headersTimeout);
  });

  it.each([
    ['of a program stops in its middle', '/api/messages', ''],
    ['of a program comes a byte at a time', '/api/messages', 'x'],
    ['of a login comes a byte at a time', '/session', 'x'],
  ])('ends with 408 where the body %s, and stores nothing', async (_, path, drip) => {
    const { answer, afterMs } = await visit(post(path), drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(afterMs).toBeGreaterThanOrEqual(patience.requestTimeout);
    expect(house.history.position('alice')).toBe(0);
  });

  it('lets be who said what it wants: a page that is open, a stream of events, a connection that is kept', async () => {
    const page = await ImClientInTest.loggedIn(house.url, 'alice', password);
    const stream = await fetch(`http://127.0.0.1:${house.port}/api/events`, {
      headers: { authorization: `Bearer ${house.token('alice')}` },
    });
    // Somebody else's time is over meanwhile, and so would theirs be.
    await visit(post('/session'), 'x');
    await visit(post('/session'), 'x');
    await page.settle();
    expect(page.closed).toBeUndefined();
    const reader = stream.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
    page.close();
  });

  it('waits 10 s for a head and 30 s for a body, as the changelog says', () => {
    expect(requestPatience).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000 });
  });
});
