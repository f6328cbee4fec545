/** Any entry that a frame can carry, as fast-check draws them: every kind, every status, numbers up to the largest. */
import fc from 'fast-check';
import { errorCodes } from '../../../src/core/base/errors.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { Entry } from '../../../src/core/link/entries.ts';
import { digestOccasions } from '../../../src/core/link/entries.ts';
import { messageLimitBytes } from '../../../src/core/link/wire.ts';
import { isEpoch, type RingDigest } from '../../../src/core/ring/digest.ts';
import { type Outcome, outcomeSources } from '../../../src/core/ring/outcome.ts';
import { type Seq, seq, slotOf } from '../../../src/core/ring/sequence.ts';
import type { SlotState } from '../../../src/core/ring/slot.ts';
import { isOutcome, laneNames, type SlotStatus, statuses } from '../../../src/core/ring/status.ts';

const hex = (digits: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...digits), minLength: length, maxLength: length });
const lower = '0123456789abcdef';
const upper = '0123456789ABCDEF';

const lane = fc.constantFrom(...laneNames);
const anySeq = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.maxSafeInteger().map(Math.abs)).map((n) => seq(n || 1));
const count = fc.oneof(fc.nat(300), fc.maxSafeNat());
const position = fc.record({ run: fc.oneof(fc.constant(''), hex(lower, 32)), count });
const bytes = fc.uint8Array({ maxLength: messageLimitBytes, size: 'medium' });
const time = fc.double({ min: 0, max: 8e15, noNaN: true }).map((ms) => ms + 0);
const messageId = hex(lower, 32).map((id) =>
  [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'),
);
const stamp = fc.oneof(fc.constant(''), hex('0123456789', 12));

const status = fc.constantFrom(...statuses.filter((one): one is Exclude<SlotStatus, 'free'> => one !== 'free'));
const outcomeStatus = fc.constantFrom<Outcome['status'][]>('confirmed', 'refused', 'expired');

/** An outcome with its status; a settled one may have kept its outcome. */
const progress = fc
  .record({
    status,
    attempts: count,
    possibleDuplicate: fc.boolean(),
    outcome: fc.record({ status: outcomeStatus, stamp, errorCode: count, by: fc.constantFrom(...outcomeSources) }),
    keepsOutcome: fc.boolean(),
  })
  .map(({ keepsOutcome, outcome, ...state }) => {
    if (isOutcome(state.status)) return { ...state, outcome: { ...outcome, status: state.status } };
    return { ...state, outcome: state.status === 'settled' && keepsOutcome ? outcome : undefined };
  });

const stateOf = (number: Seq): fc.Arbitrary<SlotState> =>
  fc
    .tuple(progress, messageId, fc.oneof(fc.constant(''), hex(upper, 16)))
    .map(([state, id, contentHash]) => ({ ...state, seq: number, messageId: id, contentHash }));

/** As an end would tell it: at most one number per slot, in the order of slots, none above the highest. */
const digest: fc.Arbitrary<RingDigest> = fc
  .record({ size: fc.integer({ min: 1, max: 255 }), lastSeq: anySeq, distances: fc.uniqueArray(fc.nat(600)) })
  .chain(({ size, lastSeq, distances }) => {
    const bySlot = new Map<number, Seq>();
    for (const distance of distances) {
      if (distance < lastSeq) bySlot.set(slotOf(seq(lastSeq - distance), size), seq(lastSeq - distance));
    }
    const numbers = [...bySlot].sort(([a], [b]) => a - b).map(([, number]) => number);
    return fc.record({
      epoch: fc.oneof(fc.constant(undefined), hex(lower, 32).filter(isEpoch)),
      size: fc.constant(size),
      lastSeq: fc.constant(numbers.length === 0 ? 0 : lastSeq),
      producerSeen: position,
      slots: fc.tuple(...numbers.map(stateOf)),
    });
  });

export const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    type: fc.constant('digest' as const),
    lane,
    occasion: fc.constantFrom(...digestOccasions),
    digest,
  }),
  fc.record({
    type: fc.constant('place' as const),
    lane,
    seq: anySeq,
    messageId,
    bytes,
    attempts: count,
    fate: fc.constantFrom('known' as const, 'unknown' as const),
    position,
  }),
  fc.record({
    type: fc.constant('status' as const),
    lane,
    state: fc.tuple(anySeq, progress).map(([number, state]) => ({ seq: number, ...state })),
  }),
  fc.record({ type: fc.constant('settled' as const), lane, seq: anySeq, position }),
  fc.record({ type: fc.constant('reconstruct' as const), lane, state: anySeq.chain(stateOf), bytes }),
  fc.record({
    type: fc.constant('resolve' as const),
    lane,
    seq: anySeq,
    attempts: count,
    as: fc.constantFrom('sent' as const, 'not-sent' as const),
    by: fc.constantFrom('operator' as const, 'report' as const),
  }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    clock: time.map(instant),
    echo: time,
    heldMs: time,
    position,
  }),
  fc.record({
    type: fc.constant('session' as const),
    state: fc.constantFrom('up' as const, 'down' as const),
    forMs: time,
    code: fc.constantFrom(undefined, ...errorCodes),
    refusedWith: count,
  }),
);
