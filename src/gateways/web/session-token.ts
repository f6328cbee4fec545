/**
 * Proof of an earlier login, kept by the client: user, end of validity, and an HMAC over both and the password's hash.
 * Nothing is kept here, so sessions survive a restart, and a new password or a removed user ends them all.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { User } from '../../core/im/users.ts';

/** How long a login lasts. */
export const sessionMs = 30 * 24 * 3_600_000;

/** @param key 32 random bytes, the same over restarts @param now milliseconds since 1970 */
export function makeToken(user: User, key: Uint8Array, now: number): string {
  const claim = `${user.name}.${now + sessionMs}`;
  return `${Buffer.from(claim).toString('base64url')}.${proofOf(claim, user, key).toString('base64url')}`;
}

/** @returns the user the token was made for, as long as it is valid and the user has the same password */
export function userOfSession(
  token: string,
  key: Uint8Array,
  now: number,
  findUser: (name: string) => User | undefined,
): User | undefined {
  const [encoded, proof] = token.split('.');
  if (encoded === undefined || proof === undefined || token.length > 400) return undefined;
  const claim = Buffer.from(encoded, 'base64url').toString();
  const parts = /^(?<name>.+)\.(?<until>[0-9]{1,16})$/.exec(claim)?.groups;
  const user = parts?.['name'] === undefined ? undefined : findUser(parts['name']);
  if (user === undefined || now >= Number(parts?.['until'])) return undefined;
  const given = Buffer.from(proof, 'base64url');
  const expected = proofOf(claim, user, key);
  return given.length === expected.length && timingSafeEqual(given, expected) ? user : undefined;
}

function proofOf(claim: string, user: User, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`ringbridge session\n${claim}\n${user.passwordHash}`).digest();
}
