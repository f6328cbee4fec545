/**
 * Who is meant: the SMSC for a number, and the user for what a handset wrote. Plain functions over tables; what they
 * find is carried out by the exchange. SPEC: DESIGN section 7.
 */
import { digitsOf } from './address.ts';
import type { Route } from './exchange-io.ts';
import type { User } from './users.ts';

/** The SMSC of the longest prefix that the number begins with; a `+` counts on neither side. */
export function routeTo(number: string, routes: readonly Route[]): string | undefined {
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
  return best?.smscId;
}

/** What the search for an addressee looks at. */
export interface Callable {
  readonly users: { get(name: string): User | undefined; values(): Iterable<User> };
  readonly serviceNumbers: readonly string[];
  /** Named by the settings; comes before a user whose role says so. */
  readonly defaultUser: string | undefined;
  /** Name of the user that last wrote to this handset. */
  readonly lastWriter: string | undefined;
}

export interface Addressee {
  readonly user: string;
  /** The text without the `@name` that named the user. */
  readonly text: string;
}

/** In order: the called number's suffix, `@name` at the start, the last conversation, the default user. */
export function addresseeOf(called: string, text: string, known: Callable): Addressee | undefined {
  const bySuffix = userOfSuffix(called, known);
  if (bySuffix !== undefined) return { user: bySuffix.name, text };
  const named = /^\s*@([A-Za-z][A-Za-z0-9._-]{0,31})(?:[:,]?\s+|$)/.exec(text);
  // A name at the end of a sentence (`@alice.`) takes the dot with it; try without.
  const name = named?.[1]?.toLowerCase();
  for (const candidate of name === undefined ? [] : [name, name.replace(/[._-]+$/, '')]) {
    const user = known.users.get(candidate);
    if (user !== undefined) return { user: user.name, text: text.slice(named?.[0].length) };
  }
  if (known.lastWriter !== undefined && known.users.get(known.lastWriter) !== undefined) {
    return { user: known.lastWriter, text };
  }
  if (known.defaultUser !== undefined && known.users.get(known.defaultUser) !== undefined) {
    return { user: known.defaultUser, text };
  }
  for (const user of known.users.values()) if (user.role === 'default') return { user: user.name, text };
  return undefined;
}

/** The longest service number that the called number begins with leaves the suffix. */
function userOfSuffix(called: string, known: Callable): User | undefined {
  const digits = digitsOf(called);
  const suffixes = known.serviceNumbers
    .map(digitsOf)
    .filter((service) => digits.startsWith(service) && digits.length > service.length)
    .sort((a, b) => b.length - a.length)
    .map((service) => digits.slice(service.length));
  for (const suffix of suffixes) {
    for (const user of known.users.values()) if (user.suffix === suffix) return user;
  }
  return undefined;
}
