/**
 * Who is meant: the SMSCs for a number, and the user for what a handset wrote, each with the rule that found it. Plain
 * functions over tables; what they find is carried out by the exchange, and shown by `explain.ts`. SPEC: DESIGN section 7.
 */
import { digitsOf } from './address.ts';
import type { Route } from './exchange-io.ts';
import type { User } from './users.ts';

/** The way towards a handset. */
export type WayOut =
  | {
      /** A prefix of the table, or the default SMSC of the user where no prefix but the empty one fits. */
      readonly rule: 'prefix' | 'user-default';
      /** The prefix that fits; empty for all numbers. */
      readonly prefix: string;
      /** In the order in which they are tried; the first is the route's own. */
      readonly smscIds: readonly [string, ...string[]];
    }
  | { readonly rule: 'none' };

/**
 * The longest prefix that the number begins with; a `+` counts on neither side.
 *
 * @param userSmsc default SMSC of the sender, who is undefined where that is not known
 */
export function wayTo(number: string, routes: readonly Route[], userSmsc: string | undefined): WayOut {
  const digits = digitsOf(number);
  let best: Route | undefined;
  let bestLength = -1;
  for (const route of routes) {
    const prefix = digitsOf(route.prefix);
    if (digits.startsWith(prefix) && prefix.length > bestLength) {
      best = route;
      bestLength = prefix.length;
    }
  }
  if (userSmsc !== undefined && bestLength <= 0) {
    const others = best === undefined ? [] : [best.smscId, ...(best.fallback ?? [])];
    return { rule: 'user-default', prefix: '', smscIds: [userSmsc, ...others.filter((id) => id !== userSmsc)] };
  }
  if (best === undefined) return { rule: 'none' };
  return { rule: 'prefix', prefix: best.prefix, smscIds: [best.smscId, ...(best.fallback ?? [])] };
}

/** What the search for an addressee looks at. */
export interface Callable {
  readonly users: { get(name: string): User | undefined; values(): Iterable<User> };
  readonly serviceNumbers: readonly string[];
  /** Digits of every suffix; undefined: what is left of the called number. */
  readonly suffixLength: number | undefined;
  /** Named by the settings; comes before a user whose role says so. */
  readonly defaultUser: string | undefined;
  /** Name of the user that last wrote to this handset. */
  readonly lastWriter: string | undefined;
}

export interface Addressee {
  readonly user: string;
  /** The text without the `@name` that named the user. */
  readonly text: string;
  readonly rule: 'own-number' | 'suffix' | 'name' | 'last-writer' | 'default-user';
}

/** In order: the called number or its suffix, `@name` at the start, the last conversation, the default user. */
export function addresseeOf(called: string, text: string, known: Callable): Addressee | undefined {
  const byNumber = userOfNumber(called, known);
  if (byNumber !== undefined) return { user: byNumber.name, text, rule: 'own-number' };
  const bySuffix = userOfSuffix(called, known);
  if (bySuffix !== undefined) return { user: bySuffix.name, text, rule: 'suffix' };
  const named = /^\s*@([A-Za-z][A-Za-z0-9._-]{0,31})(?:[:,]?\s+|$)/.exec(text);
  // A name at the end of a sentence (`@alice.`) takes the dot with it; try without.
  const name = named?.[1]?.toLowerCase();
  for (const candidate of name === undefined ? [] : [name, name.replace(/[._-]+$/, '')]) {
    const user = known.users.get(candidate);
    if (user !== undefined) return { user: user.name, text: text.slice(named?.[0].length), rule: 'name' };
  }
  if (known.lastWriter !== undefined && known.users.get(known.lastWriter) !== undefined) {
    return { user: known.lastWriter, text, rule: 'last-writer' };
  }
  if (known.defaultUser !== undefined && known.users.get(known.defaultUser) !== undefined) {
    return { user: known.defaultUser, text, rule: 'default-user' };
  }
  for (const user of known.users.values()) {
    if (user.role === 'default') return { user: user.name, text, rule: 'default-user' };
  }
  return undefined;
}

function userOfNumber(called: string, known: Callable): User | undefined {
  const digits = digitsOf(called);
  if (digits === '') return undefined;
  for (const user of known.users.values()) {
    if (user.number !== undefined && digitsOf(user.number) === digits) return user;
  }
  return undefined;
}

/** The longest service number that the called number begins with leaves the suffix. */
function userOfSuffix(called: string, known: Callable): User | undefined {
  const digits = digitsOf(called);
  const suffixes = known.serviceNumbers
    .map(digitsOf)
    .filter((service) => digits.startsWith(service) && digits.length > service.length)
    .sort((a, b) => b.length - a.length)
    .map((service) => digits.slice(service.length))
    .filter((suffix) => known.suffixLength === undefined || suffix.length === known.suffixLength);
  for (const suffix of suffixes) {
    for (const user of known.users.values()) if (user.suffix === suffix) return user;
  }
  return undefined;
}
