/** Compares what was read of both ends, by the same function that the roles use. Changes nothing. */
import { type Epoch, isEpoch, nothingSeen, type RingDigest } from '../../core/ring/digest.ts';
import { seq } from '../../core/ring/sequence.ts';
import type { SlotState } from '../../core/ring/slot.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { compareLane, type LanePlan, type SlotPlan } from '../../core/sync/compare.ts';
import type { LanePair } from '../ring/ring-pairs.ts';

export interface LaneComparison {
  readonly lane: LaneName;
  readonly plan: LanePlan;
  readonly bufferEpoch: string | undefined;
  readonly imServerEpoch: string | undefined;
  /** In doubt at the consumer: equal or not, they wait for an answer, a report or a decision. */
  readonly inDoubtSlots: readonly number[];
}

/** Undefined where not both ends were read. */
export function compareEnds(pair: LanePair): LaneComparison | undefined {
  if (pair.buffer === undefined || pair.imServer === undefined) return undefined;
  const [producer, consumer] = pair.lane === 'mt' ? [pair.imServer, pair.buffer] : [pair.buffer, pair.imServer];
  return {
    lane: pair.lane,
    plan: compareLane(digestOfView(producer), digestOfView(consumer)),
    bufferEpoch: pair.buffer.epoch,
    imServerEpoch: pair.imServer.epoch,
    inDoubtSlots: consumer.slots.filter(({ status }) => status === 'in-doubt').map(({ slot }) => slot),
  };
}

/** What must move: everything that is not equal. */
export function differencesOf({ plan }: LaneComparison): readonly SlotPlan[] {
  return plan.verdict === 'compared' ? plan.slots.filter(({ verdict }) => verdict !== 'equal') : [];
}

export function isInStep(comparison: LaneComparison): boolean {
  return comparison.plan.verdict === 'compared' && differencesOf(comparison).length === 0;
}

/** Neither end moves by itself: somebody has to decide. */
export function needsDecision(comparison: LaneComparison): boolean {
  if (comparison.plan.verdict === 'epoch-conflict') return true;
  return differencesOf(comparison).some(({ verdict }) => verdict === 'conflict');
}

/**
 * Whether one of the differences of `before` is still there. Messages go on moving while two ends are read one after
 * the other, so ends that are never quiet are in step when nothing stays as it was.
 */
export function isStillApart(before: LaneComparison, after: LaneComparison): boolean {
  if (after.plan.verdict !== 'compared') return true;
  if (before.plan.verdict !== 'compared') return differencesOf(after).length > 0;
  const known = new Set(differencesOf(before).map(keyOf));
  return differencesOf(after).some((slot) => known.has(keyOf(slot)));
}

function keyOf({ slot, verdict, producer, consumer }: SlotPlan): string {
  return [slot, verdict, producer?.seq, producer?.status, consumer?.seq, consumer?.status].join(' ');
}

function digestOfView(view: RingView): RingDigest {
  const slots = view.slots.flatMap((slot) => stateOfView(slot));
  return {
    epoch: epochOf(view),
    size: view.size,
    lastSeq: Math.max(0, ...slots.map((state) => state.seq)),
    slots,
    producerSeen: nothingSeen,
  };
}

function epochOf({ epoch }: RingView): Epoch | undefined {
  return isEpoch(epoch) ? epoch : undefined;
}

/** A copy whose bytes are missing shows no hash, as in a digest. SPEC: DESIGN section 11. */
function stateOfView(view: SlotView): SlotState[] {
  const { status, attempts, possibleDuplicate, outcome, messageId = '', contentHash = '' } = view;
  if (view.seq === undefined || status === 'free') return [];
  const isHollow = view.message === undefined && status !== 'settled';
  return [
    {
      seq: seq(view.seq),
      status,
      attempts,
      possibleDuplicate,
      outcome,
      messageId,
      contentHash: isHollow ? '' : contentHash,
    },
  ];
}
