/**
 * Carries out what `users.ts` allows: the users in memory and on disk, the answer to whoever asked, and the end of the
 * sessions of a user who was removed or has another password.
 */
import { logEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import type { Clients } from './clients.ts';
import type { UserChange } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { keys, userValue } from './records.ts';
import type { Turn } from './turn.ts';
import { changeUsers } from './users.ts';

export class People {
  readonly #memory: ExchangeMemory;
  readonly #clients: Clients;

  constructor(memory: ExchangeMemory, clients: Clients) {
    this.#memory = memory;
    this.#clients = clients;
  }

  /** @param ref comes back in the answer */
  change(ref: string, change: UserChange, turn: Turn, now: Instant): void {
    const changed = changeUsers(this.#memory.users, change, now);
    if (!changed.ok) {
      turn.tell({ type: 'user-answer', ref, fault: changed.fault });
      return;
    }
    for (const [name, user] of changed.value) {
      if (user === undefined) {
        this.#memory.users.delete(name);
        turn.delete(keys.user(name));
      } else {
        this.#memory.users.set(name, user);
        turn.put(keys.user(name), userValue(user));
      }
    }
    turn.log(logEvent('info', 'im.user-changed', { change: change.type, user: change.name }));
    turn.tell({ type: 'user-answer', ref, fault: undefined });
    if (change.type !== 'add') this.#clients.tell(change.name, { type: 'signed-out', user: change.name }, turn);
  }
}
