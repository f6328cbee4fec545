import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransportAddress } from '../../src/shell/address.ts';
import { connectTransport, listenTransport } from '../../src/shell/tcp.ts';
import type { ListenOptions, Transport, TransportListener, TransportOptions } from '../../src/shell/transport.ts';
import { makeCertificate } from './processes/certificate.ts';

type Happening =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly text: string }
  | { readonly type: 'closed'; readonly reason: string };

/** Collects what happens at one end, to be waited for. */
class End {
  readonly happenings: Happening[] = [];
  private watch = (): void => undefined;

  readonly handlers = {
    opened: () => this.note({ type: 'opened' }),
    received: (bytes: Uint8Array) => {
      expect(bytes.constructor).toBe(Uint8Array);
      this.note({ type: 'received', text: Buffer.from(bytes).toString('latin1') });
    },
    closed: (reason: string) => this.note({ type: 'closed', reason }),
  };

  get received(): string {
    return this.happenings.map((happening) => (happening.type === 'received' ? happening.text : '')).join('');
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      await new Promise<void>((resolve) => {
        this.watch = resolve;
      });
    }
  }

  async closed(): Promise<string> {
    await this.until(() => this.happenings.at(-1)?.type === 'closed');
    const last = this.happenings.at(-1);
    return last?.type === 'closed' ? last.reason : '';
  }

  private note(happening: Happening): void {
    this.happenings.push(happening);
    this.watch();
  }
}

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'));
const local = { type: 'tcp', host: '127.0.0.1', port: 0 } as const;

