/**
 * Brings two ends into step: running ones compare over their link and are looked at until what was apart no longer is;
 * two stopped ones are carried here for as long as it takes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import { callControl } from '../../shell/control-client.ts';
import { exitStatus } from '../exit-status.ts';
import { pairRings, type Side } from '../ring/ring-pairs.ts';
import { type AllRings, readAllRings } from '../ring/ring-source.ts';
import { compareEnds, isInStep, isStillApart } from './lane-comparison.ts';
import type { SmscComparison } from './plan-lines.ts';
import { findSurrenders, isBeingHandedOver, type Surrender } from './surrender.ts';

/** What was last seen; `apart`: the time was over. */
export interface CarriedOut {
  readonly result: 'in-step' | 'apart';
  readonly smscs: readonly SmscComparison[];
}

/** Rings are looked at again after this; the comparison itself takes a round trip. */
const pollMs = 200;

/** @throws OperatorError CONFIG_BAD_VALUE where the directories are not the two ends of one ring */
export async function compareDirs(
  stateDirs: readonly string[],
  smscId: string | undefined,
): Promise<{ readonly read: AllRings; readonly smscs: readonly SmscComparison[] }> {
  const read = await readAllRings(stateDirs);
  const smscs = comparisonsOf(read, smscId);
  if (smscs.length > 0) return { read, smscs };
  const roles = read.dirs.map((dir) => `${dir.stateDir}: ${dir.role} of ${smscIdsOf(dir.rings)}`);
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `These are not both ends of ${smscId === undefined ? 'one ring' : smscId} (${roles.join('; ')}).`,
    hint: 'Give the state directory of a buffer and that of its IM server.',
  });
}

/** Of every SMSC of which both ends were read. */
export function comparisonsOf(read: AllRings, smscId: string | undefined): readonly SmscComparison[] {
  return pairRings(read.rings, read.links, { smscId, side: 'both', lane: undefined }).flatMap((rings) => {
    const lanes = rings.lanes.flatMap((pair) => {
      const consumer = pair.lane === 'mt' ? 'buffer' : 'im-server';
      const dir = read.dirs.find(({ role, rings: own }) => {
        return role === consumer && own.some(({ smscId: id }) => id === rings.smscId);
      });
      return compareEnds(pair, { storeId: dir?.store?.id }) ?? [];
    });
    return lanes.length === 0 ? [] : [{ smscId: rings.smscId, link: rings.link, lanes }];
  });
}

/**
 * Has both ends compare, as soon as the link is up, and waits until nothing of the plan is left.
 *
 * @param surrenders what is let go of first, exported already
 * @throws OperatorError CONTROL_UNREACHABLE, LINK_UNREACHABLE (5) where the link did not come up in time
 */
export async function carryOut(
  read: AllRings,
  before: readonly SmscComparison[],
  timeoutMs: number,
  surrenders: readonly Surrender[] = [],
): Promise<CarriedOut> {
  if (areStopped(read)) return carryOutStopped(read, before, timeoutMs, surrenders);
  refuseHalf(read);
  for (const { stateDir, ring, letGo } of surrenders) {
    await callControl(stateDir, 'POST /prefer', { smscId: ring.smscId, lane: ring.lane, ...letGo });
  }
  const deadline = performance.now() + timeoutMs;
  const smscIds = before.map(({ smscId }) => smscId);
  for (const { stateDir, rings } of read.dirs) {
    for (const smscId of smscIds) {
      if (rings.some((ring) => ring.smscId === smscId)) await compareWhenUp(stateDir, smscId, deadline);
    }
  }
  const stateDirs = read.dirs.map((dir) => dir.stateDir);
  for (;;) {
    const all = (await compareDirs(stateDirs, undefined)).smscs;
    const smscs = all.filter(({ smscId }) => smscIds.includes(smscId));
    if (smscs.every((after) => isDone(before, after))) return { result: 'in-step', smscs };
    if (performance.now() >= deadline) return { result: 'apart', smscs };
    await pause(pollMs);
  }
}

/**
 * Reads the rings again until nothing that is to be let go of is being handed over.
 *
 * @throws OperatorError SYNC_NO_CONFLICT where they got into step meanwhile; SYNC_CHANGED (3) when the time is over
 */
