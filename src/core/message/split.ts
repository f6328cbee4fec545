/**
 * Cuts a text into what fits short messages, before it enters a ring. The whole text has one coding: the GSM alphabet
 * where everything fits it, otherwise UCS-2. Joining is `join.ts`. Source: docs/reference/cimd2.md section 7.8.
 */
import { invariant } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { septetCount } from '../codec/gsm-alphabet.ts';
import { toWellFormed } from '../codec/user-data.ts';
import { concatenationElement, userDataCapacity } from '../codec/user-data-header.ts';
import type { Part } from './message.ts';

/** What the count octet of a concatenation can say. */
export const partLimit = 255;

export interface SplitOptions {
  /** 0–65535, the same in all parts; above 255 it takes the 16-bit form, which costs a little of each part. */
  readonly reference: number;
  /** `ucs2` even where the GSM alphabet would do; left out, the text decides. */
  readonly coding?: 'ucs2';
}

export interface TextPart {
  readonly text: string;
  readonly coding: 'gsm7' | 'ucs2';
  /** Undefined where the text needs only one. */
  readonly part: Part | undefined;
}

export interface SplitText {
  readonly coding: 'gsm7' | 'ucs2';
  /** At least one, also for an empty text. */
  readonly parts: readonly TextPart[];
  /** Lone surrogates that were replaced by U+FFFD: more than 0 is for the log. */
  readonly replacedSurrogates: number;
}

/**
 * 160 septets or 70 units in a single message; 153 (152 with a 16-bit reference) or 67 (66) in each of several. Never
 * cuts an escape pair or a surrogate pair, nor what a reader takes for one character (a grapheme), unless that alone is
 * longer than a part or the text would not fit otherwise.
 *
 * @returns fault `IM_TEXT_TOO_LONG` above 255 parts
 */
export function splitText(text: string, { reference, coding: wanted }: SplitOptions): Result<SplitText> {
  invariant(Number.isInteger(reference) && reference >= 0 && reference <= 0xffff, `${reference} is no part reference`);
  const { text: wellFormed, replaced } = toWellFormed(text);
  const septets = wanted === 'ucs2' ? undefined : septetCount(wellFormed);
  const coding = septets === undefined ? 'ucs2' : 'gsm7';
  const size = septets ?? wellFormed.length;
  const done = (parts: readonly TextPart[]) => ok({ coding, parts, replacedSurrogates: replaced } as const);
  if (size <= userDataCapacity(coding, 0)) return done([{ text: wellFormed, coding, part: undefined }]);

  const element = concatenationElement({ reference, index: 1, count: 2 });
  const capacity = userDataCapacity(coding, 3 + element.data.length);
  if (size > partLimit * capacity) return tooLong();
  let pieces = cut(wellFormed, coding, capacity, graphemeStarts(wellFormed));
  if (pieces.length > partLimit) pieces = cut(wellFormed, coding, capacity, (index) => index);
  if (pieces.length > partLimit) return tooLong();
  const count = pieces.length;
  return done(pieces.map((piece, i) => ({ text: piece, coding, part: { reference, index: i + 1, count } })));
}

function tooLong(): Result<SplitText> {
  return fail('IM_TEXT_TOO_LONG', `the text needs more than ${partLimit} short messages`);
}

// A named locale, so that the same text is cut the same way on every machine.
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Index where the unit begins that the character at `index` is in. */
type UnitStart = (index: number) => number;

/** Only asked where a piece is full: going through all graphemes of a long text takes seconds. */
function graphemeStarts(text: string): UnitStart {
  const segments = segmenter.segment(text);
  return (index) => segments.containing(index)?.index ?? index;
}

/** Fills each piece as far as whole units go; a unit longer than a piece is cut between its characters. */
function cut(text: string, coding: TextPart['coding'], capacity: number, unitStart: UnitStart): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let used = 0;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const size = sizeOf(character, coding);
    if (used + size <= capacity) {
      used += size;
      at += character.length;
      continue;
    }
    const unit = unitStart(at);
    const end = unit > start ? unit : at;
    pieces.push(text.slice(start, end));
    start = end;
    at = end;
    used = 0;
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Septets or UTF-16 units. */
function sizeOf(text: string, coding: TextPart['coding']): number {
  return (coding === 'gsm7' ? septetCount(text) : undefined) ?? text.length;
}
