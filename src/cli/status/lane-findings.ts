/** What may be the matter with a lane and the link under it, in the words of either end. */
import { secondMs } from '../../core/base/time.ts';
import { skewOfConcernMs } from '../../core/link/link-story.ts';
import type { LaneStatus, LinkStatus } from '../../core/roles/lane-status.ts';
import { formatDuration } from '../duration.ts';
import type { Finding } from './findings.ts';
import { linkRemedy, type RemedyPlace } from './remedies.ts';
import { countText, sinceText, skewText } from './words.ts';

/** A link that was just dialled, and a comparison, take a moment; what lasts longer is told. */
const momentMs = 3 * secondMs;
/** With everything up, a message is on its way for seconds; a quarter of an hour is somebody's question. */
const longWaitMs = 15 * 60 * secondMs;

export function linkFindings(link: LinkStatus, place: RemedyPlace, now: number): readonly Finding[] {
  const { state, desired, since, skew } = link;
  const { code, reason } = whyDown(link);
  const { side, smscId } = place;
  if (desired === 'up' && state === 'down') {
    const other = side === 'buffer' ? 'to the IM server' : `of ${smscId}`;
    const why = reason === undefined ? (link.ups === 0 ? ': nobody has connected yet' : '') : `: ${reason}`;
    const isMoment = now - since < momentMs && link.failures === 0;
    if (isMoment) return [];
    const what = `the link ${other} is down ${sinceText(since, now)}${why}`;
    return [
      {
        weight: 'trouble',
        code: code ?? 'LINK_UNREACHABLE',
        what,
        todo: linkRemedy(code ?? 'LINK_UNREACHABLE', place),
      },
    ];
  }
  const findings: Finding[] = [];
  if (state === 'comparing' && now - since > momentMs) {
    const what = `both ends of ${smscId} compare their rings ${sinceText(since, now)} and have not come into step`;
    findings.push({ weight: 'notice', what, todo: '`sync status` with both state directories says what is left' });
  }
  if (skew !== undefined && Math.abs(skew.aheadMs) > skewOfConcernMs + skew.uncertainMs) {
    const other = side === 'buffer' ? "the IM server's clock" : `the clock of the buffer of ${smscId}`;
    const what = `${other} is ${skewText(skew)}; validities are corrected for it, times on the page are not`;
    findings.push({ weight: 'notice', what, todo: 'let both machines keep time by NTP' });
  }
  return findings;
}

/** What keeps it down is why the latest attempt failed; why it fell is what came before. */
export function whyDown({ code, reason, happenings }: LinkStatus): {
  readonly code?: string;
  readonly reason?: string;
} {
  const latest = happenings.at(-1);
  if (latest?.what === 'failed' && latest.reason !== undefined) {
    return { reason: latest.reason, ...(latest.code === undefined ? {} : { code: latest.code }) };
  }
  return { ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) };
}

export function heldFindings(lanes: Readonly<Record<string, LaneStatus>>, smscId: string): readonly Finding[] {
  const held = Object.entries(lanes).flatMap(([lane, { contact }]) => (contact === 'held' ? [lane] : []));
  if (held.length === 0) return [];
  const what = `the two ends of ${smscId} hold different things in ${held.join(' and ')}, and nothing moves there`;
  const todo = 'look with `sync replay --dry-run`, then decide with `sync replay --prefer buffer|im-server`';
  return [{ weight: 'trouble', code: 'LINK_EPOCH_CONFLICT', what, todo }];
}

/** @param isWayOpen whether everything is up that this lane needs */
export function waitFindings(
  lane: string,
  { oldestAt, waitingForAnswer }: LaneStatus,
  isWayOpen: boolean,
  now: number,
): readonly Finding[] {
  if (!isWayOpen || oldestAt === undefined || now - oldestAt < longWaitMs) return [];
  const what = `the oldest of ${countText(waitingForAnswer, 'message')} in ${lane} waits for ${formatDuration(now - oldestAt)}, though everything is up`;
  return [{ weight: 'notice', what, todo: `\`ring inspect --lane ${lane}\` shows which, and how often it was tried` }];
}
