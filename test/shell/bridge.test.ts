/** The roles as they run: real sockets, disks and clocks in one process. Few: what they decide is tested in the core. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/core/base/bytes.ts';
import { InvariantError } from '../../src/core/base/invariant.ts';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import type { Instant } from '../../src/core/base/time.ts';
import { clientRef, type ImEvent, type SendResult } from '../../src/core/im/exchange-io.ts';
import type { ImWorld } from '../../src/core/im/gateway.ts';
import { BufferRole } from '../../src/core/roles/buffer/buffer.ts';
import type { BufferSettings } from '../../src/core/roles/buffer/buffer-io.ts';
import { ImServerRole } from '../../src/core/roles/im-server/im-server.ts';
import type { SmscEvent } from '../../src/core/roles/smsc/smsc-io.ts';
import { parseListenAddress, parseTransportAddress, parseWebSocketAddress } from '../../src/shell/address.ts';
import { type BufferProcess, startBuffer } from '../../src/shell/buffer-process.ts';
import { callControl } from '../../src/shell/control-client.ts';
import { type ChangeUsers, type ImServerProcess, startImServer } from '../../src/shell/im-server-process.ts';
import { openStore } from '../../src/shell/lmdb-store.ts';
import { type RingsRead, readRings } from '../../src/shell/ring-reader.ts';
import { startSmsc } from '../../src/shell/smsc-process.ts';
import { linkSecret, plainBuffer, plainGateway, plainImServer, plainSmsc } from '../plain-settings.ts';
import { makeCertificate } from './processes/certificate.ts';
import { joinPtys, noSerialLine } from './processes/pty-pair.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const phone = '+358401234567';
const onBug = (error: unknown): never => {
  throw error;
};

/** Remembers what is said, and lets a test wait for what is said next. */
class Ear<T> {
  readonly heard: T[] = [];
  #waiting: { readonly isIt: (said: T) => boolean; readonly tell: (said: T) => void }[] = [];

  readonly hear = (said: T): void => {
    this.heard.push(said);
    const told = this.#waiting.filter(({ isIt }) => isIt(said));
    this.#waiting = this.#waiting.filter((one) => !told.includes(one));
    for (const { tell } of told) tell(said);
  };

  until(isIt: (said: T) => boolean): Promise<T> {
    const known = this.heard.find(isIt);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((tell) => {
      this.#waiting.push({ isIt, tell });
    });
  }
}

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ringbridge-bridge-'));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function smscInTest(listen = 'tcp://127.0.0.1:0') {
  const events = new Ear<SmscEvent>();
  const smsc = await startSmsc({
    settings: plainSmsc,
    listen: parseListenAddress(listen),
    stateDir: await newDir(),
    seed: 1,
    log: () => undefined,
    onEvent: events.hear,
    onBug,
  });
  cleanups.push(() => smsc.drain());
  return { address: smsc.address, events };
}

type Answer = { readonly cid: string; readonly result: SendResult };

interface ImInTest {
  readonly server: ImServerProcess;
  readonly stateDir: string;
  readonly log: Ear<LogEvent>;
  readonly events: Ear<ImEvent>;
  readonly answers: Ear<Answer>;
  readonly world: ImWorld;
  readonly changeUsers: ChangeUsers;
  drain(): Promise<void>;
}

async function imServerInTest(options: {
  readonly stateDir: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly port?: number;
}): Promise<ImInTest> {
  const log = new Ear<LogEvent>();
  const events = new Ear<ImEvent>();
  const answers = new Ear<Answer>();
  let world: ImWorld | undefined;
  let changeUsers: ChangeUsers | undefined;
  const server = await startImServer({
    settings: plainImServer,
    listen: { type: 'tcp', host: '127.0.0.1', port: options.port ?? 0 },
    tls: options.tls,
    stateDir: options.stateDir,
    durability: 'process',
    makeGateways: (tools) => {
      world = tools.world;
      return [plainGateway(events.hear, (_client, cid, result) => answers.hear({ cid, result }))];
    },
    userRoutes: (change) => {
      changeUsers = change;
      return {};
    },
    log: log.hear,
    onBug,
  });
  let isDrained = false;
  const drain = async (): Promise<void> => {
    if (!isDrained) await server.drain();
    isDrained = true;
  };
  cleanups.push(drain);
  if (world === undefined || changeUsers === undefined) throw new Error('no gateway was made');
  return { server, stateDir: options.stateDir, log, events, answers, world, changeUsers, drain };
}

