/**
 * One connected page or terminal: its login, what it asks, what it is told. The exchange knows it as a `ClientRef` from
 * the moment it is attached. Nothing is kept for a client that does not read: it comes back and resumes.
 */
import type { WebSocket } from 'ws';
import { type Fault, OperatorError } from '../../core/base/errors.ts';
import { assertNever } from '../../core/base/invariant.ts';
import type { ClientRef, ImEvent, LinksEvent, SendResult } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import type { UserPresence } from '../../core/im/presence-book.ts';
import type { User } from '../../core/im/users.ts';
import { wordsOf } from '../../core/im/words.ts';
import type { NationalAlphabet } from '../../core/message/national-alphabets.ts';
import type { Login, Logins } from './logins.ts';
import type { Presence, PresenceWatcher, ShownPeople } from './presence.ts';
import { type ClientMessage, closeCodes, parseClientMessage, type ServerMessage } from './protocol.ts';
import type { RingFeed, RingMessage, RingWatcher } from './ring-feed.ts';

/** A client that has not logged in by then is closed. */
const loginTimeoutMs = 15_000;
/** Unsent bytes at which a client is too slow. */
const unsentLimit = 1024 * 1024;
/** Unsent bytes at which it is told of moves in the rings later: what people write goes first. */
const behindBytes = 64 * 1024;
/** Questions (all messages but `send`, `login` and `ping`) at once and per second. */
const questions = { burst: 200, perSecond: 50 };
/** Node runs longer timers at once. */
const longestTimerMs = 24 * 3_600_000;
/** Texts in one answer to `resume`, and conversations in a list. */
const changesLimit = 500;
const conversationsLimit = 500;
/** Words of one question that count: each is a list to be read. */
const askedWordLimit = 16;
/** Texts in one page of what was found. */
const foundLimit = 30;

export interface WebClientOptions {
  readonly socket: WebSocket;
  readonly ref: ClientRef;
  /** Of the remote end, for the limit on logins. */
  readonly address: string;
  readonly world: ImWorld;
  readonly logins: Logins;
  readonly reports: 'final' | 'none';
  readonly alphabets: readonly NationalAlphabet[];
  readonly clock: () => number;
  readonly links: () => LinksEvent | undefined;
  readonly ringFeed: RingFeed;
  readonly presence: Presence;
  /** How it is with its user as it comes in. */
  readonly firstPresence: UserPresence;
  /** Whether one more client of this user may come in. */
  readonly admit: (user: string) => boolean;
}

type State =
  | { readonly type: 'nobody'; readonly timer: NodeJS.Timeout }
  | { readonly type: 'checking' }
  /** The exchange was told; what the user was told before is on its way to disk. */
  | { readonly type: 'attaching'; readonly login: Login; readonly token: string | undefined }
  | { readonly type: 'attached'; readonly login: Login }
  | { readonly type: 'closed' };

export class WebClient implements RingWatcher, PresenceWatcher {
  readonly #options: WebClientOptions;
  #state: State;
  #expiry: NodeJS.Timeout | undefined;
  #budget = questions.burst;
  #budgetAt: number;

