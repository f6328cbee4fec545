import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { type Impairment, type ImpairSettings, startImpairment } from '../../src/shell/impair.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Listens, and does with each connection what the test says. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port; // A TCP server that listens has one.
}

async function impair(
  toPort: number,
  settings: Partial<ImpairSettings>,
): Promise<{ readonly relay: Impairment; readonly log: LogEvent[] }> {
  const log: LogEvent[] = [];
  const relay = await startImpairment(
    {
      listen: { host: '127.0.0.1', port: 0 },
      to: { host: '127.0.0.1', port: toPort },
      delayMs: 0,
      jitterMs: 0,
      bandwidth: undefined,
      cuts: undefined,
      seed: 1,
      ...settings,
    },
    (event) => log.push(event),
  );
  cleanups.push(() => relay.close());
  return { relay, log };
}

function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => socket.destroy());
  cleanups.push(() => socket.destroy());
  return socket;
}

/** Writes `sizeBytes` of a known pattern in uneven pieces, then ends. */
function writePattern(socket: Socket, sizeBytes: number): string {
  const hash = createHash('sha256');
  for (let written = 0, piece = 1; written < sizeBytes; piece = (piece * 7 + 3) % 40_000) {
    const bytes = Buffer.alloc(Math.min(piece + 1, sizeBytes - written), written % 251);
    bytes.writeUInt8(piece % 256, 0);
    hash.update(bytes);
    socket.write(bytes);
    written += bytes.length;
  }
  socket.end();
  return hash.digest('hex');
}

async function hashUntilEnd(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of socket) hash.update(bytes);
  return hash.digest('hex');
}

