/** The rows that both roles show of a link and of a lane, and how long what waits will take. */
import type { LaneStatus, LinkStatus } from '../../core/roles/lane-status.ts';
import { formatDuration } from '../duration.ts';
import { durationsText, rateText, skewText } from './words.ts';

/** One row: what it is about, and what is said of it, part by part. */
export type StatusRow = readonly [label: string, ...parts: readonly (string | undefined)[]];

/** `mt   3 of 255 used   2 wait for a slot, 3 for an answer   oldest 0.2 s   0 in doubt   12 messages/s` */
export function laneRow(label: string, lane: LaneStatus, link: LinkStatus, now: number): StatusRow {
  const { used, size, waitingForSlot = 0, waitingForAnswer, oldestAt, statuses, counts, contact } = lane;
  if (size === 0) return [label, 'no ring yet', waitingForSlot === 0 ? undefined : `${waitingForSlot} wait for a slot`];
  return [
    label,
    contact === 'held' ? 'held: both ends differ' : undefined,
    `${used} of ${size} used`,
    waitingText(waitingForSlot, waitingForAnswer),
    oldestAt === undefined ? undefined : `oldest ${formatDuration(now - oldestAt)}`,
    `${statuses['in-doubt'] ?? 0} in doubt`,
    rateText(counts.ended.perSecond, 'messages'),
    drainText(lane, link),
  ];
}

/** How long what waits takes at the rate of the moment; undefined where that says nothing. Milliseconds. */
export function drainMs({ waitingForSlot = 0, waitingForAnswer, statuses, counts }: LaneStatus, { state }: LinkStatus) {
  // What is in doubt waits for a decision, and no rate brings that.
  const waiting = waitingForSlot + waitingForAnswer - (statuses['in-doubt'] ?? 0);
  if (waiting <= 0) return 0;
  const { perSecond } = counts.ended;
  return state === 'up' && perSecond > 0 ? Math.round((waiting * 1_000) / perSecond) : undefined;
}

export function drainText(lane: LaneStatus, link: LinkStatus): string | undefined {
  const ms = drainMs(lane, link);
  if (ms === 0) return undefined;
  if (ms !== undefined) return `done in about ${formatDuration(ms)}`;
  return link.state === 'down' ? 'goes on when the link is up' : undefined;
}

/** `round trip 0.4 ms (median), 3 ms at worst` */
export function roundTripText({ roundTrip }: LinkStatus): string | undefined {
  return roundTrip === undefined ? undefined : `round trip ${durationsText(roundTrip)}`;
}

/** `its clock 3 ms ahead (± 1 ms)` */
export function clockText({ skew }: LinkStatus): string | undefined {
  return skew === undefined ? undefined : `its clock ${skewText(skew)}`;
}

function waitingText(forSlot: number, forAnswer: number): string | undefined {
  const parts = [
    ...(forSlot === 0 ? [] : [`${forSlot} wait for a slot`]),
    ...(forAnswer === 0 ? [] : [`${forAnswer} for an answer`]),
  ];
  if (parts.length === 0) return undefined;
  return forSlot === 0 ? `${forAnswer} wait for an answer` : parts.join(', ');
}

/** Labels in a column, parts behind them with gaps; parts that say nothing are left out, what has no room goes below. */
export function rowLines(rows: readonly StatusRow[], columns: number): readonly string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.flatMap(([label, ...parts]) => {
    const lines: string[] = [];
    let line = label.padEnd(width);
    for (const part of parts) {
      if (part === undefined || part === '') continue;
      if (line.length > width && line.length + gap.length + part.length > columns) {
        lines.push(line);
        line = ' '.repeat(width);
      }
      line += gap + part;
    }
    return [...lines, line.trimEnd()];
  });
}

const gap = '   ';
