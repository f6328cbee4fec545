/**
 * A terminal's end of the IM protocol: logs in, comes back after a cut, resumes where it was, and sends again, under the
 * same cid, what was not yet stored. It tells texts in the order of the history, also behind a cut. It prints nothing and
 * decides nothing about exit statuses but refusals to log in. Source: docs/im-protocol.md.
 */
import { rootCertificates } from 'node:tls';
import { WebSocket } from 'ws';
import { OperatorError } from '../../core/base/errors.ts';
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { UserPresence } from '../../core/im/presence-book.ts';
import type { TextView } from '../../core/im/text.ts';
import type { ShownPeople } from '../../gateways/web/presence.ts';
import { closeCodes, type ServerMessage, subprotocol } from '../../gateways/web/protocol.ts';
import { describeSocketError } from '../../shell/socket-errors.ts';
import { exitStatus } from '../exit-status.ts';
import { SendLine, type Unstored } from './send-line.ts';

export interface ImClientOptions {
  readonly url: URL;
  readonly user: string;
  readonly password: string;
  /** Whom to trust besides the authorities of Node, as PEM; for https. */
  readonly ca?: string | undefined;
  /** Where to begin: everything behind it is told first. Undefined: with what comes from now on. */
  readonly position?: number | undefined;
  /** How it is with the user at this client, at first: `gone` for a program, which nobody sits at. */
  readonly presence: UserPresence;
  readonly on: ImClientEvents;
}

export interface ImClientEvents {
  /** Logged in; the first time or again. Resuming is under way. */
  readonly ready: (welcome: Extract<ServerMessage, { type: 'welcome' }>) => void;
  /** A text is new, or is in another step; the same state is told once. */
  readonly text: (text: TextView) => void;
  readonly refused: (refusal: Extract<ServerMessage, { type: 'refused' }>) => void;
  readonly links: (event: LinksEvent) => void;
  /** The answer to {@link ImClient.askConversations}. */
  readonly conversations?: (answer: Extract<ServerMessage, { type: 'conversations' }>) => void;
  /** The answer to {@link ImClient.askHistory}. */
  readonly history?: (page: Extract<ServerMessage, { type: 'history' }>) => void;
  /** Who of {@link ImClient.showPeople} is there: now, and whenever that changes. */
  readonly people?: (people: ShownPeople) => void;
  /** A conversation was read up to there, here or on another client of the user. */
  readonly read?: (event: { readonly peer: string; readonly order: number }) => void;
  /** Everything that was missed is told. */
  readonly resumed?: () => void;
  /** Not connected; it tries again by itself, unless it never was. */
  readonly lost: (reason: string) => void;
  /** It will not come back: wrong password, or nobody was there at the first attempt. */
  readonly failed: (error: OperatorError) => void;
}

const connectTimeoutMs = 10_000;
const firstRetryMs = 300;
const retryCapMs = 10_000;
const pingMs = 15_000;
/** How long something that the server had no room for waits. */
const refusedRetryMs = 1_000;
/** Texts whose last state is remembered, for steps that are told by id. */
const knownLimit = 5_000;

export class ImClient {
  readonly #options: ImClientOptions;
  readonly #unstored = new SendLine();
  readonly #known = new Map<string, TextView>();
  #socket: WebSocket | undefined;
  #token: string | undefined;
  #position: number | undefined;
  #presence: UserPresence;
  /** As this connection was told. */
  #toldPresence: UserPresence;
  /** Behind a cut, until everything that was missed is told: own texts that were stored meanwhile. */
  #resuming: TextView[] | undefined;
  #attempts = 0;
  #wasReady = false;
  #isReady = false;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of what is asked again on this connection. */
  readonly #repeats = new Set<NodeJS.Timeout>();
  #pings: NodeJS.Timeout | undefined;

  constructor(options: ImClientOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#presence = options.presence;
    this.#toldPresence = options.presence;
  }

