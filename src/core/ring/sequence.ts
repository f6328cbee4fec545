/**
 * Sequence numbers and the slots they fall into. The size of a ring and its wrap-around are known only here; elsewhere
 * numbers only grow. SPEC: DESIGN section 2.
 */
import { invariant } from '../base/invariant.ts';

declare const seqBrand: unique symbol;
declare const slotBrand: unique symbol;

/** Position of a message within an epoch: 1, 2, 3 … with gaps, never reused. */
export type Seq = number & { readonly [seqBrand]: true };

/** A place in the ring: 1–size. */
export type SlotIndex = number & { readonly [slotBrand]: true };

export const largestRing = 255;

/** @param value a whole number from 1 to 2^53 - 1; peers' numbers are checked where their bytes are parsed */
export function seq(value: number): Seq {
  invariant(isSeq(value), `${value} is no sequence number`);
  return value as Seq;
}

export function isSeq(value: unknown): value is Seq {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** The slot of a number in a ring of `size` (1–255) slots. */
export function slotOf(number: Seq, size: number): SlotIndex {
  return (((number - 1) % size) + 1) as SlotIndex;
}

export function isRingSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= largestRing;
}

/**
 * The first number above `last` whose slot is available: a number whose slot is occupied is skipped, so that a slot
 * with trouble costs one place and not the lane.
 *
 * @param last the highest number used so far, 0 for none
 * @returns undefined when no slot is available
 */
export function nextSeq(last: number, size: number, isAvailable: (slot: SlotIndex) => boolean): Seq | undefined {
  for (let step = 1; step <= size; step += 1) {
    const candidate = seq(last + step);
    if (isAvailable(slotOf(candidate, size))) return candidate;
  }
  return undefined;
}
