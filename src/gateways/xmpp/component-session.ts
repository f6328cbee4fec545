/**
 * The component's session with its XMPP server (XEP-0114): connects, proves that it knows the secret, passes stanzas, and
 * tells what has come to the server. The stream acknowledges nothing, so that is the answer to a ping (XEP-0199) behind
 * what was sent: servers work through a stream in order. It is safe there when the server still answers a while later, or
 * ends the stream in order; of some servers the first answer will do. What was not proven when a session ends may be lost; sending it again is for whoever sent it.
 * A machine: sockets and clock are outside (`component-runner.ts`).
 */
import { assertNever } from '../../core/base/invariant.ts';
import { logEvent } from '../../core/base/log-event.ts';
import { earliest, type Machine } from '../../core/base/machine.ts';
import type { Random } from '../../core/base/random.ts';
import { type Instant, later } from '../../core/base/time.ts';
import type { ComponentInput, ComponentOutput, ComponentSettings } from './component-io.ts';
import { nameQuestion, provesByAnswer } from './server-name.ts';
import { componentNamespace, type Element, element, elementsIn, stanza, textOf, write } from './xml.ts';
import { type StreamItem, streamsNamespace, XmlReader } from './xml-reader.ts';

/** From the connection to the end of the handshake. */
const handshakeTimeoutMs = 15_000;
/** A server that answers no ping for so long is gone. */
const pingTimeoutMs = 15_000;
/** A server that was not heard for so long is asked whether it is there. */
const quietMs = 30_000;
/**
 * What a server has taken is proven when it answers this much later. COMPAT: ejabberd answers pings in front of the
 * sessions of its clients, and what its archive and its offline store take may be 3 s in memory (dets, delayed_write).
 */
export const settlingMs = 5_000;
/** What was taken within so long of each other is proven together, so that little has to be remembered. */
const togetherMs = 250;
const retry = { firstMs: 250, capMs: 30_000 } as const;
/** A session that lasted so long was a good one: the next attempts begin with the first wait again. */
const goodSessionMs = 10_000;

type State =
  | { readonly type: 'idle' }
  | { readonly type: 'waiting'; readonly until: Instant }
  | { readonly type: 'connecting' }
  | { readonly type: 'greeting' | 'proving'; readonly until: Instant }
  | { readonly type: 'online'; readonly since: Instant }
  /** The server refused the secret, or this end was told to stop. */
  | { readonly type: 'over' };

interface Ping {
  readonly id: string;
  readonly mark: number | undefined;
  readonly sentAt: Instant;
}

/** `since`: of the first failure in a row. */
export interface ComponentProblem {
  readonly code: 'XMPP_UNREACHABLE' | 'XMPP_BAD_SECRET';
  readonly reason: string;
  readonly since: Instant;
}

/** Everything up to a mark: taken by the server, and not proven. */
interface Taken {
  readonly mark: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

/** @param sha1 as hex digits, of a text of ASCII characters and the secret */
export type Sha1Hex = (text: string) => string;

export class ComponentSession implements Machine<ComponentInput, ComponentOutput> {
  readonly #settings: ComponentSettings;
  readonly #random: Random;
  readonly #sha1: Sha1Hex;
  #state: State = { type: 'idle' };
  #reader = new XmlReader();
  #attempts = 0;
  /** Without an answer, oldest first. INVARIANT: empty unless online. */
  #pings: Ping[] = [];
  #lastId = 0;
  /** Of the question for the server's name; undefined where it is answered or was not asked. */
  #nameId: string | undefined;
  /** What proves that something is safe at this server. */
  #proof: 'answer' | 'later-answer' = 'later-answer';
  /** Oldest first. INVARIANT: empty unless online. */
  #taken: Taken[] = [];
  #heardAt: Instant | undefined;
  #problem: ComponentProblem | undefined;
  #outputs: ComponentOutput[] = [];

  constructor(settings: ComponentSettings, random: Random, sha1: Sha1Hex) {
    this.#settings = settings;
    this.#random = random;
    this.#sha1 = sha1;
  }

  get isOnline(): boolean {
    return this.#state.type === 'online';
  }

  /** Why it is not online, as the last attempt left it; undefined while it is, or before the first. */
  get problem(): ComponentProblem | undefined {
    return this.#problem;
  }

  handle(input: ComponentInput, now: Instant): readonly ComponentOutput[] {
    this.#take(input, now);
    return this.#outputs.splice(0);
  }

  deadline(): Instant | undefined {
    const state = this.#state;
    switch (state.type) {
      case 'waiting':
      case 'greeting':
      case 'proving':
        return state.until;
      case 'online': {
        const [oldest] = this.#pings;
        return earliest(
          oldest && later(oldest.sentAt, pingTimeoutMs),
          oldest === undefined && this.#heardAt !== undefined ? later(this.#heardAt, quietMs) : undefined,
          this.#settlesAt(),
        );
      }
      default:
        return undefined;
    }
  }

