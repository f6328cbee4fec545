// An IM server as small as it gets: a real HTTP server and gateway, the real exchange, a store in memory, and hands for
// a test to act as the rings. It can be stopped and started again on the same port, with what it had stored.

import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../../../src/core/base/random.ts';
import { type Instant, instant } from '../../../src/core/base/time.ts';
import { Exchange } from '../../../src/core/im/exchange.ts';
import {
  type ClientRef,
  defaultExchangeSettings,
  type ExchangeInput,
  type ExchangeOutput,
  type ExchangeSettings,
  type LinksEvent,
} from '../../../src/core/im/exchange-io.ts';
import { recoverExchange } from '../../../src/core/im/exchange-memory.ts';
import type { ImGateway, ImWorld, StandaloneGateway } from '../../../src/core/im/gateway.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { livePrefix } from '../../../src/core/im/records.ts';
import type { Scope } from '../../../src/core/im/users.ts';
import { messageId, type ShortMessage } from '../../../src/core/message/message.ts';
import { type HttpGateway, httpGateway } from '../../../src/gateways/http/http-gateway.ts';
import { Logins } from '../../../src/gateways/web/logins.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { makeToken } from '../../../src/gateways/web/session-token.ts';
import { webGateway } from '../../../src/gateways/web/web-gateway.ts';
import { GatewaySet } from '../../../src/shell/gateway-set.ts';
import { LivePresence } from '../../../src/shell/live-presence.ts';
import { MemoryStore } from '../../core/im/memory-store.ts';
import { RingsInTest } from './rings-in-test.ts';

