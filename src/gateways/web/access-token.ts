/**
 * Tokens for scripts: made once, shown once, and known to the server only as their hash. With 256 bits of chance a fast
 * hash is as good as a slow one. Not the proof of a login, which is in `session-token.ts`.
 */
import { createHash, randomBytes } from 'node:crypto';

/** So that people, logs and scanners see what it is. */
const prefix = 'rb_';
const tokenPattern = /^rb_[A-Za-z0-9_-]{43}$/;

/** @returns `rb_` and 43 characters that need no quotes */
export function makeAccessToken(): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** Whether it has the form of one; a session's proof has a dot. */
export function isAccessToken(text: string): boolean {
  return tokenPattern.test(text);
}

/** @returns 64 hex digits */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