describe('the relay of a bad link', () => {
  it('brings no more bytes than its bandwidth, shared by its connections, exact and in order', async () => {
    const hashes: Promise<string>[] = [];
    const both = later<void>();
    const port = await listen((socket) => {
      hashes.push(hashUntilEnd(socket));
      socket.end();
      if (hashes.length === 2) both.resolve();
    });
    // 100 bytes a millisecond.
    const { relay } = await impair(port, { bandwidth: { bitsPerSecond: 800_000, queueBytes: 4_000 } });
    const begin = performance.now();
    const sent = [dial(relay.port), dial(relay.port)].map((socket) => writePattern(socket, 15_000));
    await both.promise;
    expect((await Promise.all(hashes)).toSorted()).toEqual(sent.toSorted());
    expect(performance.now() - begin).toBeGreaterThanOrEqual(295);
    expect(relay.counts().bytesRelayed).toBe(30_000);
  });

  it('lets what waited out a cut through at its bandwidth, not at once', async () => {
    const hash = later<string>();
    const port = await listen((socket) => void hashUntilEnd(socket).then(hash.resolve));
    const { relay, log } = await impair(port, {
      bandwidth: { bitsPerSecond: 800_000, queueBytes: 1_000_000 },
      cuts: { everyMs: 300, forMs: 150, mode: 'stall' },
    });
    const begin = performance.now();
    const sent = writePattern(dial(relay.port), 40_000);
    expect(await hash.promise).toBe(sent);
    expect(log.some(({ event }) => event === 'link.cut')).toBe(true);
    // 400 ms of bytes and a cut among them.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(540);
  });

  it('brings every byte in order, both ways at once, under delay and jitter', async () => {
    const atServer = later<{ readonly sent: string; readonly received: string }>();
    const toPort = await listen(async (socket) => {
      const sent = writePattern(socket, 3_000_000);
      atServer.resolve({ sent, received: await hashUntilEnd(socket) });
    });
    const { relay } = await impair(toPort, { delayMs: 20, jitterMs: 15 });
    const client = dial(relay.port);
    const sent = writePattern(client, 2_000_000);
    const received = await hashUntilEnd(client);
    const server = await atServer.promise;
    expect(received).toBe(server.sent);
    expect(server.received).toBe(sent);
    expect(relay.counts().bytesRelayed).toBe(5_000_000);
  });

  it('makes bytes wait, and many can be on the way at once', async () => {
    const toPort = await listen((socket) => socket.pipe(socket));
    const { relay } = await impair(toPort, { delayMs: 60 });
    const client = dial(relay.port);
    await once(client, 'connect');
    const startedAt = performance.now();
    let text = '';
    client.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    for (let number = 0; number < 20; number += 1) {
      client.write(`${number} `);
      await new Promise(setImmediate);
    }
    client.end();
    await once(client, 'end');
    const tookMs = performance.now() - startedAt;
    expect(text).toBe(Array.from({ length: 20 }, (_, number) => `${number} `).join(''));
    // One round trip at least; twenty of them, one after the other, would be 2,400 ms.
    expect(tookMs).toBeGreaterThanOrEqual(118);
    expect(tookMs).toBeLessThan(1_800);
  });

  it('resets connections in a cut, refuses new ones while it lasts, and counts what was on the way', async () => {
    const toPort = await listen((socket) => socket.pipe(socket));
    const { relay, log } = await impair(toPort, {
      delayMs: 10_000,
      cuts: { everyMs: 250, forMs: 100, mode: 'reset' },
    });
    const client = dial(relay.port);
    client.write('never arrives');
    expect(await closing(client)).toBe('reset');
    const during = dial(relay.port);
    expect(await closing(during)).toBe('reset');
    expect(relay.counts()).toMatchObject({
      cuts: 1,
      cutsFelt: 1,
      bytesInTransitAtCut: 13,
      cutsUnconnected: 0,
      bytesMetByCuts: [13],
      bytesRelayed: 0,
    });
    expect(log.find((event) => event.event === 'link.cut')?.fields).toMatchObject({
      connections: 1,
      bytesInTransit: 13,
    });
  });

  it('tells of cuts that found nobody, which one that found a silent connection is not', async () => {
    const toPort = await listen((socket) => socket.pipe(socket));
    const { relay } = await impair(toPort, { cuts: { everyMs: 60, forMs: 20, mode: 'stall' } });
    await until(() => relay.counts().cuts >= 2);
    const alone = relay.counts();
    expect(alone).toMatchObject({ cutsFelt: 0, cutsUnconnected: alone.cuts });
    dial(relay.port);
    await until(() => relay.counts().connections === 1);
    const joined = relay.counts();
    await until(() => relay.counts().cuts >= joined.cuts + 2);
    expect(relay.counts()).toMatchObject({ cutsFelt: 0, cutsUnconnected: joined.cutsUnconnected });
  });

  it('loses nothing when it only stalls', async () => {
    const toPort = await listen((socket) => socket.pipe(socket));
    const { relay } = await impair(toPort, { delayMs: 5, cuts: { everyMs: 100, forMs: 50, mode: 'stall' }, seed: 3 });
    const client = dial(relay.port);
    const received = hashUntilEnd(client);
    const hash = createHash('sha256');
    while (relay.counts().cuts < 4 || relay.counts().cutsFelt === 0) {
      const bytes = Buffer.from(`cut ${relay.counts().cuts}, ${performance.now()}\n`);
      hash.update(bytes);
      client.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    client.end();
    expect(await received).toBe(hash.digest('hex'));
  });

  it('lets one direction die and the other live when it halves', async () => {
    const heardByServer: string[] = [];
    const toPort = await listen((socket) => {
      socket.on('data', (bytes) => heardByServer.push(bytes.toString('latin1')));
      const timer = setInterval(() => socket.write('s'), 2);
      socket.on('close', () => clearInterval(timer));
    });
    const { relay, log } = await impair(toPort, { cuts: { everyMs: 200, forMs: 50, mode: 'half' }, seed: 2 });
    const heardByClient: string[] = [];
    const client = dial(relay.port);
    client.on('data', (bytes) => heardByClient.push(bytes.toString('latin1')));
    const timer = setInterval(() => client.write('c'), 2);
    cleanups.push(() => clearInterval(timer));
    await until(() => log.some((event) => event.event === 'link.mended'));
    await until(() => client.readableLength === 0);
    const before = { client: heardByClient.length, server: heardByServer.length };
    await until(() => heardByClient.length > before.client + 5 || heardByServer.length > before.server + 5);
    // What the dead direction might still say had its chance in the same turns of the loop.
    const isClientDeaf = heardByClient.length === before.client;
    const isServerDeaf = heardByServer.length === before.server;
    expect([isClientDeaf, isServerDeaf].filter((isDeaf) => isDeaf)).toHaveLength(1);
    expect(client.destroyed).toBe(false);
  });

  it('resets the client where nobody listens behind it', async () => {
    const toPort = await listen(() => undefined);
    await cleanups.pop()?.();
    const { relay, log } = await impair(toPort, {});
    const client = dial(relay.port);
    expect(await closing(client)).toBe('reset');
    expect(log.map((event) => event.event)).toContain('link.unreachable');
  });

  it('makes a fast writer wait for a reader that does not read', async () => {
    const server = later<Socket>();
    const toPort = await listen((socket) => {
      socket.pause();
      server.resolve(socket);
    });
    const { relay } = await impair(toPort, {});
    const client = dial(relay.port);
    const block = Buffer.alloc(1_000_000, 7);
    let sentBytes = 0;
    while (client.write(block) || client.writableLength < 40_000_000) {
      sentBytes += block.length;
      await new Promise(setImmediate);
      if (sentBytes > 200_000_000) break;
    }
    // The rest waits at the client: the relay and the kernel's buffers hold a bounded part of it.
    expect(client.writableLength).toBeGreaterThan(0);
    expect(sentBytes - client.writableLength).toBeLessThan(60_000_000);
    (await server.promise).resume();
    client.end();
    await once(client, 'finish');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}

/** How a connection ended. */
function closing(socket: Socket): Promise<'reset' | 'end'> {
  return new Promise((resolve) => {
    let how: 'reset' | 'end' = 'end';
    socket.on('error', () => {
      how = 'reset';
    });
    socket.on('close', () => resolve(how));
  });
}
