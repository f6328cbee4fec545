/** Finds the message in doubt that somebody wants to decide, and the running role to tell. */
import { OperatorError } from '../../core/base/errors.ts';
import { exitStatus } from '../exit-status.ts';
import { copiesOf, type LanePair, pairRings, type SmscRings, slotAt } from './ring-pairs.ts';
import type { RingsOfDir } from './ring-source.ts';

export interface DoubtfulSlot {
  readonly smscId: string;
  /** Of a running role that holds this ring; the buffer's where both run, because it knows the answer first. */
  readonly stateDir: string;
  readonly pair: LanePair;
}

/** @throws OperatorError RING_SLOT_EMPTY, RING_SLOT_NOT_IN_DOUBT (3), CONTROL_UNREACHABLE (5), USAGE_MISSING_VALUE */
export function findDoubtful(dirs: readonly RingsOfDir[], slot: number, smscId: string | undefined): DoubtfulSlot {
  const rings = dirs.flatMap((dir) => dir.rings);
  const all = pairRings(rings, [], { smscId, side: 'both', lane: 'mt' });
  const holding = all.flatMap(({ smscId: id, lanes }) =>
    lanes.filter((pair) => statusesOf(pair, slot).length > 0).map((pair) => ({ smscId: id, pair })),
  );
  if (holding.length === 0) refuseEnded(all, slot);
  if (holding.length === 0) {
    throw new OperatorError({
      code: 'RING_SLOT_EMPTY',
      message: `Slot ${slot} of the mt ring holds nothing. Nothing was changed.`,
      hint: '`ringbridge ring inspect` lists the slots in use.',
      exitStatus: exitStatus.refused,
    });
  }
  const inDoubt = holding.filter(({ pair }) => statusesOf(pair, slot).includes('in-doubt'));
  const [found, other] = inDoubt;
  if (found === undefined) {
    const statuses = [...new Set(holding.flatMap(({ pair }) => statusesOf(pair, slot)))];
    throw new OperatorError({
      code: 'RING_SLOT_NOT_IN_DOUBT',
      message: `Slot ${slot} is ${statuses.join(' and ')}, not in doubt. Nothing was changed.`,
      hint: '`ringbridge ring inspect --status in-doubt` lists those that wait for a decision.',
      exitStatus: exitStatus.refused,
    });
  }
  if (other !== undefined) {
    throw new OperatorError({
      code: 'USAGE_MISSING_VALUE',
      message: `Slot ${slot} is in doubt at ${inDoubt.map((each) => each.smscId).join(' and ')}.`,
      hint: 'Say which with --smsc-id.',
    });
  }
  return { ...found, stateDir: runningDir(dirs, found.smscId) };
}

/** A settled slot shows how its message ended; it was decided, or needed no decision. */
function refuseEnded(all: readonly SmscRings[], slot: number): void {
  const views = all.flatMap(({ lanes }) => lanes.flatMap((pair) => copiesOf(pair).map((ring) => slotAt(ring, slot))));
  const settled = views.find((view) => view?.status === 'settled');
  if (settled === undefined) return;
  const { outcome } = settled;
  const how = outcome === undefined ? '' : ` as ${outcome.status}${outcome.by === 'answer' ? '' : ` by ${outcome.by}`}`;
  throw new OperatorError({
    code: 'RING_SLOT_NOT_IN_DOUBT',
    message: `The message in slot ${slot} has ended${how}, and is not in doubt. Nothing was changed.`,
    hint: `\`ringbridge ring inspect ${slot}\` shows it; with --status in-doubt it lists those that wait for a decision.`,
    exitStatus: exitStatus.refused,
  });
}

function statusesOf({ buffer, imServer }: LanePair, slot: number): readonly string[] {
  const statuses = [slotAt(buffer, slot), slotAt(imServer, slot)].map((view) => view?.status);
  return statuses.filter((status) => status !== undefined && status !== 'free' && status !== 'settled').map(String);
}

function runningDir(dirs: readonly RingsOfDir[], smscId: string): string {
  const holding = dirs.filter((dir) => dir.rings.some((ring) => ring.smscId === smscId));
  const running = holding.filter((dir) => dir.state === 'running');
  const chosen = running.find((dir) => dir.role === 'buffer') ?? running[0];
  if (chosen !== undefined) return chosen.stateDir;
  throw new OperatorError({
    code: 'CONTROL_UNREACHABLE',
    message: `No role is running that holds the rings of ${smscId} (${holding.map((dir) => dir.stateDir).join(', ')}). Nothing was changed.`,
    hint: 'Start the buffer, or the IM server, and decide then.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}
