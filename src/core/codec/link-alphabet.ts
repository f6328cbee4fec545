/**
 * How GSM septets are spelled in parameter 033: plain bytes, ISO 8859-1 bytes, national positions, and underscore
 * combinations. Strings here have one character per wire byte. One table of rows serves both directions, and all
 * alphabets: a septet is spelled as that of the default alphabet whatever it stands for (section 7.8). Source:
 * docs/reference/cimd2.md sections 7.1 to 7.5.
 */
import type { Fault } from '../base/errors.ts';
import { fail, ok, type Result } from '../base/result.ts';
import {
  defaultAlphabet,
  escapeSeptet,
  extensionTable,
  fromSeptets,
  type SeptetAlphabet,
  toSeptets,
} from './gsm-alphabet.ts';

/** One septet that is not simply the ASCII byte of the same value. */
export interface LinkRow {
  /** 0–127. */
  readonly septet: number;
  /** Wire byte below 80 with that meaning, if there is one. */
  readonly ascii?: number;
  /** `ascii` is an ISO 646 national position: many applications mean the ASCII character by it. */
  readonly national?: true;
  /** Wire byte above 7F with that meaning, on 8-bit links. */
  readonly latin1?: number;
  /** The two characters behind the underscore. */
  readonly combination?: string;
}

/** SPEC: section 7.2, all 43 combinations, and the dollar sign, line feed and carriage return, which have none. */
export const linkTable: readonly LinkRow[] = [
  { septet: 0x00, ascii: 0x40, combination: 'Oa' },
  { septet: 0x01, latin1: 0xa3, combination: 'L-' },
  { septet: 0x02, ascii: 0x24 },
  { septet: 0x03, latin1: 0xa5, combination: 'Y-' },
  { septet: 0x04, latin1: 0xe8, combination: 'e`' },
  { septet: 0x05, latin1: 0xe9, combination: "e'" },
  { septet: 0x06, latin1: 0xf9, combination: 'u`' },
  { septet: 0x07, latin1: 0xec, combination: 'i`' },
  { septet: 0x08, latin1: 0xf2, combination: 'o`' },
  { septet: 0x09, latin1: 0xc7, combination: 'C,' },
  { septet: 0x0a, ascii: 0x0a },
  { septet: 0x0b, latin1: 0xd8, combination: 'O/' },
  { septet: 0x0c, latin1: 0xf8, combination: 'o/' },
  { septet: 0x0d, ascii: 0x0d },
  { septet: 0x0e, ascii: 0x5d, national: true, latin1: 0xc5, combination: 'A*' },
  { septet: 0x0f, ascii: 0x7d, national: true, latin1: 0xe5, combination: 'a*' },
  { septet: 0x10, combination: 'gd' },
  { septet: 0x11, combination: '--' },
  { septet: 0x12, combination: 'gf' },
  { septet: 0x13, combination: 'gg' },
  { septet: 0x14, combination: 'gl' },
  { septet: 0x15, combination: 'go' },
  { septet: 0x16, combination: 'gp' },
  { septet: 0x17, combination: 'gi' },
  { septet: 0x18, combination: 'gs' },
  { septet: 0x19, combination: 'gt' },
  { septet: 0x1a, combination: 'gx' },
  { septet: 0x1b, combination: 'XX' },
  { septet: 0x1c, latin1: 0xc6, combination: 'AE' },
  { septet: 0x1d, latin1: 0xe6, combination: 'ae' },
  { septet: 0x1e, latin1: 0xdf, combination: 'ss' },
  { septet: 0x1f, latin1: 0xc9, combination: "E'" },
  { septet: 0x22, ascii: 0x22, combination: 'qq' },
  { septet: 0x24, latin1: 0xa4, combination: 'ox' },
  { septet: 0x40, latin1: 0xa1, combination: '!!' },
  { septet: 0x5b, ascii: 0x5b, national: true, latin1: 0xc4, combination: 'A"' },
  { septet: 0x5c, ascii: 0x5c, national: true, latin1: 0xd6, combination: 'O"' },
  { septet: 0x5d, latin1: 0xd1, combination: 'N~' },
  { septet: 0x5e, ascii: 0x5e, national: true, latin1: 0xdc, combination: 'U"' },
  { septet: 0x5f, latin1: 0xa7, combination: 'so' },
  { septet: 0x60, latin1: 0xbf, combination: '??' },
  { septet: 0x7b, ascii: 0x7b, national: true, latin1: 0xe4, combination: 'a"' },
  { septet: 0x7c, ascii: 0x7c, national: true, latin1: 0xf6, combination: 'o"' },
  { septet: 0x7d, latin1: 0xf1, combination: 'n~' },
  { septet: 0x7e, ascii: 0x7e, national: true, latin1: 0xfc, combination: 'u"' },
  { septet: 0x7f, latin1: 0xe0, combination: 'a`' },
];

