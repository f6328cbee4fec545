/**
 * Passwords of an SMSC's accounts, as its recording has them: each character becomes another one, by its place, under
 * tables of chance that nobody keeps. So what was equal is equal, and a login succeeds or fails in a replay as it did;
 * only the length is told. It works on the bytes of a line as they come, in pieces of any size, and mends the checksum
 * by what it changed: a wrong one stays wrong. SPEC: sections 1.2, 1.5 and 3.2, parameter 011.
 */
import type { RandomBytes } from '../../core/base/random.ts';

const [stx, etx, tab] = [0x02, 0x03, 0x09];
const passwordCode = [...'011:'].map((char) => char.charCodeAt(0));
const checksumDigits = 2;

/** Printable characters but for the space, which no password has; others stay what they are. */
const [firstByte, byteCount] = [0x21, 0x7e - 0x21 + 1];

/** Places with a table of their own; those behind share the last. The longest password has 32. */
const placeCount = 40;

export class PasswordDisguise {
  /** By place, what each printable byte becomes. */
  readonly #tables: readonly (readonly number[])[];

  constructor(randomBytes: RandomBytes) {
    this.#tables = Array.from({ length: placeCount }, () => shuffled(randomBytes));
  }

  /** One password, as in settings. */
  password(text: string): string {
    return [...text].map((char, place) => String.fromCharCode(this.byte(char.charCodeAt(0), place))).join('');
  }

  /** @param place of the byte in its password, from 0 */
  byte(value: number, place: number): number {
    return this.#tables[Math.min(place, placeCount - 1)]?.[value - firstByte] ?? value;
  }
}

/** Disguises the passwords in what one connection receives. */
export class DisguisedLine {
  readonly #disguise: PasswordDisguise;
  #isInPacket = false;
  /** Bytes since the last TAB or STX. */
  #fieldLength = 0;
  /** How many of them are those of `011:`; a password follows where all are. */
  #matched = 0;
  /** By how much the bytes of the packet sum to more than they did. */
  #grownBy = 0;
  /** What may be the checksum of a changed packet, kept until the next byte tells. */
  #held: number[] = [];

  constructor(disguise: PasswordDisguise) {
    this.#disguise = disguise;
  }

  /** @returns as many bytes, but for digits of a checksum that wait for the next piece */
  push(bytes: Uint8Array): Uint8Array {
    const told: number[] = [];
    for (const byte of bytes) this.#take(byte, told);
    return Uint8Array.from(told);
  }

  #take(byte: number, told: number[]): void {
    if (byte === stx || byte === tab || byte === etx) {
      told.push(...(byte === etx ? mended(this.#held, this.#grownBy) : this.#held), byte);
      this.#held = [];
      if (byte === stx) this.#grownBy = 0;
      if (byte !== tab) this.#isInPacket = byte === stx;
      [this.#fieldLength, this.#matched] = [0, 0];
      return;
    }
    const place = this.#fieldLength;
    this.#fieldLength += 1;
    if (this.#isInPacket && this.#grownBy % 256 !== 0 && place < checksumDigits) {
      this.#held.push(byte);
    } else {
      told.push(...this.#held);
      this.#held = [];
      const isPassword = this.#isInPacket && this.#matched === passwordCode.length;
      const disguised = isPassword ? this.#disguise.byte(byte, place - passwordCode.length) : byte;
      this.#grownBy += disguised - byte;
      told.push(disguised);
    }
    if (this.#matched === place && byte === passwordCode[place]) this.#matched += 1;
  }
}

/** The digits of a checksum behind bytes that sum to so much more; anything else stays what it is. */
function mended(digits: readonly number[], grownBy: number): readonly number[] {
  const text = String.fromCharCode(...digits);
  if (!/^[0-9A-Fa-f]{2}$/.test(text)) return digits;
  const sum = (((Number.parseInt(text, 16) + grownBy) % 256) + 256) % 256;
  return [...sum.toString(16).toUpperCase().padStart(2, '0')].map((char) => char.charCodeAt(0));
}

/** Fisher and Yates; four bytes for each step make the bias of the remainder too small to matter. */
function shuffled(randomBytes: RandomBytes): readonly number[] {
  const bytes = Array.from({ length: byteCount }, (_, index) => firstByte + index);
  const chance = randomBytes(4 * byteCount);
  const view = new DataView(chance.buffer, chance.byteOffset, chance.length);
  for (let last = byteCount - 1; last > 0; last -= 1) {
    const other = view.getUint32(4 * last) % (last + 1);
    [bytes[last], bytes[other]] = [bytes[other] ?? 0, bytes[last] ?? 0];
  }
  return bytes;
}
