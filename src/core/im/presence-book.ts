/**
 * Which users are at one of their clients just now, as the gateways tell of them. Not kept: after a start nobody is here, and
 * whoever is tells so again.
 */
import type { ClientRef } from './exchange-io.ts';

/** `away`: connected, and their client says that they are not at it. `gone`: no client of theirs tells that they are here. */
export type UserPresence = (typeof userPresences)[number];
export const userPresences = ['here', 'away', 'gone'] as const;

/** @returns undefined for anything that is none */
export function parseUserPresence(value: unknown): UserPresence | undefined {
  return userPresences.find((known) => known === value);
}

export class PresenceBook {
  /** By user; of each at least one client. */
  readonly #users = new Map<string, Map<ClientRef, Exclude<UserPresence, 'gone'>>>();

  /** The best that a client of that user says. */
  of(user: string): UserPresence {
    const clients = this.#users.get(user);
    if (clients === undefined) return 'gone';
    for (const presence of clients.values()) if (presence === 'here') return 'here';
    return 'away';
  }

  /**
   * A client says how it is with its user; one that ends says `gone`.
   *
   * @returns whether that changed anything about the user
   */
  tell(client: ClientRef, user: string, presence: UserPresence): boolean {
    const before = this.of(user);
    const clients = this.#users.get(user) ?? new Map<ClientRef, Exclude<UserPresence, 'gone'>>();
    if (presence === 'gone') clients.delete(client);
    else clients.set(client, presence);
    if (clients.size === 0) this.#users.delete(user);
    else this.#users.set(user, clients);
    return this.of(user) !== before;
  }
}
