/**
 * What is being caught up between the two ends of a link, how much is left and how long it will take: the comparison that
 * `sync replay --dry-run` prints, beside what the roles say of what waits. Pure; who asks is `commands/sync/status.ts`.
 */
import { secondMs } from '../../core/base/time.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { LaneStatus, LinkStatus } from '../../core/roles/lane-status.ts';
import { countVerdicts } from '../../core/sync/compare.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import type { LanePair } from '../ring/ring-pairs.ts';
import { slotAt } from '../ring/ring-pairs.ts';
import { drainMs, drainText, rowLines, type StatusRow } from '../status/lane-rows.ts';
import { linkRemedy } from '../status/remedies.ts';
import { sinceText } from '../status/words.ts';
import { printable } from '../table.ts';
import { differencesOf, type LaneComparison, needsDecision } from './lane-comparison.ts';
import { carryOutMs } from './plan-lines.ts';

/**
 * `apart`: they do not talk to each other. `comparing`: they have just met. `catching-up`: they talk, and what one lacks of
 * the other for longer than a message is on its way is being sent. `held`: somebody has to decide.
 */
export type SyncState = 'in-step' | 'catching-up' | 'comparing' | 'apart' | 'held';

/** One end as its role tells it; undefined where that does not run, or was not asked. */
export interface TellingEnd {
  readonly side: 'buffer' | 'im-server';
  readonly link: LinkStatus;
  readonly lanes: Readonly<Record<LaneName, LaneStatus>>;
}

