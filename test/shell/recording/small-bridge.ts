/** An SMSC, an IM server and a buffer in one process, each with a recording, and one user: for tests of recordings. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import { clientRef, type ImEvent } from '../../../src/core/im/exchange-io.ts';
import type { ImWorld } from '../../../src/core/im/gateway.ts';
import { parseListenAddress, parseTransportAddress, parseWebSocketAddress } from '../../../src/shell/address.ts';
import { startBuffer } from '../../../src/shell/buffer-process.ts';
import { callControl } from '../../../src/shell/control-client.ts';
import { type ChangeUsers, startImServer } from '../../../src/shell/im-server-process.ts';
import type { RecordSettings } from '../../../src/shell/recording/recorder.ts';
import { startSmsc } from '../../../src/shell/smsc-process.ts';
import { plainAccount, plainBuffer, plainGateway, plainImServer, plainSmsc } from '../../plain-settings.ts';

export const password = 'Tr0ub4dor';
export const phone = '+358401234567';

const onBug = (error: unknown): never => {
  throw error;
};

export interface SmallBridge {
  readonly dirs: readonly string[];
  readonly smscDir: string;
  readonly bufferDir: string;
  readonly imDir: string;
  /** Hands in texts and waits until each is on the handset. */
  carry(texts: readonly string[]): Promise<void>;
  /** A handset writes to the user; waits until it has arrived. */
  writeBack(text: string): Promise<void>;
  /** The user has read everything of the handset. */
  read(): void;
  /** Ends all roles in order; their directories stay until {@link clear}. */
  drain(): Promise<void>;
  clear(): Promise<void>;
}

/** @param earlier one that was drained: its roles are started again */
export async function startSmallBridge(record: RecordSettings, earlier?: SmallBridge): Promise<SmallBridge> {
  const dirs = earlier?.dirs ?? (await newDirs());

  const [smscDir = '', imDir = '', bufferDir = ''] = dirs;
  const smsc = await startSmsc({
    settings: { ...plainSmsc, accounts: [{ ...plainAccount, password }] },
    listen: parseListenAddress('tcp://127.0.0.1:0'),
    stateDir: smscDir,
    record,
    seed: 1,
    log: () => undefined,
    onEvent: () => undefined,
    onBug,
  });
  const told = new Told();
  let world: ImWorld | undefined;
  let changeUsers: ChangeUsers | undefined;
  const im = await startImServer({
    settings: plainImServer,
    listen: { type: 'tcp', host: '127.0.0.1', port: 0 },
    tls: undefined,
    stateDir: imDir,
    durability: 'process',
    record,
    makeGateways: (tools) => {
      world = tools.world;
      return [plainGateway((event) => told.tell(isNews(event)))];
    },
    userRoutes: (change) => {
      changeUsers = change;
      return {};
    },
    log: () => undefined,
    onBug,
  });
  const port = im.address.type === 'tcp' ? im.address.port : 0;
  const ready = new Told();
  const buffer = await startBuffer({
    settings: { ...plainBuffer, smscZone: 480, password },
    smsc: parseTransportAddress(smsc.address),
    imServer: parseWebSocketAddress(`ws://127.0.0.1:${port}/link`),
    tls: {},
    stateDir: bufferDir,
    durability: 'process',
    record,
    log: (event: LogEvent) => ready.tell(event.event === 'session.state' && event.fields['state'] === 'ready'),
    onBug,
  });
  await ready.count(1);
  await changeUsers?.({ type: 'add', name: 'alice', suffix: '0001', passwordHash: 'scrypt$hash', role: 'default' });
  world?.input({ type: 'attached', client: clientRef('test:1'), user: 'alice' });
  let sent = 0;
  const cid = earlier === undefined ? 'c' : 'd';
  return {
    dirs,
    smscDir,
    bufferDir,
    imDir,
    carry: async (texts) => {
      for (const text of texts) {
        sent += 1;
        const request = { client: clientRef('test:1'), user: 'alice', cid: `${cid}${sent}`, to: phone, text };
        world?.input({ type: 'send', request, storedAs: undefined });
      }
      await told.count(sent);
    },
    writeBack: async (text) => {
      sent += 1;
      await callControl(smscDir, 'POST /inject', { from: phone, to: '28820001', text, wait: 'none' });
      await told.count(sent);
    },
    read: () => world?.input({ type: 'read', user: 'alice', peer: phone, order: Number.MAX_SAFE_INTEGER }),
    drain: async () => {
      await buffer.drain();
      await im.drain();
      await smsc.drain();
    },
    clear: async () => {
      await Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true })));
    },
  };
}

function newDirs(): Promise<readonly string[]> {
  return Promise.all(['smsc', 'im', 'buffer'].map((name) => mkdtemp(join(tmpdir(), `ringbridge-${name}-`))));
}

/** Counts what is told, and lets a test wait for so many. */
class Told {
  #count = 0;
  #waiting: { readonly count: number; readonly done: () => void }[] = [];

  tell(isIt: boolean): void {
    if (!isIt) return;
    this.#count += 1;
    for (const { count, done } of this.#waiting) if (count === this.#count) done();
  }

  count(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.push({ count, done });
    });
  }
}

function isNews(event: ImEvent): boolean {
  return event.type === 'message' || (event.type === 'step' && event.step === 'delivered');
}