export class ImServerInTest {
  readonly store = new MemoryStore();
  readonly rings = new RingsInTest();
  readonly settings: ExchangeSettings;
  readMarks: 'taken' | 'refused' = 'taken';
  readonly enqueued: { readonly smscId: string; readonly message: ShortMessage }[] = [];
  /** Set to keep everything that follows a persist back, as a disk that is slow does; call it to let go. */
  isDiskHeld = false;
  /** How long ago it is at this server; may become less. */
  agoMs = 0;
  /** In their order: `alice here`. */
  readonly presenceChanges: string[] = [];
  readonly #held: ExchangeOutput[] = [];
  #other: StandaloneGateway | undefined;
  readonly #presence = new LivePresence(
    () => this.#now(),
    (user) => {
      this.presenceChanges.push(`${user} ${this.#presence.of(user)}`);
      for (const gateway of [this.#gateway, this.#other]) gateway?.presenceChanged?.(user);
    },
  );
  readonly #sessionKey = randomBytes(32);
  readonly #random = seededRandom(11);
  #exchange: Exchange;
  #gateway: GatewaySet | undefined;
  http: HttpGateway | undefined;
  #server: Server | undefined;
  #port = 0;
  #lastTime = 0;
  #ids = 0;

  constructor(settings: Partial<ExchangeSettings> = {}) {
    const routes = [{ prefix: '', smscId: 'hel1' }];
    this.settings = { ...defaultExchangeSettings, routes, serviceNumbers: ['2882'], ...settings };
    this.#exchange = this.#recover();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#exchange = this.#recover();
    const { world } = this;
    const logins = new Logins({ users: world.history, sessionKey: this.#sessionKey, clock: Date.now });
    const common = { world, logins, log: () => undefined };
    this.http = httpGateway({ ...common, webhookTargets: 'guarded' });
    const { reports, national } = this.settings;
    const web = webGateway({ ...common, transport: 'http', reports, national, rings: this.rings });
    const gateway = new GatewaySet([web, this.http]);
    const server = createServer(gateway.requestListener);
    server.on('upgrade', (request, socket, head) => {
      if (!gateway.handleUpgrade(request, socket, head)) socket.destroy();
    });
    this.#gateway = gateway;
    gateway.start();
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    // A TCP server is bound to an address and port, never a path.
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#gateway?.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** So much later at this server: whose client was lost is not expected back for ever. */
  pass(ms: number): void {
    this.agoMs -= ms;
    this.#presence.look();
  }

  /** One more gateway beside the web's; what is told to its clients goes there. */
  addGateway(make: (world: ImWorld) => StandaloneGateway): void {
    const other = make(this.world);
    this.#other = other;
    other.start();
  }

  async addUser(name: string, password: string, suffix?: string, scopes?: readonly Scope[]): Promise<void> {
    const passwordHash = await hashPassword(password);
    const change = { type: 'add', name, suffix, passwordHash, role: 'ordinary', scopes } as const;
    this.input({ type: 'user', ref: name, change });
  }

  /** A user who comes in by a session only: no password is hashed, which takes longer than most tests. */
  addSessionUser(name: string, suffix?: string, scopes?: readonly Scope[]): void {
    const change = { type: 'add', name, suffix, passwordHash: `none of ${name}`, role: 'ordinary', scopes } as const;
    this.input({ type: 'user', ref: name, change });
  }

  /** The value of the session's cookie. */
  sessionOf(name: string): string {
    const user = historyOf(this.store).user(name);
    if (user === undefined) throw new Error(`no user ${name}`);
    return makeToken(user, this.#sessionKey, Date.now());
  }

  input(input: ExchangeInput): void {
    for (const output of this.#exchange.handle(input, this.#now())) this.#held.push(output);
    if (!this.isDiskHeld) this.letGo();
  }

  /** The disk is done: what waited behind it is carried out. */
  letGo(): void {
    this.isDiskHeld = false;
    for (const output of this.#held.splice(0)) this.#perform(output);
  }

  /** What a gateway remembers, by key. */
  notes(gateway: string): readonly string[] {
    return Array.from(historyOf(this.store).notes(gateway, ''), ([key]) => key);
  }

  /** Outputs that wait for the disk. */
  get heldCount(): number {
    return this.#held.length;
  }

  links(links: LinksEvent['links']): void {
    for (const gateway of [this.#gateway, this.#other]) gateway?.broadcast({ type: 'links', links });
  }

  /** The SMSC takes the nth short message under this stamp. */
  confirm(index: number, stamp: string): void {
    const outcome = { status: 'confirmed', stamp, errorCode: 0, by: 'answer' } as const;
    this.#outcome(index, outcome);
  }

  refuse(index: number, errorCode: number): void {
    this.#outcome(index, { status: 'refused', stamp: '', errorCode, by: 'answer' });
  }

  doubt(index: number): void {
    const id = this.#enqueuedAt(index).id;
    this.input({ type: 'moved', smscId: 'hel1', messageId: id, status: 'in-doubt', possibleDuplicate: false });
  }

  report(index: number, stamp: string, status: number, error = 0): void {
    const destination = this.#enqueuedAt(index).to;
    const time = { digits: stamp, at: this.#now() };
    const report = { destination, stamp: time, status, error, dischargedAt: time };
    const message = { ...this.#message(destination, ''), content: { type: 'status-report', report } as const };
    this.input({ type: 'arrived', smscId: 'hel1', message, isRepeated: false });
  }

  arrive(from: string, to: string, text: string): void {
    const content = { type: 'text', text, coding: 'ucs2', flash: false } as const;
    this.input({
      type: 'arrived',
      smscId: 'hel1',
      message: { ...this.#message(from, to), content },
      isRepeated: false,
    });
  }

  /** What its gateways live on. */
  get world(): ImWorld {
    return {
      input: (input) => this.input(input),
      takesReadMarks: () => this.readMarks === 'taken',
      history: historyOf(this.store),
      smscsFor: (number, user) => this.#exchange.smscsFor(number, user),
      presenceOf: (user) => this.#presence.of(user),
      tellPresence: (client, user, told) => this.#presence.tell(client, user, told),
    };
  }

  #perform(output: ExchangeOutput): void {
    if (output.type === 'persist') this.store.write(output.records);
    if (output.type === 'enqueue') this.enqueued.push(output);
    if (output.type === 'deliver') this.#gatewayOf(output.client)?.deliver(output.client, output.event);
    if (output.type === 'answer') {
      const { client, user, cid, result } = output;
      this.#gatewayOf(client)?.answer(client, cid, result);
      if (result.type === 'stored') this.input({ type: 'written', user, cid });
    }
  }

  #gatewayOf(client: ClientRef): Pick<ImGateway, 'deliver' | 'answer'> | undefined {
    const other = this.#other;
    return other !== undefined && client.startsWith(`${other.type}:`) ? other : this.#gateway;
  }

  #outcome(index: number, outcome: Extract<ExchangeInput, { type: 'outcome' }>['outcome']): void {
    const id = this.#enqueuedAt(index).id;
    this.input({ type: 'outcome', smscId: 'hel1', messageId: id, outcome, possibleDuplicate: false });
  }

  #enqueuedAt(index: number): ShortMessage {
    const found = this.enqueued[index];
    if (found === undefined) throw new Error(`only ${this.enqueued.length} were enqueued`);
    return found.message;
  }

  #message(from: string, to: string): Omit<ShortMessage, 'content'> {
    this.#ids += 1;
    const now = this.#now();
    return {
      id: messageId(`00000000-0000-7000-8000-${String(this.#ids).padStart(12, '0')}`),
      ...{ from, to, header: new Uint8Array(0), part: undefined, report: 'none', textId: '' },
      ...{ validUntil: now, createdAt: now, smscTime: undefined },
    };
  }

  #now(): Instant {
    this.#lastTime = Math.max(this.#lastTime, Date.now() - this.agoMs);
    return instant(this.#lastTime);
  }

  #recover(): Exchange {
    const memory = recoverExchange(this.store.entries(livePrefix));
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256));
    return new Exchange({ settings: this.settings, memory, store: this.store, randomBytes: bytes });
  }
}
