/**
 * What a recorder writes down instead of what it saw, where the privacy is not `full`: the same inputs, frames and events
 * with numbers and texts replaced, without proofs, hashes of contents and other bytes that could be tried out. What is
 * not known to be harmless is replaced. Nothing of it can be played back; when, where and in which order stays.
 */
import type { PlainValue } from '../../core/base/values.ts';
import type { Entry } from '../../core/link/entries.ts';
import { decodeFrame, linkVersion } from '../../core/link/frame.ts';
import { entryToValue } from '../../core/link/wire.ts';
import { valueCodec } from '../values.ts';
import { type Discretion, looksLikeNumber } from './discretion.ts';
import { toPlain } from './plain-form.ts';
import { retellMessage } from './retold-message.ts';
import { RetoldLine, retellPacket } from './retold-packet.ts';

type AnyInput = { readonly type: string; readonly connection?: number; readonly bytes?: Uint8Array };

/** Fields whose words come from ringbridge or its operator. */
const harmlessFields: ReadonlySet<string> = new Set([
  ...['type', 'smscId', 'lane', 'as', 'by', 'state', 'step', 'status', 'storeId', 'reason', 'gateway', 'remote'],
]);

const nothing = new Uint8Array(0);

export class Retelling {
  readonly #discretion: Discretion;
  /** Of connections that packets come on. */
  readonly #lines = new Map<number, RetoldLine>();

  constructor(discretion: Discretion) {
    this.#discretion = discretion;
  }

  /** An input, to be written down in its form. */
  input(input: AnyInput): AnyInput {
    const { type, connection = 0, bytes = nothing } = input;
    switch (type) {
      case 'smsc-opened':
      case 'opened':
        this.#lines.set(connection, new RetoldLine(this.#discretion));
        return input;
      case 'smsc-closed':
      case 'closed':
        this.#lines.delete(connection);
        return input;
      case 'smsc-received':
      case 'received':
        return { ...input, bytes: this.#lineOf(connection).push(bytes) };
      case 'link-received':
        return { ...input, bytes: this.#frame(bytes) };
      default:
        // Only objects become objects, and `type` is kept.
        return this.#value(input, '') as AnyInput;
    }
  }

  /** A packet that this role sends; nothing of what is none. */
  packet(bytes: Uint8Array): Uint8Array {
    return retellPacket(bytes, this.#discretion);
  }

  message(bytes: Uint8Array): Uint8Array {
    return retellMessage(bytes, this.#discretion);
  }

  /** Fields of a log event, which has masked numbers and names of users; hashed, they are not kept either. */
  fields(fields: Readonly<Record<string, unknown>>): PlainValue {
    if (this.#discretion.privacy === 'masked') return toPlain(fields);
    const told = Object.entries(fields).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      return [name, name === 'user' ? this.#discretion.text(value) : value.includes('…') ? '…' : value];
    });
    return toPlain(Object.fromEntries(told));
  }

  /** What a bug said of itself: no statement of ours has a text in it, but some have a number. */
  statement(text: string): string {
    return text.replace(/\+?\d{6,}/g, (number) => this.#discretion.number(number));
  }

  #lineOf(connection: number): RetoldLine {
    const line = this.#lines.get(connection) ?? new RetoldLine(this.#discretion);
    this.#lines.set(connection, line);
    return line;
  }

  /** A frame of the login is left out whole: it has proofs in it. */
  #frame(bytes: Uint8Array): Uint8Array {
    const frame = decodeFrame(bytes, valueCodec);
    if (!frame.ok) return nothing;
    return valueCodec.encode([linkVersion, ...frame.value.map((entry) => entryToValue(this.#entry(entry)))]);
  }

  #entry(entry: Entry): Entry {
    switch (entry.type) {
      case 'place':
        return { ...entry, bytes: this.message(entry.bytes) };
      case 'reconstruct':
        return { ...entry, state: { ...entry.state, contentHash: '' }, bytes: this.message(entry.bytes) };
      case 'digest': {
        const slots = entry.digest.slots.map((slot) => ({ ...slot, contentHash: '' }));
        return { ...entry, digest: { ...entry.digest, slots } };
      }
      default:
        return entry;
    }
  }

  #value(value: unknown, field: string): unknown {
    if (typeof value === 'string') {
      if (harmlessFields.has(field)) return value;
      return looksLikeNumber(value) ? this.#discretion.number(value) : this.#discretion.text(value);
    }
    if (value instanceof Uint8Array) return this.message(value);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#value(part, name)]));
  }
}
