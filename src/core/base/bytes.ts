/** Plain operations on bytes, for lack of `Buffer` in the core. */

const hexDigits = fromLatin1('0123456789ABCDEF');

/** Two upper-case hex digits per byte. */
export function toHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at);
    digits[2 * at] = byteAt(hexDigits, byte >> 4);
    digits[2 * at + 1] = byteAt(hexDigits, byte & 15);
  }
  return toLatin1(digits);
}

/** The bytes of an even number of hex digits of either case; undefined if it is anything else. */
export function fromHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    const [high, low] = [hexValue(hex.charCodeAt(2 * at)), hexValue(hex.charCodeAt(2 * at + 1))];
    if (high < 0 || low < 0) return undefined;
    bytes[at] = high * 16 + low;
  }
  return bytes;
}

/** -1 for what is no hex digit. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * One character per byte (ISO 8859-1).
 *
 * @param from first byte taken; all if left out
 * @param end behind the last one
 */
export function toLatin1(bytes: Uint8Array, from = 0, end = bytes.length): string {
  let text = '';
  let at = from;
  // Strings are joined by pieces: a piece per byte costs three times as much, and again when the text is first read.
  for (; at + 16 <= end; at += 16) text += sixteenCharacters(bytes, at);
  for (; at + 4 <= end; at += 4) {
    text += String.fromCharCode(byteAt(bytes, at), byteAt(bytes, at + 1), byteAt(bytes, at + 2), byteAt(bytes, at + 3));
  }
  for (; at < end; at += 1) text += String.fromCharCode(byteAt(bytes, at));
  return text;
}

function sixteenCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    byteAt(bytes, at),
    byteAt(bytes, at + 1),
    byteAt(bytes, at + 2),
    byteAt(bytes, at + 3),
    byteAt(bytes, at + 4),
    byteAt(bytes, at + 5),
    byteAt(bytes, at + 6),
    byteAt(bytes, at + 7),
    byteAt(bytes, at + 8),
    byteAt(bytes, at + 9),
    byteAt(bytes, at + 10),
    byteAt(bytes, at + 11),
    byteAt(bytes, at + 12),
    byteAt(bytes, at + 13),
    byteAt(bytes, at + 14),
    byteAt(bytes, at + 15),
  );
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** One byte per character; characters above U+00FF do not fit and are a bug of the caller. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new RangeError(`U+${code.toString(16)} does not fit one byte`);
    bytes[i] = code;
  }
  return bytes;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Same as {@link equalBytes}, but takes as long for a near miss as for a far one: for proofs and secrets. */
export function equalBytesInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
