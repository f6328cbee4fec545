/**
 * The people who have an account here, and the tokens of their scripts: small tables in memory, changed only through
 * {@link changeUsers}. Passwords and tokens are hashes made elsewhere; this room never sees either.
 */
import type { Fault } from '../base/errors.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { digitsOf, isUserName, parseAddress } from './address.ts';
import type { UserChange } from './exchange-io.ts';
import { addToken, revokeToken, type UserToken } from './tokens.ts';

/**
 * What somebody who logged in may do. `send`: hand texts in. `read`: see the own history and what comes. `admin`: see
 * rings and links of the whole bridge.
 */
export const scopes = ['send', 'read', 'admin'] as const;

export type Scope = (typeof scopes)[number];

export interface User {
  /** 1–32 characters, lower case; see `isUserName`. */
  readonly name: string;
  /** Digits behind the service number, 1–10; unique; undefined for a user without one. */
  readonly suffix: string | undefined;
  /** A whole number of the user's own, which handsets call and see; unique; comes before the suffix. */
  readonly number: string | undefined;
  readonly passwordHash: string;
  /** The default user gets what nobody else is meant by; at most one is. */
  readonly role: 'default' | 'ordinary';
  readonly createdAt: Instant;
  /** Where the user's texts leave that no prefix of the routes fits; undefined leaves it to the routes. */
  readonly smscId: string | undefined;
  /** What the user may do after a login with the password; tokens may do less, never more. */
  readonly scopes: readonly Scope[];
  /** Numbers and names whose texts do not reach the user. At most {@link blockedLimit}. */
  readonly blocked: readonly string[];
}

/** Users in all: every one of them is looked at to find a suffix. */
export const userLimit = 10_000;
/** Blocked addresses of one user: they are one record. */
export const blockedLimit = 256;

/** All that `changeUsers` decides by. */
export interface Directory {
  readonly users: ReadonlyMap<string, User>;
  /** By hash. */
  readonly tokens: ReadonlyMap<string, UserToken>;
}

/** What becomes different; undefined: removed. */
export interface DirectoryChange {
  readonly users: ReadonlyMap<string, User | undefined>;
  readonly tokens: ReadonlyMap<string, UserToken | undefined>;
  /** Whose clients have to log in again: all of the user, those of one token, or none. */
  readonly signedOut: 'user' | { readonly tokenId: string } | 'nobody';
}

/**
 * What a change makes of the users, without making it.
 *
 * @returns what becomes different, or IM_USER_EXISTS, IM_UNKNOWN_USER, IM_UNKNOWN_TOKEN, IM_BAD_NAME, IM_BAD_ADDRESS,
 *   IM_LIMIT_REACHED, IM_BAD_REQUEST
 */
export function changeUsers(directory: Directory, change: UserChange, now: Instant): Result<DirectoryChange> {
  const user = directory.users.get(change.name);
  if (change.type === 'add') {
    if (user !== undefined) return fail('IM_USER_EXISTS', `There already is a user named ${change.name}.`);
    return addUser(directory.users, change, now);
  }
  if (user === undefined) return fail('IM_UNKNOWN_USER', `There is no user named ${printable(change.name)}.`);
  switch (change.type) {
    case 'remove':
      return ok(removeUser(directory, user));
    case 'password':
      return ok(only({ ...user, passwordHash: change.passwordHash }, 'user'));
    case 'set':
      return setUser(directory.users, user, change);
    case 'block':
      return block(user, change.address);
    case 'unblock':
      return unblock(user, change.address);
    case 'token-add': {
      const added = addToken(directory.tokens, user, change, now);
      return added.ok ? ok(onlyToken(added.value.hash, added.value, 'nobody')) : added;
    }
    case 'token-revoke': {
      const revoked = revokeToken(directory.tokens, user, change.id);
      return revoked.ok ? ok(onlyToken(revoked.value.hash, undefined, { tokenId: change.id })) : revoked;
    }
  }
}

/** 023 of what the user sends: the own number, or the suffix; empty leaves it out. SPEC: DESIGN section 7. */
export function originatorOf(user: User | undefined): string {
  return user?.number ?? user?.suffix ?? '';
}

/** Whether the user wants nothing from this address: a number in any spelling with the same digits, or a name. */
export function isBlockedBy(user: User, address: string): boolean {
  return user.blocked.some((blocked) => isSameAddress(blocked, address));
}

function isSameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  return isNumber(a) && isNumber(b) && digitsOf(a) === digitsOf(b);
}

function isNumber(address: string): boolean {
  return /^\+?[0-9]+$/.test(address);
}

