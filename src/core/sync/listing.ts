/**
 * What a comparison means for single messages, by sequence number: for the log, and for whoever looks at a plan before it
 * is carried out. Pure. SPEC: DESIGN section 4.
 */
import type { RingDigest } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import { slotOf } from '../ring/sequence.ts';
import type { SlotStatus } from '../ring/status.ts';
import { countVerdicts, type SlotPlan, type SlotVerdict } from './compare.ts';

/** The numbers of each verdict, `equal` included; of the producer's copy where it counts, else the consumer's. */
export function numbersOfVerdicts(slots: readonly SlotPlan[]): ReadonlyMap<SlotVerdict, readonly number[]> {
  const numbers = new Map<SlotVerdict, number[]>();
  for (const { verdict, producer, consumer } of slots) {
    const isConsumers = verdict === 'producer-went-back' || verdict === 'renumber' || verdict === 'lost-status';
    const state = isConsumers ? consumer : (producer ?? consumer);
    numbers.set(verdict, [...(numbers.get(verdict) ?? []), ...(state === undefined ? [] : [Number(state.seq)])]);
  }
  return numbers;
}

/** `lost-status 2; lost-forward 3, 7–9`; empty where all is equal. For one field of a log event. */
function differencesText(slots: readonly SlotPlan[]): string {
  const listed = [...numbersOfVerdicts(slots)].filter(([verdict]) => verdict !== 'equal');
  return listed.map(([verdict, numbers]) => `${verdict} ${numbersText(numbers)}`).join('; ');
}

/** How many slots of each verdict, and the numbers of what differs: fields of `sync.compared`. */
export function comparedFields(slots: readonly SlotPlan[]): Record<string, string | number> {
  const numbers = differencesText(slots);
  return { ...Object.fromEntries(countVerdicts(slots)), ...(numbers === '' ? {} : { numbers }) };
}

/**
 * Whether nobody can know if a copy that the consumer does not hold was handed over: another store than the one that is
 * there now may have had it, or the one that is there forgot it. SPEC: DESIGN section 4, new or restored consumer.
 */
export function isFateUnknown(
  copy: { readonly status: SlotStatus; readonly isOffered: boolean },
  mirror: 'new' | 'same',
): boolean {
  return copy.status !== 'placed' || (mirror === 'new' && copy.isOffered);
}

/**
 * The numbers that a producer which lost its store may have given, and whose messages neither end holds any more: those
 * up to the consumer's highest that are not in its ring though their slot was open. What came after the highest is not known.
 */
export function numbersNowhere({ size, lastSeq, slots }: Pick<RingDigest, 'size' | 'lastSeq' | 'slots'>): number[] {
  const held = new Map<number, (typeof slots)[number]>();
  for (const state of slots) held.set(slotOf(state.seq, size), state);
  const nowhere: number[] = [];
  for (let number = Math.max(1, lastSeq - size + 1); number < lastSeq; number += 1) {
    const state = held.get(((number - 1) % size) + 1);
    // A slot with trouble is skipped, so the number of that turn was never given.
    if (state === undefined || (state.seq < number && state.status === 'settled')) nowhere.push(number);
  }
  return nowhere;
}