function urlOf(im: ImInTest, scheme: 'ws' | 'wss' = 'ws'): string {
  const { address } = im.server;
  if (address.type !== 'tcp' && address.type !== 'tls') throw new Error('an address with a port');
  return `${scheme}://127.0.0.1:${address.port}/link`;
}

async function bufferInTest(options: {
  readonly smsc: string;
  readonly imServer: string;
  readonly stateDir: string;
  readonly ca?: string;
  readonly smscId?: string;
  readonly secret?: Uint8Array;
  readonly timing?: Partial<Pick<BufferSettings, 'answerTimeoutMs' | 'silenceBeforeLoginMs'>>;
}): Promise<{ readonly buffer: BufferProcess; readonly log: Ear<LogEvent>; drain(): Promise<void> }> {
  const log = new Ear<LogEvent>();
  const buffer = await startBuffer({
    settings: {
      ...plainBuffer,
      smscId: options.smscId ?? 'hel1',
      secret: options.secret ?? linkSecret,
      ...options.timing,
    },
    smsc: parseTransportAddress(options.smsc),
    imServer: parseWebSocketAddress(options.imServer),
    tls: options.ca === undefined ? {} : { ca: options.ca },
    stateDir: options.stateDir,
    durability: 'process',
    log: log.hear,
    onBug,
  });
  let isDrained = false;
  const drain = async (): Promise<void> => {
    if (!isDrained) await buffer.drain();
    isDrained = true;
  };
  cleanups.push(drain);
  return { buffer, log, drain };
}

async function addAlice(im: ImInTest): Promise<void> {
  const change = { type: 'add', name: 'alice', suffix: '0001', passwordHash: 'hash', role: 'default' } as const;
  expect(await im.changeUsers(change)).toBeUndefined();
  im.world.input({ type: 'attached', client: clientRef('test:1'), user: 'alice' });
}

function send(im: ImInTest, cid: string, text: string): void {
  const request = { client: clientRef('test:1'), user: 'alice', cid, to: phone, text };
  im.world.input({ type: 'send', request, storedAs: undefined });
}

/** When every message has ended at both ends, and the last word about that has arrived. */
async function readQuietRings(dir: string): Promise<RingsRead> {
  for (;;) {
    const read = await readRings(dir);
    const statuses = read.rings.flatMap(({ slots }) => slots.map(({ status }) => status));
    if (statuses.includes('settled') && statuses.every((status) => status === 'free' || status === 'settled'))
      return read;
  }
}

const isEvent = (name: string) => (event: LogEvent) => event.event === name;
const isAbout = (cid: string) => (answer: Answer) => answer.cid === cid;
const isDelivered = (event: ImEvent) => event.type === 'step' && event.step === 'delivered';

