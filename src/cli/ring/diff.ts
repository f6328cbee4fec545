/**
 * The three views of a ring side by side: the buffer's copy, the IM server's, and what the recordings of both say, with
 * the verdict that a comparison of the two ends comes to. What changes while it looks was on its way. Reads only.
 * SPEC: DESIGN section 4.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { type SlotVerdict, stepOf } from '../../core/sync/compare.ts';
import { Timeline } from '../../shell/recording/timeline.ts';
import type { LaneComparison } from '../sync/lane-comparison.ts';
import type { SmscComparison } from '../sync/plan-lines.ts';
import { compareDirs } from '../sync/replay.ts';
import type { BrokenRule } from './broken-rule.ts';
import { brokenReading } from './history-rules.ts';
import type { Side } from './ring-pairs.ts';
import type { AllRings } from './ring-source.ts';

/** One slot in which views differ. */
export interface SlotDifference {
  readonly lane: LaneName;
  readonly slot: number;
  readonly buffer: SlotView | undefined;
  readonly imServer: SlotView | undefined;
  /** As recorded last; undefined where nothing is recorded of that end, or it is free. */
  readonly recorded: Readonly<Record<Side, SlotView | undefined>>;
  readonly verdict: SlotVerdict;
  readonly step: string;
  /** Ends whose recording says something else than they do. */
  readonly unlikeRecorded: readonly Side[];
  /** `on-its-way`: it changed while it was looked at. */
  readonly state: 'apart' | 'on-its-way';
}

export interface SmscDiff {
  readonly smsc: SmscComparison;
  readonly differences: readonly SlotDifference[];
}

export interface RingDiff {
  readonly smscs: readonly SmscDiff[];
  /** Of which ends there is a recording. */
  readonly recorded: readonly Side[];
  /** Recordings that cannot be read to their end: what they say of the rings is not compared, or not all of it. */
  readonly broken: readonly BrokenRule[];
}

/** A passing status waits for up to 100 ms before it is told, and a recorder as long before it writes. */
const settleMs = 300;

/** @throws OperatorError CONFIG_BAD_VALUE where the directories are not the two ends of one ring; those of `readRings` */
export async function diffRings(stateDirs: readonly string[], smscId: string | undefined): Promise<RingDiff> {
  const recordings = new Recordings(stateDirs);
  const first = await look(stateDirs, smscId, recordings);
  const isQuiet = first.read.dirs.every(({ state }) => state !== 'running') || first.smscs.every(isEqual);
  if (isQuiet) return { smscs: first.smscs, recorded: recordings.sides, broken: recordings.broken(first.read) };
  const rttMs = Math.max(0, ...first.read.links.map((link) => link.rttMs ?? 0));
  await pause(settleMs + 2 * rttMs);
  const second = await look(stateDirs, smscId, recordings);
  const before = new Set(first.smscs.flatMap(({ smsc, differences }) => differences.map((one) => keyOf(smsc, one))));
  const smscs = second.smscs.map(({ smsc, differences }) => ({
    smsc,
    differences: differences.map(
      (one): SlotDifference => (before.has(keyOf(smsc, one)) ? one : { ...one, state: 'on-its-way' }),
    ),
  }));
  return { smscs, recorded: recordings.sides, broken: recordings.broken(second.read) };
}

/** Whether nothing differs but what is on its way, and everything that there is was compared. */
export function isInOrder(diff: RingDiff): boolean {
  return !isApart(diff) && diff.broken.length === 0;
}

/** Whether something differs that is not on its way. */
export function isApart({ smscs }: RingDiff): boolean {
  return smscs.some(
    ({ smsc, differences }) =>
      smsc.lanes.some(({ plan }) => plan.verdict !== 'compared' && !isFirstContact(plan.verdict)) ||
      differences.some(({ state }) => state === 'apart'),
  );
}

/** Nothing was ever placed by either end. */
function isFirstContact(verdict: LaneComparison['plan']['verdict']): boolean {
  return verdict === 'first-contact';
}

function isEqual({ differences }: SmscDiff): boolean {
  return differences.length === 0;
}

async function look(
  stateDirs: readonly string[],
  smscId: string | undefined,
  recordings: Recordings,
): Promise<{ readonly read: AllRings; readonly smscs: readonly SmscDiff[] }> {
  const { read, smscs } = await compareDirs(stateDirs, smscId);
  const recorded = recordings.now();
  return { read, smscs: smscs.map((smsc) => ({ smsc, differences: differencesIn(smsc, read, recorded) })) };
}

