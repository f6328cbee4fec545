/**
 * Whether a number can be reached at this moment, in words for people: by the SMSCs of its route, and whose link is up. A
 * link that is up says nothing about the SMSC behind it: that is known only to its buffer.
 */

export type Reach =
  /** Words where something is out of order that hinders nobody for long; else empty. */
  { readonly type: 'available'; readonly words: string } | { readonly type: 'away'; readonly words: string };

/**
 * @param smscs of the route, in the order in which they are tried
 * @param up those whose link is up
 */
export function reachOf(smscs: readonly string[], up: ReadonlySet<string>): Reach {
  const [first] = smscs;
  if (first === undefined) return { type: 'away', words: 'No route leads to this number: messages to it fail.' };
  if (up.has(first)) return { type: 'available', words: '' };
  const other = smscs.find((smscId) => up.has(smscId));
  // What takes the fallback waits for no more than `fallback-after`.
  if (other !== undefined)
    return { type: 'available', words: `No link to ${first}: messages soon leave through ${other}.` };
  return { type: 'away', words: `No link to ${smscs.join(', ')}: messages wait here and are sent later.` };
}
