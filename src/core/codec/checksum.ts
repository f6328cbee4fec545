/**
 * The two hex digits in front of ETX. Whether a packet carries them at all, and what follows from a wrong sum, is
 * decided elsewhere (decode, handshake). Source: docs/reference/cimd2.md section 1.5.
 */

const hexDigits = '0123456789ABCDEF';

/**
 * Sum of all bytes before the checksum, as unsigned values, modulo 256. SPEC: section 1.5.
 *
 * @param body from STX up to and including the last TAB
 * @returns 0–255; two upper-case hex digits on the wire
 */
export function checksum(body: Uint8Array): number {
  let sum = 0;
  for (const byte of body) sum += byte;
  return sum & 0xff;
}

/** `3C`: two upper-case hex digits, high nibble first. SPEC: section 1.5, what is emitted. */
export function formatChecksum(sum: number): string {
  return hexDigits.charAt((sum >> 4) & 15) + hexDigits.charAt(sum & 15);
}
