/**
 * Carries out what `users.ts` allows: the users in memory and on disk, the answer to whoever asked, and the end of the
 * sessions that are not allowed any more.
 */
import { logEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import type { Clients } from './clients.ts';
import type { UserChange } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { keys, tokenValue, userValue } from './records.ts';
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
    const changed = changeUsers(this.#memory, change, now);
    if (!changed.ok) {
      turn.tell({ type: 'user-answer', ref, fault: changed.fault });
      return;
    }
    const { users, tokens, signedOut } = changed.value;
    for (const [name, user] of users) {
      if (user === undefined) {
        this.#memory.users.delete(name);
        this.#memory.aliases.forget(name, turn);
        turn.delete(keys.user(name));
      } else {
        this.#memory.users.set(name, user);
        turn.put(keys.user(name), userValue(user));
      }
    }
    for (const [hash, token] of tokens) {
      if (token === undefined) {
        this.#memory.tokens.delete(hash);
        turn.delete(keys.token(hash));
      } else {
        this.#memory.tokens.set(hash, token);
        turn.put(keys.token(hash), tokenValue(token));
      }
    }
    turn.log(logEvent('info', 'im.user-changed', { change: change.type, user: change.name }));
    turn.tell({ type: 'user-answer', ref, fault: undefined });
    if (signedOut !== 'nobody') this.#clients.signOut(change.name, signedOut, turn);
  }
}
