/**
 * The people who have an account here: a small table in memory, changed only through {@link changeUsers}. Passwords are
 * hashes made elsewhere; this room never sees a password.
 */
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { isUserName } from './address.ts';
import type { UserChange } from './exchange-io.ts';

export interface User {
  /** 1–32 characters, lower case; see `isUserName`. */
  readonly name: string;
  /** Digits behind the service number, 1–10; unique; undefined for a user without one. */
  readonly suffix: string | undefined;
  readonly passwordHash: string;
  /** The default user gets what nobody else is meant by; at most one is. */
  readonly role: 'default' | 'ordinary';
  readonly createdAt: Instant;
}

/**
 * What a change makes of the users, without making it.
 *
 * @returns the users that become different (undefined: removed), or IM_USER_EXISTS, IM_UNKNOWN_USER, IM_BAD_NAME
 */
export function changeUsers(
  users: ReadonlyMap<string, User>,
  change: UserChange,
  now: Instant,
): Result<ReadonlyMap<string, User | undefined>> {
  const present = users.get(change.name);
  if (change.type === 'add') {
    if (present !== undefined) return fail('IM_USER_EXISTS', `There already is a user named ${change.name}.`);
    return addUser(users, change, now);
  }
  if (present === undefined) return fail('IM_UNKNOWN_USER', `There is no user named ${printable(change.name)}.`);
  if (change.type === 'remove') return ok(new Map([[change.name, undefined]]));
  return ok(new Map([[change.name, { ...present, passwordHash: change.passwordHash }]]));
}

function addUser(
  users: ReadonlyMap<string, User>,
  change: Extract<UserChange, { type: 'add' }>,
  now: Instant,
): Result<ReadonlyMap<string, User | undefined>> {
  if (!isUserName(change.name)) {
    return fail(
      'IM_BAD_NAME',
      'A name has 1 to 32 characters: a letter first, then letters, digits, dots, underscores and hyphens, all lower case.',
    );
  }
  if (change.suffix !== undefined && !/^[0-9]{1,10}$/.test(change.suffix)) {
    return fail('IM_BAD_NAME', 'A suffix has 1 to 10 digits.');
  }
  const changed = new Map<string, User | undefined>();
  for (const user of users.values()) {
    if (change.suffix !== undefined && user.suffix === change.suffix) {
      return fail('IM_USER_EXISTS', `Suffix ${change.suffix} already belongs to ${user.name}.`);
    }
    if (change.role === 'default' && user.role === 'default') changed.set(user.name, { ...user, role: 'ordinary' });
  }
  const { name, suffix, passwordHash, role } = change;
  changed.set(name, { name, suffix, passwordHash, role, createdAt: now });
  return ok(changed);
}

function printable(name: string): string {
  return isUserName(name) ? name : 'that';
}
