/**
 * The GSM 7-bit default alphabet and its extension table: characters to septets and back, and septets packed into
 * octets. It knows nothing of how septets are spelled in a CIMD2 packet (link-alphabet.ts). Source:
 * docs/reference/cimd2.md sections 7.2 and 7.3 (3GPP TS 23.038), without the national language tables.
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

/** Second septet after an escape, and its character. SPEC: section 7.3. */
export const extensionTable: readonly (readonly [septet: number, character: string])[] = [
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

const characterOfExtension = new Map<number, string>(extensionTable);
const septetsOfCharacter = new Map<string, readonly number[]>();
for (let septet = 0; septet < basicTable.length; septet += 1) {
  if (septet !== escapeSeptet) septetsOfCharacter.set(basicTable.charAt(septet), [septet]);
}
for (const [septet, character] of extensionTable) septetsOfCharacter.set(character, [escapeSeptet, septet]);

/** One or two septets of one character; undefined if it is not in the alphabet. */
export function septetsOf(character: string): readonly number[] | undefined {
  return septetsOfCharacter.get(character);
}

/** Septets of a text, one per byte, extension characters as two; undefined if any character does not fit. */
export function toSeptets(text: string): Uint8Array | undefined {
  const septets: number[] = [];
  for (const character of text) {
    const spelled = septetsOfCharacter.get(character);
    if (spelled === undefined) return undefined;
    septets.push(...spelled);
  }
  return Uint8Array.from(septets);
}

/** How many septets the text takes, extension characters counting two; undefined if any character does not fit. */
export function septetCount(text: string): number | undefined {
  let count = 0;
  for (const character of text) {
    const spelled = septetsOfCharacter.get(character);
    if (spelled === undefined) return undefined;
    count += spelled.length;
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
export function fromSeptets(septets: Iterable<number>): string {
  let text = '';
  let escaped = false;
  for (const value of septets) {
    const septet = value & 0x7f;
    if (septet === escapeSeptet) {
      if (escaped) text += ' ';
      escaped = true;
      continue;
    }
    const extension = escaped ? characterOfExtension.get(septet) : undefined;
    text += extension ?? basicTable.charAt(septet);
    escaped = false;
  }
  return escaped ? `${text} ` : text;
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
