/** A short message as the bytes that both ends keep verbatim and hash, and what a lane must know of them. */
import { toHex } from '../base/bytes.ts';
import type { Sha256 } from '../base/hashing.ts';
import type { ValueCodec } from '../base/values.ts';
import { conversationOf, type ShortMessage } from '../message/message.ts';
import { messageFromValue, messageToValue } from '../message/values.ts';
import { largestRing } from '../ring/sequence.ts';
import type { MessageOutline } from '../sync/lane-settings.ts';

/** As many as a ring holds: what came over the link is mostly read again when it is handed over. */
const rememberedCount = largestRing;

export class MessageBytes {
  readonly #codec: ValueCodec;
  readonly #sha256: Sha256;
  /** What was read last, the oldest first. Bytes are kept verbatim, so the same array always says the same. */
  readonly #read = new Map<Uint8Array, ShortMessage>();

  constructor(codec: ValueCodec, sha256: Sha256) {
    this.#codec = codec;
    this.#sha256 = sha256;
  }

  encode(message: ShortMessage): Uint8Array {
    return this.#codec.encode(messageToValue(message));
  }

  /** Undefined for bytes that are no message of a format that this version knows. */
  decode(bytes: Uint8Array): ShortMessage | undefined {
    const known = this.#read.get(bytes);
    if (known !== undefined) return known;
    const value = this.#codec.decode(bytes);
    const message = value === undefined ? undefined : messageFromValue(value);
    if (message?.ok !== true) return undefined;
    this.#remember(bytes, message.value);
    return message.value;
  }

  outline(bytes: Uint8Array): MessageOutline | undefined {
    const message = this.decode(bytes);
    return message === undefined
      ? undefined
      : { conversation: conversationOf(message), validUntil: message.validUntil };
  }

  /** First 8 bytes of SHA-256, 16 upper-case hex digits. SPEC: DESIGN section 11. */
  hash(bytes: Uint8Array): string {
    return toHex(this.#sha256(bytes).subarray(0, 8));
  }

  #remember(bytes: Uint8Array, message: ShortMessage): void {
    if (this.#read.size >= rememberedCount) {
      for (const oldest of this.#read.keys()) {
        this.#read.delete(oldest);
        break;
      }
    }
    this.#read.set(bytes, message);
  }
}
