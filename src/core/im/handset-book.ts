/**
 * The handsets that were lately written to, or answered: who wrote last, and in which spelling people here know the
 * number. Bounded; the one used longest ago is forgotten.
 */
import { digitsOf } from './address.ts';
import { type Handset, handsetValue, keys } from './records.ts';
import type { Turn } from './turn.ts';

/** Handsets that are remembered. */
export const handsetCount = 100_000;

export class HandsetBook {
  /** By `handsetKey`, the one used last at the end. */
  readonly #handsets = new Map<string, Handset>();

  of(number: string): Handset | undefined {
    return this.#handsets.get(handsetKey(number));
  }

  remember(handset: Handset, turn: Turn): void {
    const key = handsetKey(handset.number);
    this.#handsets.delete(key);
    this.#handsets.set(key, handset);
    turn.put(keys.handset(key), handsetValue(handset));
    if (this.#handsets.size <= handsetCount) return;
    for (const oldest of this.#handsets.keys()) {
      this.#handsets.delete(oldest);
      turn.delete(keys.handset(oldest));
      return;
    }
  }

  /** Puts back what was remembered before a restart. */
  restore(key: string, handset: Handset): void {
    this.#handsets.set(key, handset);
  }
}

/** Digits of a number, so that its spellings are one handset; other senders (`Info`) as they are. */
export function handsetKey(number: string): string {
  return /^\+?[0-9]+$/.test(number) ? digitsOf(number) : number;
}
