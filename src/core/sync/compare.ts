/**
 * Compares the two ends of one lane: two digests in, a plan out. Pure; `producer-comparison.ts` and `consumer-comparison.ts` carry
 * out the plan, each its own steps, and `sync replay --dry-run` prints it. SPEC: DESIGN section 4, first row that fits.
 */
import type { RingDigest } from '../ring/digest.ts';
import { type SlotIndex, slotOf } from '../ring/sequence.ts';
import { compareProgress, type SlotState } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';

export const slotVerdicts = [
  'equal',
  'conflict',
  'renumber',
  'lost-status',
  'lost-settle',
  'consumer-went-back',
  'producer-went-back',
  'lost-forward',
] as const;

export type SlotVerdict = (typeof slotVerdicts)[number];

export interface SlotPlan {
  readonly slot: SlotIndex;
  readonly verdict: SlotVerdict;
  readonly producer: SlotState | undefined;
  readonly consumer: SlotState | undefined;
}

export type LanePlan =
  /** The producer has no epoch, the consumer has: the producer takes over what the consumer's digest shows. */
  | { readonly verdict: 'producer-lost' }
  /** The consumer takes the producer's epoch; the producer makes one if it has none. */
  | { readonly verdict: 'first-contact' }
  /** Two epochs and messages unfinished at the consumer: nothing moves until somebody decides. */
  | { readonly verdict: 'epoch-conflict' }
  | { readonly verdict: 'compared'; readonly slots: readonly SlotPlan[] };

/** What each verdict makes the ends do, in words for people and for tables. */
export const stepOf: Readonly<Record<SlotVerdict | Exclude<LanePlan['verdict'], 'compared'>, string>> = {
  'producer-lost': 'producer takes epoch, slots and next number from the mirror',
  'first-contact': "consumer adopts the producer's epoch",
  'epoch-conflict': 'nothing moves; needs a decision',
  equal: 'nothing to do',
  conflict: 'nothing moves; needs a decision',
  renumber: "the consumer's message stays; the producer's own gets a new number",
  'lost-status': 'consumer sends its status again',
  'lost-settle': 'producer sends settled again',
  'consumer-went-back': 'consumer marks it in doubt',
  'producer-went-back': "producer adopts the consumer's message",
  'lost-forward': 'producer places it again',
};

export function compareLane(producer: RingDigest, consumer: RingDigest): LanePlan {
  if (producer.epoch === undefined) {
    return { verdict: consumer.epoch === undefined ? 'first-contact' : 'producer-lost' };
  }
  if (consumer.epoch !== producer.epoch) {
    const isBusy = consumer.epoch !== undefined && consumer.slots.some((state) => isUnfinished(state.status));
    return { verdict: isBusy ? 'epoch-conflict' : 'first-contact' };
  }
  return { verdict: 'compared', slots: compareSlots(producer, consumer) };
}

/** The plan of every slot that either end ever used, in the order of the producer's numbers, then of slots. */
function compareSlots(producer: RingDigest, consumer: RingDigest): SlotPlan[] {
  const size = producer.size;
  const theirs = new Map(consumer.slots.map((state) => [slotOf(state.seq, size), state]));
  const plans: SlotPlan[] = [];
  for (const mine of [...producer.slots].sort((a, b) => a.seq - b.seq)) {
    const slot = slotOf(mine.seq, size);
    const other = theirs.get(slot);
    theirs.delete(slot);
    plans.push({ slot, verdict: compareSlot(mine, other), producer: mine, consumer: other });
  }
  for (const [slot, state] of theirs) {
    plans.push({ slot, verdict: 'producer-went-back', producer: undefined, consumer: state });
  }
  return plans;
}

export function compareSlot(producer: SlotState, consumer: SlotState | undefined): SlotVerdict {
  if (consumer === undefined || consumer.seq < producer.seq) {
    return producer.status === 'settled' ? 'equal' : 'lost-forward';
  }
  if (consumer.seq > producer.seq) return 'producer-went-back';
  if (consumer.messageId !== producer.messageId) return 'renumber';
  // A producer that took the slot over from a digest and never got the bytes.
  if (producer.contentHash === '') return 'producer-went-back';
  if (consumer.contentHash !== producer.contentHash) return 'conflict';
  const progress = compareProgress(consumer, producer);
  if (progress > 0) return 'lost-status';
  if (progress === 0) return 'equal';
  return producer.status === 'settled' ? 'lost-settle' : 'consumer-went-back';
}

/** How many slots of each verdict, `equal` included; for reports and logs. */
export function countVerdicts(slots: readonly SlotPlan[]): ReadonlyMap<SlotVerdict, number> {
  const counts = new Map<SlotVerdict, number>();
  for (const { verdict } of slots) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return counts;
}
