/**
 * The gateway for XMPP: an external component beside the server that people have their accounts on. It joins its rooms:
 * the session with the server (`component-session.ts`), who is who (`accounts.ts`), what goes to people (`delivery.ts`),
 * what they ask (`queries.ts`, `registration-desk.ts`, `presence-desk.ts`). For operators: docs/xmpp.md.
 */
import { randomUUID } from 'node:crypto';
import { assertNever } from '../../core/base/invariant.ts';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { ImEvent, LinksEvent, SendResult } from '../../core/im/exchange-io.ts';
import type { GatewayState, ImWorld, StandaloneGateway } from '../../core/im/gateway.ts';
import { Logins } from '../web/logins.ts';
import { AccountPresence } from './account-presence.ts';
import { type Account, type AccountSettings, Accounts } from './accounts.ts';
import type { ComponentNews } from './component-io.ts';
import { ComponentRunner, type ServerAddress } from './component-runner.ts';
import { Delivery, fateStanzas } from './delivery.ts';
import { readMessage } from './incoming-message.ts';
import { bareOf, type Jid, parseJid, partyOf } from './jid.ts';
import { errorOfFault, errorStanza, type SentStanza, type StanzaError } from './outgoing.ts';
import { PresenceDesk } from './presence-desk.ts';
import { answerQuery, errorToQuery, resultStanza } from './queries.ts';
import { tooMany, unknownAccount } from './refusals.ts';
import { RegistrationDesk } from './registration-desk.ts';
import { cidOf, SentNotes } from './sent-notes.ts';
import { type Element, elementsIn } from './xml.ts';

const type = 'xmpp';
/** How often stanzas whose fate nobody will learn are forgotten. */
const sweepEveryMs = 3_600_000;
/** Texts on their way to the store; a server may send without end. */
const unansweredLimit = 10_000;

export interface XmppSettings extends AccountSettings {
  /** The component's own domain: `sms.example.org`. */
  readonly domain: string;
  readonly server: ServerAddress;
  readonly secret: string;
}

export interface XmppGatewayOptions {
  readonly world: ImWorld;
  readonly sessionKey: Uint8Array;
  readonly settings: XmppSettings;
  readonly log: (event: LogEvent) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

export function xmppGateway(options: XmppGatewayOptions): StandaloneGateway {
  return new XmppGateway(options);
}

class XmppGateway implements StandaloneGateway {
  readonly type = type;
  readonly abilities = {
    receipts: 'delivered',
    presence: 'shown',
    offlineStore: 'client',
    longestText: undefined,
    groups: 'no',
    stableIds: 'yes',
  } as const;
  readonly #world: ImWorld;
  readonly #settings: XmppSettings;
  readonly #log: (event: LogEvent) => void;
  readonly #clock: () => number;
  readonly #registrations: RegistrationDesk;
  readonly #runner: ComponentRunner;
  readonly #accounts: Accounts;
  readonly #sent: SentNotes;
  readonly #delivery: Delivery;
  readonly #presence: PresenceDesk;
  readonly #people: AccountPresence;
  /** Texts that the exchange has not answered yet, by cid. */
  readonly #unanswered = new Map<string, SentStanza>();
  #sweeps: NodeJS.Timeout | undefined;
  #state: 'starting' | 'running' | 'closed' = 'starting';

