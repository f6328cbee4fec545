/**
 * The presence of those whom an account has as contacts: numbers are available while an SMSC can be reached, and away with
 * words while none can; users of the bridge always are, since it keeps what is written to them. Contacts are remembered
 * in the exchange's notes, because a server asks for presence only once per login. SPEC: RFC 6121 sections 3 and 4.
 */
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import type { Account } from './accounts.ts';
import { bareOf, type Jid, localOf, partyOf } from './jid.ts';
import { presenceStanza, type Reach } from './outgoing.ts';
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
  #reach: Reach = { type: 'away', words: 'No SMSC is connected yet.' };

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

  /** @returns what the accounts have to be told, where that changed */
  linksChanged(event: LinksEvent, accounts: Iterable<Account>): readonly Element[] {
    const reach = reachOf(event);
    const isSame = JSON.stringify(reach) === JSON.stringify(this.#reach);
    this.#reach = reach;
    return isSame ? [] : this.tellAll(accounts);
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
    const local = contact.slice(0, Math.max(0, contact.length - this.#domain.length - 1));
    const isNumber = local !== '' && partyOf(local).type === 'number';
    return presenceStanza(contact, account.jid, isNumber ? this.#reach : { type: 'available' });
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

function reachOf({ links }: LinksEvent): Reach {
  if (links.some(({ state }) => state === 'up')) return { type: 'available' };
  const names = links.map(({ smscId }) => smscId).join(', ');
  if (names === '') return { type: 'away', words: 'No SMSC is connected yet.' };
  return { type: 'away', words: `No link to ${names}: messages wait here and are sent later.` };
}
