/**
 * Cuts a text or octets into what fits short messages, before it enters a ring. The whole text has one coding
 * (text-layout.ts says which). Joining is `join.ts`. Source: docs/reference/cimd2.md section 7.8.
 */
import type { Fault } from '../base/errors.ts';
import { invariant } from '../base/invariant.ts';
import { ok, type Result } from '../base/result.ts';
import type { MessageClass } from '../codec/data-coding.ts';
import type { NationalLanguages, NationalTables } from '../codec/national-language.ts';
import { toWellFormed } from '../codec/user-data.ts';
import {
  buildUserDataHeader,
  type HeaderElement,
  headerOctetCount,
  userDataCapacity,
  userDataOctets,
} from '../codec/user-data-header.ts';
import type { Part } from './message.ts';
import { foreignCharacters, layOutText, partLimit } from './text-layout.ts';

export interface SplitOptions {
  /** 0–65535, the same in all parts; above 255 it takes the 16-bit form, which costs a little of each part. */
  readonly reference: number;
  /** Left out, the text decides; a text that does not fit `gsm7` is a fault. */
  readonly coding?: 'gsm7' | 'ucs2';
  /** Header elements of every part besides concatenation and national tables: ports and others. */
  readonly headers?: readonly HeaderElement[];
  /** Left out, the parts name none; 0 is a flash message. */
  readonly messageClass?: MessageClass;
  /** National tables that may be used where they make fewer parts; left out, none. */
  readonly national?: NationalLanguages;
}

export interface TextPart {
  readonly text: string;
  readonly coding: 'gsm7' | 'ucs2';
  /** Undefined where the text needs only one. */
  readonly part: Part | undefined;
  /** Only where one was asked for. */
  readonly messageClass?: MessageClass;
}

export interface SplitText {
  readonly coding: 'gsm7' | 'ucs2';
  /** National tables the text is in; undefined for the default alphabet and UCS-2. */
  readonly national: NationalTables | undefined;
  /**
   * `header` of every short message: all elements but concatenation, complete with its length octet. Empty without
   * `headers` and `national`.
   */
  readonly header: Uint8Array;
  /** At least one, also for an empty text. */
  readonly parts: readonly TextPart[];
  /** Lone surrogates that were replaced by U+FFFD: more than 0 is for the log. */
  readonly replacedSurrogates: number;
}

/** A fault, and which characters it is about: a fault itself holds no message text. */
export interface UnsplitText {
  readonly ok: false;
  readonly fault: Fault;
  /** Distinct characters that the wanted coding does not have; empty where the text is only too long. */
  readonly foreign: readonly string[];
}

/**
 * 160 septets or 70 units in a single message; 153 (152 with a 16-bit reference) or 67 (66) in each of several; less
 * beside other header elements. Never cuts an escape pair or a surrogate pair, nor what a reader takes for one character
 * (a grapheme), unless that alone is longer than a part or the text would not fit otherwise.
 *
 * @returns fault `IM_TEXT_TOO_LONG` above 255 parts, or where the header leaves no room; `MESSAGE_FOREIGN_CHARACTERS`
 * for a text that does not fit the wanted coding
 */
export function splitText(
  text: string,
  options: SplitOptions,
): { readonly ok: true; readonly value: SplitText } | UnsplitText {
  const { reference, headers = [], messageClass } = options;
  checkReference(reference);
  const { text: wellFormed, replaced: replacedSurrogates } = toWellFormed(text);
  const layout = layOutText(wellFormed, {
    coding: options.coding ?? 'auto',
    national: options.national ?? 'off',
    elements: headers,
    concatenationOctets: concatenationOctets(reference),
  });
  if (layout === undefined) return refuseForeign(wellFormed);
  const { coding, tables: national, pieces } = layout;
  if (pieces === undefined) return { ...tooLong('text', headerOctetCount(layout.elements)), foreign: [] };
  const parts = pieces.map(
    (piece, i): TextPart => ({
      text: piece,
      coding,
      part: pieces.length === 1 ? undefined : { reference, index: i + 1, count: pieces.length },
      ...(messageClass === undefined ? {} : { messageClass }),
    }),
  );
  return {
    ok: true,
    value: { coding, national, header: buildUserDataHeader(layout.elements), parts, replacedSurrogates },
  };
}

/** Octets as they fit short messages. */
export interface BinaryPart {
  readonly bytes: Uint8Array;
  /** Undefined where one is enough. */
  readonly part: Part | undefined;
  /** All header elements but concatenation, complete with its length octet. */
  readonly header: Uint8Array;
}

/**
 * 140 octets in a single message; 134 (133 with a 16-bit reference) in each of several; less beside other header
 * elements. SPEC: section 7.8.
 *
 * @returns at least one part, also without octets; fault `IM_TEXT_TOO_LONG` above 255 parts
 */
export function splitBinary(
  bytes: Uint8Array,
  { reference, headers = [] }: Pick<SplitOptions, 'reference' | 'headers'>,
): Result<readonly BinaryPart[]> {
  checkReference(reference);
  const headerOctets = headerOctetCount(headers);
  const single = userDataCapacity('8bit', headerOctets);
  const capacity = userDataCapacity('8bit', Math.max(1, headerOctets) + concatenationOctets(reference));
  if (headerOctets > userDataOctets) return tooLong('data', headerOctets);
  if (bytes.length <= single) return ok([{ bytes, part: undefined, header: buildUserDataHeader(headers) }]);
  if (bytes.length > partLimit * capacity) return tooLong('data', headerOctets);
  const count = Math.ceil(bytes.length / capacity);
  const header = buildUserDataHeader(headers);
  return ok(
    Array.from({ length: count }, (_, i) => ({
      bytes: bytes.subarray(i * capacity, (i + 1) * capacity),
      part: { reference, index: i + 1, count },
      header,
    })),
  );
}

/** Identifier and length, reference of one or two octets, count, index. SPEC: section 7.8. */
export function concatenationOctets(reference: number): 5 | 6 {
  return reference <= 0xff ? 5 : 6;
}

function checkReference(reference: number): void {
  invariant(Number.isInteger(reference) && reference >= 0 && reference <= 0xffff, `${reference} is no part reference`);
}

function refuseForeign(text: string): UnsplitText {
  const foreign = foreignCharacters(text);
  const message = `the text has ${foreign.length} different character(s) that the GSM alphabet does not have`;
  return { ok: false, fault: { code: 'MESSAGE_FOREIGN_CHARACTERS', message }, foreign };
}

function tooLong(what: 'text' | 'data', headerOctets: number): { readonly ok: false; readonly fault: Fault } {
  const beside = headerOctets === 0 ? '' : ` beside a header of ${headerOctets} octets`;
  const message = `the ${what} needs more than ${partLimit} short messages${beside}`;
  return { ok: false, fault: { code: 'IM_TEXT_TOO_LONG', message } };
}
