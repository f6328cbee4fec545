/**
 * Which XMPP accounts are which users. Three ways lead in: the operator named the account (`user`), its server is trusted
 * to have the same people (`users-of`), or somebody registered it with a password. What was not named is remembered in the
 * exchange's notes; every account is an alias of its user, so that others can write to it by its address.
 */
import type { ClientRef } from '../../core/im/exchange-io.ts';
import { clientRef } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { TextView } from '../../core/im/text.ts';
import { bareOf, type Jid, type Party } from './jid.ts';

export interface Account {
  /** Bare, lower case. */
  readonly jid: string;
  readonly user: string;
  readonly origin: 'named' | 'trusted' | 'registered';
  readonly client: ClientRef;
}

export interface AccountSettings {
  /** Addresses and users, as the operator named them. */
  readonly named: ReadonlyMap<string, string>;
  /** The server whose accounts are the users of the same name; undefined: none. */
  readonly usersOf: string | undefined;
}

/** Addresses of one user, and of all. */
const accountsPerUser = 8;
const accountLimit = 20_000;
const prefix = 'registered:';

export class Accounts {
  readonly #world: ImWorld;
  readonly #gateway: string;
  readonly #settings: AccountSettings;
  readonly #byJid = new Map<string, Account>();

  constructor(world: ImWorld, gateway: string, settings: AccountSettings) {
    this.#world = world;
    this.#gateway = gateway;
    this.#settings = settings;
  }

  /** All that are known from the settings and from earlier lives; aliases that do not fit them any more end. */
  recover(): readonly Account[] {
    const { history } = this.#world;
    const registered = new Map(history.notes(this.#gateway, prefix));
    for (const { address, user } of history.aliases(this.#gateway)) {
      if (registered.get(prefix + address) === user) this.#put(address, user, 'registered');
      else if (this.#trusts(address, user)) this.#put(address, user, 'trusted');
      else if (this.#settings.named.get(address) !== user) this.#tellAlias(address, undefined);
    }
    for (const [jid, user] of this.#settings.named) {
      this.#put(jid, user, 'named');
      this.#tellAlias(jid, user);
    }
    return [...this.#byJid.values()];
  }

  of(jid: Jid): Account | undefined {
    return this.#byJid.get(bareOf(jid));
  }

  byClient(client: ClientRef): Account | undefined {
    return this.#byJid.get(client.slice(this.#gateway.length + 1));
  }

  all(): Iterable<Account> {
    return this.#byJid.values();
  }

  /** An account of the trusted server that shows up for the first time. */
  adopt(jid: Jid): Account | undefined {
    const bare = bareOf(jid);
    if (jid.local === undefined || !this.#trusts(bare, jid.local)) return undefined;
    if (this.#world.history.user(jid.local) === undefined || this.#byJid.size >= accountLimit) return undefined;
    this.#tellAlias(bare, jid.local);
    return this.#put(bare, jid.local, 'trusted');
  }

  /** @returns undefined where the user, or the whole bridge, has too many */
  register(jid: Jid, user: string): Account | undefined {
    const bare = bareOf(jid);
    let count = 0;
    for (const account of this.#byJid.values()) if (account.user === user && account.jid !== bare) count += 1;
    if (count >= accountsPerUser || this.#byJid.size >= accountLimit) return undefined;
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + bare, value: user });
    this.#tellAlias(bare, user);
    return this.#put(bare, user, 'registered');
  }

  end(account: Account): void {
    this.#byJid.delete(account.jid);
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + account.jid, value: undefined });
    this.#tellAlias(account.jid, undefined);
  }

  #trusts(bare: string, user: string): boolean {
    return this.#settings.usersOf !== undefined && bare === `${user}@${this.#settings.usersOf}`;
  }

  #put(jid: string, user: string, origin: Account['origin']): Account {
    const account: Account = { jid, user, origin, client: clientRef(`${this.#gateway}:${jid}`) };
    this.#byJid.set(jid, account);
    return account;
  }

  #tellAlias(address: string, user: string | undefined): void {
    this.#world.input({ type: 'alias', gateway: this.#gateway, address, user });
  }
}

/**
 * Who a text came from. A sender's name stands in quotes. In texts of earlier builds it does not: there a name is a user's
 * only if that user has the text, too.
 */
export function partyOfPeer(history: ImHistory, view: TextView): Party {
  const quoted = /^"(.*)"$/s.exec(view.peer)?.[1];
  if (quoted !== undefined) return { type: 'sender', name: quoted };
  if (/^\+?[0-9]{2,20}$/.test(view.peer)) return { type: 'number', number: view.peer };
  const isUser = history.text(view.peer, view.id)?.direction === 'out';
  return isUser ? { type: 'user', name: view.peer } : { type: 'sender', name: view.peer };
}
