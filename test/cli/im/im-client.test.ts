/** The terminal's end of the IM protocol against a server that the test plays, over real sockets. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { ImClient } from '../../../src/cli/im/im-client.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe('a terminal that comes back', () => {
  it.each([
    { words: 'resumes behind the last position it knows', position: 50, resumes: 50 },
    { words: 'begins anew with a server that knows less than it was shown', position: 3, resumes: 0 },
  ])('$words', async ({ position, resumes }) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    closers.push(() => server.close());
    await once(server, 'listening');
    const first = connectionOf(server);
    openClient(server);
    const before = await first;
    expect(await before.next()).toMatchObject({ type: 'login' });
    before.say({ type: 'welcome', version: 1, user: 'alice', position: 50, reports: 'final', token: 't' });
    const second = connectionOf(server);
    before.socket.terminate();
    const after = await second;
    expect(await after.next()).toMatchObject({ type: 'login', token: 't' });
    after.say({ type: 'welcome', version: 1, user: 'alice', position, reports: 'final' });
    expect(await after.next()).toEqual({ type: 'resume', position: resumes });
  });
});

interface Connection {
  readonly socket: WebSocket;
  say(message: object): void;
  /** The next message of the client. */
  next(): Promise<unknown>;
}

async function connectionOf(server: WebSocketServer): Promise<Connection> {
  // The event carries the socket first.
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  return {
    socket,
    say: (message) => socket.send(JSON.stringify(message)),
    next: async () => JSON.parse(String((await once(socket, 'message'))[0])),
  };
}

function openClient(server: WebSocketServer): void {
  // It listens on TCP.
  const { port } = server.address() as AddressInfo;
  const ignore = (): undefined => undefined;
  const client = new ImClient({
    url: new URL(`http://127.0.0.1:${port}`),
    user: 'alice',
    password: 'secret',
    on: { ready: ignore, text: ignore, refused: ignore, links: ignore, lost: ignore, failed: ignore },
  });
  closers.push(() => client.close());
  client.open();
}
