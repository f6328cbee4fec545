/**
 * Tokens of scripts: one may do part of what its user may, until it is revoked or its time is over. Only its hash is
 * known here, and the beginning of the hash is its name: the token itself is shown once, where it is made.
 */
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import type { UserChange } from './exchange-io.ts';
import type { Scope, User } from './users.ts';

export interface UserToken {
  /** SHA-256 of the token, 64 hex digits in lower case. */
  readonly hash: string;
  /** First 12 digits of the hash. */
  readonly id: string;
  readonly user: string;
  /** At least one. */
  readonly scopes: readonly Scope[];
  /** What its owner calls it, at most 64 characters; may be empty. */
  readonly label: string;
  readonly createdAt: Instant;
  /** Of no use from then on; undefined: until it is revoked. */
  readonly expiresAt: Instant | undefined;
}

/** Somebody who came with a token. */
export interface TokenBearer {
  readonly user: User;
  /** What both the token and its user allow. */
  readonly scopes: readonly Scope[];
  readonly tokenId: string;
  readonly expiresAt: Instant | undefined;
}

/** Tokens of one user. */
export const tokenLimit = 64;
const labelLimit = 64;

export function tokenIdOf(hash: string): string {
  return hash.slice(0, 12);
}

/** Who bears the token, and what both it and its user allow; undefined once it is over. */
export function bearerOf(token: UserToken, user: User, now: Instant): TokenBearer | undefined {
  if (token.expiresAt !== undefined && now >= token.expiresAt) return undefined;
  const allowed = token.scopes.filter((scope) => user.scopes.includes(scope));
  return { user, scopes: allowed, tokenId: token.id, expiresAt: token.expiresAt };
}

/** @returns the token as it is to be kept, or IM_BAD_REQUEST, IM_LIMIT_REACHED, IM_USER_EXISTS */
export function addToken(
  tokens: ReadonlyMap<string, UserToken>,
  user: User,
  change: Extract<UserChange, { type: 'token-add' }>,
  now: Instant,
): Result<UserToken> {
  const { hash, label, expiresAt } = change;
  const id = tokenIdOf(hash);
  if (!/^[0-9a-f]{64}$/.test(hash)) return fail('IM_BAD_REQUEST', 'The hash of a token has 64 hex digits.');
  if (change.scopes.length === 0) return fail('IM_BAD_REQUEST', 'A token needs at least one scope.');
  const missing = change.scopes.find((scope) => !user.scopes.includes(scope));
  if (missing !== undefined) {
    return fail('IM_SCOPE_MISSING', `${user.name} does not have the scope ${missing}, so no token can give it.`);
  }
  if (label.length > labelLimit || hasControls(label)) {
    return fail('IM_BAD_REQUEST', `A label has at most ${labelLimit} characters, none of them a control character.`);
  }
  if (expiresAt !== undefined && expiresAt <= now) return fail('IM_BAD_REQUEST', 'The token would be over already.');
  let count = 0;
  for (const token of tokens.values()) {
    if (token.id === id) return fail('IM_USER_EXISTS', 'There already is a token of this id.');
    if (token.user === user.name) count += 1;
  }
  if (count >= tokenLimit) {
    return fail('IM_LIMIT_REACHED', `${user.name} has ${tokenLimit} tokens already; revoke one first.`);
  }
  return ok({ hash, id, user: user.name, scopes: [...new Set(change.scopes)], label, createdAt: now, expiresAt });
}

/** @returns the token that is to go, or IM_UNKNOWN_TOKEN */
export function revokeToken(tokens: ReadonlyMap<string, UserToken>, user: User, id: string): Result<UserToken> {
  for (const token of tokens.values()) if (token.id === id && token.user === user.name) return ok(token);
  return fail('IM_UNKNOWN_TOKEN', `${user.name} has no token of this id.`);
}

function hasControls(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}
