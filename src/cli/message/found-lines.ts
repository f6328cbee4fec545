/** Messages that were found: one line each for people, one document each for programs. */
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { type Privacy, showNumber, showText } from '../mask.ts';
import { isoText } from '../recording/moment.ts';
import { formatTable, printable } from '../table.ts';
import { isSameNumber, type KnownMessage } from './known-message.ts';
import { type Place, placeText, type Whereabouts, whereabouts } from './whereabouts.ts';

export interface ShowOptions {
  readonly paint: Painter;
  readonly privacy: Privacy;
  /** What the user typed is shown. */
  readonly typed: { readonly number?: string | undefined; readonly text?: string | undefined };
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function foundLines(messages: readonly KnownMessage[], options: ShowOptions): readonly string[] {
  const { paint, now } = options;
  const head = ['when', 'age', 'id', 'from', '', 'to', 'step', 'where'].map((cell) => paint.dim(cell));
  const rows = messages.map((message) => {
    const where = whereabouts(message);
    return [
      whenText(message.at, now),
      formatDuration(now - message.at),
      shortId(message.id),
      showParty(message.from, options),
      '→',
      showParty(message.to, options),
      placePaint(where.place, paint)(stepText(message, where)),
      placeText(where, message.smscId),
    ];
  });
  return rows.length === 0 ? [] : formatTable([head, ...rows], { align: ['left', 'right'] });
}

/** JSON of one message; `schema` is `message.found/1`. */
export function foundDocument(message: KnownMessage, options: Omit<ShowOptions, 'paint'>): object {
  const where = whereabouts(message);
  return {
    schema: 'message.found/1',
    ...messageFields(message, where, options),
    ageMs: Math.round(options.now - message.at),
  };
}

/** What every document about a message has. */
export function messageFields(message: KnownMessage, where: Whereabouts, options: Omit<ShowOptions, 'paint'>): object {
  const { id, way, from, to, text, at, smscId, reason, parts } = message;
  const { since, ...place } = where;
  return {
    ...{ id, way, from: showParty(from, options), to: showParty(to, options), text: showTyped(text, options) },
    ...{ at: isoText(at), smscId, step: stepText(message, where), reason },
    where: { ...place, since: since === undefined ? undefined : isoText(since), words: placeText(where, smscId) },
    parts: parts.map(({ messageId, index, count, destination, stamp, state, copies }) => ({
      ...{ messageId, index, count, state: state?.type },
      key: stamp === '' ? undefined : { destination: showParty(destination, options), stamp },
      copies: copies.map(({ side, lane, view }) => {
        const { slot, seq, status, attempts, possibleDuplicate, movedAt } = view;
        const moved = movedAt === undefined ? undefined : isoText(movedAt);
        return { side, lane, slot, seq, status, attempts, possibleDuplicate, movedAt: moved };
      }),
    })),
  };
}

/** In the words of what people see; of a message that no text is known of, in words as near as can be. */
export function stepText({ way, step, sight }: KnownMessage, { place }: Whereabouts): string {
  if (way === 'mo' || way === 'local') {
    if (sight !== undefined) return step === 'failed' ? 'failed' : 'stored';
    return place === 'user' ? 'stored' : place === 'ended' ? 'failed' : 'on its way';
  }
  switch (step) {
    case 'stored':
      return 'stored';
    case 'accepted':
      return 'at the SMSC';
    case 'delivered':
      return 'on the handset';
    case 'failed':
      return 'failed';
    case 'unknown':
      return 'unknown';
    case undefined:
      return place === 'smsc'
        ? 'at the SMSC'
        : place === 'ended'
          ? 'failed'
          : place === 'in-doubt'
            ? 'unknown'
            : 'stored';
  }
}

/** A number is masked, the name of a user is not. */
export function showParty(party: string, { privacy, typed }: Pick<ShowOptions, 'privacy' | 'typed'>): string {
  if (/^[a-z]/.test(party)) return party;
  if (typed.number !== undefined && isSameNumber(party, typed.number)) return printable(party);
  return printable(showNumber(party, privacy));
}

export function showTyped(text: string, { privacy, typed }: Pick<ShowOptions, 'privacy' | 'typed'>): string {
  return showText(text, text === typed.text ? 'reveal' : privacy);
}

/** Tells messages of one moment apart, and is enough to ask for one. */
export function shortId(id: string): string {
  return id.slice(0, 18);
}

/** `14:03:07` of today, `11-20 14:03` of another day; in the zone of this machine. */
export function whenText(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === today.toDateString()) return `${clock}:${two(then.getSeconds())}`;
  const day = `${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  return then.getFullYear() === today.getFullYear() ? `${day} ${clock}` : `${then.getFullYear()}-${day} ${clock}`;
}

/** Colours say no more than the words do. */
export function placePaint(place: Place, paint: Painter): (text: string) => string {
  switch (place) {
    case 'handset':
    case 'user':
      return paint.green;
    case 'ended':
      return paint.red;
    case 'in-doubt':
    case 'unknown':
      return paint.magenta;
    default:
      return paint.yellow;
  }
}
