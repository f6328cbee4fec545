/**
 * Plain values as MessagePack: written by msgpackr, read by a decoder of our own that knows only what a plain value can
 * be. Bytes come from a disk or from a peer that has proved nothing yet, so reading takes no memory beyond a small
 * multiple of the bytes given, knows a limit of depth, and never throws. Maps, extensions and 64-bit integers beyond
 * 2^53 are no plain values.
 */
import { Packr, RESET_BUFFER_MODE } from 'msgpackr';
import type { PlainValue, ValueCodec } from '../core/base/values.ts';

/** Arrays within arrays; our deepest record has six. */
export const maxValueDepth = 32;

/** Bytes of one value; a long text with all its parts stays far below. */
export const maxValueBytes = 4 * 1024 * 1024;

const packer = new Packr({ useRecords: false, moreTypes: false, int64AsType: 'number' });

/**
 * For bytes that are needed for a moment, until they are on disk: at half the price, because they are cut from a long
 * array, of which each keeps some thousand bytes alive.
 */
export function encodeForAMoment(value: PlainValue): Uint8Array {
  return packer.pack(value);
}

export const valueCodec: ValueCodec = {
  // Copied at once, so the packer may begin at the same place again.
  encode: (value) => new Uint8Array(packer.pack(value, RESET_BUFFER_MODE)),
  decode: (bytes) => {
    if (bytes.length > maxValueBytes) return undefined;
    const reader = new ValueReader(bytes);
    const value = reader.read(0);
    return value === undefined || !reader.isAtEnd() ? undefined : value;
  },
};

/** Reads one value; every method gives undefined for what is cut off or is no plain value. */
class ValueReader {
  private readonly bytes: Buffer;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** The type bytes of the MessagePack specification, section "Formats". */
  read(depth: number): PlainValue | undefined {
    const type = this.bytes[this.offset];
    if (type === undefined) return undefined;
    this.offset += 1;
    if (type <= 0x7f) return type;
    if (type >= 0xe0) return type - 0x100;
    if (type >= 0x90 && type <= 0x9f) return this.readArray(type & 0x0f, depth);
    if (type >= 0xa0 && type <= 0xbf) return this.readString(type & 0x1f);
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.readBytes(this.readUnsigned(1));
      case 0xc5:
        return this.readBytes(this.readUnsigned(2));
      case 0xc6:
        return this.readBytes(this.readUnsigned(4));
      case 0xca:
        return this.skip(4) ? this.bytes.readFloatBE(this.offset - 4) : undefined;
      case 0xcb:
        return this.skip(8) ? this.bytes.readDoubleBE(this.offset - 8) : undefined;
      case 0xcc:
        return this.readUnsigned(1);
      case 0xcd:
        return this.readUnsigned(2);
      case 0xce:
        return this.readUnsigned(4);
      case 0xcf:
        return this.skip(8) ? safeNumber(this.bytes.readBigUInt64BE(this.offset - 8)) : undefined;
      case 0xd0:
        return this.skip(1) ? this.bytes.readInt8(this.offset - 1) : undefined;
      case 0xd1:
        return this.skip(2) ? this.bytes.readInt16BE(this.offset - 2) : undefined;
      case 0xd2:
        return this.skip(4) ? this.bytes.readInt32BE(this.offset - 4) : undefined;
      case 0xd3:
        return this.skip(8) ? safeNumber(this.bytes.readBigInt64BE(this.offset - 8)) : undefined;
      case 0xd9:
        return this.readString(this.readUnsigned(1));
      case 0xda:
        return this.readString(this.readUnsigned(2));
      case 0xdb:
        return this.readString(this.readUnsigned(4));
      case 0xdc:
        return this.readArray(this.readUnsigned(2), depth);
      case 0xdd:
        return this.readArray(this.readUnsigned(4), depth);
      default:
        return undefined;
    }
  }

  private readUnsigned(sizeBytes: 1 | 2 | 4): number | undefined {
    if (!this.skip(sizeBytes)) return undefined;
    let number = 0;
    for (let at = this.offset - sizeBytes; at < this.offset; at += 1) number = number * 256 + (this.bytes[at] ?? 0);
    return number;
  }

  /** A copy, so that a small field does not keep a large buffer alive. */
  private readBytes(length: number | undefined): Uint8Array | undefined {
    if (length === undefined || !this.skip(length)) return undefined;
    return new Uint8Array(this.bytes.subarray(this.offset - length, this.offset));
  }

  private readString(length: number | undefined): string | undefined {
    if (length === undefined || !this.skip(length)) return undefined;
    return this.bytes.toString('utf8', this.offset - length, this.offset);
  }

  /** Grows with what is read: the announced count of a hostile peer reserves nothing. */
  private readArray(count: number | undefined, depth: number): PlainValue | undefined {
    if (count === undefined || depth >= maxValueDepth || count > this.bytes.length - this.offset) return undefined;
    const items: PlainValue[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.read(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  /** Moves on by so many bytes, if there are as many. */
  private skip(sizeBytes: number): boolean {
    if (sizeBytes > this.bytes.length - this.offset) return false;
    this.offset += sizeBytes;
    return true;
  }
}

function safeNumber(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
