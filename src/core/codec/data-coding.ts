/**
 * What the octet of parameter 030 (TP-DCS) says: which alphabet the user data is in, and how a handset shows it. Every
 * value from 0 to 255 has a reading. Source: docs/reference/cimd2.md section 7.6 (3GPP TS 23.038).
 */

export type Alphabet = 'gsm7' | '8bit' | 'ucs2';

/** Class 0 is shown at once and not kept; 1 is for the handset, 2 for the SIM, 3 for the terminal beside it. */
export type MessageClass = 0 | 1 | 2 | 3;

/** An icon that the handset switches, with or without a text to keep. */
export interface WaitingIndication {
  /** `video` only in a header element (special-indication.ts). */
  readonly kind: 'voice-mail' | 'fax' | 'e-mail' | 'video' | 'other';
  readonly state: 'active' | 'inactive';
  /** Whether the text is kept by the handset. */
  readonly text: 'discard' | 'store';
}

export interface DataCoding {
  readonly alphabet: Alphabet;
  /** Undefined where the value names no class. */
  readonly messageClass: MessageClass | undefined;
  /** Compressed user data (3GPP TS 23.042) is octets to us, whatever its alphabet. */
  readonly isCompressed: boolean;
  /** The handset deletes it after reading. */
  readonly isDeletedAfterReading: boolean;
  readonly waiting: WaitingIndication | undefined;
}

const plain: DataCoding = {
  alphabet: 'gsm7',
  messageClass: undefined,
  isCompressed: false,
  isDeletedAfterReading: false,
  waiting: undefined,
};

/** Bits 3-2 of the general groups; 3 is reserved and read as the default alphabet. */
const generalAlphabets: readonly Alphabet[] = ['gsm7', '8bit', 'ucs2', 'gsm7'];
const classes: readonly MessageClass[] = [0, 1, 2, 3];
const waitingKinds: readonly WaitingIndication['kind'][] = ['voice-mail', 'fax', 'e-mail', 'other'];

/**
 * SPEC: section 7.6. Reserved values read as the default alphabet without anything else; of a reserved bit (bit 3 of
 * F0–FF) only the bit is not looked at.
 *
 * @param value 0–255; higher bits are not looked at
 */
export function readDataCoding(value: number): DataCoding {
  const octet = value & 0xff;
  const group = octet >> 4;
  if (group < 0x8) {
    return {
      ...plain,
      alphabet: generalAlphabets[(octet >> 2) & 3] ?? 'gsm7',
      messageClass: (octet & 0x10) === 0 ? undefined : classes[octet & 3],
      isCompressed: (octet & 0x20) !== 0,
      isDeletedAfterReading: (octet & 0x40) !== 0,
    };
  }
  if (group < 0xc) return plain;
  if (group === 0xf) {
    return { ...plain, alphabet: (octet & 4) === 0 ? 'gsm7' : '8bit', messageClass: classes[octet & 3] };
  }
  return {
    ...plain,
    alphabet: group === 0xe ? 'ucs2' : 'gsm7',
    waiting: {
      kind: waitingKinds[octet & 3] ?? 'other',
      state: (octet & 8) === 0 ? 'inactive' : 'active',
      text: group === 0xc ? 'discard' : 'store',
    },
  };
}

/** The value of the first general groups with that alphabet and class: 0, 4, 8, or 16–27. */
export function dataCodingValue(alphabet: Alphabet, messageClass?: MessageClass): number {
  const base = generalAlphabets.indexOf(alphabet) << 2;
  return messageClass === undefined ? base : base | 0x10 | messageClass;
}

/**
 * The value that says the same of a text in another alphabet. An indication that is not to be stored has no UCS-2 form
 * and becomes one that is. SPEC: section 7.6.
 *
 * @param value 0–255, as sent with the other alphabet
 */
export function recodeDataCoding(value: number, alphabet: 'gsm7' | 'ucs2'): number {
  const coding = readDataCoding(value);
  if (coding.alphabet === alphabet && !coding.isCompressed) return value & 0xff;
  if (coding.waiting !== undefined) {
    const group = alphabet === 'ucs2' ? 0xe0 : coding.waiting.text === 'discard' ? 0xc0 : 0xd0;
    return group | (value & 0x0f);
  }
  return dataCodingValue(alphabet, coding.messageClass) | (coding.isDeletedAfterReading ? 0x40 : 0);
}

/** Which parameter the user data is in. SPEC: section 7.6, last column. */
export function userDataParameter(coding: DataCoding): 33 | 34 {
  return coding.alphabet === 'gsm7' && !coding.isCompressed ? 33 : 34;
}
