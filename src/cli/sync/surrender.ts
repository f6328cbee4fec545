/**
 * What the losing end of each conflict lets go of, as it was read: found from the plan, exported, then asked for. Whoever
 * carries it out compares it with what is held by then.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { numbersText } from '../../core/ring/numbers.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import type { LetGo } from '../../core/sync/let-go.ts';
import { exitStatus } from '../exit-status.ts';
import type { Side } from '../ring/ring-pairs.ts';
import type { AllRings } from '../ring/ring-source.ts';
import { differencesOf, type LaneComparison, needsDecision } from './lane-comparison.ts';
import type { SmscComparison } from './plan-lines.ts';

export interface Surrender {
  /** Of the end that lets go. */
  readonly stateDir: string;
  readonly ring: RingView;
  readonly letGo: LetGo;
  readonly slots: readonly SlotView[];
}

/** @throws OperatorError SYNC_NO_CONFLICT (3) where both ends agree, or get into step by themselves */
export function findSurrenders(
  read: AllRings,
  smscs: readonly SmscComparison[],
  prefer: Side,
): readonly [Surrender, ...Surrender[]] {
  const loser: Side = prefer === 'buffer' ? 'im-server' : 'buffer';
  const [first, ...others] = smscs.flatMap(({ smscId, lanes }) =>
    lanes.filter(needsDecision).flatMap((comparison) => surrenderOf(read, smscId, comparison, loser) ?? []),
  );
  if (first !== undefined) return [first, ...others];
  throw new OperatorError({
    code: 'SYNC_NO_CONFLICT',
    message: `There is no conflict between the two ends of ${smscs.map(({ smscId }) => smscId).join(', ')}. Nothing was changed.`,
    hint: 'Without --prefer the two ends are brought into step, and neither loses anything.',
    exitStatus: exitStatus.refused,
  });
}

function surrenderOf(read: AllRings, smscId: string, comparison: LaneComparison, loser: Side): Surrender | undefined {
  const { lane, plan } = comparison;
  const isIt = (ring: RingView): boolean => ring.smscId === smscId && ring.lane === lane && ring.side === loser;
  const dir = read.dirs.find(({ rings }) => rings.some(isIt));
  const ring = dir?.rings.find(isIt);
  if (dir === undefined || ring === undefined) return undefined;
  const scope = plan.verdict === 'compared' ? 'slots' : 'ring';
  const inConflict = new Set(
    differencesOf(comparison).flatMap(({ slot, verdict }) => (verdict === 'conflict' ? [Number(slot)] : [])),
  );
  const slots = ring.slots.filter(({ slot, status }) => {
    return scope === 'slots' ? inConflict.has(slot) : status !== 'free' && status !== 'settled';
  });
  const held = slots.map(({ seq = 0, contentHash = '' }) => ({ seq, contentHash }));
  return { stateDir: dir.stateDir, ring, letGo: { scope, epoch: ring.epoch ?? '', held }, slots };
}

/** What is let go of, and what becomes of it, for whoever has to agree. */
export function surrenderLine({ ring, letGo, slots }: Surrender): string {
  const { smscId, side, lane, end } = ring;
  const what = slots.length === 1 ? '1 message' : `${slots.length} messages`;
  const numbers = slots.length === 0 ? '' : ` (${numbersText(slots.map(({ seq = 0 }) => seq))})`;
  const fate =
    end === 'producer' && letGo.scope === 'ring'
      ? 'placed again under new numbers, marked where they may have arrived'
      : "the other end's copies stay";
  return `let go   ${smscId}: ${what}${numbers} of the ${side}'s ${lane} ring, exported first; ${fate}`;
}

export function surrenderDocument({ ring, letGo, slots }: Surrender, file: string | undefined): object {
  const { smscId, side, lane } = ring;
  return { smscId, side, lane, scope: letGo.scope, numbers: slots.map(({ seq = 0 }) => seq), file: file ?? null };
}

/** A message that is being handed over has its answer within the answer timeout; until then nobody can let go of it. */
export function isBeingHandedOver({ ring, slots }: Surrender): boolean {
  return ring.end === 'consumer' && slots.some(({ status }) => status === 'in-flight');
}