describe('the bridge on real sockets and disks', () => {
  it('carries messages both ways over TLS, and shows the same rings while it runs and when it is stopped', async () => {
    const { cert, key } = makeCertificate();
    const smsc = await smscInTest();
    const im = await imServerInTest({ stateDir: await newDir(), tls: { cert, key } });
    await addAlice(im);
    const bufferDir = await newDir();
    const buffer = await bufferInTest({
      smsc: smsc.address,
      imServer: urlOf(im, 'wss'),
      stateDir: bufferDir,
      ca: cert,
    });
    send(im, 'c1', 'Hello');
    const received = await smsc.events.until((event) => event.type === 'received');
    expect(received).toMatchObject({ from: '28820001', text: 'Hello' });
    await im.events.until(isDelivered);
    await im.log.until(isEvent('link.up'));

    for (const [dir, drain] of [
      [bufferDir, buffer.drain],
      [im.stateDir, im.drain],
    ] as const) {
      const running = await readQuietRings(dir);
      expect(running.state).toBe('running');
      expect(running.rings.map(({ lane, size }) => [lane, size])).toEqual([
        ['mt', 255],
        ['mo', 255],
      ]);
      await drain();
      const stopped = await readRings(dir);
      expect(stopped.state).toBe('stopped');
      expect(stopped.rings).toEqual(running.rings);
    }
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const { cert, key } = makeCertificate();
    const smsc = await smscInTest();
    const im = await imServerInTest({ stateDir: await newDir(), tls: { cert, key } });
    const { log } = await bufferInTest({ smsc: smsc.address, imServer: urlOf(im, 'wss'), stateDir: await newDir() });
    const retry = await log.until(isEvent('link.retry'));
    expect(retry.fields['reason']).toMatch(/certificate/);
    expect(im.log.heard.filter(isEvent('link.up'))).toEqual([]);
  });

  it.each([
    ['another secret', { secret: fromLatin1('x'.repeat(32)) }, 'LINK_BAD_SECRET', /secret/],
    ['an unknown SMSC id', { smscId: 'tku1' }, 'LINK_UNKNOWN_SMSC', /tku1/],
  ])('says at both ends why a buffer with %s is refused', async (_, wrong, code, reason) => {
    const smsc = await smscInTest();
    const im = await imServerInTest({ stateDir: await newDir() });
    const stateDir = await newDir();
    const { log, drain } = await bufferInTest({ smsc: smsc.address, imServer: urlOf(im), stateDir, ...wrong });
    const [there, here] = [await im.log.until(isEvent('link.refused')), await log.until(isEvent('link.retry'))];
    expect([there.fields['code'], here.fields['code']]).toEqual([code, code]);
    expect(here.fields['reason']).toMatch(reason);
    const { links } = await readRings(stateDir);
    expect(links).toMatchObject([{ state: 'down', code }]);
    await expect(callControl(stateDir, 'POST /compare', {})).rejects.toMatchObject({
      code: 'LINK_UNREACHABLE',
      exitStatus: 5,
    });
    const running = await readRings(stateDir);
    await drain();
    expect((await readRings(stateDir)).rings).toEqual(running.rings);
    // Without a ring there is nothing to take messages into.
    expect(smsc.events.heard).toEqual([]);
  });

  it('goes on after a restart of either end where it was', async () => {
    const smsc = await smscInTest();
    const imDir = await newDir();
    const bufferDir = await newDir();
    const first = await imServerInTest({ stateDir: imDir });
    await addAlice(first);
    const buffer = await bufferInTest({ smsc: smsc.address, imServer: urlOf(first), stateDir: bufferDir });
    await buffer.log.until(isEvent('link.up'));
    const { address } = first.server;
    await first.drain();
    const im = await imServerInTest({ stateDir: imDir, port: address.type === 'tcp' ? address.port : 0 });
    im.world.input({ type: 'attached', client: clientRef('test:1'), user: 'alice' });
    send(im, 'c1', 'after the restart');
    await im.events.until(isDelivered);
    await buffer.drain();
    send(im, 'c2', 'for the next life');
    await bufferInTest({ smsc: smsc.address, imServer: urlOf(im), stateDir: bufferDir });
    await smsc.events.until((event) => event.type === 'received' && event.text === 'for the next life');
    expect(smsc.events.heard.filter(({ type }) => type === 'received')).toHaveLength(2);
  });

  it('holds a state directory for one process, one role and one SMSC', async () => {
    const smsc = await smscInTest();
    const imDir = await newDir();
    const im = await imServerInTest({ stateDir: imDir });
    const stateDir = await newDir();
    const buffer = await bufferInTest({ smsc: smsc.address, imServer: urlOf(im), stateDir });
    const again = (changes: object) => bufferInTest({ smsc: smsc.address, imServer: urlOf(im), stateDir, ...changes });
    await expect(again({})).rejects.toMatchObject({ code: 'STORE_BUSY', exitStatus: 9 });
    await buffer.drain();
    await expect(again({ smscId: 'tku1' })).rejects.toMatchObject({ code: 'STORE_WRONG_SMSC', exitStatus: 2 });
    await im.drain();
    await expect(again({ stateDir: imDir })).rejects.toMatchObject({ code: 'STORE_WRONG_ROLE', exitStatus: 2 });
    await expect(imServerInTest({ stateDir })).rejects.toMatchObject({ code: 'STORE_WRONG_ROLE', exitStatus: 2 });
    // A refused start lets go of the directory.
    await expect(again({})).resolves.toBeDefined();
  });

  it('refuses a store with records of a format that it does not know', async () => {
    const smsc = await smscInTest();
    const stateDir = await newDir();
    const store = await openStore({ stateDir, durability: 'process' });
    await store.commit([{ key: ['ring', 'hel1', 'mt', 'state'], value: [2, 'of tomorrow'] }]);
    await store.close();
    const started = bufferInTest({ smsc: smsc.address, imServer: 'ws://127.0.0.1:9/link', stateDir });
    await expect(started).rejects.toMatchObject({ code: 'STORE_FORMAT_UNKNOWN', exitStatus: 2 });
  });
});

