/**
 * The two hex digits in front of ETX. Whether a packet carries them at all, and what follows from a wrong sum, is
 * decided elsewhere (decode, handshake). Source: docs/reference/cimd2.md section 1.5.
 */

const hexDigits = '0123456789ABCDEF';

/**
 * Sum of all bytes before the checksum, as unsigned values, modulo 256. SPEC: section 1.5.
 *
 * @param bytes begin with STX
 * @param end behind the last TAB; all bytes if left out
 * @returns 0–255; two upper-case hex digits on the wire
 */
export function checksum(bytes: Uint8Array, end = bytes.length): number {
  let sum = 0;
  // Cut at every step: a sum that stays short is added twice as fast.
  for (let at = 0; at < end; at += 1) sum = (sum + (bytes[at] ?? 0)) & 0xff;
  return sum;
}

/** `3C`: two upper-case hex digits, high nibble first. SPEC: section 1.5, what is emitted. */
export function formatChecksum(sum: number): string {
  return hexDigits.charAt((sum >> 4) & 15) + hexDigits.charAt(sum & 15);
}
