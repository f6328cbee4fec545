import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { PortLimit, type PortLimits, refusal } from '../../src/shell/port-limit.ts';
import { isLinkRequest } from '../../src/shell/web-socket.ts';

const sockets: Socket[] = [];
let server: Server | undefined;
const events: LogEvent[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  events.length = 0;
  await new Promise((resolve) => server?.close(resolve));
});

/** A server as the IM server puts one together: pages for everybody, 101 for links. */
async function listen(limits: Partial<PortLimits>): Promise<PortLimit> {
  const port = new PortLimit('http', limits, (event) => events.push(event));
  const made = createServer();
  server = made;
  made.on('connection', (socket) => port.take(socket));
  made.on('request', (request, response) => {
    if (port.isRefused(request)) port.answer(response);
    else response.end('a page');
  });
  made.on('upgrade', (request, socket) => {
    if (isLinkRequest(request)) port.takeLink(request);
    socket.end(port.isRefused(request) ? refusal : 'HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return port;
}

function visit(said = ''): Promise<Socket> {
  return new Promise((resolve) => {
    const bound = server?.address();
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(said);
      resolve(socket);
    });
    sockets.push(socket);
  });
}

async function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
}

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

describe('a port that is full', () => {
  it('answers what is asked with 503, its code and when to come back, and takes others when somebody left', async () => {
    const port = await listen({ connectionLimit: 2 });
    const [first, second] = [await visit(get), await visit(get)];
    expect(await heard(first)).toContain('200 OK');
    expect(await heard(second)).toContain('200 OK');
    const answer = await heard(await visit(get));
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*retry-after: 5\r\n.*"code":"IM_LIMIT_REACHED"/s);
    expect(answer).toContain('"retryable":true');
    expect(events).toMatchObject([{ event: 'port.full', fields: { why: 'full', connections: 2 } }]);
    const left = new Promise((resolve) => first.once('close', resolve));
    first.destroy();
    await left;
    while (port.connectionCount > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await heard(await visit(get))).toContain('200 OK');
  });

  it('lets a buffer have its link, and nobody else another kind of connection', async () => {
    await listen({ connectionLimit: 1 });
    expect(await heard(await visit(get))).toContain('200 OK');
    expect(await heard(await visit(upgrade('/link')))).toContain('101 Switching');
    expect(await heard(await visit(upgrade('/im')))).toContain('503 Service Unavailable');
  });

  it('sends away who says nothing, after a time or when more come', async () => {
    await listen({ connectionLimit: 1, crowdLimit: 2, crowdMs: 60_000 });
    expect(await heard(await visit(get))).toContain('200 OK');
    const silent = [await visit(), await visit()];
    const told = silent.map(heard);
    await visit();
    expect(await told[0]).toContain('503 Service Unavailable');
    await new Promise((resolve) => server?.close(resolve).closeAllConnections());
    await listen({ connectionLimit: 0, crowdMs: 20 });
    expect(await heard(await visit())).toContain('503 Service Unavailable');
  });
});