describe.skipIf(noSerialLine !== undefined)(`the bridge over a serial line (${noSerialLine ?? 'socat'})`, () => {
  it('loses nothing when the line is dead for a while, and doubles only what was in doubt', async () => {
    const pair = await joinPtys(await newDir());
    cleanups.push(() => pair.unplug());
    const smsc = await smscInTest(`serial:${pair.far}?baud=115200`);
    const im = await imServerInTest({ stateDir: await newDir() });
    await addAlice(im);
    const { log } = await bufferInTest({
      smsc: `serial:${pair.near}?baud=115200`,
      imServer: urlOf(im),
      stateDir: await newDir(),
      timing: { answerTimeoutMs: 150, silenceBeforeLoginMs: 150 },
    });
    const texts = Array.from({ length: 60 }, (_, index) => `text ${index}`);
    for (const [index, text] of texts.entries()) send(im, `c${index}`, text);
    await smsc.events.until((event) => event.type === 'received' && event.text === texts[5]);
    pair.hold();
    // Under `hold` of the whole line the session ends by silence only.
    await log.until((event) => event.event === 'session.state' && event.fields['code'] === 'SESSION_RESPONSE_TIMEOUT');
    pair.goOn();
    for (const text of texts) await smsc.events.until((event) => event.type === 'received' && event.text === text);
    await im.events.until((event) => isDelivered(event) && im.events.heard.filter(isDelivered).length >= texts.length);
    const received = smsc.events.heard.flatMap((event) => (event.type === 'received' ? [event.text] : []));
    expect(new Set(received)).toEqual(new Set(texts));
    expect(received.length - texts.length).toBeLessThanOrEqual(log.heard.filter(isEvent('ring.in-doubt')).length);
    expect(log.heard.filter(isEvent('session.listening')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('the drain of an IM server', () => {
  it('waits for nobody who asked for a WebSocket and stays', async () => {
    const im = await imServerInTest({ stateDir: await newDir() });
    const { port, hostname } = new URL(urlOf(im).replace('ws:', 'http:'));
    const socket = connect({ port: Number(port), host: hostname });
    cleanups.push(async () => socket.destroy());
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const gone = once(socket, 'close');
    // What it is told meanwhile is read, or the connection would never end here.
    socket.resume();
    await once(socket, 'connect');
    // An answer to another request says that the server has seen the first.
    await (await fetch(`http://${hostname}:${port}/`)).text();
    await im.drain();
    await gone;
  });
});

describe('a bug in a role that runs', () => {
  type AnyRole = { handle(input: { readonly type: string }, now: Instant): readonly unknown[] };

  /** The machine changes all that the input changes in it, then fails once: what it gives is lost. */
  function failOnceAt(prototype: AnyRole, isIt: (input: { readonly type: string }) => boolean): () => boolean {
    const handle = prototype.handle;
    let isDone = false;
    prototype.handle = function (this: AnyRole, input, now) {
      const outputs = handle.call(this, input, now);
      if (isDone || !isIt(input) || outputs.length === 0) return outputs;
      isDone = true;
      throw new InvariantError('made up', { slot: 7, history: '1 placed' });
    };
    cleanups.push(async () => {
      prototype.handle = handle;
    });
    return () => isDone;
  }

  it.each([
    ['in the session with the SMSC', BufferRole.prototype, 'smsc-received'],
    ['in what the buffer hears on the link', BufferRole.prototype, 'link-received'],
    ['in what the IM server hears on the link', ImServerRole.prototype, 'link-received'],
  ])('%s loses nothing, doubles nothing without a mark, and is told and counted', async (_, prototype, type) => {
    const smsc = await smscInTest();
    const im = await imServerInTest({ stateDir: await newDir() });
    await addAlice(im);
    const bufferDir = await newDir();
    const buffer = await bufferInTest({ smsc: smsc.address, imServer: urlOf(im), stateDir: bufferDir });
    send(im, 'c0', 'text 0');
    await im.events.until(isDelivered);
    // Both role types are such machines; the array joins their input types, which only their own callers see.
    const isDone = failOnceAt(prototype as unknown as AnyRole, (input) => input.type === type);
    const texts = Array.from({ length: 20 }, (_each, index) => `text ${index + 1}`);
    for (const text of texts) send(im, text, text);
    const delivered = new Set<string>();
    await im.events.until((event) => {
      if (isDelivered(event) && event.type === 'step') delivered.add(event.id);
      return delivered.size === texts.length + 1;
    });
    expect(isDone()).toBe(true);
    const received = smsc.events.heard.flatMap((event) => (event.type === 'received' ? [event.text] : []));
    expect(new Set(received)).toEqual(new Set(['text 0', ...texts]));
    const [role, dir] = prototype === BufferRole.prototype ? [buffer, bufferDir] : [im, im.stateDir];
    expect(role.log.heard.find(isEvent('bug.violated'))?.fields).toMatchObject({
      ...{ code: 'BUG', statement: 'made up', input: type, slot: 7, history: '1 placed', count: 1, verdict: 'mend' },
    });
    expect(await callControl(dir, 'GET /status')).toMatchObject({ violations: { count: 1, last: 'made up' } });
  });

  it('in what a person sends refuses that text alone', async () => {
    const im = await imServerInTest({ stateDir: await newDir() });
    await addAlice(im);
    failOnceAt(ImServerRole.prototype as unknown as AnyRole, (input) => input.type === 'im');
    send(im, 'c1', 'meets the bug');
    send(im, 'c2', 'does not');
    const answers = [await im.answers.until(isAbout('c1')), await im.answers.until(isAbout('c2'))];
    expect(answers).toMatchObject([
      { result: { type: 'refused', fault: { code: 'BUG' }, retryable: false } },
      { result: { type: 'stored', text: { text: 'does not' } } },
    ]);
  });

  it('takes a text for one that was handed in before it and again while the machine is made anew', async () => {
    const im = await imServerInTest({ stateDir: await newDir() });
    await addAlice(im);
    const bad = 'meets the bug';
    failOnceAt(ImServerRole.prototype as unknown as AnyRole, (input) => JSON.stringify(input).includes(bad));
    send(im, 'c1', 'Hello');
    send(im, 'c2', bad);
    send(im, 'c1', 'Hello');
    await im.answers.until(() => im.answers.heard.filter(isAbout('c1')).length === 2);
    const ids = im.answers.heard
      .filter(isAbout('c1'))
      .map(({ result }) => (result.type === 'stored' ? result.text.id : result.fault.code));
    const id = im.world.history.textOfCid('alice', 'c1')?.id;
    expect(ids).toEqual([id, id]);
  });
});
