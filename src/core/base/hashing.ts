/** Hashing as arguments: the shell and the tests pass in node:crypto. */

/** SHA-256: 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** HMAC-SHA-256: 32 bytes. */
export type HmacSha256 = (key: Uint8Array, bytes: Uint8Array) => Uint8Array;
