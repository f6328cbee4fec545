/**
 * How a text travels: in which coding, with which national tables, and cut at which places. Shared by those who cut
 * (split.ts) and those who only want to know how long it is (estimate.ts), so that both always agree. Source:
 * docs/reference/cimd2.md section 7.8.
 */
import { type SeptetAlphabet, septetCount, septetsOfUnit } from '../codec/gsm-alphabet.ts';
import {
  alphabetOf,
  languages,
  type NationalLanguages,
  type NationalTables,
  nationalElements,
  tablesOf,
} from '../codec/national-language.ts';
import { type HeaderElement, headerOctetCount, userDataCapacity } from '../codec/user-data-header.ts';

/** What the count octet of a concatenation can say. */
export const partLimit = 255;

export interface LayoutOptions {
  readonly coding: 'auto' | 'gsm7' | 'ucs2';
  readonly national: NationalLanguages;
  /** Header elements of every part, besides concatenation and national tables. */
  readonly elements: readonly HeaderElement[];
  /** Octets that a concatenation takes among the elements: 5, or 6 with a 16-bit reference. */
  readonly concatenationOctets: 5 | 6;
}

export interface TextLayout {
  readonly coding: 'gsm7' | 'ucs2';
  /** Undefined for the default alphabet, and for UCS-2. */
  readonly tables: NationalTables | undefined;
  /** Header elements of every part besides concatenation: the national tables, and what was asked for. */
  readonly elements: readonly HeaderElement[];
  /** Septets or UTF-16 units of the whole text. */
  readonly size: number;
  /** What a part holds, septets or units; below 2 no text fits. */
  readonly capacity: number;
  /** The text of each part; undefined where they would be more than {@link partLimit}. */
  readonly pieces: readonly string[] | undefined;
}

/**
 * The default alphabet where everything fits it; otherwise UCS-2, or that national table which makes the fewest parts if
 * these are fewer.
 *
 * @param text well-formed UTF-16
 * @returns undefined if the text does not fit the coding that was asked for
 */
export function layOutText(text: string, options: LayoutOptions): TextLayout | undefined {
  if (options.coding === 'ucs2') return layOutAsUcs2(text, options);
  const size = septetCount(text);
  if (size !== undefined) return layOutIn(text, 'gsm7', undefined, size, options);
  const plain = options.coding === 'auto' ? layOutAsUcs2(text, options) : undefined;
  return options.national === 'off' ? plain : shortest(plain, text, options);
}

/** Every text fits UCS-2. @param text well-formed UTF-16 */
export function layOutAsUcs2(text: string, options: LayoutOptions): TextLayout {
  return layOutIn(text, 'ucs2', undefined, text.length, options);
}

/** Distinct characters that the default alphabet does not have, in order of appearance. */
export function foreignCharacters(text: string): readonly string[] {
  const foreign = new Set<string>();
  for (const character of text) {
    if (character.length > 1 || septetsOfUnit(character.charCodeAt(0)) === 0) foreign.add(character);
  }
  return [...foreign];
}

/** Of equal ones the first: UCS-2 is what every handset reads, a short header leaves more room. */
function shortest(plain: TextLayout | undefined, text: string, options: LayoutOptions): TextLayout | undefined {
  const allowed = languages.filter((language) => options.national === 'auto' || options.national === language);
  let best = plain;
  for (const tables of allowed.flatMap(tablesOf)) {
    const size = septetCount(text, alphabetOf(tables));
    if (size === undefined) continue;
    const layout = layOutIn(text, 'gsm7', tables, size, options);
    if (best === undefined || partsOf(layout) < partsOf(best)) best = layout;
  }
  return best;
}

/** How many short messages, as far as that is known without cutting. */
export function partsOf({ pieces, size, capacity }: TextLayout): number {
  if (pieces !== undefined) return pieces.length;
  return capacity < 2 ? Number.POSITIVE_INFINITY : Math.max(partLimit + 1, Math.ceil(size / capacity));
}

function layOutIn(
  text: string,
  coding: TextLayout['coding'],
  tables: NationalTables | undefined,
  size: number,
  { elements: others, concatenationOctets }: LayoutOptions,
): TextLayout {
  const elements = tables === undefined ? others : [...others, ...nationalElements(tables)];
  const headerOctets = headerOctetCount(elements);
  const whole = userDataCapacity(coding, headerOctets);
  if (size <= whole) return { coding, tables, elements, size, capacity: whole, pieces: [text] };
  const capacity = userDataCapacity(coding, Math.max(1, headerOctets) + concatenationOctets);
  const pieces = capacity < 2 || size > partLimit * capacity ? undefined : cutText(text, coding, tables, capacity);
  return { coding, tables, elements, size, capacity, pieces };
}

function cutText(
  text: string,
  coding: TextLayout['coding'],
  tables: NationalTables | undefined,
  capacity: number,
): readonly string[] | undefined {
  const alphabet = coding === 'gsm7' ? alphabetOf(tables) : undefined;
  const whole = cut(text, alphabet, capacity, graphemeStarts(text));
  if (whole.length <= partLimit) return whole;
  const pieces = cut(text, alphabet, capacity, (index) => index);
  return pieces.length <= partLimit ? pieces : undefined;
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
function cut(
  text: string,
  alphabet: SeptetAlphabet | undefined,
  capacity: number,
  unitStart: UnitStart,
): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let used = 0;
  for (let at = 0; at < text.length; ) {
    const length = isHighSurrogate(text.charCodeAt(at)) ? 2 : 1;
    const size = alphabet === undefined ? length : septetsOfUnit(text.charCodeAt(at), alphabet);
    if (used + size <= capacity) {
      used += size;
      at += length;
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

/** In a well-formed text a low one follows. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** Septets or units that a piece of a layout takes. */
export function sizeOfPiece(piece: string, { coding, tables }: TextLayout): number {
  return (coding === 'gsm7' ? septetCount(piece, alphabetOf(tables)) : undefined) ?? piece.length;
}
