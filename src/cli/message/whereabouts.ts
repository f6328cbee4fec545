/**
 * Where a message is now, from what all sources know of it: the short message that is furthest behind speaks for a long
 * text, one that failed or is in doubt speaks before that. Why it is there, and what to do, is `verdict.ts`.
 */
import type { LaneName, SlotStatus } from '../../core/ring/status.ts';
import { furthestCopy, type KnownCopy, type KnownMessage, type KnownPart } from './known-message.ts';

/**
 * - `outbox`: at the IM server, before the ring.
 * - `im-server`, `buffer`: in a slot, and that end has to act.
 * - `smsc-asked`: submitted, and the answer is outstanding. `in-doubt`: it will never come.
 * - `smsc`: taken. `handset`: a report says so. `user`: stored for the addressee.
 * - `joining`: at the IM server, where it waits for the other parts of its text.
 * - `ended`: refused, expired, undeliverable. `unknown`: over, and nobody will ever know how.
 */
export const places = [
  'ended',
  'unknown',
  'in-doubt',
  'outbox',
  'im-server',
  'buffer',
  'smsc-asked',
  'joining',
  'smsc',
  'handset',
  'user',
] as const;

export type Place = (typeof places)[number];

export interface Whereabouts {
  readonly place: Place;
  readonly lane?: LaneName;
  /** 1–255 */
  readonly slot?: number;
  readonly seq?: number;
  readonly status?: SlotStatus;
  readonly attempts?: number;
  /** By which end's copy. */
  readonly side?: KnownCopy['side'];
  /** Since when it is there, milliseconds since 1970 by the clock of that end. */
  readonly since?: number;
  /** Of a part of a long text. */
  readonly part?: { readonly index: number; readonly count: number };
}

export function whereabouts(message: KnownMessage): Whereabouts {
  const all = message.parts.map((part) => ({
    ...placeOfPart(message, part),
    ...(part.count > 1 ? { part: { index: part.index, count: part.count } } : {}),
  }));
  const [first] = all.sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place));
  const whole = placeOfText(message);
  // What people see is later than any slot: a report, or that its text is with its reader.
  return whole ?? first ?? { place: 'unknown' };
}

/** Where a slot is more than a memory. */
const placesInSlots: readonly Place[] = ['im-server', 'buffer', 'smsc-asked', 'in-doubt'];

/** `IM server, mt slot 12` */
export function placeText({ place, lane, slot, part }: Whereabouts, smscId: string | undefined): string {
  const where = slot === undefined || !placesInSlots.includes(place) ? '' : `, ${lane} slot ${slot}`;
  const which = part === undefined ? '' : ` (part ${part.index} of ${part.count})`;
  return `${placeWords(place, smscId)}${where}${which}`;
}

function placeWords(place: Place, smscId = 'SMSC'): string {
  switch (place) {
    case 'outbox':
      return 'IM server, outbox';
    case 'im-server':
      return 'IM server';
    case 'buffer':
      return 'buffer';
    case 'smsc-asked':
      return `submitted to ${smscId}`;
    case 'in-doubt':
      return `in doubt at ${smscId}`;
    case 'joining':
      return 'IM server, waits for parts';
    case 'smsc':
      return `at ${smscId}`;
    case 'handset':
      return 'on the handset';
    case 'user':
      return 'with the user';
    case 'ended':
      return 'ended';
    case 'unknown':
      return 'nobody knows';
  }
}

/** Undefined while the text itself says nothing about the end. */
function placeOfText({ way, sight, step, at }: KnownMessage): Whereabouts | undefined {
  if (sight === undefined || step === undefined) return undefined;
  if (way === 'local' || sight.view.direction === 'in') {
    return step === 'failed' ? { place: 'ended' } : { place: 'user', since: at };
  }
  const since = sight.trail?.direction === 'out' ? sight.trail.reached.at(-1)?.at : undefined;
  const when = since === undefined ? {} : { since };
  if (step === 'delivered') return { place: 'handset', ...when };
  if (step === 'failed' && sight.state === 'closed') return { place: 'ended', ...when };
  if (step === 'unknown' && sight.state === 'closed') return { place: 'unknown', ...when };
  return undefined;
}

function placeOfPart({ way, sight }: KnownMessage, { state, copies, count }: KnownPart): Whereabouts {
  const copy = furthestCopy(copies);
  const slot = copy === undefined ? {} : slotOf(copy);
  if (state?.type === 'delivered') return { place: 'handset', ...slot };
  if (state?.type === 'failed') return { place: 'ended', ...slot };
  if (state?.type === 'lost') return { place: 'unknown', ...slot };
  if (state?.type === 'accepted') return { place: 'smsc', ...slot };
  if (copy === undefined) return { place: sight === undefined ? 'unknown' : 'outbox' };
  const { status, outcome } = copy.view;
  const reached = status === 'settled' ? outcome?.status : status;
  switch (reached) {
    case 'placed':
      return { place: way === 'mo' ? 'buffer' : 'im-server', ...slot };
    case 'mirrored':
      return { place: way === 'mo' ? 'im-server' : 'buffer', ...slot };
    case 'in-flight':
      return { place: way === 'mo' ? 'im-server' : 'smsc-asked', ...slot };
    case 'in-doubt':
      return { place: 'in-doubt', ...slot };
    case 'confirmed':
      if (way === 'mt') return { place: 'smsc', ...slot };
      return { place: count > 1 && sight === undefined ? 'joining' : 'user', ...slot };
    default:
      return { place: 'ended', ...slot };
  }
}

function slotOf({ lane, side, view }: KnownCopy): Omit<Whereabouts, 'place'> {
  const { slot, seq, status, attempts, movedAt } = view;
  return {
    ...{ lane, side, slot, status, attempts },
    ...(seq === undefined ? {} : { seq }),
    ...(movedAt === undefined ? {} : { since: movedAt }),
  };
}