let folder = '';
const closing: (() => Promise<unknown> | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringbridge-tcp-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

/** A listener that takes one connection after the other, each with an end to look at. */
async function listenHere(address: TransportAddress = local, options: ListenOptions = {}) {
  const accepted: { readonly transport: Transport; readonly end: End }[] = [];
  const listener: TransportListener = await listenTransport(
    address,
    (transport) => {
      const end = new End();
      accepted.push({ transport, end });
      return end.handlers;
    },
    options,
  );
  closing.push(() => listener.close());
  return { listener, accepted };
}

async function untilAccepted(accepted: readonly unknown[], count: number): Promise<void> {
  while (accepted.length < count) await new Promise((resolve) => setImmediate(resolve));
}

function connectHere(address: TransportAddress, options: TransportOptions = {}) {
  const end = new End();
  const transport = connectTransport(address, end.handlers, options);
  closing.push(async () => transport.destroy());
  return { end, transport };
}

describe('a transport', () => {
  it.each(['tcp', 'unix', 'tls'] as const)('carries bytes both ways in order over %s', async (type) => {
    const certificate = type === 'tls' ? makeCertificate() : undefined;
    const address: TransportAddress = type === 'unix' ? { type, path: join(folder, 's.sock') } : { ...local, type };
    const { listener, accepted } = await listenHere(address, certificate === undefined ? {} : { tls: certificate });
    const { end, transport } = connectHere(
      listener.address,
      certificate === undefined ? {} : { tls: { ca: certificate.cert } },
    );
    await end.until(() => end.happenings.length > 0);
    expect(end.happenings).toEqual([{ type: 'opened' }]);
    const expected = Array.from({ length: 200 }, (_, index) => `packet ${index};`).join('');
    for (let index = 0; index < 200; index += 1) transport.write(text(`packet ${index};`));
    await untilAccepted(accepted, 1);
    const [there] = accepted;
    await there?.end.until(() => there.end.received.length >= expected.length);
    expect(there?.end.received).toBe(expected);
    there?.transport.write(text('answer'));
    await end.until(() => end.received.length >= 6);
    expect(end.received).toBe('answer');
  });

  it('sends what was written before it closes, and both ends learn of it once', async () => {
    const { listener, accepted } = await listenHere();
    const { end, transport } = connectHere(listener.address);
    await end.until(() => end.happenings.length > 0);
    const large = 'x'.repeat(1_000_000);
    transport.write(text(large));
    transport.close();
    transport.write(text('too late'));
    expect(await end.closed()).toBe('closed by this end');
    const [there] = accepted;
    expect(await there?.end.closed()).toBe('closed by the other end');
    expect(there?.end.received).toBe(large);
    expect(there?.end.happenings.filter(({ type }) => type === 'closed').length).toBe(1);
  });

  it('says why there is no connection', async () => {
    const { listener } = await listenHere();
    const { address } = listener;
    await listener.close();
    const { end } = connectHere(address);
    expect(await end.closed()).toBe('connection refused (ECONNREFUSED)');
    const nowhere = connectHere({ type: 'unix', path: join(folder, 'nobody.sock') });
    expect(await nowhere.end.closed()).toBe('no such path (ENOENT)');
    expect(end.happenings.length).toBe(1);
  });

  it('gives up on a connection that does not come about in time', async () => {
    const silent = await new Promise<{ readonly port: number; readonly close: () => void }>((resolve) => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1', () => {
        const address = server.address();
        const close = (): void => {
          for (const socket of sockets) socket.destroy();
          server.close();
        };
        resolve({ port: typeof address === 'object' ? (address?.port ?? 0) : 0, close });
      });
    });
    closing.push(async () => silent.close());
    const { end } = connectHere({ type: 'tls', host: '127.0.0.1', port: silent.port }, { connectTimeoutMs: 50 });
    expect(await end.closed()).toBe('no connection within 50 ms');
    expect(end.happenings.length).toBe(1);
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const certificate = makeCertificate();
    const { listener } = await listenHere({ ...local, type: 'tls' }, { tls: certificate });
    const { end } = connectHere(listener.address);
    expect(await end.closed()).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(end.happenings.length).toBe(1);
  });

  it('cuts off a peer that never reads', async () => {
    const { listener, accepted } = await listenHere(local, { bufferLimitBytes: 100_000 });
    if (listener.address.type !== 'tcp') throw new Error('not TCP');
    const deaf = connect(listener.address.port, '127.0.0.1');
    deaf.on('error', () => undefined);
    deaf.pause();
    closing.push(async () => deaf.destroy());
    const watcher = connectHere(listener.address);
    await watcher.end.until(() => watcher.end.happenings.length > 0);
    await untilAccepted(accepted, 2);
    const there = accepted.find(({ transport }) => transport.remote === `127.0.0.1:${deaf.localPort}`);
    const chunk = new Uint8Array(50_000);
    let written = 0;
    while (there?.end.happenings.at(-1)?.type !== 'closed') {
      there?.transport.write(chunk);
      written += chunk.length;
      expect(written).toBeLessThan(100_000_000);
      expect(there?.transport.bufferedBytes).toBeLessThanOrEqual(150_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await there.end.closed()).toMatch(/^the other end left \d+ bytes unread$/);
  });

  it('stops reading on demand, and loses nothing by it', async () => {
    const { listener, accepted } = await listenHere();
    const { end, transport } = connectHere(listener.address);
    await end.until(() => end.happenings.length > 0);
    await untilAccepted(accepted, 1);
    const [there] = accepted;
    there?.transport.pauseReading();
    transport.write(text('x'.repeat(10_000)));
    there?.transport.write(text('sync'));
    await end.until(() => end.received === 'sync');
    expect(there?.end.received).toBe('');
    there?.transport.resumeReading();
    await there?.end.until(() => there.end.received.length === 10_000);
  });
});

