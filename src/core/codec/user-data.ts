/**
 * User data in parameter 034: hex of octets that are UCS-2, bare 8-bit data, or (from peers that deviate) packed septets.
 * Also what makes a text well-formed UTF-16, since only such a text is UCS-2 that everybody reads. Source:
 * docs/reference/cimd2.md section 7.7. Text in 033 is link-alphabet.ts.
 */
import { fromHex, toHex } from '../base/bytes.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { readDataCoding } from './data-coding.ts';
import { defaultAlphabet, fromSeptets, type SeptetAlphabet, unpackSeptets } from './gsm-alphabet.ts';

export type UserData =
  | { readonly type: 'text'; readonly alphabet: 'gsm7' | 'ucs2'; readonly text: string }
  | { readonly type: 'octets'; readonly octets: Uint8Array };

/** Upper-case hex, as sent. */
export function encodeUserData034(octets: Uint8Array): string {
  return toHex(octets);
}

/**
 * The octets of 034 or 032; upper and lower case are accepted.
 *
 * @returns fault `CIMD2_USER_DATA` for an odd number of digits, and for anything that is not hex
 */
export function decodeHex(value: string, parameter: 32 | 34): Result<Uint8Array> {
  const octets = fromHex(value);
  if (octets !== undefined) return ok(octets);
  const what = value.length % 2 === 0 ? 'something else than hex digits' : 'an odd number of hex digits';
  return fail('CIMD2_USER_DATA', `parameter 0${parameter} holds ${what}`);
}

export interface PackedOptions {
  /** What the septets stand for, as the header tells; left out, the default alphabet. */
  readonly alphabet?: SeptetAlphabet;
  /** Bits before the first septet ({@link fillBits}); left out, none. */
  readonly fillBits?: number;
}

/**
 * What 034 means under a coding scheme. Compressed and 8-bit data stay octets.
 *
 * COMPAT: jcimd sends default-alphabet text as packed septets here, so a coding scheme of the default alphabet is read as
 * that. SPEC: section 7.7. It puts no fill bits behind a header, and nobody else is known to send this form, so fill
 * bits are for those who know that their peer has them.
 *
 * @param dataCoding value of 030, 0–255
 * @returns text need not be well-formed UTF-16 here: a sender may have cut a long text inside a surrogate pair
 */
export function decodeUserData034(value: string, dataCoding: number, packed: PackedOptions = {}): Result<UserData> {
  const read = decodeHex(value, 34);
  if (!read.ok) return read;
  const coding = readDataCoding(dataCoding);
  if (coding.isCompressed || coding.alphabet === '8bit') return ok({ type: 'octets', octets: read.value });
  if (coding.alphabet === 'gsm7') {
    const septets = unpackUserData(read.value, packed.fillBits);
    return ok({ type: 'text', alphabet: 'gsm7', text: fromSeptets(septets, packed.alphabet ?? defaultAlphabet) });
  }
  const text = fromUcs2(read.value);
  return text.ok ? ok({ type: 'text', alphabet: 'ucs2', text: text.value }) : text;
}

/** Big endian, no byte order mark, characters above U+FFFF as surrogate pairs. */
export function toUcs2(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    octets[i * 2] = unit >> 8;
    octets[i * 2 + 1] = unit & 0xff;
  }
  return octets;
}

/** Unit by unit, so a lone surrogate stays one. @returns fault `CIMD2_USER_DATA` for an odd number of octets */
export function fromUcs2(octets: Uint8Array): Result<string> {
  if (octets.length % 2 !== 0)
    return fail('CIMD2_USER_DATA', `UCS-2 user data has ${octets.length} octets, an odd number`);
  let text = '';
  for (let i = 0; i < octets.length; i += 2) {
    text += String.fromCharCode(((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0));
  }
  return ok(text);
}

/**
 * Bits between a header and the first septet, so that this begins at a multiple of seven from the start of both.
 * SPEC: 3GPP TS 23.040, 9.2.3.24.
 *
 * @param headerOctets complete header with its length octet
 * @returns 0–6
 */
export function fillBits(headerOctets: number): number {
  return (7 - ((headerOctets * 8) % 7)) % 7;
}

/**
 * The septets of octets whose septet count nobody says. SPEC: section 7.7: where one septet less would take as many
 * octets (without fill bits in a multiple of seven octets), a final zero or carriage return is padding.
 *
 * @param fill bits before the first septet, 0–6
 */
export function unpackUserData(octets: Uint8Array, fill = 0): Uint8Array {
  const septets = unpackSeptets(fill === 0 ? octets : withoutFirstBits(octets, fill));
  const bits = octets.length * 8 - fill;
  const count = Math.max(0, Math.floor(bits / 7));
  if (count === 0 || bits % 7 !== 0) return septets.subarray(0, count);
  const last = septets[count - 1];
  return last === 0x00 || last === 0x0d ? septets.subarray(0, count - 1) : septets.subarray(0, count);
}

/** The same bits moved down by a few, in as many octets. */
function withoutFirstBits(octets: Uint8Array, bits: number): Uint8Array {
  return octets.map((octet, i) => (octet >> bits) | (((octets[i + 1] ?? 0) << (8 - bits)) & 0xff));
}

/** The text with each lone surrogate replaced by U+FFFD, and how many there were. */
export function toWellFormed(text: string): { readonly text: string; readonly replaced: number } {
  let replaced = 0;
  // Reading by code point yields a surrogate only where it stands alone.
  const wellFormed = text.replaceAll(/\p{Surrogate}/gu, () => {
    replaced += 1;
    return '\ufffd';
  });
  return { text: wellFormed, replaced };
}

export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
