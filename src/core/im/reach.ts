/**
 * Whether a number can be reached at this moment, in words for people: by the SMSCs of its route, and the ways to them. Of an
 * SMSC behind a link it is known what its buffer told.
 */
import type { LinksEvent } from './exchange-io.ts';
import { closedBy, type WayClosed } from './link-book.ts';

export type Reach =
  /** Words where something is out of order that hinders nobody for long; else empty. */
  { readonly type: 'available'; readonly words: string } | { readonly type: 'away'; readonly words: string };

/** Per SMSC; one that is not in it has no link. */
export type SmscWays = ReadonlyMap<string, WayClosed | 'open'>;

export function smscWaysOf({ links }: LinksEvent): SmscWays {
  return new Map(links.map((link) => [link.smscId, closedBy(link) ?? 'open'] as const));
}

/** The SMSCs between which and us something changed. */
export function changedWays(before: SmscWays, after: SmscWays): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((smscId) => before.get(smscId) !== after.get(smscId));
}

/** @param smscs of the route, in the order in which they are tried */
export function reachOf(smscs: readonly string[], ways: SmscWays): Reach {
  const [first] = smscs;
  if (first === undefined) return { type: 'away', words: 'No route leads to this number: messages to it fail.' };
  if (ways.get(first) === 'open') return { type: 'available', words: '' };
  const other = smscs.find((smscId) => ways.get(smscId) === 'open');
  // What takes the fallback waits for no more than `fallback-after`.
  if (other !== undefined) {
    return { type: 'available', words: `${troubleOf([first], ways)}: messages soon leave through ${other}.` };
  }
  return { type: 'away', words: `${troubleOf(smscs, ways)}: messages wait here and are sent later.` };
}

function troubleOf(smscs: readonly string[], ways: SmscWays): string {
  const away = smscs.filter((smscId) => ways.get(smscId) === 'smsc-down').join(', ');
  const cutOff = smscs.filter((smscId) => ways.get(smscId) !== 'smsc-down').join(', ');
  if (away === '') return `No link to ${cutOff}`;
  return cutOff === '' ? `SMSC ${away} is away` : `No link to ${cutOff}, and SMSC ${away} is away`;
}
