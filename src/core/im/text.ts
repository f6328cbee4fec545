/**
 * What people see of a text: one logical message between a user and a peer, whatever number of short messages it
 * takes, with the step it has reached. Plain data, ready for JSON. Not the records kept of it: those are in `records.ts`.
 */
import type { ErrorCode } from '../base/errors.ts';
import { type Instant, instant } from '../base/time.ts';

declare const textIdBrand: unique symbol;

/** UUIDv7, lower case; the same for every user and client that sees the text. */
export type TextId = string & { readonly [textIdBrand]: true };

/** @param text 36 characters of a UUID; parsed at the border, so anything else is a bug of the caller */
export function textId(text: string): TextId {
  return text as TextId;
}

/** What a client says is the id of a text. @returns undefined for what is no UUID in lower case */
export function parseTextId(text: unknown): TextId | undefined {
  const isId = typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isId ? textId(text) : undefined;
}

/** When the IM server made the id of a text: a UUIDv7 begins with its milliseconds since 1970. */
export function madeAt(id: TextId): Instant {
  return instant(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

/**
 * How far a sent text has come, from real statuses only. SPEC: DESIGN section 7.
 *
 * - `stored`: on the IM server's disk (for a text to another user: in that user's store, where it ends).
 * - `accepted`: the SMSC took every part.
 * - `delivered`: a status report says so of every part.
 * - `failed`: a part was refused, expired or reported as undeliverable.
 * - `unknown`: a part is in doubt, or no report came before its validity passed.
 */
export const steps = ['stored', 'accepted', 'delivered', 'failed', 'unknown'] as const;

export type Step = (typeof steps)[number];

/** Why a text failed or nobody knows: words for people, and the code they come from. */
export interface StepReason {
  /** Short words that say what happened, lower case, without a full stop: `the number is not valid`. */
  readonly words: string;
  /** `900:300` (the SMSC's answer), `061:3 062:1` (a status report), or one of our own codes. */
  readonly code: ErrorCode | string;
  /** A sentence that says what its sender can do: `Check the number.` Left out where there is nothing to do. */
  readonly advice?: string;
}

/** Something a reader should know about a text beyond its step. */
export const textMarks = [
  'by-report',
  'no-report',
  'ambiguous',
  'possible-duplicate',
  'repeated',
  'gap',
  'binary',
  'flash',
] as const;

/**
 * - `ambiguous`: two reports or parts share one key, so this step may belong to a twin.
 * - `possible-duplicate`: a part was submitted again after doubt; the handset may show it twice.
 * - `by-report`: nobody saw the SMSC take it, but a status report proves that it did.
 * - `no-report`: the SMSC tells nothing more of it, so *at the SMSC* is its last step.
 * - `repeated`: came again from the buffer after a resume; the same id was not seen here before.
 * - `gap`: parts of it never came; `[…]` stands where they belong.
 * - `binary`: not text; `text` holds the user data as hex.
 * - `flash`: message class 0, meant to be shown at once and not kept.
 */
export type TextMark = (typeof textMarks)[number];

/** One text as one user sees it. */
export interface TextView {
  readonly id: TextId;
  readonly direction: 'out' | 'in';
  /** The other party: a user's name or a phone number. */
  readonly peer: string;
  readonly text: string;
  /** When the IM server took it (`out`), or when its SMSC or sender did (`in`). Milliseconds since 1970. */
  readonly at: Instant;
  /** Place in the user's history: counts up per user, never changes. */
  readonly order: number;
  /** Counts up per user with every new text and every new step; a client that knows the last one resumes there. */
  readonly position: number;
  readonly step: Step;
  readonly reason: StepReason | undefined;
  /** What the sending client called it; empty where that is unknown. */
  readonly cid: string;
  readonly parts: number;
  readonly marks: readonly TextMark[];
}
