/**
 * The consumer's part of a comparison: what its mirror and the producer's digest say of each other, carried out. What is
 * said and done between comparisons is `consumer.ts`; the other end's part is `producer-comparison.ts`.
 * SPEC: DESIGN section 4.
 */
import { assertNever } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion } from '../link/entries.ts';
import type { RingDigest } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { SlotCopy, SlotState } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import { compareLane, type SlotPlan } from './compare.ts';
import type { ConsumerOutput } from './lane-io.ts';
import { numbersNowhere } from './listing.ts';
import type { Mirror } from './mirror.ts';

/** Compares, and carries out this end's steps. */
export function compareMirror(
  mirror: Mirror,
  theirs: RingDigest,
  occasion: DigestOccasion,
  now: Instant,
): ConsumerOutput[] {
  const { voice, write } = mirror;
  const plan = compareLane(theirs, mirror.digest());
  const isFirst = !voice.isInStep || occasion === 'first';
  switch (plan.verdict) {
    case 'first-contact':
      if (theirs.epoch === undefined) return [];
      voice.compared('in-step');
      return [...mirror.adopt(theirs.epoch, theirs.size), ...mirror.makeSure(now)];
    case 'producer-lost':
      voice.compared('in-step');
      return [...giveAll(mirror, now), ...mirror.makeSure(now)];
    case 'epoch-conflict':
      voice.compared('held');
      return [write.log('error', 'sync.epoch-conflict', { code: 'LINK_EPOCH_CONFLICT' })];
    case 'compared': {
      voice.compared('in-step');
      const steps = plan.slots.filter(({ slot, consumer }) => isFirst || !voice.isOnItsWay(slot, consumer?.seq, now));
      const outputs = [...steps.flatMap((step) => carryOutSlot(mirror, step, now)), ...mirror.makeSure(now)];
      return isFirst ? [write.compared(plan.slots), ...outputs] : outputs;
    }
    default:
      return assertNever(plan);
  }
}

/** The producer lost its store: this mirror is all that is left of the lane. */
function giveAll(mirror: Mirror, now: Instant): ConsumerOutput[] {
  const { ring, voice, write } = mirror;
  const unsettled = [...ring.copies()].filter(({ status }) => status !== 'settled');
  return [
    write.log('warn', 'sync.producer-lost', {
      slots: ring.inUse,
      nowhere: numbersText(numbersNowhere(mirror.digest())) || undefined,
      unknownAbove: ring.lastSeq,
    }),
    ...unsettled.map((copy) => voice.reconstruct(ring, copy, now)),
  ];
}

function carryOutSlot(mirror: Mirror, step: SlotPlan, now: Instant): ConsumerOutput[] {
  const { ring, voice, write } = mirror;
  const copy = ring.at(step.slot);
  if (copy === undefined) return [];
  switch (step.verdict) {
    case 'lost-status':
      return [voice.status(ring, copy, now)];
    case 'producer-went-back':
    case 'renumber':
      return [voice.reconstruct(ring, copy, now)];
    case 'consumer-went-back':
      return step.producer === undefined ? [] : catchUp(mirror, copy, step.producer, now);
    case 'conflict':
      // Nothing moves: it is not handed over either.
      mirror.waiting.remove(copy.seq);
      return [write.log('error', 'sync.content-conflict', { slot: step.slot, seq: copy.seq })];
    case 'equal':
    case 'lost-settle':
    case 'lost-forward':
      return step.producer === undefined ? [] : settleAsShown(mirror, copy, step.producer, now);
    default:
      return assertNever(step.verdict);
  }
}

/**
 * Shown by a higher number, or by the producer's own word: it must not be handed over while `settled` is on its way.
 * What is in flight gets its answer first.
 */
function settleAsShown(mirror: Mirror, copy: SlotCopy, shown: SlotState, now: Instant): ConsumerOutput[] {
  if (copy.status === 'in-flight') return [];
  const isOpen = isUnfinished(copy.status);
  // A higher number that a store has forgotten since may have settled it here without its outcome.
  const isBare = copy.status === 'settled' && copy.outcome === undefined && shown.outcome !== undefined;
  const isShown = (isOpen || isBare) && shown.seq === copy.seq && shown.status === 'settled';
  if (!isShown && (copy.status === 'settled' || shown.seq <= copy.seq)) return [];
  const settled: SlotCopy = { ...copy, ...(isShown ? shown : {}), status: 'settled', movedAt: now };
  mirror.put(settled);
  const { ring, write } = mirror;
  return [...(isOpen ? [mirror.wentBack(copy)] : []), write.persist([write.slot(ring, settled)])];
}

/**
 * The producer knows of attempts that this end forgot: their fate is unknown. What it knows as waiting for another
 * attempt may have been tried once more since, and that is counted too.
 */
function catchUp(mirror: Mirror, copy: SlotCopy, known: SlotState, now: Instant): ConsumerOutput[] {
  if (!isUnfinished(copy.status)) return [];
  const attempts = Math.max(copy.attempts, known.attempts + (known.status === 'mirrored' ? 1 : 0));
  const isDoubt = mirror.settings.repetition === 'doubt';
  const caughtUp: SlotCopy = {
    ...copy,
    status: isDoubt ? 'in-doubt' : 'mirrored',
    attempts,
    possibleDuplicate: true,
    movedAt: now,
  };
  mirror.put(caughtUp);
  return [
    mirror.write.log('error', 'ring.consumer-went-back', { seq: copy.seq, attempts }),
    ...mirror.keepAndTell(caughtUp, now),
    ...(isDoubt ? mirror.tryAgainInDoubt(caughtUp, now) : []),
  ];
}
