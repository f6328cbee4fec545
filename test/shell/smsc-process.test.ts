import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodePacket } from '../../src/core/codec/decode.ts';
import { encodePacket } from '../../src/core/codec/encode.ts';
import { Framer } from '../../src/core/codec/framer.ts';
import type { Packet } from '../../src/core/codec/packet.ts';
import { packetNumber } from '../../src/core/codec/packet-number.ts';
import { defaultSessionSettings, type SmscSettings } from '../../src/core/roles/smsc/settings.ts';
import type { SmscEvent } from '../../src/core/roles/smsc/smsc-io.ts';
import { callControl, streamControl } from '../../src/shell/control-client.ts';
import { type SmscProcess, startSmsc } from '../../src/shell/smsc-process.ts';
import { plainSmsc } from '../plain-settings.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const settings: SmscSettings = { ...plainSmsc, zoneOffset: 0 };

async function start(
  changes: Partial<SmscSettings> = {},
): Promise<{ readonly smsc: SmscProcess; readonly stateDir: string; readonly port: number }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
  cleanups.push(() => rm(stateDir, { recursive: true }));
  const events: SmscEvent[] = [];
  const smsc = await startSmsc({
    settings: { ...settings, ...changes },
    listen: { type: 'tcp', host: '127.0.0.1', port: 0 },
    stateDir,
    seed: 1,
    log: () => undefined,
    onEvent: (event) => events.push(event),
    onBug: (error) => {
      throw error;
    },
  });
  cleanups.push(() => smsc.drain());
  return { smsc, stateDir, port: Number(smsc.address.split(':').at(-1)) };
}

/** A client that speaks raw packets over a real socket. */
class RawClient {
  readonly socket: Socket;
  readonly #framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 4_096 });
  readonly #packets: Packet[] = [];
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => {
      for (const event of this.#framer.push(bytes)) {
        const decoded = event.type === 'packet' ? decodePacket(event.bytes) : undefined;
        if (decoded?.ok === true) this.#packets.push(decoded.packet);
      }
      this.#wake();
    });
    cleanups.push(() => this.socket.destroy());
  }

  send(operation: number, number: number, parameters: readonly [number, string][] = []): void {
    const packet = {
      operation,
      packetNumber: packetNumber(number),
      parameters: parameters.map(([code, value]) => ({ code, value })),
    };
    this.socket.write(encodePacket(packet, { checksum: 'send' }));
  }

  async next(): Promise<Packet> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet !== undefined) return packet;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async logIn(): Promise<void> {
    this.send(1, 1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    expect(await this.next()).toMatchObject({ operation: 51, parameters: [] });
  }
}

