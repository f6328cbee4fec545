/**
 * Which clients are connected, and whose they are: the only way anything is told to people. A user may have several at
 * once; who of them sent a text is none the wiser than the others.
 */
import type { ClientRef, ImEvent } from './exchange-io.ts';
import type { Turn } from './turn.ts';

export class Clients {
  readonly #userOf = new Map<ClientRef, string>();
  readonly #clientsOf = new Map<string, Set<ClientRef>>();

  attach(client: ClientRef, user: string, turn: Turn): void {
    this.detach(client);
    this.#userOf.set(client, user);
    const clients = this.#clientsOf.get(user) ?? new Set();
    this.#clientsOf.set(user, clients.add(client));
    turn.tell({ type: 'deliver', client, event: { type: 'attached', user } });
  }

  detach(client: ClientRef): void {
    const user = this.#userOf.get(client);
    if (user === undefined) return;
    this.#userOf.delete(client);
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
}