  constructor({ world, sessionKey, settings, log, clock = Date.now }: XmppGatewayOptions) {
    this.#world = world;
    this.#settings = settings;
    this.#log = log;
    this.#clock = clock;
    this.#accounts = new Accounts(world, type, settings);
    this.#sent = new SentNotes(world, type);
    this.#presence = new PresenceDesk(world, type, settings.domain);
    this.#people = new AccountPresence(world, type, settings.domain);
    const { domain, secret } = settings;
    this.#runner = new ComponentRunner({
      server: settings.server,
      settings: { domain, secret, pingTo: settings.usersOf ?? domain },
      tell: (output) => this.#heard(output),
      log,
      clock,
    });
    this.#registrations = new RegistrationDesk({
      ...{ domain, accounts: this.#accounts, log },
      logins: new Logins({ users: world.history, sessionKey, clock }),
      send: (stanzas) => this.#send(stanzas),
      attach: (account) => this.#attach(account),
      detach: (account) => this.#detach(account),
      ended: (account) => {
        this.#presence.forget(account);
        this.#people.forget(account);
      },
    });
    this.#delivery = new Delivery({
      ...{ world, gateway: type, domain, sent: this.#sent, clock },
      send: (stanzas) => this.#runner.input({ type: 'send', stanzas }),
      prove: (mark) => this.#runner.input({ type: 'prove', mark }),
    });
  }

  state(): GatewayState {
    return { problem: this.#runner.problem, counts: { accounts: [...this.#accounts.all()].length } };
  }

  start(): void {
    this.#state = 'running';
    for (const account of this.#accounts.recover()) this.#attach(account);
    this.#sent.sweep(this.#clock());
    this.#sweeps = setInterval(() => this.#sent.sweep(this.#clock()), sweepEveryMs);
    this.#sweeps.unref();
    this.#runner.input({ type: 'start' });
  }

  close(): void {
    clearInterval(this.#sweeps);
    this.#registrations.close();
    // What this proves is noted yet.
    this.#runner.input({ type: 'stop' });
    this.#state = 'closed';
  }

  deliver(client: Account['client'], event: ImEvent): 'accepted' | 'queued' | 'refused' {
    const account = this.#accounts.byClient(client);
    if (account === undefined || this.#state === 'closed') return 'refused';
    switch (event.type) {
      case 'attached':
        // Registered as another user meanwhile: the answer to that is still to come.
        if (event.user !== account.user) break;
        this.#delivery.add(account);
        this.#registrations.attached(account);
        if (account.origin === 'registered') this.#send(this.#people.ask(account));
        break;
      case 'message':
      case 'step':
        this.#delivery.bring(account);
        break;
      case 'signed-out':
        this.#signedOut(account);
        break;
      // There is nothing in a component's protocol to say so.
      case 'read':
        break;
      default:
        assertNever(event);
    }
    return this.#runner.isOnline ? 'accepted' : 'queued';
  }

  answer(client: Account['client'], cid: string, result: SendResult): void {
    const sent = this.#unanswered.get(cid);
    this.#unanswered.delete(cid);
    if (sent === undefined) return;
    if (result.type === 'refused') {
      this.#delivery.send([errorStanza('message', sent, errorOfFault(result.fault))]);
      this.#sent.forget(cid);
      return;
    }
    const account = this.#accounts.byClient(client);
    if (account === undefined) return;
    // Of a text that came again, the exchange may know no more than how it began.
    const text = this.#world.history.text(account.user, result.text.id) ?? result.text;
    if (this.#delivery.hasHanded(account, text.position)) {
      // It came once more: its fate is told once more, since that may be what never arrived.
      const stanzas = fateStanzas(sent, text);
      this.#delivery.send(stanzas);
      if (stanzas.length > 0) this.#sent.forget(cid);
    } else this.#delivery.bring(account);
    // To another user it ends where it is stored: there is no more to be told.
    if (text.step === 'stored' && text.parts === 1 && isUserPeer(text.peer)) this.#sent.forget(cid);
  }

  broadcast(event: LinksEvent): void {
    this.#send(this.#presence.linksChanged(event, this.#accounts.all()));
  }

  presenceChanged(user: string): void {
    this.#send(this.#presence.presenceChanged(user));
  }

  #heard(output: ComponentNews): void {
    if (this.#state === 'closed') return;
    switch (output.type) {
      case 'online':
        this.#delivery.online();
        this.#send(this.#presence.tellAll(this.#accounts.all()));
        return this.#send(this.#people.probes(this.#accounts.all()));
      case 'offline':
        this.#people.offline();
        return this.#delivery.offline();
      case 'taken':
        return this.#delivery.taken(output.mark);
      case 'proven':
        return this.#delivery.proven(output.mark);
      case 'stanza':
        return this.#stanza(output.element);
      default:
        assertNever(output);
    }
  }

  /** Whatever the server sends: who it is from was proved to the server, so it is believed. */
  #stanza(received: Element): void {
    const from = parseJid(received.attrs['from'] ?? '');
    const to = parseJid(received.attrs['to'] ?? '');
    if (from === undefined || to?.domain !== this.#settings.domain) return;
    const isAnswer = received.attrs['type'] === 'error' || received.attrs['type'] === 'result';
    if (isAnswer) return this.#noteBounce(received);
    switch (received.name) {
      case 'message':
        return this.#message(received, from, to);
      case 'presence':
        return this.#presenceFrom(received, from, to);
      case 'iq':
        return this.#query(received, from, to);
      default:
        return;
    }
  }

  /** A user's server could not bring what we sent: the text stays in the user's history here. */
  #noteBounce(received: Element): void {
    if (received.name !== 'message') return;
    const condition = elementsIn(received)
      .filter(({ name }) => name === 'error')
      .flatMap((error) => elementsIn(error))[0]?.name;
    this.#log(logEvent('warn', 'xmpp.bounced', { text: received.attrs['id'], condition }));
  }

  // --- texts ------------------------------------------------------------------------------------------------------

  #message(message: Element, from: Jid, to: Jid): void {
    const read = readMessage(message);
    if (read.type === 'nothing') return;
    const sent: SentStanza = {
      id: message.attrs['id'] ?? '',
      from: message.attrs['from'] ?? '',
      to: bareOf(to),
      wantsReceipt: read.type === 'text' && read.wantsReceipt,
    };
    const refuse = (error: StanzaError): void => this.#delivery.send([errorStanza('message', sent, error)]);
    if (read.type === 'refused') return refuse({ type: 'modify', condition: read.condition, words: read.words });
    const account = this.#accountOf(from);
    if (account === undefined) return refuse(unknownAccount);
    const wrong = this.#faultIn(account, to);
    if (wrong !== undefined) return refuse(wrong);
    if (this.#unanswered.size >= unansweredLimit) return refuse(tooMany);
    const cid = this.#cidOf(account, sent, read);
    const now = this.#clock();
    this.#unanswered.set(cid, sent);
    this.#sent.keep(cid, sent, now);
    const party = partyOf(to.local ?? '');
    const address = party.type === 'number' ? party.number : party.name;
    const { user, client } = account;
    const storedAs = this.#world.history.textOfCid(user, cid);
    this.#world.input({ type: 'send', request: { client, user, cid, to: address, text: read.text }, storedAs });
  }

  /**
   * One logical send is one cid. An origin-id says so (XEP-0359); a mere stanza id may be used again by a client that
   * counts, so it is the same only with the same words to the same address; without any id nothing is ever the same.
   */
  #cidOf(
    account: Account,
    sent: SentStanza,
    read: { readonly originId: string | undefined; readonly text: string },
  ): string {
    if (read.originId !== undefined) return cidOf(account.jid, 'origin', read.originId);
    if (sent.id !== '') return cidOf(account.jid, 'stanza', sent.id, sent.to, read.text);
    return cidOf(account.jid, 'none', randomUUID());
  }

  #faultIn(account: Account, to: Jid): StanzaError | undefined {
    if (to.local === undefined) {
      const words = 'This is the gateway itself; write to a number or a user at it.';
      return { type: 'cancel', condition: 'not-acceptable', words };
    }
    if (partyOf(to.local).type === 'sender') {
      return {
        type: 'cancel',
        condition: 'not-acceptable',
        words: 'This sender has a name but no number: nobody can answer it.',
      };
    }
    const scopes = this.#world.history.user(account.user)?.scopes;
    if (scopes !== undefined && !scopes.includes('send')) {
      return { type: 'auth', condition: 'forbidden', words: 'This user may not send messages.' };
    }
    return undefined;
  }

  // --- accounts ---------------------------------------------------------------------------------------------------

  #accountOf(from: Jid): Account | undefined {
    const known = this.#accounts.of(from);
    if (known !== undefined) return known;
    const adopted = this.#accounts.adopt(from);
    if (adopted !== undefined) this.#attach(adopted);
    return adopted;
  }

  #attach(account: Account): void {
    const { client, user } = account;
    this.#presence.add(account);
    this.#world.input({ type: 'attached', client, user });
  }

  /** The user was removed, or has another password or fewer scopes: what a password had opened is closed. */
  #signedOut(account: Account): void {
    const isReader = this.#world.history.user(account.user)?.scopes.includes('read') === true;
    if (account.origin !== 'registered' && isReader) return;
    if (account.origin === 'registered') this.#registrations.end(account);
    else this.#detach(account);
  }

  #detach(account: Account): void {
    this.#delivery.remove(account, account.origin === 'registered' ? 'forget' : 'keep');
    this.#presence.remove(account);
    this.#people.left(account);
    this.#world.input({ type: 'detached', client: account.client });
  }

  // --- presence and questions -------------------------------------------------------------------------------------

  #presenceFrom(presence: Element, from: Jid, to: Jid): void {
    const account = this.#accountOf(from);
    if (account !== undefined) {
      if (to.local === undefined) this.#people.take(account, presence, from);
      this.#send(this.#presence.answer(account, presence, to));
      const isFollowing = presence.attrs['type'] === 'subscribe' && this.#presence.isOfPeople(to);
      if (isFollowing) this.#send(this.#people.ask(account));
      return;
    }
    if (presence.attrs['type'] !== 'subscribe') return;
    const sent = { id: presence.attrs['id'] ?? '', from: bareOf(from), to: bareOf(to), wantsReceipt: false };
    this.#send([errorStanza('presence', sent, unknownAccount)]);
  }

  #query(iq: Element, from: Jid, to: Jid): void {
    if (to.local === undefined && this.#registrations.take(iq, from)) return;
    const payload = answerQuery(iq, to);
    if (payload !== undefined) return this.#send([resultStanza(iq, payload)]);
    const error = { type: 'cancel', condition: 'service-unavailable', words: 'This is not known here.' } as const;
    this.#send([errorToQuery(iq, error)]);
  }

  #send(stanzas: readonly Element[]): void {
    if (stanzas.length > 0) this.#runner.input({ type: 'send', stanzas });
  }
}

function isUserPeer(peer: string): boolean {
  return /^[a-z]/.test(peer);
}
