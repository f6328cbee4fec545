/**
 * The presence of those whom an account has as contacts: a number is available while an SMSC of its route can be reached,
 * and away with words while none can; a user is what the user's clients of all kinds say. Contacts are remembered in the
 * exchange's notes, because a server asks for presence only once per login. SPEC: RFC 6121 sections 3, 4.
 */
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import { changedWays, reachOf, type SmscWays, smscWaysOf } from '../../core/im/reach.ts';
import { isBlockedBy } from '../../core/im/users.ts';
import type { Account } from './accounts.ts';
import { bareOf, type Jid, localOf, type Party, partyOf } from './jid.ts';
import { presenceStanza, type ShownPresence } from './outgoing.ts';
import { type Element, stanza } from './xml.ts';

/** Contacts of one account: they are one record. */
export const contactLimit = 1_000;
const prefix = 'contacts:';

export class PresenceDesk {
  readonly #world: ImWorld;
  readonly #gateway: string;
  readonly #domain: string;
  /** What was noted and may not be on disk yet. */
  readonly #contacts = new Map<string, readonly string[]>();
  /** Who has a user as a contact, by the contact's address. */
  readonly #followers = new Map<string, Set<Account>>();
  #ways: SmscWays = new Map();

  constructor(world: ImWorld, gateway: string, domain: string) {
    this.#world = world;
    this.#gateway = gateway;
    this.#domain = domain;
  }

  /** From now on the account is told of the users that it follows. */
  add(account: Account): void {
    for (const contact of this.#contactsOf(account)) this.#follow(account, contact);
  }

  /** No more; what it follows is not forgotten. */
  remove(account: Account): void {
    for (const contact of this.#contactsOf(account)) this.#unfollow(account, contact);
  }

  /** What a presence of an account is answered with. */
  answer(account: Account, presence: Element, to: Jid): readonly Element[] {
    const contact = bareOf(to);
    const reply = (type: string) => stanza('presence', { type, from: contact, to: account.jid });
    switch (presence.attrs['type']) {
      case 'subscribe': {
        if (!this.#mayFollow(to)) return [reply('unsubscribed')];
        const contacts = this.#contactsOf(account);
        if (!contacts.includes(contact)) {
          if (contacts.length >= contactLimit) return [reply('unsubscribed')];
          this.#keep(account, [...contacts, contact]);
        }
        return [reply('subscribed'), this.#presenceOf(contact, account)];
      }
      case 'unsubscribe':
        this.#keep(
          account,
          this.#contactsOf(account).filter((one) => one !== contact),
        );
        // Not `unsubscribed`, which some clients would answer with `unsubscribe`. SPEC: RFC 6121 section 3.3.3.
        return [reply('unavailable')];
      // The user's server asks at every login.
      case 'probe':
        if (this.#contactsOf(account).includes(contact)) return [this.#presenceOf(contact, account)];
        return [reply('unsubscribed')];
      default:
        return [];
    }
  }

  /** @returns what the accounts have to be told: of the contacts for whom that changed anything */
  linksChanged(event: LinksEvent, accounts: Iterable<Account>): readonly Element[] {
    const ways = smscWaysOf(event);
    const changed = changedWays(this.#ways, ways);
    this.#ways = ways;
    if (changed.length === 0) return [];
    return [...accounts].flatMap((account) =>
      this.#contactsOf(account)
        .filter((contact) => this.#smscsOf(contact, account)?.some((smscId) => changed.includes(smscId)))
        .map((contact) => this.#presenceOf(contact, account)),
    );
  }

  /** @returns what those are told who follow this user */
  presenceChanged(user: string): readonly Element[] {
    const contact = `${localOf({ type: 'user', name: user })}@${this.#domain}`;
    return [...(this.#followers.get(contact) ?? [])].map((account) => this.#presenceOf(contact, account));
  }

  /** What every account is told of everybody it follows. */
  tellAll(accounts: Iterable<Account>): readonly Element[] {
    return [...accounts].flatMap((account) =>
      this.#contactsOf(account).map((contact) => this.#presenceOf(contact, account)),
    );
  }

  /** Whether it is the presence of people that who follows this is after: a user's, or the gateway's own. */
  isOfPeople(to: Jid): boolean {
    if (to.local === undefined) return true;
    const party = partyOf(to.local);
    return party.type === 'user' && this.#world.history.user(party.name) !== undefined;
  }

  forget(account: Account): void {
    this.#keep(account, []);
  }

  #presenceOf(contact: string, account: Account): Element {
    return presenceStanza(contact, account.jid, this.#shownOf(contact, account));
  }

  #shownOf(contact: string, account: Account): ShownPresence {
    const party = this.#partyOf(contact);
    if (party?.type === 'number') return reachOf(this.#world.smscsFor(party.number, account.user), this.#ways);
    // The gateway itself.
    if (party?.type !== 'user') return { type: 'available', words: '' };
    const person = this.#world.history.user(party.name);
    if (person === undefined) return { type: 'gone', words: '' };
    // Who blocked somebody does not say so.
    const presence = isBlockedBy(person, account.user) ? 'gone' : this.#world.presenceOf(party.name);
    return presence === 'here' ? { type: 'available', words: '' } : { type: presence, words: wordsOf[presence] };
  }

  /** The SMSCs that serve a number; undefined for a contact that is none. */
  #smscsOf(contact: string, account: Account): readonly string[] | undefined {
    const party = this.#partyOf(contact);
    return party?.type === 'number' ? this.#world.smscsFor(party.number, account.user) : undefined;
  }

  #partyOf(contact: string): Party | undefined {
    const local = contact.slice(0, Math.max(0, contact.length - this.#domain.length - 1));
    return local === '' ? undefined : partyOf(local);
  }

  #follow(account: Account, contact: string): void {
    if (this.#partyOf(contact)?.type !== 'user') return;
    this.#followers.set(contact, (this.#followers.get(contact) ?? new Set()).add(account));
  }

  #unfollow(account: Account, contact: string): void {
    const followers = this.#followers.get(contact);
    followers?.delete(account);
    if (followers?.size === 0) this.#followers.delete(contact);
  }

  #mayFollow(to: Jid): boolean {
    const party = to.local === undefined ? undefined : partyOf(to.local);
    // Another spelling of a number would be another contact, and nothing ever come from it.
    return party?.type === 'number' ? localOf(party) === to.local : this.isOfPeople(to);
  }

  #contactsOf(account: Account): readonly string[] {
    const known = this.#contacts.get(account.jid);
    if (known !== undefined) return known;
    const noted = this.#world.history.note(this.#gateway, prefix + account.jid);
    return Array.isArray(noted) ? noted.filter((one): one is string => typeof one === 'string') : [];
  }

  #keep(account: Account, contacts: readonly string[]): void {
    this.remove(account);
    for (const contact of contacts) this.#follow(account, contact);
    this.#contacts.set(account.jid, contacts);
    const value = contacts.length === 0 ? undefined : contacts;
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + account.jid, value });
  }
}

/** What stands beside a user who is not at a client. */
const wordsOf = { away: '', gone: 'Gets messages on coming back.' } as const;
