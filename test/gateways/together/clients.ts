// The four kinds of clients that people have: a page, the terminal, a program on the HTTP API, an XMPP account. Each comes back
// after a cut and sends again what was not stored, as its protocol says, and nothing more.
import { PassThrough } from 'node:stream';
import { WebSocket } from 'ws';
import { streamChat } from '../../../src/cli/im/chat-stream.ts';
import { namespaces } from '../../../src/gateways/xmpp/incoming-message.ts';
import { childOf, type Element, element, stanza, textOf } from '../../../src/gateways/xmpp/xml.ts';
import type { XmppServerInTest } from '../xmpp/xmpp-server.ts';
import { password } from './house.ts';
import type { Screen } from './ledger.ts';

export const kinds = ['web', 'terminal', 'HTTP', 'XMPP'] as const;

export type Kind = (typeof kinds)[number];

export interface ChatClient {
  readonly kind: Kind;
  readonly user: string;
  readonly screen: Screen;
  /** How often it had to come back. */
  readonly returns: number;
  /** Hands a text in, until it is stored. */
  send(to: string, text: string): void;
  close(): unknown;
}

export interface ClientOptions {
  readonly url: string;
  readonly user: string;
  readonly screen: Screen;
  /** What it remembers of an earlier life: the position it was told last. Without one it begins with what comes. */
  readonly position?: number;
  /** A protocol that was not kept to. */
  readonly fault: (words: string) => void;
}

/** How long these wait before they come back. */
const retryMs = 40;

