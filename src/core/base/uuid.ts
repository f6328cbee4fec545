/** UUIDv7 (RFC 9562, section 5.7): identities that sort by the time they were made. */
import { toHex } from './bytes.ts';
import type { RandomBytes } from './random.ts';
import type { Instant } from './time.ts';

/** @returns 36 lower-case characters */
export function uuidV7(now: Instant, randomBytes: RandomBytes): string {
  const time = Math.floor(now).toString(16).padStart(12, '0');
  const bytes = randomBytes(10);
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  const tail = toHex(bytes).toLowerCase();
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}