export async function surrendersAtRest(
  stateDirs: readonly string[],
  smscId: string | undefined,
  prefer: Side,
  timeoutMs: number,
) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { read, smscs } = await compareDirs(stateDirs, smscId);
    const surrenders = findSurrenders(read, smscs, prefer);
    // Of a role that is stopped nothing is on its way any more.
    if (areStopped(read) || !surrenders.some(isBeingHandedOver)) return { read, smscs, surrenders };
    if (performance.now() >= deadline) {
      throw new OperatorError({
        code: 'SYNC_CHANGED',
        message: 'A message that is to be let go of is still being handed over. Nothing was let go of.',
        hint: 'Wait until the SMSC has answered, at most the answer timeout of the buffer, and run it again.',
        exitStatus: exitStatus.refused,
        retryable: true,
      });
    }
    await pause(pollMs);
  }
}

function areStopped(read: AllRings): boolean {
  return read.dirs.every((dir) => dir.state === 'stopped');
}

/** A buffer that lost its IM server for long dials only every half minute: a link that is down now may be up in a moment. */
async function compareWhenUp(stateDir: string, smscId: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      await callControl(stateDir, 'POST /compare', { smscId });
      return;
    } catch (error) {
      const isDown = error instanceof OperatorError && error.code === 'LINK_UNREACHABLE';
      if (!isDown || performance.now() >= deadline) throw error;
    }
    await pause(pollMs);
  }
}

async function carryOutStopped(
  read: AllRings,
  before: readonly SmscComparison[],
  timeoutMs: number,
  surrenders: readonly Surrender[],
) {
  const { syncStopped } = await import('../../shell/offline-sync.ts');
  const { createLogger } = await import('../../shell/logger.ts');
  const logger = await createLogger({ role: 'sync-replay', level: 'error' });
  const imServerDir = read.dirs.find((dir) => dir.role === 'im-server')?.stateDir;
  for (const { smscId } of before) {
    const isBufferOf = (dir: AllRings['dirs'][number]) =>
      dir.role === 'buffer' && dir.rings.some((ring) => ring.smscId === smscId);
    const bufferDir = read.dirs.find(isBufferOf)?.stateDir;
    if (bufferDir === undefined || imServerDir === undefined) continue;
    const own = surrenders.filter(({ ring }) => ring.smscId === smscId);
    const letGo = own.map(({ ring, letGo: what }) => ({ side: ring.side, lane: ring.lane, letGo: what }));
    await syncStopped({ smscId, bufferDir, imServerDir, timeoutMs, letGo, log: logger.log });
  }
  logger.flush();
  const stateDirs = read.dirs.map((dir) => dir.stateDir);
  const after = (await compareDirs(stateDirs, undefined)).smscs;
  const smscs = after.filter(({ smscId }) => before.some((one) => one.smscId === smscId));
  return {
    result: smscs.every((smsc) => smsc.lanes.every(isInStep)) ? ('in-step' as const) : ('apart' as const),
    smscs,
  };
}

function isDone(before: readonly SmscComparison[], after: SmscComparison): boolean {
  const earlier = before.find(({ smscId }) => smscId === after.smscId);
  return after.lanes.every((lane) => {
    const then = earlier?.lanes.find((each) => each.lane === lane.lane);
    return then !== undefined && !isStillApart(then, lane);
  });
}

/** @throws OperatorError CONTROL_UNREACHABLE (5) where one role runs and another does not */
export function refuseHalf(read: AllRings): void {
  const stopped = read.dirs.filter((dir) => dir.state === 'stopped');
  if (stopped.length === 0 || areStopped(read)) return;
  throw new OperatorError({
    code: 'CONTROL_UNREACHABLE',
    message: `One end runs, the other does not: ${stopped.map((dir) => `${dir.role} (${dir.stateDir})`).join(', ')}. Nothing was changed.`,
    hint: 'Start that role: both compare as soon as the link is up. Two stopped ends are brought into step by themselves.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}

function smscIdsOf(rings: AllRings['rings']): string {
  const ids = [...new Set(rings.map((ring) => ring.smscId))];
  return ids.length === 0 ? 'no SMSC yet' : ids.join(', ');
}
