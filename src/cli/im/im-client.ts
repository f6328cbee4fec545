/**
 * A terminal's end of the IM protocol: logs in, comes back after a cut, resumes where it was, and sends again, under the
 * same cid, what was not yet stored. It prints nothing and decides nothing about exit statuses but refusals to log in.
 * Source: docs/im-protocol.md.
 */
import { WebSocket } from 'ws';
import { OperatorError } from '../../core/base/errors.ts';
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { TextView } from '../../core/im/text.ts';
import { closeCodes, type ServerMessage, subprotocol } from '../../gateways/web/protocol.ts';
import { exitStatus } from '../exit-status.ts';

export interface ImClientOptions {
  readonly url: URL;
  readonly user: string;
  readonly password: string;
  readonly on: ImClientEvents;
}

export interface ImClientEvents {
  /** Logged in; the first time or again. Resuming is under way. */
  readonly ready: (welcome: Extract<ServerMessage, { type: 'welcome' }>) => void;
  /** A text is new, or is in another step; the same state is told once. */
  readonly text: (text: TextView) => void;
  readonly refused: (refusal: Extract<ServerMessage, { type: 'refused' }>) => void;
  readonly links: (event: LinksEvent) => void;
  /** Not connected; it tries again by itself, unless it never was. */
  readonly lost: (reason: string) => void;
  /** It will not come back: wrong password, or nobody was there at the first attempt. */
  readonly failed: (error: OperatorError) => void;
}

const connectTimeoutMs = 10_000;
const firstRetryMs = 300;
const retryCapMs = 10_000;
const pingMs = 15_000;
const refusedRetryMs = 1_000;
/** Texts whose last state is remembered, for steps that are told by id. */
const knownLimit = 5_000;

export class ImClient {
  readonly #options: ImClientOptions;
  readonly #outbox = new Map<string, { readonly to: string; readonly text: string }>();
  readonly #known = new Map<string, TextView>();
  #socket: WebSocket | undefined;
  #token: string | undefined;
  #position: number | undefined;
  #attempts = 0;
  #wasReady = false;
  #isReady = false;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  #pings: NodeJS.Timeout | undefined;

  constructor(options: ImClientOptions) {
    this.#options = options;
  }

  open(): void {
    const { url } = this.#options;
    const address = new URL('im', url.href.endsWith('/') ? url : `${url.href}/`);
    address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, subprotocol, {
      handshakeTimeout: connectTimeoutMs,
      perMessageDeflate: false,
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
      problem = error.message;
    });
    socket.on('close', (code, reason) => this.#closed(code, String(reason) || problem || `closed (${code})`));
  }

  /** Hands a text in, now or as soon as there is a connection, until it is stored or refused. */
  submit(cid: string, to: string, text: string): void {
    this.#outbox.set(cid, { to, text });
    if (this.#isReady) this.#say({ type: 'send', cid, to, text });
  }

  /** Texts that are neither stored nor refused. */
  get unstoredCount(): number {
    return this.#outbox.size;
  }

  /** Whether the server was ever reached and the login taken. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  close(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pings);
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
        this.#advance(message.position);
        if (!message.isComplete) this.#say({ type: 'resume', position: message.position });
        break;
      case 'stored':
        this.#outbox.delete(message.cid);
        this.#tell(message.text);
        break;
      case 'message':
        this.#outbox.delete(message.text.cid);
        this.#tell(message.text);
        this.#advance(message.text.position);
        break;
      case 'step': {
        const known = this.#known.get(message.id);
        const { step, reason, marks, position } = message;
        if (known !== undefined) this.#tell({ ...known, step, reason, marks, position });
        this.#advance(position);
        break;
      }
      case 'refused':
        if (message.retryable) setTimeout(() => this.#again(message.cid), refusedRetryMs);
        else {
          this.#outbox.delete(message.cid);
          on.refused(message);
        }
        break;
      case 'links':
        on.links(message);
        break;
      case 'error':
        if (!this.#isReady) this.#fail(loginRefused(message.code, message.message));
        break;
      default:
      // Pages of history, lists and what a newer server says were not asked for here.
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
      this.#say({ type: 'resume', position: this.#position });
    }
    this.#options.on.ready(message);
    for (const [cid, { to, text }] of this.#outbox) this.#say({ type: 'send', cid, to, text });
  }

  /** Only for events, which come in order. */
  #advance(position: number): void {
    this.#position = Math.max(this.#position ?? 0, position);
  }

  #tell(text: TextView): void {
    const known = this.#known.get(text.id);
    if (known !== undefined && known.position >= text.position) return;
    this.#known.delete(text.id);
    this.#known.set(text.id, text);
    if (this.#known.size > knownLimit) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#options.on.text(text);
  }

  #again(cid: string): void {
    const waiting = this.#outbox.get(cid);
    if (waiting !== undefined && this.#isReady) this.#say({ type: 'send', cid, ...waiting });
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#pings);
    this.#socket = undefined;
    this.#isReady = false;
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
    hint: 'Check --url, and that the IM server runs.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}