  #take(input: ComponentInput, now: Instant): void {
    switch (input.type) {
      case 'start':
        if (this.#state.type === 'idle') this.#connect();
        return;
      case 'connected':
        return this.#connected(now);
      case 'received':
        this.#heardAt = now;
        for (const item of this.#reader.read(input.text)) this.#read(item, now);
        return;
      case 'disconnected':
        return this.#ended(input.reason, now);
      case 'send':
        if (this.#state.type === 'online') this.#write(input.stanzas.map((item) => write(item)).join(''));
        return;
      case 'prove':
        if (this.#state.type === 'online') this.#ping(input.mark, now);
        return;
      case 'stop':
        return this.#stop();
      case 'tick':
        return this.#tick(now);
      default:
        return assertNever(input);
    }
  }

  #connect(): void {
    this.#state = { type: 'connecting' };
    this.#outputs.push({ type: 'connect' });
  }

  #connected(now: Instant): void {
    if (this.#state.type !== 'connecting') return;
    this.#reader = new XmlReader();
    this.#heardAt = now;
    this.#state = { type: 'greeting', until: later(now, handshakeTimeoutMs) };
    const namespaces = `xmlns='${componentNamespace}' xmlns:stream='${streamsNamespace}'`;
    this.#write(`<?xml version='1.0'?><stream:stream ${namespaces} to='${this.#settings.domain}'>`);
  }

  #read(item: StreamItem, now: Instant): void {
    // What comes behind the reason to leave is not listened to.
    if (this.#state.type !== 'greeting' && this.#state.type !== 'proving' && this.#state.type !== 'online') return;
    switch (item.type) {
      case 'opened': {
        if (this.#state.type !== 'greeting') return;
        this.#state = { type: 'proving', until: this.#state.until };
        // SPEC: XEP-0114 section 3, step 3: the id of the stream and the secret, hashed.
        const proof = this.#sha1(`${item.attrs['id'] ?? ''}${this.#settings.secret}`);
        return this.#write(write(stanza('handshake', {}, proof)));
      }
      case 'element':
        return this.#readElement(item.element, now);
      case 'broken':
        return this.#giveUpConnection(`the server sent what is ${item.condition}`, item.condition, now);
      case 'ended':
        return this.#leave('the server closed the stream', now);
      default:
        assertNever(item);
    }
  }

  #readElement(read: Element, now: Instant): void {
    if (read.name === 'error' && read.xmlns === streamsNamespace) return this.#streamError(read, now);
    if (this.#state.type === 'proving' && read.name === 'handshake') {
      this.#state = { type: 'online', since: now };
      this.#proof = 'later-answer';
      this.#askName();
      this.#problem = undefined;
      this.#outputs.push(logEvent('info', 'xmpp.online', { domain: this.#settings.domain }), { type: 'online' });
      return;
    }
    if (this.#state.type !== 'online') return;
    if (!this.#isPong(read, now) && !this.#isName(read)) this.#outputs.push({ type: 'stanza', element: read });
  }

  /** Any answer will do, also an error, and our own question where it was sent to this very domain. */
  #isPong(read: Element, now: Instant): boolean {
    if (read.name !== 'iq') return false;
    const index = this.#pings.findIndex(({ id }) => id === read.attrs['id']);
    if (index < 0) return false;
    const answered = this.#pings.splice(0, index + 1);
    const askedAt = answered.at(-1)?.sentAt ?? now;
    const settled = this.#taken.findLastIndex(({ lastAt }) => later(lastAt, settlingMs) <= askedAt);
    this.#prove(settled + 1);
    const mark = answered.findLast((ping) => ping.mark !== undefined)?.mark;
    if (mark !== undefined) this.#noteTaken(mark, now);
    return true;
  }

  /** A server that is asked for the component's own domain would ask back. */
  #askName(): void {
    const { domain, pingTo } = this.#settings;
    this.#nameId = pingTo === domain ? undefined : this.#newId('name');
    if (this.#nameId !== undefined) {
      this.#write(write(nameQuestion({ from: domain, to: pingTo, id: this.#nameId })));
    }
  }

  #isName(read: Element): boolean {
    if (read.name !== 'iq' || this.#nameId === undefined || read.attrs['id'] !== this.#nameId) return false;
    this.#nameId = undefined;
    if (provesByAnswer(read)) {
      this.#proof = 'answer';
      this.#prove(this.#taken.length);
    }
    return true;
  }

  #noteTaken(mark: number, now: Instant): void {
    this.#outputs.push({ type: 'taken', mark });
    if (this.#proof === 'answer') {
      this.#outputs.push({ type: 'proven', mark });
      return;
    }
    const last = this.#taken.at(-1);
    const isTogether = last !== undefined && now - last.firstAt < togetherMs;
    const firstAt = isTogether ? last.firstAt : now;
    if (isTogether) this.#taken.pop();
    this.#taken.push({ mark, firstAt, lastAt: now });
  }

  /** The oldest of what was taken, so many, are proven. */
  #prove(count: number): void {
    const mark = this.#taken.splice(0, count).at(-1)?.mark;
    if (mark !== undefined) this.#outputs.push({ type: 'proven', mark });
  }

