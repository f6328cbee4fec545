/**
 * What handsets asked to get no more of: anything (STOP), or what single users write (BLOCK). Kept for ever and never
 * forgotten to make room: when the book is full, one more is not taken, and told so.
 */
import { handsetKey } from './handset-book.ts';
import { keys, refusalValue } from './records.ts';
import type { Turn } from './turn.ts';

/** Handsets in the book. */
export const refusalCount = 100_000;
/** Users that one handset may have named; who wants more of them gone writes STOP. */
export const refusedUsersLimit = 64;

export interface Refusal {
  /** As the SMSC wrote it. */
  readonly number: string;
  readonly from: 'everybody' | 'some';
  /** Names, also while `from` is everybody. */
  readonly users: readonly string[];
}

export class RefusalBook {
  readonly #refusals = new Map<string, Refusal>();

  /** Whether this handset wants nothing that this user writes. */
  isRefused(number: string, user: string): boolean {
    const refusal = this.#refusals.get(handsetKey(number));
    return refusal !== undefined && (refusal.from === 'everybody' || refusal.users.includes(user));
  }

  /** Whether this handset wants nothing at all, not even answers that it did not ask for. */
  isStopped(number: string): boolean {
    return this.#refusals.get(handsetKey(number))?.from === 'everybody';
  }

  /** Nothing more, from this user or from anybody. @returns whether there was room to note it */
  refuse(number: string, user: string | undefined, turn: Turn): boolean {
    const key = handsetKey(number);
    const before = this.#refusals.get(key);
    if (before === undefined && this.#refusals.size >= refusalCount) return false;
    const { from, users }: Pick<Refusal, 'from' | 'users'> = before ?? { from: 'some', users: [] };
    if (user === undefined) this.#put(key, { number, from: 'everybody', users }, turn);
    else if (!users.includes(user)) {
      if (users.length >= refusedUsersLimit) return false;
      this.#put(key, { number, from, users: [...users, user] }, turn);
    }
    return true;
  }

  /** Again what this user writes, or everything. Somebody who wants one user again wants to be written to. */
  accept(number: string, user: string | undefined, turn: Turn): void {
    const key = handsetKey(number);
    const before = this.#refusals.get(key);
    if (before === undefined) return;
    const users = user === undefined ? [] : before.users.filter((one) => one !== user);
    if (users.length > 0) this.#put(key, { number, from: 'some', users }, turn);
    else {
      this.#refusals.delete(key);
      turn.delete(keys.refusal(key));
    }
  }

  /** Puts back what was noted before a restart. */
  restore(key: string, refusal: Refusal): void {
    this.#refusals.set(key, refusal);
  }

  #put(key: string, refusal: Refusal, turn: Turn): void {
    this.#refusals.set(key, refusal);
    turn.put(keys.refusal(key), refusalValue(refusal));
  }
}
