import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseWebSocketAddress } from '../../src/shell/address.ts';
import {
  acceptLinks,
  type DialOptions,
  dialLink,
  type LinkLimits,
  type LinkTransport,
  linkSubprotocol,
} from '../../src/shell/web-socket.ts';
import { makeCertificate } from './processes/certificate.ts';

type Happening =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly frame: Uint8Array }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string };

/** Collects what happens at one end, to be waited for. */
class End {
  readonly happenings: Happening[] = [];
  private watch = (): void => undefined;

  readonly handlers = {
    opened: () => this.note({ type: 'opened' }),
    received: (frame: Uint8Array) => this.note({ type: 'received', frame }),
    closed: (code: number, reason: string) => this.note({ type: 'closed', code, reason }),
  };

  async next(count = 1): Promise<Happening | undefined> {
    while (this.happenings.length < count) {
      await new Promise<void>((resolve) => {
        this.watch = resolve;
      });
    }
    return this.happenings[count - 1];
  }

  async closed(): Promise<Happening | undefined> {
    while (this.happenings.at(-1)?.type !== 'closed') await this.next(this.happenings.length + 1);
    return this.happenings.at(-1);
  }

  private note(happening: Happening): void {
    this.happenings.push(happening);
    this.watch();
  }
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function listenHere(limits: Partial<LinkLimits> = {}, server: Server = createHttpServer()) {
  const accepted: { readonly transport: LinkTransport; readonly end: End }[] = [];
  const arrivals: (() => void)[] = [];
  const listener = acceptLinks(
    server,
    (transport) => {
      const end = new End();
      accepted.push({ transport, end });
      for (const arrive of arrivals.splice(0)) arrive();
      return end.handlers;
    },
    limits,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  closing.push(() => {
    listener.close();
    server.close();
    server.closeAllConnections();
  });
  const there = async (index = 0) => {
    while (accepted.length <= index) await new Promise<void>((resolve) => arrivals.push(resolve));
    const one = accepted[index];
    if (one === undefined) throw new Error('not there');
    return one;
  };
  return { port, listener, there };
}

function dialHere(url: string, options: DialOptions = {}) {
  const end = new End();
  const transport = dialLink(parseWebSocketAddress(url), end.handlers, options);
  closing.push(() => transport.destroy());
  return { end, transport };
}

describe('a link transport', () => {
  it('carries frames both ways, in order and apart from each other', async () => {
    const { port, there } = await listenHere();
    const { end, transport } = dialHere(`ws://127.0.0.1:${port}`);
    expect(await end.next()).toEqual({ type: 'opened' });
    const frames = Array.from({ length: 50 }, (_, index) => new Uint8Array(index * 100).fill(index));
    for (const frame of frames) transport.send(frame);
    const far = await there();
    await far.end.next(51);
    expect(far.end.happenings).toStrictEqual([
      { type: 'opened' },
      ...frames.map((frame) => ({ type: 'received', frame })),
    ]);
    far.transport.send(new Uint8Array([7]));
    expect(await end.next(2)).toStrictEqual({ type: 'received', frame: new Uint8Array([7]) });
    expect(transport.tlsExporter).toBeUndefined();
    expect(far.transport.tlsExporter).toBeUndefined();
  });

  it('gives both ends of a TLS the same exporter bytes, and each connection its own', async () => {
    const certificate = makeCertificate();
    const { port, there } = await listenHere({}, createHttpsServer(certificate));
    const exporters: (string | undefined)[] = [];
    for (const index of [0, 1]) {
      const { end, transport } = dialHere(`wss://127.0.0.1:${port}/link`, { tls: { ca: certificate.cert } });
      expect(await end.next()).toEqual({ type: 'opened' });
      const far = await there(index);
      expect(far.transport.tlsExporter?.length).toBe(32);
      expect(far.transport.tlsExporter).toStrictEqual(transport.tlsExporter);
      exporters.push(transport.tlsExporter?.toString());
    }
    expect(exporters[0]).not.toBe(exporters[1]);
  });

  it('tells the other end why it closes, behind what was sent', async () => {
    const { port, there } = await listenHere();
    const { end, transport } = dialHere(`ws://127.0.0.1:${port}`);
    await end.next();
    const far = await there();
    far.transport.send(new Uint8Array([1]));
    far.transport.close(4003, `LINK_BAD_SECRET: ${'é'.repeat(200)}`);
    expect(await end.closed()).toEqual({ type: 'closed', code: 4003, reason: `LINK_BAD_SECRET: ${'é'.repeat(53)}` });
    expect(end.happenings.map(({ type }) => type)).toEqual(['opened', 'received', 'closed']);
    expect(await far.end.closed()).toMatchObject({ code: 4003 });
    transport.send(new Uint8Array([2]));
    expect(far.end.happenings.map(({ type }) => type)).toEqual(['opened', 'closed']);
  });

  it('tells of a cut', async () => {
    const { port, there } = await listenHere();
    const { end, transport } = dialHere(`ws://127.0.0.1:${port}`);
    await end.next();
    const far = await there();
    transport.destroy();
    expect(await far.end.closed()).toMatchObject({ code: 1006 });
    expect(await end.closed()).toEqual({ type: 'closed', code: 1006, reason: 'closed by this end' });
  });

  it('says why there is no connection', async () => {
    const { port } = await listenHere();
    const wrongPath = dialHere(`ws://127.0.0.1:${port}/elsewhere`);
    expect(await wrongPath.end.closed()).toMatchObject({
      code: 1006,
      reason: 'the other end answered HTTP 404: there is no link at this address',
    });
    const nobody = dialHere('ws://127.0.0.1:1');
    expect(await nobody.end.closed()).toMatchObject({ code: 1006, reason: 'connection refused (ECONNREFUSED)' });
    const plain = dialHere(`wss://127.0.0.1:${port}`);
    expect(await plain.end.closed()).toMatchObject({ code: 1006 });
    for (const { end } of [wrongPath, nobody, plain]) expect(end.happenings.length).toBe(1);
  });

  it('gives up on a server that does not answer', async () => {
    const silent = createHttpServer(() => undefined);
    silent.on('upgrade', (_request, stream) => closing.push(() => stream.destroy()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(() => silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { end } = dialHere(`ws://127.0.0.1:${port}`, { connectTimeoutMs: 50 });
    expect(await end.closed()).toMatchObject({ code: 1006, reason: expect.stringContaining('timed out') });
  });

  it('closes on a frame beyond its limit, before it is complete', async () => {
    const { port, there } = await listenHere({ frameLimitBytes: 1_000 });
    const { end, transport } = dialHere(`ws://127.0.0.1:${port}`);
    await end.next();
    transport.send(new Uint8Array(1_000));
    transport.send(new Uint8Array(1_001));
    const far = await there();
    await far.end.closed();
    expect(far.end.happenings.map(({ type }) => type)).toEqual(['opened', 'received', 'closed']);
    expect(await end.closed()).toMatchObject({ code: 1009 });
  });

  it('closes on a text message', async () => {
    const { port, there } = await listenHere();
    const stranger = new WebSocket(`ws://127.0.0.1:${port}/link`, linkSubprotocol);
    closing.push(() => stranger.terminate());
    stranger.on('open', () => stranger.send('hello'));
    const far = await there();
    expect(await far.end.closed()).toMatchObject({ code: 1003 });
    expect(far.end.happenings.length).toBe(2);
  });

  it('cuts off a peer that never reads', async () => {
    const { port, there } = await listenHere({ bufferLimitBytes: 100_000 });
    const deaf = connect(port, '127.0.0.1');
    deaf.on('error', () => undefined);
    closing.push(() => deaf.destroy());
    deaf.write(
      `GET /link HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${linkSubprotocol}\r\n\r\n`,
    );
    deaf.pause();
    const far = await there();
    const frame = new Uint8Array(50_000);
    let sent = 0;
    while (far.end.happenings.at(-1)?.type !== 'closed') {
      far.transport.send(frame);
      sent += frame.length;
      expect(sent).toBeLessThan(100_000_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await far.end.closed()).toMatchObject({
      reason: expect.stringMatching(/^the other end left \d+ bytes unread$/),
    });
  });
});

describe('acceptLinks', () => {
  it('refuses who does not offer the subprotocol', async () => {
    const { port } = await listenHere();
    const stranger = new WebSocket(`ws://127.0.0.1:${port}/link`, 'ringbridge.link.9');
    closing.push(() => stranger.terminate());
    const message = await new Promise<string>((resolve) => stranger.on('error', ({ message }) => resolve(message)));
    expect(message).toBe('Unexpected server response: 400');
  });

  it('refuses connections beyond its limit, and those that come too often', async () => {
    const full = await listenHere({ connectionLimit: 1 });
    const first = dialHere(`ws://127.0.0.1:${full.port}`);
    await first.end.next();
    const second = dialHere(`ws://127.0.0.1:${full.port}`);
    expect(await second.end.closed()).toMatchObject({ reason: expect.stringContaining('HTTP 503') });
    expect(full.listener.connectionCount).toBe(1);

    const strict = await listenHere({ attemptsPerMinute: 1 });
    const welcome = dialHere(`ws://127.0.0.1:${strict.port}`);
    expect(await welcome.end.next()).toEqual({ type: 'opened' });
    const hasty = dialHere(`ws://127.0.0.1:${strict.port}`);
    expect(await hasty.end.closed()).toMatchObject({ reason: expect.stringContaining('HTTP 429') });
  });

  it('leaves other paths to other listeners of the same server', async () => {
    const server = createHttpServer((_request, response) => response.end('page'));
    server.on('upgrade', (request, stream) => {
      if (request.url === '/im') stream.end('HTTP/1.1 418 Mine\r\n\r\n');
    });
    const { port } = await listenHere({}, server);
    const other = new WebSocket(`ws://127.0.0.1:${port}/im`);
    const message = await new Promise<string>((resolve) => other.on('error', ({ message }) => resolve(message)));
    expect(message).toBe('Unexpected server response: 418');
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page');
  });

  it('says goodbye to those that are there when it closes', async () => {
    const { port, listener } = await listenHere();
    const { end } = dialHere(`ws://127.0.0.1:${port}`);
    await end.next();
    listener.close();
    expect(await end.closed()).toMatchObject({ code: 1001 });
  });
});
