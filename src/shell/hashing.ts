/** The hashes and the chance that the core asks for as arguments, from node:crypto. */
import { createHmac, hash, randomBytes as nodeRandomBytes } from 'node:crypto';
import type { HmacSha256, Sha256 } from '../core/base/hashing.ts';
import type { RandomBytes } from '../core/base/random.ts';

export const sha256: Sha256 = (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer'));

export const hmacSha256: HmacSha256 = (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest());

export const randomBytes: RandomBytes = (count) => new Uint8Array(nodeRandomBytes(count));

/** By which two texts are seen to be the same without being shown: SHA-256 of its UTF-8, 64 lower-case hex digits. */
export function textDigest(text: string): string {
  return hash('sha256', text, 'hex');
}