function differencesIn(smsc: SmscComparison, read: AllRings, recorded: RecordedRings): readonly SlotDifference[] {
  return smsc.lanes.flatMap(({ lane, plan }) => {
    const views = new LaneViews(smsc.smscId, lane, read.rings, recorded);
    const plans = plan.verdict === 'compared' ? plan.slots : [];
    return plans.flatMap(({ slot, verdict }): SlotDifference[] => {
      const unlikeRecorded = views.unlikeRecorded(slot);
      if (verdict === 'equal' && unlikeRecorded.length === 0) return [];
      const step = unlikeRecorded.length === 0 ? stepOf[verdict] : recordingStep(verdict, unlikeRecorded);
      return [{ lane, slot, ...views.at(slot), verdict, step, unlikeRecorded, state: 'apart' }];
    });
  });
}

function recordingStep(verdict: SlotVerdict, sides: readonly Side[]): string {
  const recording = `the recording of ${sides.join(' and ')} says otherwise`;
  return verdict === 'equal' ? recording : `${stepOf[verdict]}; ${recording}`;
}

function keyOf(
  { smscId }: SmscComparison,
  { lane, slot, verdict, buffer, imServer, unlikeRecorded }: SlotDifference,
): string {
  const [one, other] = [buffer, imServer].map((view) => `${view?.seq} ${view?.status} ${view?.attempts}`);
  return [smscId, lane, slot, verdict, one, other, ...unlikeRecorded].join(', ');
}

interface RecordedRings {
  readonly rings: readonly RingView[];
  /** When the last of it was recorded, by end; milliseconds since 1970. */
  readonly until: ReadonlyMap<Side, number>;
}

/** The recordings that there are, read on each time they are looked at. */
class Recordings {
  readonly #read: readonly { readonly stateDir: string; readonly timeline: Timeline }[];

  constructor(stateDirs: readonly string[]) {
    this.#read = stateDirs.flatMap((stateDir) => {
      const timeline = new Timeline(stateDir);
      try {
        timeline.readOn();
        return [{ stateDir, timeline }];
      } catch (error) {
        // Two of the three views are a comparison as well.
        if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return [];
        throw error;
      }
    });
  }

  get sides(): readonly Side[] {
    // Before its first entry a recording does not say whose it is.
    return this.#read.flatMap(({ timeline: { side, from } }) => (side === 'smsc' || from === undefined ? [] : [side]));
  }

  /** Only how the last file ends: each begins with the rings as they were, so an earlier one hides nothing of now. */
  broken({ dirs }: AllRings): readonly BrokenRule[] {
    return this.#read.flatMap(({ stateDir, timeline: { end, last, now, side } }) => {
      const whose = dirs.find((dir) => dir.stateDir === stateDir)?.role;
      return brokenReading({ why: end, number: last, at: now.at, side }, stateDir, whose);
    });
  }

  now(): RecordedRings {
    const until = new Map<Side, number>();
    for (const { timeline } of this.#read) {
      timeline.readOn();
      if (timeline.side !== 'smsc' && timeline.to !== undefined) until.set(timeline.side, timeline.to);
    }
    return { rings: this.#read.flatMap(({ timeline }) => timeline.now.rings), until };
  }
}

/** The views of one lane, by slot. */
class LaneViews {
  readonly #live: Readonly<Record<Side, RingView | undefined>>;
  readonly #recorded: Readonly<Record<Side, RingView | undefined>>;
  readonly #until: ReadonlyMap<Side, number>;

  constructor(smscId: string, lane: LaneName, rings: readonly RingView[], recorded: RecordedRings) {
    const find = (all: readonly RingView[], side: Side) =>
      all.find((ring) => ring.smscId === smscId && ring.lane === lane && ring.side === side);
    this.#live = { buffer: find(rings, 'buffer'), 'im-server': find(rings, 'im-server') };
    this.#recorded = { buffer: find(recorded.rings, 'buffer'), 'im-server': find(recorded.rings, 'im-server') };
    this.#until = recorded.until;
  }

  at(slot: number): Pick<SlotDifference, 'buffer' | 'imServer' | 'recorded'> {
    const { buffer, 'im-server': imServer } = this.#live;
    return {
      buffer: viewAt(buffer, slot),
      imServer: viewAt(imServer, slot),
      recorded: { buffer: viewAt(this.#recorded.buffer, slot), 'im-server': viewAt(this.#recorded['im-server'], slot) },
    };
  }

  unlikeRecorded(slot: number): readonly Side[] {
    return (['buffer', 'im-server'] as const).filter((side) => {
      const recording = this.#recorded[side];
      const until = this.#until.get(side);
      if (recording === undefined || until === undefined) return false;
      const [is, was] = [viewAt(this.#live[side], slot), viewAt(recording, slot)];
      // What moved when nothing was recorded any more says nothing about the recording.
      if ((is?.movedAt ?? 0) > until) return false;
      return is?.seq !== was?.seq || is?.status !== was?.status;
    });
  }
}

function viewAt(ring: RingView | undefined, slot: number): SlotView | undefined {
  const view = ring?.slots.find((each) => each.slot === slot);
  return view?.status === 'free' ? undefined : view;
}