export interface EncodeOptions {
  /** `latin1` sends bytes above 7F where the table has one: shorter, but only whole on an 8-bit clean link. */
  readonly eightBit: 'combination' | 'latin1';
  /** What the septets stand for, as the header tells; left out, the default alphabet. */
  readonly alphabet?: SeptetAlphabet;
}

export interface DecodeOptions {
  /** What the single bytes `[ \ ] ^ { | } ~` mean: letters with diaeresis or ring, or themselves. Section 7.5. */
  readonly nationalPositions: 'nokia' | 'literal';
  /** An underscore without a known pair: kept as an underscore (clients), or the whole value refused (servers). */
  readonly unknownCombination: 'keep' | 'refuse';
  /** What the septets stand for, as the header tells; left out, the default alphabet. */
  readonly alphabet?: SeptetAlphabet;
}

export interface DecodedText {
  /** Well-formed; U+FFFD for each byte that has no meaning. */
  readonly text: string;
  /** Of the user data as it stood in the packet: counts against the capacity of section 7.8. */
  readonly septetCount: number;
  /** At most one for combinations and one for bytes, each with a count. */
  readonly faults: readonly Fault[];
}

/** SPEC: section 7.4. Undefined if a character is not in the alphabet: UCS-2 in 034 is for that. */
export function encodeUserData033(text: string, options: EncodeOptions): string | undefined {
  const alphabet = options.alphabet ?? defaultAlphabet;
  if (alphabet === defaultAlphabet && isPlain(text)) return text;
  const septets = toSeptets(text, alphabet);
  return septets && spellSeptets(septets, options);
}

