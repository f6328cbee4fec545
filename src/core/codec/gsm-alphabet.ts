/**
 * The GSM 7-bit default alphabet and its extension table: characters to septets and back, and septets packed into
 * octets. It knows nothing of how septets are spelled in a CIMD2 packet (link-alphabet.ts), and takes the tables of
 * another alphabet as they are given (national-language.ts). Source: docs/reference/cimd2.md sections 7.2 and 7.3 (3GPP
 * TS 23.038).
 */

/** Septet 1B: the next septet is of the extension table. */
export const escapeSeptet = 0x1b;

/**
 * The basic table: the character at index n is septet n. Septet 1B has no character of its own, the place holder for it
 * is U+001B, which no text is ever turned into or made from.
 */
export const basicTable =
  '@£$¥èéùìòÇ\nØø\rÅå' +
  'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./' +
  '0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmno' +
  'pqrstuvwxyzäöñüà';

/** A septet and the character it stands for. */
export type ExtensionRow = readonly [septet: number, character: string];

/** Second septet after an escape, and its character. SPEC: section 7.3. */
export const extensionTable: readonly ExtensionRow[] = [
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
];

/** Both tables, made ready to look things up. All characters are one UTF-16 unit each. */
export interface SeptetAlphabet {
  /** 128 characters; the one at index n is septet n. */
  readonly basic: string;
  /** Septet behind an escape → character. */
  readonly extension: ReadonlyMap<number, string>;
  /** By UTF-16 unit: the septet, with {@link behindEscape} where it needs one, or {@link foreign}. */
  readonly codes: Uint8Array;
}

const behindEscape = 0x80;
/** An escape behind an escape: the one place where no table can have a character. */
const foreign = escapeSeptet | behindEscape;

/** @param basic 128 characters of one unit each, the place of the escape without a meaning */
export function makeAlphabet(basic: string, extension: readonly ExtensionRow[]): SeptetAlphabet {
  const units = [...basic, ...extension.map(([, character]) => character)].map((character) => character.charCodeAt(0));
  const codes = new Uint8Array(Math.max(...units) + 1).fill(foreign);
  for (const [septet, character] of extension) codes[character.charCodeAt(0)] = septet | behindEscape;
  // Later, since a character that both tables have takes one septet.
  for (let septet = 0; septet < basic.length; septet += 1) {
    if (septet !== escapeSeptet) codes[basic.charCodeAt(septet)] = septet;
  }
  return { basic, extension: new Map(extension), codes };
}

/** The GSM default alphabet with its own extension table. */
export const defaultAlphabet = makeAlphabet(basicTable, extensionTable);

/** Septets of one UTF-16 unit: 1 or 2, or 0 if the alphabet does not have it. */
export function septetsOfUnit(unit: number, { codes }: SeptetAlphabet = defaultAlphabet): 0 | 1 | 2 {
  const code = codes[unit] ?? foreign;
  if (code === foreign) return 0;
  return code < behindEscape ? 1 : 2;
}

/** One or two septets of one character; undefined if it is not in the alphabet. */
export function septetsOf(
  character: string,
  { codes }: SeptetAlphabet = defaultAlphabet,
): readonly number[] | undefined {
  const code = character.length === 1 ? (codes[character.charCodeAt(0)] ?? foreign) : foreign;
  if (code === foreign) return undefined;
  return code < behindEscape ? [code] : [escapeSeptet, code & 0x7f];
}

/** Septets of a text, one per byte, extension characters as two; undefined if any character does not fit. */
export function toSeptets(text: string, { codes }: SeptetAlphabet = defaultAlphabet): Uint8Array | undefined {
  const septets = new Uint8Array(text.length * 2);
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = codes[text.charCodeAt(i)] ?? foreign;
    if (code === foreign) return undefined;
    if (code >= behindEscape) {
      septets[count] = escapeSeptet;
      count += 1;
    }
    septets[count] = code & 0x7f;
    count += 1;
  }
  return septets.subarray(0, count);
}

/** How many septets the text takes, extension characters counting two; undefined if any character does not fit. */
export function septetCount(text: string, { codes }: SeptetAlphabet = defaultAlphabet): number | undefined {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = codes[text.charCodeAt(i)] ?? foreign;
    if (code === foreign) return undefined;
    if (code >= behindEscape) count += 1;
  }
  return count;
}

/**
 * The text that septets stand for. Total: whatever comes in, a text comes out.
 *
 * SPEC: sections 7.3 and 7.5. An escape at the end, or before another escape, is a space (and the second escape counts
 * for what follows it); after an escape, a septet that the extension table does not have is the character of the basic
 * table.
 *
 * @param septets 0–127 each; higher bits are not looked at
 */
export function fromSeptets(
  septets: ArrayLike<number>,
  { basic, extension }: SeptetAlphabet = defaultAlphabet,
): string {
  let text = '';
  let isEscaped = false;
  for (let i = 0; i < septets.length; i += 1) {
    const septet = (septets[i] ?? 0) & 0x7f;
    if (septet === escapeSeptet) {
      if (isEscaped) text += ' ';
      isEscaped = true;
      continue;
    }
    text += (isEscaped ? extension.get(septet) : undefined) ?? basic.charAt(septet);
    isEscaped = false;
  }
  return isEscaped ? `${text} ` : text;
}

/** Septets packed into octets, first septet in the lowest bits; unused bits at the end are 0. */
export function packSeptets(septets: Uint8Array): Uint8Array {
  const octets = new Uint8Array(Math.ceil((septets.length * 7) / 8));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const septet of septets) {
    bits |= (septet & 0x7f) << bitCount;
    bitCount += 7;
    if (bitCount >= 8) {
      octets[at] = bits & 0xff;
      at += 1;
      bits >>>= 8;
      bitCount -= 8;
    }
  }
  if (bitCount > 0) octets[at] = bits & 0xff;
  return octets;
}

/**
 * The septets that octets hold: floor(8n / 7) of n octets. The last of a multiple of eight may be padding; whoever does
 * not know the count from elsewhere decides on that (user-data.ts).
 */
export function unpackSeptets(octets: Uint8Array): Uint8Array {
  const septets = new Uint8Array(Math.floor((octets.length * 8) / 7));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const octet of octets) {
    bits |= octet << bitCount;
    bitCount += 8;
    while (bitCount >= 7) {
      septets[at] = bits & 0x7f;
      at += 1;
      bits >>>= 7;
      bitCount -= 7;
    }
  }
  return septets;
}
