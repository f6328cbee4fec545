/**
 * Short arrays of bytes cut from a long one, because making an array costs more than filling it. Nothing is ever given
 * back: what was cut belongs to its taker, and the long array goes when the last taker is gone.
 */

export class ByteRoom {
  readonly #sizeBytes: number;
  #long = new Uint8Array(0);
  #takenBytes = 0;

  /** @param sizeBytes of the long array; what is kept of one keeps all of it, so not much more than is made at one time */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  /** @returns so many bytes, all 0, that nobody else has; its `buffer` is larger and begins elsewhere */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.#sizeBytes / 4) return new Uint8Array(sizeBytes);
    if (this.#takenBytes + sizeBytes > this.#long.length) {
      this.#long = new Uint8Array(this.#sizeBytes);
      this.#takenBytes = 0;
    }
    const from = this.#takenBytes;
    this.#takenBytes += sizeBytes;
    return this.#long.subarray(from, this.#takenBytes);
  }
}