  constructor(options: WebClientOptions) {
    this.#options = options;
    this.#budgetAt = options.clock();
    const timer = setTimeout(() => this.#close(closeCodes.loginNeeded, 'no login in time'), loginTimeoutMs);
    this.#state = { type: 'nobody', timer };
  }

  /** The name of the user, once one has logged in. */
  get user(): string | undefined {
    return this.#state.type === 'attaching' || this.#state.type === 'attached'
      ? this.#state.login.user.name
      : undefined;
  }

  /** Logged in already, by the cookie of the page. */
  welcome(user: User): void {
    this.#attach({ user, scopes: user.scopes, tokenId: undefined, expiresAt: undefined }, undefined);
  }

  received(data: string): void {
    const parsed = parseClientMessage(data);
    if (!parsed.ok) {
      this.#close(closeCodes.badMessage, parsed.fault.message);
      return;
    }
    const message = parsed.value;
    if (message.type === 'ping') this.#send({ type: 'pong' });
    else if (message.type === 'login') void this.#login(message);
    else if (this.#state.type === 'attached') this.#ask(message, this.#state.login);
    else if (this.#state.type !== 'closed') this.#close(closeCodes.loginNeeded, 'log in first');
  }

  /** @param presence how it is with its user at this client now: `lost` where nobody said that it ends */
  closed(presence: 'gone' | 'lost' = 'lost'): void {
    if (this.#state.type === 'closed') return;
    if (this.#state.type === 'nobody') clearTimeout(this.#state.timer);
    clearTimeout(this.#expiry);
    const wasAttached = this.#state.type === 'attaching' || this.#state.type === 'attached';
    const { user } = this;
    this.#state = { type: 'closed' };
    const { ringFeed, presence: people, world, ref } = this.#options;
    ringFeed.unwatch(this);
    people.forget(this);
    if (user !== undefined) world.tellPresence(ref, user, presence);
    if (wasAttached) world.input({ type: 'detached', client: ref });
  }

  deliver(event: ImEvent): 'accepted' | 'queued' | 'refused' {
    if (this.#state.type === 'closed') return 'refused';
    switch (event.type) {
      case 'attached':
        this.#attached();
        break;
      case 'signed-out':
        this.#close(closeCodes.loginNeeded, 'signed out');
        break;
      default:
        // Before the welcome it would be told twice: what the client resumes from holds it already.
        if (this.#state.type === 'attached') this.#send(event);
    }
    return this.#options.socket.bufferedAmount > 0 ? 'queued' : 'accepted';
  }

  answer(cid: string, result: SendResult): void {
    if (result.type === 'stored') this.#send({ type: 'stored', cid, text: result.text });
    else {
      const { code, message } = result.fault;
      this.#send({ type: 'refused', cid, code, message, retryable: result.retryable });
    }
  }

  tell(event: LinksEvent): void {
    if (this.#state.type === 'attached') this.#send(event);
  }

  tellRings(message: RingMessage): void {
    this.#send(message);
  }

  isBehind(): boolean {
    return this.#options.socket.bufferedAmount > behindBytes;
  }

  tellPeople(people: ShownPeople): void {
    if (this.#state.type === 'attached') this.#send({ type: 'people', ...people });
  }

  goAway(): void {
    this.#close(closeCodes.goingAway, 'the server stops');
  }

  async #login(message: Extract<ClientMessage, { type: 'login' }>): Promise<void> {
    if (this.#state.type !== 'nobody') return;
    clearTimeout(this.#state.timer);
    this.#state = { type: 'checking' };
    const { logins, address } = this.#options;
    if ('token' in message) {
      const login = logins.byBearer(message.token, address);
      if (login.ok) this.#attach(login.value, undefined);
      else this.#refuse(login.fault);
      return;
    }
    const login = await logins.byPassword(message.user, message.password, address);
    // The client may have gone while its password was hashed.
    if (this.#isClosed()) return;
    if (!login.ok) this.#refuse(login.fault);
    else {
      const user = login.value;
      const all = { user, scopes: user.scopes, tokenId: undefined, expiresAt: undefined };
      this.#attach(all, logins.tokenFor(user));
    }
  }

  #refuse({ code, message }: Fault): void {
    this.#send({ type: 'error', code, message, retryable: code === 'IM_TOO_MANY_LOGINS' });
    this.#close(closeCodes.loginNeeded, message);
  }

  #attach(login: Login, token: string | undefined): void {
    const { user, scopes, tokenId, expiresAt } = login;
    if (this.#state.type === 'nobody') clearTimeout(this.#state.timer);
    // Whoever is connected is told everything that comes.
    if (!scopes.includes('read')) {
      this.#refuse({ code: 'IM_SCOPE_MISSING', message: 'A client that stays connected needs the scope read.' });
      return;
    }
    if (!this.#options.admit(user.name)) {
      this.#close(closeCodes.tooMany, 'too many clients of this user');
      return;
    }
    this.#state = { type: 'attaching', login, token };
    if (expiresAt !== undefined) this.#endAt(expiresAt);
    this.#options.world.input({ type: 'attached', client: this.#options.ref, user: user.name, tokenId });
  }

  #attached(): void {
    if (this.#state.type !== 'attaching') return;
    const { login, token } = this.#state;
    const { user, scopes } = login;
    this.#state = { type: 'attached', login };
    this.#send({
      type: 'welcome',
      version: 1,
      user: user.name,
      ...(user.suffix === undefined ? {} : { suffix: user.suffix }),
      scopes,
      position: this.#options.world.history.position(user.name),
      reports: this.#options.reports,
      ...(this.#options.alphabets.length === 0 ? {} : { alphabets: this.#options.alphabets }),
      ...(token === undefined ? {} : { token }),
    });
    const links = this.#options.links();
    if (links !== undefined) this.#send(links);
    this.#options.world.tellPresence(this.#options.ref, user.name, this.#options.firstPresence);
  }

  #ask(message: Exclude<ClientMessage, { type: 'login' | 'ping' }>, login: Login): void {
    const { world, ref } = this.#options;
    const user = login.user.name;
    if (message.type === 'send') {
      const { cid, to, text } = message;
      if (!login.scopes.includes('send')) {
        const fault = { code: 'IM_SCOPE_MISSING', message: 'This token does not allow to send.' } as const;
        this.answer(cid, { type: 'refused', fault, retryable: false });
        return;
      }
      const storedAs = world.history.textOfCid(user, cid);
      world.input({ type: 'send', request: { client: ref, user, cid, to, text }, storedAs });
      return;
    }
    if (!this.#mayAsk()) {
      const asked = 'ref' in message ? { ref: message.ref } : {};
      const text = 'Too many questions at once.';
      this.#send({ type: 'error', ...asked, code: 'IM_TOO_FAST', message: text, retryable: true });
      return;
    }
    switch (message.type) {
      case 'resume': {
        const texts = world.history.changesSince(user, message.position, { limit: changesLimit });
        const isComplete = texts.length < changesLimit;
        this.#send({ type: 'changes', texts, position: texts.at(-1)?.position ?? message.position, isComplete });
        break;
      }
      case 'conversations': {
        const { ref, before } = message;
        // One more than is shown tells whether there is another page.
        const found = world.history.conversations(user, { limit: conversationsLimit + 1, before });
        const conversations = found.slice(0, conversationsLimit);
        const next = found.length > conversations.length ? conversations.at(-1)?.last.order : undefined;
        this.#send({ type: 'conversations', ref, conversations, ...(next === undefined ? {} : { next }) });
        break;
      }
      case 'history': {
        const { peer, before, limit } = message;
        const page = { limit: limit + 1, ...(before === undefined ? {} : { before }) };
        const found = world.history.history(user, peer, page);
        const texts = found.slice(-limit);
        this.#send({ type: 'history', ref: message.ref, peer, texts, hasMore: found.length > limit });
        break;
      }
      case 'search': {
        const words = wordsOf(message.words).slice(0, askedWordLimit);
        // A question without words would be answered with everything.
        const page =
          words.length === 0
            ? { texts: [], next: undefined }
            : world.history.search(user, { words, before: message.before, limit: foundLimit });
        const { texts, next } = page;
        this.#send({ type: 'found', ref: message.ref, texts, ...(next === undefined ? {} : { next }) });
        break;
      }
      case 'steps': {
        const { ref, id } = message;
        this.#send({ type: 'steps', ref, id, steps: world.history.steps(user, id) ?? [] });
        break;
      }
      case 'read': {
        const { peer, order } = message;
        if (!world.takesReadMarks()) {
          const text = 'The disk of the server takes nothing just now; what was read is not noted.';
          this.#send({ type: 'error', code: 'IM_LIMIT_REACHED', message: text, retryable: true });
          break;
        }
        const [last] = world.history.history(user, peer, { limit: 1 });
        // Only what exists can be read: otherwise a client could fill the store with places of nothing.
        if (last !== undefined) world.input({ type: 'read', user, peer, order: Math.min(order, last.order) });
        break;
      }
      case 'people':
        this.#options.presence.show(this, message.names);
        break;
      case 'presence':
        world.tellPresence(ref, user, message.presence);
        break;
      case 'rings':
      case 'slot':
      case 'past':
        this.#askRings(message, login);
        break;
      default:
        assertNever(message);
    }
  }

  /** The rings are of the whole bridge, so they are for those who run it. */
  #askRings(message: Extract<ClientMessage, { type: 'rings' | 'slot' | 'past' }>, login: Login): void {
    if (!login.scopes.includes('admin')) {
      const text = 'To see the rings takes the scope admin; `im-server users set NAME --admin` gives it.';
      this.#send({ type: 'error', code: 'IM_SCOPE_MISSING', message: text, retryable: false });
      return;
    }
    const { ringFeed } = this.#options;
    if (message.type === 'slot') {
      const { ref, smscId, lane, slot } = message;
      this.#send({ type: 'slot', ref, ...ringFeed.slot(smscId, lane, slot) });
    } else if (message.type === 'past') {
      const { ref, event, seek } = message;
      ringFeed.past({ event, seek }).then(
        (glance) => this.#send({ type: 'past', ref, ...glance }),
        (error: unknown) => {
          if (!(error instanceof OperatorError)) throw error;
          const { code, message, retryable } = error;
          this.#send({ type: 'error', ref, code, message, retryable });
        },
      );
    } else if (message.watch) ringFeed.watch(this);
    else ringFeed.unwatch(this);
  }

  #mayAsk(): boolean {
    const now = this.#options.clock();
    this.#budget = Math.min(questions.burst, this.#budget + ((now - this.#budgetAt) / 1_000) * questions.perSecond);
    this.#budgetAt = now;
    if (this.#budget < 1) return false;
    this.#budget -= 1;
    return true;
  }

  #send(message: ServerMessage): void {
    const { socket } = this.#options;
    if (this.#state.type === 'closed') return;
    socket.send(JSON.stringify(message));
    if (socket.bufferedAmount > unsentLimit) this.#close(closeCodes.tooSlow, 'does not read');
  }

  #close(code: number, reason: string): void {
    const isSlow = code === closeCodes.tooSlow;
    // A control frame holds 123 bytes of reason.
    this.#options.socket.close(code, reason.slice(0, 120));
    if (isSlow) this.#options.socket.terminate();
    // Whoever is signed out, or told that the server stops, is not expected back in a moment.
    this.closed(code === closeCodes.loginNeeded || code === closeCodes.goingAway ? 'gone' : 'lost');
  }

  /** A token that is over lets nobody stay. */
  #endAt(expiresAt: number): void {
    const leftMs = Math.max(0, expiresAt - this.#options.clock());
    this.#expiry = setTimeout(
      () => {
        if (leftMs > longestTimerMs) this.#endAt(expiresAt);
        else this.#close(closeCodes.loginNeeded, 'the token is over');
      },
      Math.min(leftMs, longestTimerMs),
    );
  }

  #isClosed(): boolean {
    return this.#state.type === 'closed';
  }
}
