/**
 * What stands in a recording instead of a number or a text that is not to be kept. Masked ones look as in the log, but in
 * characters of the wire. Hashed ones are told apart and recognised, under a key of chance that nobody keeps: within one
 * run of a process the same is the same, and no list of numbers can be tried out on it. Rules: CLI.md, privacy.
 */

import { toHex } from '../../core/base/bytes.ts';
import type { HmacSha256 } from '../../core/base/hashing.ts';
import type { RandomBytes } from '../../core/base/random.ts';

/** `full`: as it was, and only that can be played back; `masked`, `hashed`: see above. */
export const recordPrivacies = ['full', 'masked', 'hashed'] as const;
export type RecordPrivacy = (typeof recordPrivacies)[number];

export interface Discretion {
  readonly privacy: Exclude<RecordPrivacy, 'full'>;
  /** A phone number: `+3584******67`, or `#9f3c21ab04`. */
  number(value: string): string;
  /** Anything else that people wrote: `[42 ch]`, or `[#9f3c21ab04, 42 ch]`. */
  text(value: string): string;
}

const keyBytes = 32;
/** 40 bits: among a million numbers two are taken for one with one chance in two. */
const shownDigits = 10;

export function discretionOf(
  privacy: Exclude<RecordPrivacy, 'full'>,
  { randomBytes, hmac }: { readonly randomBytes: RandomBytes; readonly hmac: HmacSha256 },
): Discretion {
  if (privacy === 'masked') return { privacy, number: starred, text: (value) => `[${lengthOf(value)} ch]` };
  const key = randomBytes(keyBytes);
  const pseudonym = (kind: string, value: string): string =>
    `#${toHex(hmac(key, new TextEncoder().encode(`${kind} ${value}`)))
      .toLowerCase()
      .slice(0, shownDigits)}`;
  return {
    privacy,
    number: (value) => (value === '' ? '' : pseudonym('number', value.replace(/^\+/, ''))),
    text: (value) => `[${pseudonym('text', value)}, ${lengthOf(value)} ch]`,
  };
}

/** Digits with or without `+`: what is told as a number where nothing says what it is. */
export function looksLikeNumber(value: string): boolean {
  return /^\+?\d{3,}$/.test(value);
}

/** As `maskAddress` of the core, but of the same length and of characters that a packet may hold. */
function starred(value: string): string {
  const [first, last] = value.length <= 6 ? [1, 0] : [5, 2];
  return `${value.slice(0, first)}${'*'.repeat(Math.max(0, value.length - first - last))}${value.slice(value.length - last)}`;
}

function lengthOf(value: string): number {
  return [...value].length;
}
