/**
 * The presence of those whom an account has as contacts: a number is available while an SMSC of its route can be reached,
 * and away with words while none can; users of the bridge always are, since it keeps what is written to them. Contacts are
 * remembered in the exchange's notes, because a server asks for presence only once per login. SPEC: RFC 6121 sections 3, 4.
 */
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import { changedWays, type Reach, reachOf, type SmscWays, smscWaysOf } from '../../core/im/reach.ts';
import type { Account } from './accounts.ts';
import { bareOf, type Jid, localOf, partyOf } from './jid.ts';
import { presenceStanza } from './outgoing.ts';
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
  #ways: SmscWays = new Map();

  constructor(world: ImWorld, gateway: string, domain: string) {
    this.#world = world;
    this.#gateway = gateway;
    this.#domain = domain;
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

  /** What every account is told of every number it follows. */
  tellAll(accounts: Iterable<Account>): readonly Element[] {
    return [...accounts].flatMap((account) =>
      this.#contactsOf(account).map((contact) => this.#presenceOf(contact, account)),
    );
  }

  forget(account: Account): void {
    this.#keep(account, []);
  }

  #presenceOf(contact: string, account: Account): Element {
    const smscs = this.#smscsOf(contact, account);
    const reach: Reach = smscs === undefined ? { type: 'available', words: '' } : reachOf(smscs, this.#ways);
    return presenceStanza(contact, account.jid, reach);
  }

  /** The SMSCs that serve a number; undefined for a contact that is none. */
  #smscsOf(contact: string, account: Account): readonly string[] | undefined {
    const local = contact.slice(0, Math.max(0, contact.length - this.#domain.length - 1));
    const party = local === '' ? undefined : partyOf(local);
    return party?.type === 'number' ? this.#world.smscsFor(party.number, account.user) : undefined;
  }

  #mayFollow(to: Jid): boolean {
    if (to.local === undefined) return true;
    const party = partyOf(to.local);
    // Another spelling of a number would be another contact, and nothing ever come from it.
    if (party.type === 'number') return localOf(party) === to.local;
    return party.type === 'user' && this.#world.history.user(party.name) !== undefined;
  }

  #contactsOf(account: Account): readonly string[] {
    const known = this.#contacts.get(account.jid);
    if (known !== undefined) return known;
    const noted = this.#world.history.note(this.#gateway, prefix + account.jid);
    return Array.isArray(noted) ? noted.filter((one): one is string => typeof one === 'string') : [];
  }

  #keep(account: Account, contacts: readonly string[]): void {
    this.#contacts.set(account.jid, contacts);
    const value = contacts.length === 0 ? undefined : contacts;
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + account.jid, value });
  }
}
