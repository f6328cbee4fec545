/** Compares what was read of both ends, by the same function that the roles use. Changes nothing. */
import { type Epoch, isEpoch, nothingSeen, type RingDigest } from '../../core/ring/digest.ts';
import { seq } from '../../core/ring/sequence.ts';
import type { SlotState } from '../../core/ring/slot.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { compareLane, type LanePlan, type SlotPlan } from '../../core/sync/compare.ts';
import { isFateUnknown, numbersNowhere, numbersOfVerdicts } from '../../core/sync/listing.ts';
import type { LanePair } from '../ring/ring-pairs.ts';

export interface LaneComparison {
  readonly lane: LaneName;
  readonly plan: LanePlan;
  readonly bufferEpoch: string | undefined;
  readonly imServerEpoch: string | undefined;
  /** In doubt at the consumer: equal or not, they wait for an answer, a report or a decision. */
  readonly inDoubtSlots: readonly number[];
  readonly fates: LaneFates;
}

/** What becomes of single messages, by sequence number, where the plan is carried out. */
export interface LaneFates {
  /** Placed at a consumer that does not hold them. */
  readonly placed: readonly number[];
  /** Of these and of what a consumer forgot: nobody knows whether they were handed over. */
  readonly unknown: readonly number[];
  /** Given once, perhaps, and held by neither end. */
  readonly nowhere: readonly number[];
  /** Only of a producer that lost its store: what it gave above this number is not known; undefined otherwise. */
  readonly unknownAbove: number | undefined;
}

/** Who is at the other end of the lane, as far as it says. */
export interface ConsumerStore {
  readonly storeId: string | undefined;
}

/** Undefined where not both ends were read. */
export function compareEnds(pair: LanePair, { storeId }: ConsumerStore): LaneComparison | undefined {
  if (pair.buffer === undefined || pair.imServer === undefined) return undefined;
  const [producer, consumer] = pair.lane === 'mt' ? [pair.imServer, pair.buffer] : [pair.buffer, pair.imServer];
  const plan = compareLane(digestOfView(producer), digestOfView(consumer));
  return {
    lane: pair.lane,
    plan,
    bufferEpoch: pair.buffer.epoch,
    imServerEpoch: pair.imServer.epoch,
    inDoubtSlots: consumer.slots.filter(({ status }) => status === 'in-doubt').map(({ slot }) => slot),
    fates: fatesOf(plan, producer, consumer, storeId),
  };
}

function fatesOf(plan: LanePlan, producer: RingView, consumer: RingView, storeId: string | undefined): LaneFates {
  const { mirrorStore } = producer;
  const mirror = mirrorStore !== undefined && storeId !== undefined && mirrorStore !== storeId ? 'new' : 'same';
  const again = plan.verdict === 'first-contact' ? producer.slots.filter(isUnsettled) : lostForward(plan, producer);
  const numbers = (views: readonly SlotView[]) => views.flatMap(({ seq: number }) => number ?? []);
  const placed = again.filter(({ message }) => message !== undefined);
  const isUnknown = ({ status, isOffered }: SlotView) =>
    isFateUnknown({ status, isOffered: isOffered === true }, mirror);
  const forgotten = plan.verdict === 'compared' ? (numbersOfVerdicts(plan.slots).get('consumer-went-back') ?? []) : [];
  const isLost = plan.verdict === 'producer-lost';
  const mirrored = digestOfView(consumer);
  return {
    placed: numbers(placed),
    unknown: [...numbers(placed.filter(isUnknown)), ...forgotten].sort((a, b) => a - b),
    nowhere: isLost ? numbersNowhere(mirrored) : numbers(again.filter(({ message }) => message === undefined)),
    unknownAbove: isLost ? mirrored.lastSeq : undefined,
  };
}

function lostForward(plan: LanePlan, producer: RingView): readonly SlotView[] {
  const slots = plan.verdict === 'compared' ? plan.slots.filter(({ verdict }) => verdict === 'lost-forward') : [];
  const wanted = new Set(slots.map(({ slot }) => Number(slot)));
  return producer.slots.filter(({ slot }) => wanted.has(slot));
}

function isUnsettled({ status }: SlotView): boolean {
  return status !== 'free' && status !== 'settled';
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
