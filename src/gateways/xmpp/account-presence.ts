/**
 * Whether the people behind the accounts are there, as far as they let the bridge know: an account is asked once to have the
 * component among those who see its presence, as gateways do, and what it answers is noted. SPEC: XEP-0100 section 4.1,
 * RFC 6121 sections 3.1 and 4.
 */
import type { ImWorld } from '../../core/im/gateway.ts';
import type { UserPresence } from '../../core/im/presence-book.ts';
import type { Account } from './accounts.ts';
import type { Jid } from './jid.ts';
import { childOf, type Element, stanza, textOf } from './xml.ts';

/** Clients of one account whose presence is counted. */
const resourceLimit = 32;
const prefix = 'sees:';

type Answer = 'granted' | 'refused';

export class AccountPresence {
  readonly #world: ImWorld;
  readonly #gateway: string;
  readonly #domain: string;
  readonly #clients = new Map<Account, Map<string, Exclude<UserPresence, 'gone'>>>();
  /** What was noted and may not be on disk yet. */
  readonly #answers = new Map<string, Answer | undefined>();

  constructor(world: ImWorld, gateway: string, domain: string) {
    this.#world = world;
    this.#gateway = gateway;
    this.#domain = domain;
  }

  /** What an account is asked that follows a user here, or registers: nothing once it has answered. */
  ask(account: Account): readonly Element[] {
    if (this.#answerOf(account) !== undefined) return [];
    const words = 'Lets those who write to you here see whether you are there.';
    return [this.#stanzaTo(account, 'subscribe', stanza('status', {}, words))];
  }

  /** The stream is there: how it is with those who let us know. */
  probes(accounts: Iterable<Account>): readonly Element[] {
    return [...accounts]
      .filter((account) => this.#answerOf(account) === 'granted')
      .map((account) => this.#stanzaTo(account, 'probe'));
  }

  /** The stream is gone, and with it what is known of anybody; mostly it is back soon, and with it the answers to the probes. */
  offline(): void {
    for (const { client, user } of this.#clients.keys()) this.#world.tellPresence(client, user, 'lost');
    this.#clients.clear();
  }

  /** A presence that an account sent, or its server in its name. */
  take(account: Account, presence: Element, from: Jid): void {
    const clients = new Map(this.#clients.get(account));
    const resource = from.resource ?? '';
    switch (presence.attrs['type']) {
      case 'subscribed':
        return this.#note(account, 'granted');
      case 'unsubscribed':
        this.#note(account, 'refused');
        return this.#tell(account, new Map());
      case 'unavailable':
        if (resource === '') clients.clear();
        clients.delete(resource);
        return this.#tell(account, clients);
      case undefined:
        if (clients.size >= resourceLimit && !clients.has(resource)) return;
        return this.#tell(account, clients.set(resource, presenceIn(presence)));
      default:
        return;
    }
  }

  /** Its user is told of it no more. */
  left(account: Account): void {
    this.#tell(account, new Map());
  }

  /** The account is nobody's any more; registered once more, it is asked once more. */
  forget(account: Account): void {
    if (this.#answerOf(account) !== undefined) this.#note(account, undefined);
  }

  #tell(account: Account, clients: Map<string, Exclude<UserPresence, 'gone'>>): void {
    if (clients.size === 0) this.#clients.delete(account);
    else this.#clients.set(account, clients);
    const said = [...clients.values()];
    this.#world.tellPresence(account.client, account.user, said.includes('here') ? 'here' : (said[0] ?? 'gone'));
  }

  #answerOf({ jid }: Account): Answer | undefined {
    if (this.#answers.has(jid)) return this.#answers.get(jid);
    const noted = this.#world.history.note(this.#gateway, prefix + jid);
    return noted === 'granted' || noted === 'refused' ? noted : undefined;
  }

  #note(account: Account, value: Answer | undefined): void {
    this.#answers.set(account.jid, value);
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + account.jid, value });
  }

  #stanzaTo(account: Account, type: string, ...children: readonly Element[]): Element {
    return stanza('presence', { type, from: this.#domain, to: account.jid }, ...children);
  }
}

/** SPEC: RFC 6121 section 4.7.2.1: `away`, `xa` and `dnd` are not at their client; without `show`, and with `chat`, they are. */
function presenceIn(presence: Element): Exclude<UserPresence, 'gone'> {
  const show = textOf(childOf(presence, 'show', presence.xmlns)).trim();
  return show === '' || show === 'chat' ? 'here' : 'away';
}