function addUser(
  users: ReadonlyMap<string, User>,
  change: Extract<UserChange, { type: 'add' }>,
  now: Instant,
): Result<DirectoryChange> {
  if (!isUserName(change.name)) {
    return fail(
      'IM_BAD_NAME',
      'A name has 1 to 32 characters: a letter first, then letters, digits, dots, underscores and hyphens, all lower case.',
    );
  }
  if (users.size >= userLimit) return fail('IM_LIMIT_REACHED', `There are ${userLimit} users already.`);
  const { name, suffix, number, smscId, passwordHash, role } = change;
  const common = { scopes: change.scopes ?? (['send', 'read'] as const), blocked: [], createdAt: now };
  const user: User = { name, suffix, number, smscId, passwordHash, role, ...common };
  const wrong = faultIn(user, users);
  if (wrong !== undefined) return { ok: false, fault: wrong };
  return ok({ ...only(user, 'nobody'), users: new Map([...noOtherDefault(users, user), [name, user]]) });
}

function setUser(
  users: ReadonlyMap<string, User>,
  user: User,
  change: Extract<UserChange, { type: 'set' }>,
): Result<DirectoryChange> {
  const told = (value: string | undefined, present: string | undefined) =>
    value === undefined ? present : value === '' ? undefined : value;
  const next: User = {
    ...user,
    suffix: told(change.suffix, user.suffix),
    number: told(change.number, user.number),
    smscId: told(change.smscId, user.smscId),
    role: change.role ?? user.role,
    scopes: change.scopes ?? user.scopes,
  };
  const wrong = faultIn(next, users);
  if (wrong !== undefined) return { ok: false, fault: wrong };
  // What somebody may not do any more must not go on in a session that began when it was allowed.
  const isNarrowed = user.scopes.some((scope) => !next.scopes.includes(scope));
  const changed = new Map([...noOtherDefault(users, next), [next.name, next] as const]);
  return ok({ ...only(next, isNarrowed ? 'user' : 'nobody'), users: changed });
}

function removeUser(directory: Directory, user: User): DirectoryChange {
  const own = [...directory.tokens.values()].filter((token) => token.user === user.name);
  return {
    users: new Map([[user.name, undefined]]),
    tokens: new Map(own.map(({ hash }) => [hash, undefined])),
    signedOut: 'user',
  };
}

function block(user: User, typed: string): Result<DirectoryChange> {
  const parsed = parseAddress(typed);
  if (!parsed.ok) return parsed;
  const address = parsed.value.type === 'user' ? parsed.value.name : parsed.value.number;
  if (isBlockedBy(user, address)) return ok(only(user, 'nobody'));
  if (user.blocked.length >= blockedLimit) {
    return fail('IM_LIMIT_REACHED', `${user.name} has blocked ${blockedLimit} addresses already.`);
  }
  return ok(only({ ...user, blocked: [...user.blocked, address] }, 'nobody'));
}

function unblock(user: User, typed: string): Result<DirectoryChange> {
  const parsed = parseAddress(typed);
  if (!parsed.ok) return parsed;
  const address = parsed.value.type === 'user' ? parsed.value.name : parsed.value.number;
  const blocked = user.blocked.filter((one) => !isSameAddress(one, address));
  if (blocked.length === user.blocked.length) return fail('IM_BAD_REQUEST', 'This address is not blocked.');
  return ok(only({ ...user, blocked }, 'nobody'));
}

/** What is wrong with a user among the others. */
function faultIn(user: User, users: ReadonlyMap<string, User>): Fault | undefined {
  if (user.suffix !== undefined && !/^[0-9]{1,10}$/.test(user.suffix)) {
    return { code: 'IM_BAD_NAME', message: 'A suffix has 1 to 10 digits.' };
  }
  if (user.number !== undefined && !/^\+?[0-9]{3,20}$/.test(user.number)) {
    return { code: 'IM_BAD_NAME', message: 'A number has 3 to 20 digits, with at most one leading +.' };
  }
  if (user.smscId !== undefined && !/^[!-~]{1,32}$/.test(user.smscId)) {
    return { code: 'IM_BAD_NAME', message: 'An SMSC id has 1 to 32 visible ASCII characters.' };
  }
  for (const other of users.values()) {
    if (other.name === user.name) continue;
    if (user.suffix !== undefined && other.suffix === user.suffix) {
      return { code: 'IM_USER_EXISTS', message: `Suffix ${user.suffix} already belongs to ${other.name}.` };
    }
    if (user.number !== undefined && other.number !== undefined && isSameAddress(user.number, other.number)) {
      return { code: 'IM_USER_EXISTS', message: `This number already belongs to ${other.name}.` };
    }
  }
  return undefined;
}

/** Who is not the default any more, where this user is. */
function noOtherDefault(users: ReadonlyMap<string, User>, user: User): readonly (readonly [string, User])[] {
  if (user.role !== 'default') return [];
  const others = [...users.values()].filter((other) => other.role === 'default' && other.name !== user.name);
  return others.map((other) => [other.name, { ...other, role: 'ordinary' }]);
}

function only(user: User, signedOut: DirectoryChange['signedOut']): DirectoryChange {
  return { users: new Map([[user.name, user]]), tokens: new Map(), signedOut };
}

function onlyToken(
  hash: string,
  token: UserToken | undefined,
  signedOut: DirectoryChange['signedOut'],
): DirectoryChange {
  return { users: new Map(), tokens: new Map([[hash, token]]), signedOut };
}

function printable(name: string): string {
  return isUserName(name) ? name : 'that';
}
