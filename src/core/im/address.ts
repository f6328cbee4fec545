/**
 * Who a text is for, as typed: a user's name or a phone number. Parsed once at the border; `alice`, `+358 40 123`,
 * `(040) 123-45`. Addresses of other networks (`bob@example.org`) belong to a user by their domain, or are in `alias-book.ts`.
 */
import { fail, ok, type Result } from '../base/result.ts';

export type Address =
  | { readonly type: 'user'; readonly name: string }
  /** Digits with at most one leading `+`. */
  | { readonly type: 'number'; readonly number: string };

const namePattern = /^[a-z][a-z0-9._-]{0,31}$/;
const numberPattern = /^\+?[0-9]{2,20}$/;

/** 1–32 characters: a letter, then letters, digits, dots, underscores and hyphens, all lower case. */
export function isUserName(text: string): boolean {
  return namePattern.test(text);
}

/** Digits with at most one leading `+`, 2–20 of them, as numbers are kept. */
export function isNumber(text: string): boolean {
  return numberPattern.test(text);
}

/** @returns the address, or IM_BAD_ADDRESS */
export function parseAddress(typed: string): Result<Address> {
  const trimmed = typed.trim();
  const number = trimmed.replace(/[\s().\-/]/g, '').replace(/^00(?=[1-9])/, '+');
  if (isNumber(number)) return ok({ type: 'number', number });
  const name = trimmed.replace(/^@/, '').toLowerCase();
  if (isUserName(name)) return ok({ type: 'user', name });
  return fail(
    'IM_BAD_ADDRESS',
    'The address is neither a phone number (digits, with at most one leading +) nor the name of a user.',
  );
}

/**
 * The name before the domain.
 *
 * @param domains lower case: those whose addresses are the users of the same name @returns undefined for any other address
 */
export function nameAtDomain(typed: string, domains: readonly string[]): string | undefined {
  const [name = '', domain = '', ...more] = typed.trim().toLowerCase().split('@');
  return more.length === 0 && domains.includes(domain) && isUserName(name) ? name : undefined;
}

/** An address of another network: a name, an `@`, a domain. */
export function isForeign(typed: string): boolean {
  return /^[^\s@/]+@[^\s@/]+$/.test(typed.trim());
}

/** Digits only: what two spellings of one number share. */
export function digitsOf(number: string): string {
  return number.replace(/[^0-9]/g, '');
}

/** A number that an answer can be sent to: not an alphanumeric originator, not a short code. */
export function canReceive(number: string): boolean {
  return /^\+?[0-9]{5,20}$/.test(number);
}

/**
 * What the sender of a short message is called as the other party of a conversation: its number, or, where it is only a name
 * (`MyBank`), that name in quotes. No user's name can hold a quote, so nobody can pose as a user; and nobody can answer.
 */
export function peerOfSender(from: string): string {
  return /^\+?[0-9]*$/.test(from) ? from : `"${from}"`;
}