  open(): void {
    const { url, ca } = this.#options;
    const address = new URL('im', url.href.endsWith('/') ? url : `${url.href}/`);
    address.searchParams.set('presence', this.#presence);
    this.#toldPresence = this.#presence;
    address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, subprotocol, {
      handshakeTimeout: connectTimeoutMs,
      perMessageDeflate: false,
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
    this.#socket = socket;
    let problem = '';
    socket.on('open', () => this.#say({ type: 'login', ...this.#credentials() }));
    socket.on('message', (data) => {
      this.#expectSilenceToEnd();
      // The server speaks the protocol of its version; other types are passed over below.
      this.#take(JSON.parse(String(data)) as ServerMessage);
    });
    socket.on('error', (error) => {
      problem = describeSocketError(error);
    });
    socket.on('close', (code, reason) => this.#closed(code, String(reason) || problem || `closed (${code})`));
  }

  /** Hands a text in, as soon as there is a connection and the one before it to the same address is stored. */
  submit(cid: string, to: string, text: string): void {
    if (this.#unstored.add({ cid, to, text })) this.#hand({ cid, to, text });
  }

  /** Asks for a page of a conversation: the last texts, or those before a place (see `TextView.order`). */
  askHistory(peer: string, { limit, before }: { readonly limit: number; readonly before?: number | undefined }): void {
    this.#say({ type: 'history', ref: 'history', peer, limit, before });
  }

  /** @param before `next` of the page before; left out: the newest */
  askConversations(before?: number): void {
    this.#say({ type: 'conversations', ref: 'conversations', before });
  }

  /** From now on, until the connection is lost, it is told of these. */
  showPeople(names: readonly string[]): void {
    this.#say({ type: 'people', names });
  }

  /** From now on, also on later connections, it is so with the user here. */
  tellPresence(presence: UserPresence): void {
    this.#presence = presence;
    if (this.#isReady) this.#sayPresence();
  }

  /** The user has read a conversation up to this place. */
  markRead(peer: string, order: number): void {
    this.#say({ type: 'read', peer, order });
  }

  /** Texts that are neither stored nor refused. */
  get unstoredCount(): number {
    return this.#unstored.size;
  }

  /** Whether the server was ever reached and the login taken. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Whether there is a connection at this moment; questions are dropped without one. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether something that was missed is still to be told. */
  get isResuming(): boolean {
    return this.#resuming !== undefined;
  }

  close(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#forgetRepeats();
    clearTimeout(this.#pings);
    // Without a word it would be expected back.
    if (this.#isReady) this.tellPresence('gone');
    this.#socket?.close();
  }

  #credentials(): object {
    const { user, password } = this.#options;
    return this.#token === undefined ? { user, password } : { token: this.#token };
  }

  #take(message: ServerMessage): void {
    const { on } = this.#options;
    switch (message.type) {
      case 'welcome':
        this.#welcome(message);
        break;
      case 'changes':
        for (const text of message.texts) this.#tell(text);
        this.#position = Math.max(this.#position ?? 0, message.position);
        if (message.isComplete) this.#resumed();
        else this.#say({ type: 'resume', position: message.position });
        break;
      case 'stored':
        if (this.#resuming === undefined) this.#tell(message.text);
        else this.#resuming.push(message.text);
        this.#settle(message.cid);
        break;
      // What is told while it resumes is on disk, and so in what it resumes from, where it comes in its order. To count it as
      // heard would pass over what was missed before it, should the connection be cut before that has come.
      case 'message':
        if (this.#resuming !== undefined) break;
        this.#tell(message.text);
        this.#advance(message.text.position);
        break;
      case 'step': {
        if (this.#resuming !== undefined) break;
        const known = this.#known.get(message.id);
        const { step, reason, marks, position } = message;
        if (known !== undefined) this.#tell({ ...known, step, reason, marks, position });
        this.#advance(position);
        break;
      }
      case 'refused':
        if (message.retryable) this.#repeat(() => this.#again(message.cid));
        else {
          this.#settle(message.cid);
          on.refused(message);
        }
        break;
      case 'read':
        on.read?.(message);
        break;
      case 'history':
        for (const text of message.texts) this.#remember(text);
        on.history?.(message);
        break;
      case 'conversations':
        on.conversations?.(message);
        break;
      case 'links':
        on.links(message);
        break;
      case 'people':
        on.people?.(message);
        break;
      case 'error':
        if (!this.#isReady) this.#fail(loginRefused(message.code, message.message));
        else if (this.#resuming !== undefined && message.retryable) this.#repeat(() => this.#resume());
        break;
      default:
      // A newer server may say more than this client knows.
    }
  }

  #welcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    this.#isReady = true;
    this.#wasReady = true;
    this.#attempts = 0;
    this.#token = message.token ?? this.#token;
    if (this.#position === undefined) this.#position = message.position;
    else {
      // A store that ends before what was already shown is another one: nothing of its history was told here.
      if (message.position < this.#position) this.#position = 0;
      this.#resuming = [];
      this.#resume();
    }
    this.#sayPresence();
    this.#options.on.ready(message);
    for (const item of this.#unstored.turns()) this.#hand(item);
  }

  #sayPresence(): void {
    if (this.#presence === this.#toldPresence) return;
    this.#toldPresence = this.#presence;
    this.#say({ type: 'presence', presence: this.#presence });
  }

  #resume(): void {
    this.#say({ type: 'resume', position: this.#position ?? 0 });
  }

  #resumed(): void {
    const stored = this.#resuming ?? [];
    this.#resuming = undefined;
    for (const text of stored) this.#tell(text);
    this.#options.on.resumed?.();
  }

  /** Only for events, which come in order. */
  #advance(position: number): void {
    this.#position = Math.max(this.#position ?? 0, position);
  }

  #tell(text: TextView): void {
    const known = this.#known.get(text.id);
    if (known !== undefined && known.position >= text.position) return;
    this.#remember(text);
    // The connection on which it was answered may have been cut.
    if (text.direction === 'out') this.#settle(text.cid);
    this.#options.on.text(text);
  }

  #remember(text: TextView): void {
    const known = this.#known.get(text.id);
    if (known !== undefined && known.position > text.position) return;
    this.#known.delete(text.id);
    this.#known.set(text.id, text);
    if (this.#known.size <= knownLimit) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  #settle(cid: string): void {
    const next = this.#unstored.settle(cid);
    if (next !== undefined) this.#hand(next);
  }

  #hand({ cid, to, text }: Unstored): void {
    if (this.#isReady) this.#say({ type: 'send', cid, to, text });
  }

  #again(cid: string): void {
    const waiting = this.#unstored.turnOf(cid);
    if (waiting !== undefined) this.#hand(waiting);
  }

  /** In a while, if the connection is still the same. */
  #repeat(ask: () => void): void {
    const timer = setTimeout(() => {
      this.#repeats.delete(timer);
      ask();
    }, refusedRetryMs);
    this.#repeats.add(timer);
  }

  #forgetRepeats(): void {
    for (const timer of this.#repeats) clearTimeout(timer);
    this.#repeats.clear();
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#pings);
    this.#forgetRepeats();
    this.#socket = undefined;
    this.#isReady = false;
    this.#resuming = undefined;
    if (this.#isEnded) return;
    if (code === closeCodes.loginNeeded && this.#token === undefined) {
      this.#fail(loginRefused('IM_BAD_PASSWORD', reason));
      return;
    }
    // Once more with the password: the token may be over.
    if (code === closeCodes.loginNeeded) this.#token = undefined;
    if (!this.#wasReady) {
      this.#fail(unreachable(this.#options.url, reason));
      return;
    }
    this.#options.on.lost(reason);
    const wait = Math.min(retryCapMs, firstRetryMs * 2 ** this.#attempts) * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.open(), wait);
  }

  /** Asks when nothing was heard for a while, and gives up the connection if nothing is heard then. */
  #expectSilenceToEnd(): void {
    clearTimeout(this.#pings);
    this.#pings = setTimeout(() => {
      this.#say({ type: 'ping' });
      this.#pings = setTimeout(() => this.#socket?.terminate(), pingMs);
    }, pingMs);
  }

  #fail(error: OperatorError): void {
    this.close();
    this.#options.on.failed(error);
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function loginRefused(code: OperatorError['code'], message: string): OperatorError {
  return new OperatorError({
    code,
    message: `The IM server refused the login: ${message.replace(/\.$/, '')}.`,
    hint: 'Check user and password; `ringbridge im-server users list` shows the names.',
    exitStatus: exitStatus.loginRefused,
  });
}

function unreachable(url: URL, reason: string): OperatorError {
  return new OperatorError({
    code: 'PEER_UNREACHABLE',
    message: `The IM server at ${url.origin} cannot be reached: ${reason}. Nothing was sent.`,
    hint: 'Check --url, and that the IM server runs; --tls-ca names whom to trust.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}