export interface SyncSource {
  readonly smscId: string;
  readonly ends: readonly TellingEnd[];
  /** Empty where not both ends were read. */
  readonly comparisons: readonly LaneComparison[];
  readonly pairs: readonly LanePair[];
  /** Roles that were asked and do not run. */
  readonly stopped: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface LaneSync {
  readonly lane: LaneName;
  readonly needsDecision: boolean;
  /** Slots by verdict, `equal` among them; undefined where not both ends were read. */
  readonly counts: Readonly<Record<string, number>> | undefined;
  /** Entries that one end lacks of the other, and those of them that are late. */
  readonly left: number | undefined;
  readonly late: number | undefined;
  /** To bring both into step, milliseconds; undefined where no round trip is known. */
  readonly catchUpMs: number | undefined;
  /** What waits for a slot and for an answer, as the end says that takes messages in. */
  readonly waiting: LaneStatus | undefined;
  readonly drainMs: number | undefined;
}

export interface SyncStatus {
  readonly smscId: string;
  readonly state: SyncState;
  /** Milliseconds since 1970, of the link; undefined where no role tells. */
  readonly since: number | undefined;
  readonly reason: string | undefined;
  readonly todo: string | undefined;
  readonly lanes: readonly LaneSync[];
}

/** What moved less than this ago is on its way like any message. */
const onItsWayMs = 2 * secondMs;

export function syncStatus(source: SyncSource): SyncStatus {
  const { smscId, ends, comparisons, stopped } = source;
  const [told] = ends;
  const lanes = (['mt', 'mo'] as const).map((lane) => laneSync(lane, source));
  const state = stateOf(source, lanes);
  const link = ends.find((end) => end.link.state !== 'up')?.link ?? told?.link;
  const isTold = state === 'apart' || state === 'comparing';
  return {
    ...{ smscId, state, since: link?.since, lanes },
    reason: state === 'apart' ? reasonOf(link, stopped, comparisons.length > 0) : undefined,
    todo:
      state === 'held'
        ? heldTodo
        : isTold && told !== undefined
          ? apartTodo(told, stopped, smscId)
          : startTodo(stopped),
  };
}

const heldTodo = 'look with `sync replay --dry-run`, then decide with `sync replay --prefer buffer|im-server`';

function apartTodo({ side, link }: TellingEnd, stopped: readonly string[], smscId: string): string | undefined {
  if (link.state === 'comparing') return undefined;
  return startTodo(stopped) ?? linkRemedy(link.code ?? 'LINK_UNREACHABLE', { side, smscId });
}

function startTodo(stopped: readonly string[]): string | undefined {
  return stopped.length === 0 ? undefined : `start ${stopped.join(' and ')}`;
}

function reasonOf(link: LinkStatus | undefined, stopped: readonly string[], areRead: boolean): string | undefined {
  if (stopped.length > 0) return `${stopped.join(' and ')} ${stopped.length === 1 ? 'does' : 'do'} not run`;
  if (link?.reason !== undefined) return link.reason;
  return areRead ? undefined : 'nobody has connected yet';
}

function stateOf({ ends, stopped }: SyncSource, lanes: readonly LaneSync[]): SyncState {
  const isHeld = ends.some((end) => Object.values(end.lanes).some(({ contact }) => contact === 'held'));
  if (isHeld || lanes.some((lane) => lane.needsDecision)) return 'held';
  if (stopped.length > 0 || ends.length === 0 || ends.some(({ link }) => link.state === 'down')) return 'apart';
  if (ends.some(({ link }) => link.state === 'comparing')) return 'comparing';
  return lanes.some(({ late = 0, waiting }) => late > 0 || (waiting?.waitingForSlot ?? 0) > 0)
    ? 'catching-up'
    : 'in-step';
}

function laneSync(lane: LaneName, { ends, comparisons, pairs, now }: SyncSource): LaneSync {
  const comparison = comparisons.find((each) => each.lane === lane);
  const pair = pairs.find((each) => each.lane === lane);
  const taking = ends.find(({ side }) => side === (lane === 'mt' ? 'im-server' : 'buffer')) ?? ends[0];
  const waiting = taking?.lanes[lane];
  const differences = comparison === undefined ? undefined : differencesOf(comparison);
  const left = differences?.length;
  const late = differences?.filter(({ slot }) => now - movedAt(pair, slot) > onItsWayMs).length;
  const rttMs = taking?.link.roundTrip?.nowMs;
  return {
    ...{ lane, left, late, waiting },
    needsDecision: comparison !== undefined && needsDecision(comparison),
    counts:
      comparison?.plan.verdict === 'compared' ? Object.fromEntries(countVerdicts(comparison.plan.slots)) : undefined,
    catchUpMs: left === undefined || rttMs === undefined ? undefined : left === 0 ? 0 : carryOutMs(left, rttMs),
    drainMs: waiting === undefined || taking === undefined ? undefined : drainMs(waiting, taking.link),
  };
}

/** When either copy moved last; 0 where neither says. */
function movedAt(pair: LanePair | undefined, slot: number): number {
  return Math.max(slotAt(pair?.buffer, slot)?.movedAt ?? 0, slotAt(pair?.imServer, slot)?.movedAt ?? 0);
}

export function syncLines(
  status: SyncStatus,
  ends: readonly TellingEnd[],
  paint: Painter,
  now: number,
  columns: number,
): readonly string[] {
  const { smscId, state, since, reason, todo, lanes } = status;
  const shown = state === 'in-step' ? paint.green(state) : paint.yellow(state);
  const head = [
    paint.bold(smscId),
    shown,
    since === undefined ? undefined : sinceText(since, now),
    reason === undefined ? undefined : printable(reason),
  ];
  return [
    head.filter((part) => part !== undefined).join('   '),
    ...(todo === undefined ? [] : [`  ${paint.cyan('what to do')}   ${todo}`]),
    ...rowLines(
      lanes.map((lane) => laneRow(lane, ends)),
      columns - 2,
    ).map((line) => `  ${line}`),
  ];
}

function laneRow(
  { lane, left, late, counts, catchUpMs, waiting, needsDecision: isHeld }: LaneSync,
  ends: readonly TellingEnd[],
): StatusRow {
  const [first] = ends;
  const differing = Object.entries(counts ?? {}).filter(([verdict]) => verdict !== 'equal');
  const time = catchUpMs === undefined ? '' : `, about ${formatDuration(catchUpMs)}`;
  const kinds = differing.map(([verdict, count]) => `${verdict} ${count}`).join(', ');
  const step =
    left === undefined
      ? undefined
      : left === 0
        ? 'nothing left'
        : `${left} left (${kinds})${late === 0 ? ', on the way' : time}`;
  return [
    lane,
    isHeld ? 'needs a decision' : step,
    waiting?.waitingForSlot === undefined || waiting.waitingForSlot === 0
      ? undefined
      : `${waiting.waitingForSlot} wait for a slot`,
    waiting === undefined || waiting.waitingForAnswer === 0
      ? undefined
      : `${waiting.waitingForAnswer} wait for an answer`,
    waiting === undefined || first === undefined ? undefined : drainText(waiting, first.link),
  ];
}

/** Schema `sync.status/1`; times of roles are made texts by whoever prints it. */
export function syncDocument({ smscId, state, since, reason, todo, lanes }: SyncStatus): object {
  return {
    ...{ smscId, state },
    ...(since === undefined ? {} : { since }),
    ...(reason === undefined ? {} : { reason }),
    ...(todo === undefined ? {} : { todo }),
    lanes: lanes.map(({ lane, needsDecision: isHeld, counts, left, late, catchUpMs, waiting, drainMs: drain }) => ({
      ...{ lane, needsDecision: isHeld },
      ...{ left: left ?? null, late: late ?? null, counts: counts ?? null },
      catchUpMs: catchUpMs === undefined ? null : Math.round(catchUpMs),
      waitingForSlot: waiting?.waitingForSlot ?? null,
      waitingForAnswer: waiting?.waitingForAnswer ?? null,
      drainMs: drain ?? null,
    })),
  };
}