/** What is its own byte on the wire in both directions, and most of what people write. SPEC: section 7.4 rules 1 and 5. */
function isPlain(text: string): boolean {
  return /^[\n\r !"#$%-?A-Za-z]*$/.test(text);
}

/** The wire form of each septet, one after another. @param septets 0–127 each; higher bits are not looked at */
export function spellSeptets(septets: Uint8Array, options: Pick<EncodeOptions, 'eightBit'>): string {
  const spelling = options.eightBit === 'latin1' ? latin1Spelling : combinationSpelling;
  let value = '';
  for (const septet of septets) value += spelling[septet & 0x7f] ?? '';
  return value;
}

/**
 * SPEC: section 7.5. Never throws; with `keep` it never refuses either.
 *
 * @param value 033 as in the packet, one character per byte
 */
export function decodeUserData033(value: string, options: DecodeOptions): Result<DecodedText> {
  const alphabet = options.alphabet ?? defaultAlphabet;
  if (alphabet === defaultAlphabet && isPlain(value)) return ok({ text: value, septetCount: value.length, faults: [] });
  const readings = options.nationalPositions === 'literal' ? literalReadings : nokiaReadings;
  let text = '';
  // A byte gives at most two septets.
  const septets = new Uint8Array(value.length * 2);
  let runStart = 0;
  let count = 0;
  let unknownCombinations = 0;
  let unknownBytes = 0;
  for (let i = 0; i < value.length; i += 1) {
    const byte = value.charCodeAt(i);
    if (byte === underscore) {
      const septet = septetOfCombination(value.charCodeAt(i + 1), value.charCodeAt(i + 2));
      if (septet === noReading) unknownCombinations += 1;
      else i += 2;
      septets[count] = septet === noReading ? underscoreSeptet : septet;
      count += 1;
      continue;
    }
    const reading = readings[byte] ?? noReading;
    if (reading === noReading) {
      unknownBytes += 1;
      text += `${fromSeptets(septets.subarray(runStart, count), alphabet)}\ufffd`;
      // It stands for one septet that nobody can read.
      count += 1;
      runStart = count;
      continue;
    }
    if (reading >= behindEscape) {
      septets[count] = escapeSeptet;
      count += 1;
    }
    septets[count] = reading & 0x7f;
    count += 1;
  }
  text += fromSeptets(septets.subarray(runStart, count), alphabet);
  const faults = describeFaults(unknownCombinations, unknownBytes);
  const first = faults[0];
  if (options.unknownCombination === 'refuse' && first !== undefined) return fail(first.code, first.message);
  return ok({ text, septetCount: count, faults });
}

const underscore = 0x5f;
const underscoreSeptet = 0x11;

function describeFaults(unknownCombinations: number, unknownBytes: number): readonly Fault[] {
  const faults: Fault[] = [];
  if (unknownCombinations > 0) {
    const message = `user data (033) holds ${unknownCombinations} underscore(s) that begin no known combination`;
    faults.push({ code: 'CIMD2_USER_DATA', message });
  }
  if (unknownBytes > 0) {
    const message = `user data (033) holds ${unknownBytes} byte(s) without a meaning in the default alphabet`;
    faults.push({ code: 'CIMD2_USER_DATA', message });
  }
  return faults;
}

/** Above all septets, with and without {@link behindEscape}. */
const noReading = 0x100;
/** Added to a septet that stands behind an escape. */
const behindEscape = 0x80;

/** By the two bytes behind the underscore, both below 80. */
const combinations = new Uint16Array(0x80 * 0x80).fill(noReading);
for (const { combination, septet } of linkTable) {
  if (combination !== undefined) combinations[combination.charCodeAt(0) * 0x80 + combination.charCodeAt(1)] = septet;
}

/** @param first and `second` are NaN behind the end of the value */
function septetOfCombination(first: number, second: number): number {
  return first < 0x80 && second < 0x80 ? (combinations[first * 0x80 + second] ?? noReading) : noReading;
}

const combinationSpelling = makeSpelling('combination');
const latin1Spelling = makeSpelling('latin1');

function makeSpelling(eightBit: EncodeOptions['eightBit']): readonly string[] {
  const spelling = Array.from({ length: 128 }, (_, septet) => String.fromCharCode(septet));
  for (const row of linkTable) {
    // SPEC: section 7.4, first match wins: the quotation mark is its byte although it has a combination, the commercial
    // at is its combination although it has a byte, and national positions are never sent.
    const combination = row.combination === undefined ? undefined : `_${row.combination}`;
    const latin1 = eightBit === 'latin1' && row.latin1 !== undefined ? String.fromCharCode(row.latin1) : undefined;
    const quotationMark = row.septet === 0x22 ? '"' : undefined;
    const ascii = row.ascii === undefined ? '' : String.fromCharCode(row.ascii);
    spelling[row.septet] = quotationMark ?? latin1 ?? combination ?? ascii;
  }
  return spelling;
}

const nokiaReadings = makeReadings('nokia');
const literalReadings = makeReadings('literal');

/** For each wire byte its septet, with {@link behindEscape} where it needs one, or {@link noReading}. */
function makeReadings(nationalPositions: DecodeOptions['nationalPositions']): Uint16Array {
  const readings = new Uint16Array(256).fill(noReading);
  // Below 20 are raw septets. COMPAT: ecimd2 sends them. From 20 on the byte is the septet unless the table says
  // otherwise; the grave accent thereby is septet 60, as Kannel has it, and 7F is a with grave.
  for (let byte = 0; byte < 0x80; byte += 1) readings[byte] = byte;
  for (const row of linkTable) {
    if (row.ascii !== undefined) readings[row.ascii] = row.septet;
    if (row.latin1 !== undefined) readings[row.latin1] = row.septet;
  }
  if (nationalPositions === 'literal') {
    const nationalBytes = new Set(linkTable.filter((row) => row.national).map((row) => row.ascii));
    for (const [septet, character] of extensionTable) {
      const byte = character.charCodeAt(0);
      if (nationalBytes.has(byte)) readings[byte] = septet | behindEscape;
    }
  }
  return readings;
}