describe('the simulated SMSC over real sockets', () => {
  it('takes a submit to a handset, and shows it through the control socket', async () => {
    const { stateDir, port } = await start();
    const client = new RawClient(port);
    await client.logIn();
    client.send(3, 3, [
      [21, '+639171234567'],
      [33, 'hello'],
    ]);
    expect(await client.next()).toMatchObject({ operation: 53, parameters: [{ code: 21 }, { code: 60 }] });
    expect(await callControl(stateDir, 'GET /handset?number=+639171234567')).toMatchObject({
      schema: 'smsc.handset/1',
      number: '639171234567',
      inbox: [{ from: '2882', text: 'hello', repeats: 0 }],
    });
    expect(await callControl(stateDir, 'GET /handsets')).toMatchObject({ handsets: [{ received: 1, state: 'on' }] });
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ submitsAccepted: 1, sessions: 1 });
  });

  it('keeps an injected message until a session answers it, and tells the injector', async () => {
    const { stateDir, port } = await start();
    const message = { from: '+639171234567', to: '2882', text: 'hi' };
    const waiting = Object(await callControl(stateDir, 'POST /inject', message));
    expect(waiting).toMatchObject({ result: 'waiting' });
    const client = new RawClient(port);
    await client.logIn();
    const outcome = callControl(stateDir, 'POST /injections', { refs: [waiting.ref], timeoutMs: 10_000 });
    const deliver = await client.next();
    expect(deliver).toMatchObject({ operation: 20 });
    client.send(70, deliver.packetNumber);
    expect(await outcome).toMatchObject({ injections: [{ ref: waiting.ref, result: 'answered', parts: 1 }] });
  });

  it('streams what happens as JSON lines', async () => {
    const { stateDir, port } = await start();
    const events = streamControl(stateDir, 'GET /events');
    const seen: unknown[] = [];
    const first = events.next().then(({ value }) => seen.push(value));
    // Nothing tells when the stream listens, so something happens until it says so.
    while (seen.length === 0) await callControl(stateDir, 'POST /handset', { number: '1', state: 'off' });
    await first;
    const client = new RawClient(port);
    await client.logIn();
    await callControl(stateDir, 'POST /handset', { number: '1', state: 'slow', ms: 5 });
    while (Object(seen.at(-1)).state !== 'slow') seen.push((await events.next()).value);
    expect(seen.map((event) => Object(event).type)).toContain('session');
    expect(seen.at(-1)).toMatchObject({ schema: 'smsc.event/1', type: 'handset', number: '1', state: 'slow' });
    expect(Object(seen.at(-1)).at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    await events.return();
  });

  it('reads a flood no faster than it is taken, and keeps the connection', async () => {
    const { stateDir, port } = await start({ session: { ...defaultSessionSettings, packetsPerSecond: 100 } });
    const flooding = new RawClient(port);
    await flooding.logIn();
    // More than may wait in the SMSC and in the system together, were it read.
    const alive = encodePacket({ operation: 40, packetNumber: packetNumber(3), parameters: [] }, { checksum: 'send' });
    const flood = Buffer.concat(Array.from({ length: 500_000 }, () => alive));
    flooding.socket.write(flood);
    const other = new RawClient(port);
    await other.logIn();
    for (let number = 3; number < 200; number += 2) {
      other.send(40, number);
      expect(await other.next()).toMatchObject({ operation: 90 });
    }
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ sessions: 2 });
    expect(flooding.socket.destroyed).toBe(false);
  });

  it('resets the connections on a cut', async () => {
    const { stateDir, port } = await start();
    const client = new RawClient(port);
    await client.logIn();
    const error = new Promise<Error>((resolve) => client.socket.once('error', resolve));
    await callControl(stateDir, 'POST /cut', {});
    expect(await error).toMatchObject({ code: 'ECONNRESET' });
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ cuts: 1, sessions: 0 });
  });

  it('refuses what it cannot read, and a second one in its state directory', async () => {
    const { stateDir } = await start();
    await expect(callControl(stateDir, 'POST /inject', { from: '1' })).rejects.toMatchObject({
      code: 'CONTROL_BAD_REQUEST',
    });
    await expect(callControl(stateDir, 'POST /handset', { number: '1', state: 'slow' })).rejects.toMatchObject({
      code: 'CONTROL_BAD_REQUEST',
    });
    await expect(callControl(stateDir, 'GET /handset?number=5')).rejects.toMatchObject({ code: 'CONTROL_BAD_REQUEST' });
    const options = { settings, listen: { type: 'tcp', host: '127.0.0.1', port: 0 }, stateDir, seed: 1 } as const;
    const ignore = () => undefined;
    await expect(startSmsc({ ...options, log: ignore, onEvent: ignore, onBug: ignore })).rejects.toMatchObject({
      code: 'STORE_BUSY',
      exitStatus: 9,
    });
  });

  it('says so where its address is taken, and lets go of its state directory', async () => {
    const { port } = await start();
    const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
    cleanups.push(() => rm(stateDir, { recursive: true }));
    const ignore = () => undefined;
    const options = { settings, stateDir, seed: 1, log: ignore, onEvent: ignore, onBug: ignore };
    const taken = { type: 'tcp', host: '127.0.0.1', port } as const;
    await expect(startSmsc({ ...options, listen: taken })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    const again = await startSmsc({ ...options, listen: { ...taken, port: 0 } });
    await again.drain();
  });

  it('drains: connections end, and the state directory is free', async () => {
    const { smsc, stateDir, port } = await start();
    const client = new RawClient(port);
    await client.logIn();
    const ended = once(client.socket, 'end');
    await smsc.drain();
    await ended;
    await expect(callControl(stateDir, 'GET /counts')).rejects.toMatchObject({ code: 'CONTROL_UNREACHABLE' });
  });
});