  /** When to ask for the proof of what was taken; undefined where that is asked, or nothing was. */
  #settlesAt(): Instant | undefined {
    const oldest = this.#taken[0];
    if (oldest === undefined) return undefined;
    const due = later(oldest.lastAt, settlingMs);
    return this.#pings.some(({ sentAt }) => sentAt >= due) ? undefined : due;
  }

  #ping(mark: number | undefined, now: Instant): void {
    const id = this.#newId('ping');
    this.#pings.push({ id, mark, sentAt: now });
    const { domain, pingTo } = this.#settings;
    const attrs = { type: 'get', from: domain, to: pingTo, id };
    this.#write(write(stanza('iq', attrs, element('ping', 'urn:xmpp:ping'))));
  }

  /** The random part tells it from questions of an earlier life that come late. */
  #newId(what: string): string {
    this.#lastId += 1;
    return `${what}-${this.#lastId}-${Math.floor(this.#random() * 0xffff_ffff).toString(36)}`;
  }

  /** SPEC: RFC 6120 section 4.9: the server closes the stream behind it. */
  #streamError(read: Element, now: Instant): void {
    const [first] = elementsIn(read).filter(({ name }) => name !== 'text');
    const condition = first?.name ?? 'undefined-condition';
    const text = textOf(elementsIn(read).find(({ name }) => name === 'text')).slice(0, 200);
    if (condition !== 'not-authorized') return this.#leave(`${condition}${text === '' ? '' : `: ${text}`}`, now);
    const { domain } = this.#settings;
    this.#outputs.push(logEvent('error', 'xmpp.refused', { code: 'XMPP_BAD_SECRET', domain, text }));
    this.#problem = { code: 'XMPP_BAD_SECRET', reason: text, since: this.#problem?.since ?? now };
    this.#close();
    this.#state = { type: 'over' };
  }

  #tick(now: Instant): void {
    const due = this.deadline();
    if (due === undefined || now < due) return;
    switch (this.#state.type) {
      case 'waiting':
        return this.#connect();
      case 'greeting':
      case 'proving':
        return this.#giveUpConnection('the server did not answer the handshake', undefined, now);
      case 'online':
        if (this.#isPingLost(now)) return this.#giveUpConnection('the server answers no pings', undefined, now);
        return this.#ping(undefined, now);
      default:
        return;
    }
  }

  #isPingLost(now: Instant): boolean {
    const [oldest] = this.#pings;
    return oldest !== undefined && now >= later(oldest.sentAt, pingTimeoutMs);
  }

  /** The server said goodbye: what it had taken it has done with. */
  #leave(reason: string, now: Instant): void {
    this.#prove(this.#taken.length);
    this.#giveUpConnection(reason, undefined, now);
  }

  /** Ends a connection of which nothing good is to be expected. */
  #giveUpConnection(reason: string, condition: string | undefined, now: Instant): void {
    if (condition !== undefined) {
      const why = element(condition, 'urn:ietf:params:xml:ns:xmpp-streams');
      this.#write(`<stream:error>${write(why)}</stream:error></stream:stream>`);
    }
    this.#outputs.push({ type: 'disconnect' });
    this.#ended(reason, now);
  }

  #ended(reason: string, now: Instant): void {
    const state = this.#state;
    if (state.type === 'idle' || state.type === 'waiting' || state.type === 'over') return;
    if (state.type === 'online' && now - state.since >= goodSessionMs) this.#attempts = 0;
    const waitMs = Math.min(retry.capMs, retry.firstMs * 2 ** this.#attempts) * (0.5 + this.#random() / 2);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    this.#state = { type: 'waiting', until: later(now, Math.round(waitMs)) };
    const { domain } = this.#settings;
    const fields = { code: 'XMPP_UNREACHABLE', domain, reason, attempts: this.#attempts };
    this.#problem = { code: 'XMPP_UNREACHABLE', reason, since: this.#problem?.since ?? now };
    this.#outputs.push(logEvent('warn', 'xmpp.offline', fields));
    this.#pings = [];
    this.#taken = [];
    if (state.type === 'online') this.#outputs.push({ type: 'offline' });
  }

  /** A server that stays is trusted with what it has taken. */
  #stop(): void {
    const state = this.#state;
    if (state.type === 'over') return;
    this.#prove(this.#taken.length);
    if (state.type !== 'idle' && state.type !== 'waiting') this.#close();
    this.#state = { type: 'over' };
    this.#pings = [];
    if (state.type === 'online') this.#outputs.push({ type: 'offline' });
  }

  #close(): void {
    if (this.#state.type !== 'connecting') this.#write('</stream:stream>');
    this.#outputs.push({ type: 'disconnect' });
  }

  #write(text: string): void {
    if (text !== '') this.#outputs.push({ type: 'write', text });
  }
}
