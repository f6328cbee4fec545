/** A link as one of its ends tells it: wanted and actual state, why, how fast, what waits, and what happened lately. */
import type { LinkHappening } from '../../core/link/link-story.ts';
import type { LaneStatus, LinkStatus } from '../../core/roles/lane-status.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { formatTable, printable, wrapText } from '../table.ts';
import { type AskedRole, isBuffer, roleOf } from './ask-status.ts';
import { withIsoTimes } from './iso-times.ts';
import { linkFindings, whyDown } from './lane-findings.ts';
import { drainMs, drainText, rowLines, type StatusRow } from './lane-rows.ts';
import { linkRemedy, type RemedyPlace } from './remedies.ts';
import { countText, rateText, shortMs, sinceText, skewText, clockText as timeText } from './words.ts';

/** One end's view of the link of one SMSC. */
export interface LinkEnd {
  readonly place: RemedyPlace;
  readonly stateDir: string;
  /** Milliseconds since 1970, when it was told. */
  readonly at: number;
  readonly link: LinkStatus;
  readonly lanes: { readonly mt: LaneStatus; readonly mo: LaneStatus };
}

/** None of a stopped role: a link needs two that run. */
export function linkEndsOf(asked: AskedRole, smscId: string | undefined): readonly LinkEnd[] {
  if (asked.state === 'stopped') return [];
  const { status, stateDir } = asked;
  const smscs = isBuffer(status) ? [status] : status.smscs;
  return smscs
    .filter((smsc) => smscId === undefined || smsc.smscId === smscId)
    .map(({ smscId: id, link, mt, mo }) => ({
      place: { side: status.role, smscId: id },
      ...{ stateDir, at: status.at, link, lanes: { mt, mo } },
    }));
}

export function linkLines(
  { place, link, lanes, at: now }: LinkEnd,
  paint: Painter,
  columns: number,
): readonly string[] {
  const { roundTrip, skew, entriesIn, entriesOut, ups, failures } = link;
  const other = place.side === 'buffer' ? "the IM server's" : "the buffer's";
  const rows: StatusRow[] = [
    [
      'round trip',
      ...(roundTrip === undefined
        ? ['not measured yet']
        : [
            `now ${shortMs(roundTrip.nowMs)}`,
            `median ${shortMs(roundTrip.medianMs)}`,
            `worst ${shortMs(roundTrip.worstMs)}`,
            `of the last ${roundTrip.count}`,
          ]),
    ],
    ['clock', skew === undefined ? 'not compared yet' : `${other} is ${skewText(skew)}`],
    ['entries', `${rateText(entriesIn.perSecond)} in`, `${rateText(entriesOut.perSecond)} out`],
    laneRowOf('mt', lanes.mt, link, now),
    laneRowOf('mo', lanes.mo, link, now),
    ['so far', `${countText(ups, 'time')} up`, `${countText(failures, 'failed attempt')}`],
  ];
  return [
    `${paint.bold(place.smscId)}   from the ${place.side}   ${stateText(link, now, paint)}`,
    ...todoLines(link, place, now, paint, columns),
    ...rowLines([...rows, ...latelyRows(link.happenings, now)], columns - 2).map((line) => `  ${line}`),
  ];
}

export function linkDocument({ place, stateDir, at, link, lanes }: LinkEnd): object {
  const [finding] = linkFindings(link, place, at);
  const drains = Object.entries(lanes).map(([name, lane]) => [name, { ...lane, drainMs: drainMs(lane, link) ?? null }]);
  return withIsoTimes({
    ...place,
    ...{ stateDir, at, ...link },
    ...(finding === undefined ? {} : { todo: finding.todo }),
    lanes: Object.fromEntries(drains),
  });
}

/** `wanted up, is down since 14:03:07 (11 s): connection refused (LINK_UNREACHABLE); next attempt in 2.5 s` */
function stateText(link: LinkStatus, now: number, paint: Painter): string {
  const { desired, state, since, nextAttemptAt } = link;
  const { code, reason } = whyDown(link);
  const actual = state === 'up' ? paint.green(state) : paint.red(state);
  const why =
    state === 'up' || reason === undefined ? '' : `: ${printable(reason)}${code === undefined ? '' : ` (${code})`}`;
  const next = nextAttemptAt === undefined ? '' : `; next attempt in ${formatDuration(nextAttemptAt - now)}`;
  const wanted = desired === state ? '' : `wanted ${desired}, `;
  return `${wanted}${actual} ${sinceText(since, now)}${why}${next}`;
}

function todoLines(
  link: LinkStatus,
  place: RemedyPlace,
  now: number,
  paint: Painter,
  columns: number,
): readonly string[] {
  const [finding] = linkFindings(link, place, now);
  const todo = finding?.todo ?? (link.state === 'down' ? linkRemedy(whyDown(link).code, place) : undefined);
  return todo === undefined ? [] : wrapText(`  ${paint.cyan('what to do')}   ${todo}`, columns, 15);
}

function laneRowOf(name: string, lane: LaneStatus, link: LinkStatus, now: number): StatusRow {
  const { waitingForSlot, waitingForAnswer, counts, oldestAt, contact } = lane;
  return [
    name,
    contact === 'held' ? 'held: both ends differ' : undefined,
    rateText(counts.ended.perSecond, 'messages'),
    waitingForSlot === undefined ? undefined : `${countText(waitingForSlot, 'waits', 'wait')} for a slot`,
    `${countText(waitingForAnswer, 'waits', 'wait')} for an answer`,
    oldestAt === undefined ? undefined : `oldest ${formatDuration(now - oldestAt)}`,
    drainText(lane, link),
  ];
}

function latelyRows(happenings: readonly LinkHappening[], now: number): readonly StatusRow[] {
  if (happenings.length === 0) return [['lately', 'nothing happened to it yet']];
  const told = [...happenings]
    .reverse()
    .map(({ what, at, lastAt, times, code, reason }) => [
      timeText(lastAt, now),
      times === 1 ? what : `${what} ${times} times since ${timeText(at, now)}`,
      reason === undefined ? '' : `${printable(reason)}${code === undefined ? '' : ` (${code})`}`,
    ]);
  return formatTable(told, { gap: 3 }).map((line, i): StatusRow => [i === 0 ? 'lately' : '', line]);
}

/** Directories whose role does not run, for a word about them. */
export function stoppedOf(asked: readonly AskedRole[]): readonly string[] {
  return asked.flatMap((each) => (each.state === 'stopped' ? [`${roleOf(each)} (${each.stateDir})`] : []));
}
