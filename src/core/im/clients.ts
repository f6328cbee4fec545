/**
 * Which clients are connected, and whose they are: the only way anything is told to people. A user may have several at
 * once; who of them sent a text is none the wiser than the others.
 */
import type { ClientRef, ImEvent } from './exchange-io.ts';
import type { Turn } from './turn.ts';

export class Clients {
  readonly #userOf = new Map<ClientRef, string>();
  readonly #tokenOf = new Map<ClientRef, string>();
  readonly #clientsOf = new Map<string, Set<ClientRef>>();

  /** @param tokenId the token it came with, if it did */
  attach(client: ClientRef, user: string, tokenId: string | undefined, turn: Turn): void {
    this.detach(client);
    this.#userOf.set(client, user);
    if (tokenId !== undefined) this.#tokenOf.set(client, tokenId);
    const clients = this.#clientsOf.get(user) ?? new Set();
    this.#clientsOf.set(user, clients.add(client));
    turn.tell({ type: 'deliver', client, event: { type: 'attached', user } });
  }

  detach(client: ClientRef): void {
    const user = this.#userOf.get(client);
    if (user === undefined) return;
    this.#userOf.delete(client);
    this.#tokenOf.delete(client);
    const clients = this.#clientsOf.get(user);
    clients?.delete(client);
    if (clients?.size === 0) this.#clientsOf.delete(user);
  }

  /** @param except the client that has its own answer */
  tell(user: string, event: ImEvent, turn: Turn, except?: ClientRef): void {
    for (const client of this.#clientsOf.get(user) ?? []) {
      if (client !== except) turn.tell({ type: 'deliver', client, event });
    }
  }

  /** Ends the sessions of a user, or those that came with one token. */
  signOut(user: string, which: 'user' | { readonly tokenId: string }, turn: Turn): void {
    for (const client of this.#clientsOf.get(user) ?? []) {
      if (which !== 'user' && this.#tokenOf.get(client) !== which.tokenId) continue;
      turn.tell({ type: 'deliver', client, event: { type: 'signed-out', user } });
    }
  }
}
