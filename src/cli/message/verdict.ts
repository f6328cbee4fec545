/**
 * Where a message stopped, why, and what to do: the sentence under its way. A pure reading of what is known; whoever has
 * to be asked for more is named.
 */
import { noReportReason } from '../../core/im/reasons.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { formatDuration } from '../duration.ts';
import { whenText } from './found-lines.ts';
import type { KnownMessage } from './known-message.ts';
import type { HandsetSight, MessageSources, Side, SourceDir } from './sources.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface Verdict {
  /** `settled`: nothing more will happen to it. `stuck`: somebody has to do something. */
  readonly state: 'settled' | 'under-way' | 'stuck';
  /** A sentence without its subject: `waits at the IM server: …`. */
  readonly words: string;
  /** What the reader can do; undefined where there is nothing to do. */
  readonly advice: string | undefined;
}

export interface VerdictSources extends Pick<MessageSources, 'dirs' | 'links'> {
  readonly handset: HandsetSight | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function verdictOf(message: KnownMessage, where: Whereabouts, sources: VerdictSources): Verdict {
  const part = where.part === undefined ? '' : `part ${where.part.index} of ${where.part.count} `;
  const { state, words, advice } = placeVerdict(message, where, sources);
  const isMarked =
    message.sight?.view.marks.includes('possible-duplicate') ??
    message.parts.some(({ copies }) => copies.some(({ view }) => view.possibleDuplicate));
  const mark = isMarked ? '; it was sent again after doubt, so it may be there twice' : '';
  return { state, words: `${part}${words}${mark}`, advice };
}

function placeVerdict(message: KnownMessage, where: Whereabouts, sources: VerdictSources): Verdict {
  const { way, reason, smscId = '?' } = message;
  const { now } = sources;
  const since = where.since === undefined ? '' : ` since ${whenText(where.since, now)}`;
  switch (where.place) {
    case 'outbox':
    case 'im-server':
    case 'buffer':
      return waitingVerdict(message, where, sources);
    case 'smsc-asked':
      return underWay(`has been with ${smscId}${since}: submitted, and the answer is outstanding`);
    case 'in-doubt':
      return inDoubtVerdict(
        `has been in doubt${since}: it was submitted to ${smscId}, and the session ended before the answer came, so it may have arrived`,
        where,
        sources.dirs.filter(({ role }) => role === 'buffer'),
      );
    case 'joining':
      return underWay(`waits at the IM server for the other parts of its text, for up to 24 hours`);
    case 'smsc':
      return smscVerdict(message, since, sources);
    case 'handset':
      return settled(`${since === '' ? 'is' : 'has been'} on the handset${since}: the SMSC reported it delivered`);
    case 'user':
      return settled(userWords(message));
    case 'ended':
      return settled(
        way === 'mo'
          ? 'ended: nobody is meant by it, or it is blocked; the handset was told'
          : `ended${since.replace(' since', ' at')}: ${reason === undefined ? outcomeWords(message) : `${reason.words} (${reason.code})`}`,
      );
    case 'unknown':
      return settled(
        reason === undefined
          ? 'is not held by any of the state directories that were given'
          : `is over, and its fate is not known${since}: ${reason.words} (${reason.code})`,
      );
  }
}

function waitingVerdict({ way, smscId = '?' }: KnownMessage, where: Whereabouts, sources: VerdictSources): Verdict {
  const end: Side = where.place === 'buffer' ? 'buffer' : 'im-server';
  const at = end === 'buffer' ? 'at the buffer' : 'at the IM server';
  const stopped = sources.dirs.find(({ role, state }) => role === end && state === 'stopped');
  if (stopped !== undefined) return stuck(`waits ${at}, which is not running`, startAdvice(stopped));
  const mustCross = (way === 'mo') === (end === 'buffer');
  return mustCross ? crossingVerdict(at, smscId, where, sources) : handingOverVerdict(at, smscId, where, sources);
}

/** @param buffers those that were asked; of several it is not known whose the message is */
function inDoubtVerdict(words: string, { slot }: Whereabouts, buffers: readonly SourceDir[]): Verdict {
  const policies = new Set(buffers.map(({ inDoubt }) => inDoubt));
  const [policy] = policies.size === 1 ? policies : [];
  const [buffer] = buffers.length === 1 ? buffers : [];
  const dir = buffer?.stateDir ?? 'DIR';
  const decide = `ringbridge ring resolve ${slot ?? 'SLOT'} --as sent|not-sent --state-dir ${dir}`;
  switch (policy) {
    case 'resend':
      return {
        state: 'under-way',
        words,
        advice: 'Nothing: the buffer runs with --in-doubt resend, and sends it again, marked, once it is logged in.',
      };
    case 'hold':
      return {
        state: 'stuck',
        words,
        advice: `The buffer runs with --in-doubt hold and waits for a decision: ${decide}`,
      };
    case undefined:
      return {
        state: 'stuck',
        words,
        advice: `By default the buffer sends it again, marked. If it was started with --in-doubt hold, decide: ${decide}`,
      };
  }
}

/** It has to go over the link. */
function crossingVerdict(at: string, smscId: string, where: Whereabouts, sources: VerdictSources): Verdict {
  const link = linkOf(smscId, sources);
  if (link === undefined) return underWay(`waits ${at} for the link`);
  if (link.state === 'up') {
    if (where.place === 'outbox') {
      return underWay(`waits ${at} for a free slot of the ring, or behind an earlier message: the link is up`);
    }
    const rtt = link.rttMs === undefined ? '' : ` (round trip ${formatDuration(link.rttMs)})`;
    return underWay(`is on its way over the link, which is up${rtt}`);
  }
  if (link.state === 'comparing') return underWay(`waits ${at}: both ends compare their rings at the moment`);
  const otherRole = where.place === 'buffer' ? 'im-server' : 'buffer';
  const other = sources.dirs.find(({ role, state }) => role === otherRole && state === 'stopped');
  const why = link.reason === undefined ? '' : ` (${link.reason})`;
  return stuck(
    `waits ${at}: the link to ${otherRole === 'buffer' ? smscId : 'the IM server'} has been down since ${whenText(link.since, sources.now)}${why}`,
    other === undefined
      ? `See why it does not come up: ringbridge link status. It goes on by itself once the link is up.`
      : startAdvice(other),
  );
}

/** It is where it can be handed over. */
function handingOverVerdict(at: string, smscId: string, where: Whereabouts, sources: VerdictSources): Verdict {
  if (where.place !== 'buffer') return underWay(`is ${at}, being stored for its addressee`);
  const session = sources.links.find((link) => link.smscId === smscId && link.session !== undefined)?.session;
  if (session?.state === 'down') {
    const refused = session.refusedWith === undefined ? '' : `, login refused with ${session.refusedWith}`;
    return stuck(
      `waits ${at}: its session with ${smscId} has been down since ${whenText(session.since, sources.now)} (${session.code ?? 'no login yet'}${refused})`,
      `See the chapter of ${session.code ?? 'SESSION_LOST'} in docs/errors.md. The buffer logs in again by itself.`,
    );
  }
  const attempts = where.attempts ?? 0;
  if (attempts > 0) {
    const times = attempts === 1 ? 'once' : `${attempts} times`;
    return underWay(`waits ${at} to be tried again: it was submitted ${times} without a lasting answer`);
  }
  return underWay(`waits ${at} for its turn with ${smscId}`);
}

function smscVerdict(message: KnownMessage, since: string, sources: VerdictSources): Verdict {
  const been = since === '' ? 'is' : 'has been';
  const { sight, smscId = '?', reason, parts } = message;
  const trail = sight?.trail;
  if (trail?.direction === 'out' && trail.reports === 'none') {
    return settled(`${been} at ${smscId}${since}, which sends no reports: nothing more is learned of it`);
  }
  if (sight?.state === 'closed') {
    return settled(`${been} at ${smscId}${since}; of it no report can come, since its stamp is not known`);
  }
  if (reason !== undefined && reason.code !== noReportReason.code) {
    return underWay(`${been} at ${smscId}${since}, which says: ${reason.words} (${reason.code})`);
  }
  const stamps = new Set(parts.map(({ stamp }) => stamp));
  const queued = sources.handset?.queue.find(({ stamp }) => stamps.has(stamp));
  if (queued !== undefined) {
    const next = whenText(queued.nextAttemptAt, sources.now);
    return underWay(
      `${been} at ${smscId}${since}: the simulated handset is ${sources.handset?.state}, tried ${queued.attempts} times, next at ${next}`,
    );
  }
  if (sight === undefined) return underWay(`${been} at ${smscId}${since}; what became of it then, the IM server knows`);
  return underWay(`${been} at ${smscId}${since}, and its status report has not come yet`);
}

function userWords({ sight, way, to }: KnownMessage): string {
  if (sight === undefined) return way === 'local' ? `is with ${to}` : 'is stored at the IM server';
  const reader = sight.view.direction === 'in' ? sight : undefined;
  const read = reader === undefined ? '' : reader.isRead ? ', who has read it' : ', who has not read it yet';
  return `is stored for ${to}${read}`;
}

function outcomeWords({ parts }: KnownMessage): string {
  const outcome = parts.flatMap(({ copies }) => copies).find(({ view }) => view.outcome !== undefined)?.view.outcome;
  if (outcome === undefined) return 'why is not known here';
  return outcome.status === 'refused' ? `refused by the SMSC (900:${outcome.errorCode})` : outcome.status;
}

/** The end that dials knows why it is down; of two that say it is up, the one that has measured. */
function linkOf(smscId: string, { links }: VerdictSources): LinkView | undefined {
  const own = links.filter((link) => link.smscId === smscId);
  const down = own.filter(({ state }) => state !== 'up').sort((a, b) => knowledge(b) - knowledge(a));
  return down[0] ?? own.find(({ rttMs }) => rttMs !== undefined) ?? own[0];
}

function knowledge({ side, reason }: VerdictSources['links'][number]): number {
  return (reason === undefined ? 0 : 2) + (side === 'buffer' ? 1 : 0);
}

function startAdvice({ role, stateDir }: SourceDir): string {
  return `Start it: ringbridge ${role} start --state-dir ${stateDir} …; nothing is lost meanwhile.`;
}

function settled(words: string): Verdict {
  return { state: 'settled', words, advice: undefined };
}

function underWay(words: string): Verdict {
  return { state: 'under-way', words, advice: undefined };
}

function stuck(words: string, advice: string): Verdict {
  return { state: 'stuck', words, advice };
}
