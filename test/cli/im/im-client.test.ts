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
    const { server } = await serverWithClient();
    const before = await server.next();
    expect(await before.next()).toMatchObject({ type: 'login' });
    before.say({ ...welcome(50), token: 't' });
    await before.heard();
    before.socket.terminate();
    const after = await server.next();
    expect(await after.next()).toMatchObject({ type: 'login', token: 't' });
    after.say(welcome(position));
    expect(await after.next()).toEqual({ type: 'resume', position: resumes });
  });
});

describe('how it is with the user at it', () => {
  it('is said in the address, later in a message, and again in the address of the next connection', async () => {
    const { server, client } = await serverWithClient();
    const first = await server.next();
    expect(first.path).toBe('/im?presence=gone');
    await first.next();
    // Neither in the address nor after the login yet: it waits for the welcome.
    client.tellPresence('here');
    first.say(welcome(0));
    expect(await first.next()).toEqual({ type: 'presence', presence: 'here' });
    client.tellPresence('here');
    client.tellPresence('away');
    expect(await first.next()).toEqual({ type: 'presence', presence: 'away' });
    first.socket.terminate();
    expect((await server.next()).path).toBe('/im?presence=away');
  });
});

describe('what is told while it resumes', () => {
  it('comes behind what was missed, and counts as heard only when that has come', async () => {
    const { server, told } = await serverWithClient();
    const before = await server.next();
    await before.next();
    before.say(welcome(50));
    before.say({ type: 'message', text: text(51) });
    await told.count(1);
    before.socket.terminate();
    const cutAgain = await server.next();
    await cutAgain.next();
    cutAgain.say(welcome(60));
    expect(await cutAgain.next()).toEqual({ type: 'resume', position: 51 });
    cutAgain.say({ type: 'message', text: text(61) });
    cutAgain.say({ type: 'step', id: 'id 51', peer: 'bob', step: 'failed', marks: [], position: 62 });
    await cutAgain.heard();
    cutAgain.socket.terminate();
    const after = await server.next();
    await after.next();
    after.say(welcome(62));
    expect(await after.next()).toEqual({ type: 'resume', position: 51 });
    after.say({ type: 'message', text: text(63) });
    after.say({ type: 'changes', texts: [text(52), text(61)], position: 61, isComplete: false });
    expect(await after.next()).toEqual({ type: 'resume', position: 61 });
    after.say({ type: 'changes', texts: [text(62), text(63)], position: 63, isComplete: true });
    after.say({ type: 'message', text: text(64) });
    await told.count(6);
    expect(told.words).toEqual(['text 51', 'text 52', 'text 61', 'text 62', 'text 63', 'text 64']);
  });

  it('is asked for once more where the server had no time for it', async () => {
    const { server } = await serverWithClient();
    const before = await server.next();
    await before.next();
    before.say(welcome(50));
    await before.heard();
    before.socket.terminate();
    const after = await server.next();
    await after.next();
    after.say(welcome(60));
    expect(await after.next()).toMatchObject({ type: 'resume' });
    after.say({ type: 'error', code: 'IM_TOO_FAST', message: 'Too many questions at once.', retryable: true });
    expect(await after.next()).toEqual({ type: 'resume', position: 50 });
  });
});

describe('texts handed in', () => {
  it('leave one after the other to one address, so that a refusal for the moment does not change their order', async () => {
    const { server, client } = await serverWithClient();
    for (const [cid, to] of [
      ['a1', 'bob'],
      ['a2', 'bob'],
      ['c1', 'carol'],
    ] as const)
      client.submit(cid, to, cid);
    const connection = await server.next();
    await connection.next();
    connection.say(welcome(0));
    expect([await connection.next(), await connection.next()]).toMatchObject([{ cid: 'a1' }, { cid: 'c1' }]);
    connection.say({ type: 'refused', cid: 'a1', code: 'IM_TOO_FAST', message: 'Too fast.', retryable: true });
    expect(await connection.next()).toMatchObject({ type: 'send', cid: 'a1' });
    connection.say({ type: 'stored', cid: 'a1', text: { ...text(1), direction: 'out', cid: 'a1' } });
    expect(await connection.next()).toMatchObject({ type: 'send', cid: 'a2' });
    expect(client.unstoredCount).toBe(2);
  });

  it('count as stored when what was missed shows them, even if their answer was cut off', async () => {
    const { server, client, told } = await serverWithClient();
    client.submit('a1', 'bob', 'Hello');
    const before = await server.next();
    await before.next();
    before.say(welcome(50));
    expect(await before.next()).toMatchObject({ type: 'send', cid: 'a1' });
    before.socket.terminate();
    const after = await server.next();
    await after.next();
    after.say(welcome(51));
    const stored = { ...text(51), direction: 'out', cid: 'a1' };
    after.say({ type: 'changes', texts: [stored], position: 51, isComplete: true });
    after.say({ type: 'stored', cid: 'a1', text: stored });
    await told.count(1);
    expect([client.unstoredCount, told.words]).toEqual([0, ['text 51']]);
  });
});

const welcome = (position: number) => ({ type: 'welcome', version: 1, user: 'alice', position, reports: 'final' });

const text = (position: number) => ({
  ...{ id: `id ${position}`, direction: 'in', peer: 'bob', text: `text ${position}`, at: 0 },
  ...{ order: position, position, step: 'stored', cid: '', parts: 1, marks: [] },
});

interface Connection {
  readonly socket: WebSocket;
  /** That it asked for. */
  readonly path: string;
  say(message: object): void;
  /** The next message of the client. */
  next(): Promise<unknown>;
  /** Everything said so far came to the client. */
  heard(): Promise<void>;
}

/** What the client told, in its order. */
class Told {
  readonly words: string[] = [];
  #waiting: (() => void)[] = [];

  tell(words: string): void {
    this.words.push(words);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async count(count: number): Promise<void> {
    while (this.words.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

async function serverWithClient() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  closers.push(() => server.close());
  await once(server, 'listening');
  const connections: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  server.on('connection', (socket, request) => {
    const connection = connectionOn(socket, request.url ?? '');
    const first = waiting.shift();
    if (first === undefined) connections.push(connection);
    else first(connection);
  });
  const told = new Told();
  const client = openClient(server, (shown) => told.tell(shown));
  const next = async (): Promise<Connection> =>
    connections.shift() ?? new Promise<Connection>((resolve) => waiting.push(resolve));
  return { server: { next }, client, told };
}

function connectionOn(socket: WebSocket, path: string): Connection {
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(String(data));
    const first = waiting.shift();
    if (first === undefined) messages.push(message);
    else first(message);
  });
  return {
    socket,
    path,
    say: (message) => socket.send(JSON.stringify(message)),
    next: async () => messages.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    heard: async () => {
      socket.ping();
      await once(socket, 'pong');
    },
  };
}

function openClient(server: WebSocketServer, show: (words: string) => void): ImClient {
  // It listens on TCP.
  const { port } = server.address() as AddressInfo;
  const ignore = (): undefined => undefined;
  const client = new ImClient({
    url: new URL(`http://127.0.0.1:${port}`),
    user: 'alice',
    password: 'secret',
    presence: 'gone',
    on: {
      ready: ignore,
      text: (shown) => show(shown.text),
      refused: ignore,
      links: ignore,
      lost: ignore,
      failed: ignore,
    },
  });
  closers.push(() => client.close());
  client.open();
  return client;
}
