/**
 * When a text may leave through another SMSC than its route's own: before any part of it is anywhere but with us (new, or
 * waiting in the outbox), or after all of it was refused for a reason that lies in the SMSC or the way, and surely none arrived.
 * SPEC: DESIGN section 2 (what may have been sent never falls back by itself), section 11 (a text keeps its SMSC once a
 * part is placed).
 */
import type { Instant } from '../base/time.ts';
import type { LinkBook } from './link-book.ts';
import type { OpenText, PartState } from './open-text.ts';
import type { WayOut } from './routing.ts';

/**
 * Answers (900) after which another SMSC may do better: connection lost, general error, rejected, congested, destination,
 * closed user group, licence. The others are about the text itself. SPEC: reference section 9.
 */
const routingCodes: ReadonlySet<string> = new Set([
  '900:4',
  '900:6',
  '900:9',
  '900:10',
  '900:300',
  '900:323',
  '900:324',
]);

/** The SMSC that a new text leaves through: the first, or the next with an open way where its own is closed for long. */
export function chooseSmsc(
  way: Exclude<WayOut, { rule: 'none' }>,
  links: LinkBook,
  fallbackAfterMs: number,
  now: Instant,
): string {
  const [first, ...others] = way.smscIds;
  if (links.closedFor(first, fallbackAfterMs, now) === undefined) return first;
  return others.find((smscId) => links.isOpen(smscId)) ?? first;
}

/** The SMSC that the text may go on to; undefined where it must not, or where all were tried. */
export function nextSmsc(text: OpenText, way: WayOut): string | undefined {
  if (way.rule === 'none' || text.view.marks.includes('possible-duplicate')) return undefined;
  if (!text.parts.every(({ state }) => state.type === 'waiting' || isRoutingRefusal(state))) return undefined;
  return way.smscIds.find((smscId) => smscId !== text.smscId && !text.tried.includes(smscId));
}

/**
 * The SMSC that a text may leave through instead of its own, whose way is closed for long: one whose way is open and that did
 * not turn it away. Undefined where it waits, also because some part may be with that SMSC.
 */
export function detourOf(text: OpenText, way: WayOut, links: LinkBook, now: Instant): string | undefined {
  if (way.rule === 'none' || now >= text.validUntil || text.view.marks.includes('possible-duplicate')) return undefined;
  if (!text.parts.every(({ state }) => state.type === 'waiting')) return undefined;
  return way.smscIds.find((smscId) => smscId !== text.smscId && !text.tried.includes(smscId) && links.isOpen(smscId));
}

/** Every part was refused for a reason of the way. */
export function isTurnedAway(text: OpenText): boolean {
  return text.parts.every(({ state }) => isRoutingRefusal(state));
}

function isRoutingRefusal(state: PartState): boolean {
  return state.type === 'failed' && routingCodes.has(state.reason.code);
}