describe('listenTransport', () => {
  it('tells the port it got', async () => {
    const { listener } = await listenHere();
    expect(listener.address).toEqual({ type: 'tcp', host: '127.0.0.1', port: expect.any(Number) });
    expect(listener.address.type === 'tcp' && listener.address.port).toBeGreaterThan(0);
  });

  it('says that an address is in use, and what to do', async () => {
    const { listener } = await listenHere();
    await expect(listenTransport(listener.address, () => new End().handlers)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      exitStatus: 2,
      hint: expect.stringContaining('--listen'),
    });
    const path = join(folder, 's.sock');
    await listenHere({ type: 'unix', path });
    await expect(listenTransport({ type: 'unix', path }, () => new End().handlers)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    });
  });

  it('refuses an address of another machine', async () => {
    await expect(
      listenTransport({ type: 'tcp', host: '192.0.2.1', port: 0 }, () => new End().handlers),
    ).rejects.toMatchObject({
      code: 'CONFIG_BAD_ADDRESS',
    });
  });

  it('leaves a file alone that is no socket', async () => {
    const path = join(folder, 'precious');
    await writeFile(path, 'precious');
    await expect(listenTransport({ type: 'unix', path }, () => new End().handlers)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    });
  });

  it('closes connections beyond its limit', async () => {
    const { listener } = await listenHere(local, { connectionLimit: 1 });
    const first = connectHere(listener.address);
    await first.end.until(() => first.end.happenings.length > 0);
    const second = connectHere(listener.address);
    await second.end.closed();
    expect(listener.connectionCount).toBe(1);
    expect(first.end.happenings).toEqual([{ type: 'opened' }]);
  });

  it('cuts what stands when it closes', async () => {
    const { listener } = await listenHere();
    const { end } = connectHere(listener.address);
    await end.until(() => end.happenings.length > 0);
    await listener.close();
    await end.closed();
    expect(listener.connectionCount).toBe(0);
  });
});

describe('TLS', () => {
  it.each([
    ['an authority nobody knows', {}, 'unknown', 'vouches for itself; if it is the right one, give it with --smsc-ca'],
    [
      'another name',
      { name: 'smsc.example.org' },
      'known',
      'is for DNS:smsc.example.org and not for 127.0.0.1; connect by a name',
    ],
    ['a date that is over', { valid: { from: -3, until: -1 } }, 'known', 'has expired; whoever runs it must renew it'],
    ['a date to come', { valid: { from: 1, until: 3 } }, 'known', 'is not valid yet; compare the clocks'],
  ] as const)('refuses a certificate with %s, and says what to do', async (_what, wishes, authority, words) => {
    const tls = makeCertificate(wishes);
    const { listener } = await listenHere({ ...local, type: 'tls' }, { tls });
    const { end } = connectHere(listener.address, { tls: authority === 'known' ? { ca: tls.cert } : {} });
    expect(await end.closed()).toContain(`its certificate ${words}`);
    expect(end.happenings).toHaveLength(1);
  });

  it('says that the other end does not speak TLS', async () => {
    const { listener, accepted } = await listenHere();
    if (listener.address.type !== 'tcp') throw new Error('not TCP');
    const { end } = connectHere({ ...listener.address, type: 'tls' });
    await untilAccepted(accepted, 1);
    accepted[0]?.transport.write(text('CIMD2-A ConnectionInfo: hello\n'));
    expect(await end.closed()).toContain('it does not speak TLS there; perhaps the address is tcp://');
  });

  it('takes only clients with a certificate where that is demanded, and tells the others what is missing', async () => {
    const [tls, ours, stranger] = [makeCertificate(), makeCertificate(), makeCertificate()];
    const { listener, accepted } = await listenHere(
      { ...local, type: 'tls' },
      { tls: { ...tls, ca: ours.cert, clients: 'required' } },
    );
    const without = connectHere(listener.address, { tls: { ca: tls.cert } });
    expect(await without.end.closed()).toContain('give one with --smsc-cert or --tls-cert, and its key');
    const wrong = connectHere(listener.address, { tls: { ca: tls.cert, ...stranger } });
    await wrong.end.closed();
    expect(accepted).toEqual([]);
    const right = connectHere(listener.address, { tls: { ca: tls.cert, ...ours } });
    await untilAccepted(accepted, 1);
    accepted[0]?.transport.write(text('welcome'));
    await right.end.until(() => right.end.received === 'welcome');
  });
});