/** As docs/im-protocol.md has it: keeps what is not stored, goes on behind the last position that came in order. */
export class WebUser implements ChatClient {
  readonly kind = 'web';
  readonly user: string;
  readonly screen: Screen;
  returns = -1;
  readonly #options: ClientOptions;
  readonly #outbox = new Map<string, { readonly to: string; readonly text: string }>();
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the server, looked into freely
  readonly #texts = new Map<string, any>();
  #socket: WebSocket | undefined;
  #isReady = false;
  #isResuming = false;
  #isEnded = false;
  #position: number | undefined;
  #count = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.user = options.user;
    this.screen = options.screen;
    this.#position = options.position;
    this.#open();
  }

  send(to: string, text: string): void {
    this.#count += 1;
    const cid = `web-${this.#count}`;
    this.#outbox.set(cid, { to, text });
    if (this.#isReady) this.#say({ type: 'send', cid, to, text });
  }

  close(): void {
    this.#isEnded = true;
    this.#socket?.terminate();
  }

  #open(): void {
    const socket = new WebSocket(`${this.#options.url.replace('http', 'ws')}/im`, 'ringbridge.im.1');
    this.#socket = socket;
    socket.on('open', () => this.#say({ type: 'login', user: this.user, password }));
    socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isReady = false;
      if (!this.#isEnded) setTimeout(() => this.#open(), retryMs);
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  #take(message: any): void {
    switch (message.type) {
      case 'welcome':
        this.returns += 1;
        this.#isReady = true;
        if (this.#position === undefined) this.#position = message.position;
        else {
          this.#isResuming = true;
          this.#say({ type: 'resume', position: this.#position });
        }
        for (const [cid, item] of this.#outbox) this.#say({ type: 'send', cid, ...item });
        break;
      case 'changes':
        for (const text of message.texts) this.#show(text);
        this.#position = Math.max(this.#position ?? 0, message.position);
        this.#isResuming = !message.isComplete;
        if (this.#isResuming) this.#say({ type: 'resume', position: message.position });
        break;
      case 'stored':
        this.#outbox.delete(message.cid);
        this.#show(message.text);
        break;
      case 'message':
        if (this.#isResuming) break;
        this.#show(message.text);
        this.#position = Math.max(this.#position ?? 0, message.text.position);
        break;
      case 'step': {
        if (this.#isResuming) break;
        const { id, step, reason, marks, position } = message;
        const known = this.#texts.get(id);
        if (known !== undefined) this.#show({ ...known, step, reason, marks, position });
        this.#position = Math.max(this.#position ?? 0, position);
        break;
      }
      case 'refused':
        this.#options.fault(`web: refused: ${message.message}`);
        break;
      default:
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  #show(text: any): void {
    const known = this.#texts.get(text.id);
    if (known !== undefined && known.position >= text.position) return;
    this.#texts.set(text.id, text);
    this.screen.show(text);
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** `im chat --json`, with its lines. */
export class TerminalUser implements ChatClient {
  readonly kind = 'terminal';
  readonly user: string;
  readonly screen: Screen;
  returns = -1;
  readonly #input = new PassThrough();
  readonly #ended: Promise<number>;
  readonly #positions = new Map<string, number>();

  constructor({ url, user, screen, fault, position }: ClientOptions) {
    this.user = user;
    this.screen = screen;
    this.#ended = streamChat({
      ...{ url: new URL(url), user, password, peer: undefined, input: this.#input, position },
      signal: new AbortController().signal,
      write: (document) => {
        // It is what it would be in a pipe.
        const event = JSON.parse(JSON.stringify(document));
        if (event.type === 'ready') this.returns += 1;
        if (event.type === 'refused') fault(`terminal: refused: ${event.message}`);
        if (event.type !== 'text') return;
        const before = this.#positions.get(event.id) ?? -1;
        if (event.position <= before) fault(`terminal: the same state twice of ${event.text}`);
        this.#positions.set(event.id, event.position);
        screen.show({ ...event, at: Date.parse(event.at) });
      },
    });
  }

  send(to: string, text: string): void {
    this.#input.write(`${JSON.stringify({ to, text })}\n`);
  }

  close(): Promise<number> {
    this.#input.end();
    return this.#ended;
  }
}

/** A program: one request after the other for each addressee, each with a key of its own, and a stream of events. */
export class HttpUser implements ChatClient {
  readonly kind = 'HTTP';
  readonly user: string;
  readonly screen: Screen;
  returns = -1;
  readonly #options: ClientOptions;
  readonly #authorization: string;
  readonly #abort = new AbortController();
  readonly #lines = new Map<string, Promise<void>>();
  #lastEventId = '0';
  #count = 0;

  constructor(options: ClientOptions, token: string) {
    this.#options = options;
    this.user = options.user;
    this.screen = options.screen;
    this.#authorization = `Bearer ${token}`;
    void this.#listen();
  }

  send(to: string, text: string): void {
    this.#count += 1;
    const key = `http-${this.#count}`;
    const before = this.#lines.get(to) ?? Promise.resolve();
    this.#lines.set(
      to,
      before.then(() => this.#post(key, to, text)),
    );
  }

  close(): void {
    this.#abort.abort();
  }

  async #post(key: string, to: string, text: string): Promise<void> {
    const headers = { authorization: this.#authorization, 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify({ to, text });
    while (!this.#abort.signal.aborted) {
      try {
        const signal = this.#abort.signal;
        const response = await fetch(`${this.#options.url}/api/messages`, { method: 'POST', headers, body, signal });
        const answer = await response.json();
        if (response.ok) return;
        this.#options.fault(`HTTP: ${response.status}: ${JSON.stringify(answer)}`);
      } catch {
        // Cut, before or behind the store: the key makes it safe to ask again.
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  async #listen(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        const headers = { authorization: this.#authorization, 'last-event-id': this.#lastEventId };
        const signal = this.#abort.signal;
        const response = await fetch(`${this.#options.url}/api/events`, { headers, signal });
        if (response.status === 200) this.returns += 1;
        let rest = '';
        for await (const chunk of response.body ?? []) {
          rest += Buffer.from(chunk).toString();
          const blocks = rest.split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) this.#take(block);
        }
      } catch {
        // Cut: it goes on behind the last event.
      }
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0] ?? '', line.replace(/^\w+: /, '')]));
    if (fields.get('event') !== 'message') return;
    const id = fields.get('id') ?? '';
    if (Number(id) <= Number(this.#lastEventId)) this.#options.fault(`HTTP: event ${id} behind ${this.#lastEventId}`);
    this.#lastEventId = id;
    const message = JSON.parse(fields.get('data') ?? '');
    this.screen.show({ ...message, at: Date.parse(message.at) });
  }
}

/** An account at an XMPP server; drops what it has, by its stable id, and sends again what it has no proof of. */
export class XmppUser implements ChatClient {
  readonly kind = 'XMPP';
  readonly user: string;
  readonly screen: Screen;
  returns = -1;
  /** Stanzas that came once more behind a cut. */
  repeated = 0;
  readonly #options: ClientOptions;
  readonly #server: XmppServerInTest;
  readonly #sent = new Map<string, { readonly to: string; readonly text: string }>();
  readonly #unproven = new Set<string>();
  readonly #known = new Set<string>();
  #count = 0;

  constructor(options: ClientOptions, server: XmppServerInTest) {
    this.#options = options;
    this.user = options.user;
    this.screen = options.screen;
    this.#server = server;
    if (server.isOnline) this.returns = 0;
    server.onStanza.push((heard) => this.#take(heard));
    server.onOnline.push(() => {
      this.returns += 1;
      for (const id of this.#unproven) this.#write(id);
    });
  }

  send(to: string, text: string): void {
    this.#count += 1;
    const id = `xmpp-${this.#count}`;
    this.#sent.set(id, { to, text });
    this.#unproven.add(id);
    this.#write(id);
  }

  close(): void {
    this.#unproven.clear();
  }

  #write(id: string): void {
    const { to, text } = this.#sent.get(id) ?? { to: '', text: '' };
    if (!this.#server.isOnline) return;
    const attrs = { type: 'chat', from: `${this.user}@localhost/phone`, to: `${to}@sms.localhost`, id };
    const wishes = [element('request', namespaces.receipts), element('origin-id', namespaces.stableIds, { id })];
    this.#server.send(stanza('message', attrs, stanza('body', {}, text), ...wishes));
  }

  #take(heard: Element): void {
    if (heard.name !== 'message' || heard.attrs['to']?.startsWith(`${this.user}@`) !== true) return;
    const id = heard.attrs['id'] ?? '';
    const receipt = childOf(heard, 'received', namespaces.receipts)?.attrs['id'];
    if (receipt !== undefined) this.#fate(receipt, 'delivered');
    else if (heard.attrs['type'] === 'error') this.#fate(id, 'failed');
    else {
      const stable = childOf(heard, 'stanza-id', namespaces.stableIds)?.attrs['id'] ?? '';
      if (stable === '' || stable !== id) this.#options.fault(`XMPP: a text without a stable id: ${id}`);
      if (this.#known.has(stable)) this.repeated += 1;
      else {
        this.#known.add(stable);
        const text = textOf(childOf(heard, 'body', heard.xmlns));
        const peer = heard.attrs['from']?.split('@')[0] ?? '';
        const stamp = childOf(heard, 'delay', namespaces.delay)?.attrs['stamp'];
        const at = stamp === undefined ? undefined : Date.parse(stamp);
        this.screen.show({ id: stable, direction: 'in', peer, text, at, step: undefined, order: undefined });
      }
    }
  }

  #fate(id: string, step: string): void {
    const sent = this.#sent.get(id);
    if (sent === undefined) return this.#options.fault(`XMPP: ${step} of a stanza that was not sent: ${id}`);
    this.#unproven.delete(id);
    const shown = { id: `out-${id}`, direction: 'out', peer: sent.to, text: sent.text, step } as const;
    this.screen.show({ ...shown, order: undefined, at: undefined });
  }
}
