/**
 * Byte forms as arguments: the core lays out positional arrays of plain values, the shell (msgpackr) and the tests turn
 * them into bytes and back. Used for frames of the link, records of the store and the bytes of a message in the ring.
 */

export type PlainValue = null | boolean | number | string | Uint8Array | readonly PlainValue[];

export interface ValueCodec {
  encode(value: PlainValue): Uint8Array;
  /** Undefined for bytes that are no value at all; never throws. */
  decode(bytes: Uint8Array): PlainValue | undefined;
}
