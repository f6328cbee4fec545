/**
 * Checks the rings of state directories: what is on disk, what the two ends say of each other, and every move that was
 * recorded. Reads only. What is in motion is looked at twice, so that a message on its way is not taken for a fault.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { isUnfinished } from '../../core/ring/status.ts';
import { MessageBytes } from '../../core/roles/message-bytes.ts';
import { readCopiedRings } from '../../shell/copied-rings.ts';
import { sha256 } from '../../shell/hashing.ts';
import { Timeline } from '../../shell/recording/timeline.ts';
import { type RingsOnDisk, readRingRecords } from '../../shell/ring-records.ts';
import { valueCodec } from '../../shell/values.ts';
import { differencesOf } from '../sync/lane-comparison.ts';
import { comparisonsOf } from '../sync/replay.ts';
import type { BrokenRule } from './broken-rule.ts';
import { brokenBetween, brokenInHistory } from './history-rules.ts';
import { type AllRings, readAllRings } from './ring-source.ts';
import { brokenInStore, brokenPositions } from './store-rules.ts';

export interface CheckedDir {
  readonly stateDir: string;
  readonly side: string;
  /** Slots with something in them. */
  readonly slots: number;
  /** What was recorded; undefined where nothing was. */
  readonly history:
    | {
        readonly inputs: number;
        readonly moves: number;
        readonly from: number | undefined;
        readonly to: number | undefined;
      }
    | undefined;
}

export interface Verification {
  readonly dirs: readonly CheckedDir[];
  /** SMSCs of which both ends were compared. */
  readonly compared: readonly string[];
  readonly broken: readonly BrokenRule[];
}

const messages = new MessageBytes(valueCodec, sha256);

/** @throws OperatorError of `readRings` and of recordings that cannot be opened */
export async function verify(stateDirs: readonly string[]): Promise<Verification> {
  const onDisk = await Promise.all(stateDirs.map(recordsOf));
  const broken = onDisk.flatMap((rings, index) => brokenInStore(rings, messages, stateDirs[index] ?? ''));
  // A store with a record that cannot be read gives no rings to compare.
  const isReadable = broken.every(({ rule }) => rule !== 'record-readable');
  const read = isReadable ? await readAllRings(stateDirs) : undefined;
  if (read !== undefined) broken.push(...(await brokenBetweenEnds(read, stateDirs)));
  broken.push(...(await storesSetBack(onDisk, stateDirs)));
  const dirs = stateDirs.map((stateDir, index): CheckedDir => {
    const state = read?.dirs.find((dir) => dir.stateDir === stateDir);
    const { history, found } = checkRecording(stateDir, state);
    broken.push(...found);
    const rings = onDisk[index];
    return { stateDir, side: rings?.role ?? '', slots: slotsOf(rings), history };
  });
  const compared = read === undefined ? [] : comparisonsOf(read, undefined).map(({ smscId }) => smscId);
  return { dirs, compared, broken };
}

/** A copy from a bundle has no records, only what they said. */
async function recordsOf(stateDir: string): Promise<RingsOnDisk> {
  const copied = await readCopiedRings(stateDir);
  return copied === undefined ? readRingRecords(stateDir) : { role: copied.role, lanes: [], hasBeenAt: () => true };
}

/** Running roles go on between the reading of one store and of the other, so what was found is looked for once more. */
async function storesSetBack(
  onDisk: readonly RingsOnDisk[],
  stateDirs: readonly string[],
): Promise<readonly BrokenRule[]> {
  if (brokenPositions(onDisk, onDisk, stateDirs).length === 0) return [];
  const later = await Promise.all(stateDirs.map(recordsOf));
  return brokenPositions(onDisk, later, stateDirs);
}

function slotsOf(rings: RingsOnDisk | undefined): number {
  return rings?.lanes.reduce((sum, { slots }) => sum + slots.length, 0) ?? 0;
}

async function brokenBetweenEnds(read: AllRings, stateDirs: readonly string[]): Promise<readonly BrokenRule[]> {
  const found = contradictions(read);
  if (found.length === 0 || read.dirs.every(({ state }) => state !== 'running')) return found;
  const again = new Set(contradictions(await readAllRings(stateDirs)).map(keyOf));
  return found.filter((one) => again.has(keyOf(one)));
}

function contradictions(read: AllRings): readonly BrokenRule[] {
  return comparisonsOf(read, undefined).flatMap(({ smscId, lanes }) =>
    lanes.flatMap((comparison): BrokenRule[] => {
      const { lane, plan } = comparison;
      const where = { stateDir: read.dirs.map(({ stateDir }) => stateDir).join(', '), side: 'both', smscId, lane };
      if (plan.verdict === 'epoch-conflict') {
        return [
          {
            ...where,
            rule: 'ends-agree',
            text: 'the two ends have different epochs, and both have unfinished messages',
          },
        ];
      }
      return differencesOf(comparison).flatMap(({ slot, verdict, producer, consumer }): BrokenRule[] => {
        const place = { ...where, slot, seq: producer?.seq ?? consumer?.seq ?? 0 };
        if (verdict === 'conflict') {
          return [{ ...place, rule: 'ends-agree', text: 'the two ends hold different contents of one message' }];
        }
        if (producer === undefined || consumer === undefined || consumer.seq >= producer.seq) return [];
        if (!isUnfinished(consumer.status)) return [];
        const text = `the consumer has number ${consumer.seq} ${consumer.status}, the producer gave the slot to ${producer.seq}`;
        return [{ ...place, rule: 'ended-before-reuse', text }];
      });
    }),
  );
}

function keyOf({ rule, smscId, lane, slot, seq }: BrokenRule): string {
  return [rule, smscId, lane, slot, seq].join(' ');
}

function checkRecording(
  stateDir: string,
  state: AllRings['dirs'][number] | undefined,
): { readonly history: CheckedDir['history']; readonly found: readonly BrokenRule[] } {
  const timeline = new Timeline(stateDir);
  try {
    timeline.readOn();
  } catch (error) {
    // Most roles are not recorded, and that breaks no rule.
    if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return { history: undefined, found: [] };
    throw error;
  }
  const { inputs, moves, broken, isEnded } = brokenInHistory(timeline, stateDir, state?.role);
  const { from, to } = timeline;
  const isComparable = isEnded && state !== undefined && state.state !== 'running' && to !== undefined;
  const between = isComparable ? brokenBetween(timeline.now.rings, state.rings, { stateDir, to }) : [];
  return { history: { inputs, moves, from, to }, found: [...broken, ...between] };
}
