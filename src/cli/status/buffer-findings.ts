/** Whether a buffer is well, and if not, what to do: every rule in one place, in order of importance. */
import { cimdErrorMeaning } from '../../core/codec/error-codes.ts';
import type { BufferStatus } from '../../shell/status/role-status.ts';
import type { Finding } from './findings.ts';
import { heldFindings, linkFindings, waitFindings } from './lane-findings.ts';
import { processFindings } from './process-findings.ts';
import { linkRemedy, sessionRemedy } from './remedies.ts';
import { countText, rateText, sinceText } from './words.ts';

/** A session that the SMSC closes is there again in less. */
const momentMs = 2_000;

export function bufferFindings(status: BufferStatus): readonly Finding[] {
  const { smscId, link, mt, mo, at: now } = status;
  const place = { side: 'buffer', smscId } as const;
  const isWayOpen = link.state === 'up' && status.session.state === 'ready';
  return [
    ...phaseFindings(status),
    ...processFindings(status),
    ...linkFindings(link, place, now),
    ...heldFindings({ mt, mo }, smscId),
    ...sessionFindings(status),
    ...doubtFindings(status),
    ...roomFindings(status),
    ...speedFindings(status),
    ...waitFindings('mt', mt, isWayOpen, now),
    ...waitFindings('mo', mo, isWayOpen, now),
  ];
}

function phaseFindings({ phase, smscId, isUnsure }: BufferStatus): readonly Finding[] {
  if (phase === 'retired') {
    const what = 'another buffer took over with a newer store; this one is logged out and submits nothing more';
    const todo = linkRemedy('LINK_STORE_RETIRED', { side: 'buffer', smscId });
    return [{ weight: 'trouble', code: 'LINK_STORE_RETIRED', what, todo }];
  }
  if (phase === 'draining' || phase === 'closing-link' || phase === 'drained') {
    return [{ weight: 'notice', what: 'it is being stopped', todo: 'wait until it has ended' }];
  }
  if (!isUnsure) return [];
  const what = 'its store was set back, so it hands nothing over before it has compared with the IM server';
  return [{ weight: 'trouble', code: 'STORE_WENT_BACK', what, todo: 'bring the link up; the rest happens by itself' }];
}

function sessionFindings({ phase, session, mt, smscAddress, at: now }: BufferStatus): readonly Finding[] {
  if (phase !== 'running' || session.state === 'ready') return [];
  if (mt.size === 0) {
    const what = 'it has not met its IM server yet, and does not log in to the SMSC before';
    return [{ weight: 'notice', what, todo: 'bring the link up' }];
  }
  const { code, reason, refusedWith, since, failures } = session;
  if (failures === 0 || now - since < momentMs) return [];
  const refusal = refusedWith === undefined ? '' : ` (900: ${refusedWith}, ${cimdErrorMeaning(refusedWith)})`;
  const why = reason === undefined ? '' : `: ${withoutStop(reason)}${refusal}`;
  const what = `there is no session with the SMSC at ${smscAddress} ${sinceText(since, now)}${why}`;
  return [{ weight: 'trouble', code, what, todo: sessionRemedy(code) }];
}

function doubtFindings({ mt, inDoubt, stateDir }: BufferStatus): readonly Finding[] {
  const count = mt.statuses['in-doubt'] ?? 0;
  if (count === 0) return [];
  if (inDoubt === 'resend') {
    const what = `${countText(count, 'message')} in doubt: sent, and the answer never came`;
    return [{ weight: 'notice', what, todo: 'nothing: they are sent again, marked, when their turn comes' }];
  }
  const what = `${countText(count, 'message')} in doubt ${count === 1 ? 'waits' : 'wait'} for your decision`;
  const todo = `\`ring inspect --status in-doubt --state-dir ${stateDir}\`, then \`ring resolve SLOT --as sent|not-sent\``;
  return [{ weight: 'trouble', what, todo }];
}

function roomFindings({ mo, link }: BufferStatus): readonly Finding[] {
  if (mo.used < mo.size || (mo.waitingForSlot ?? 0) === 0) return [];
  const what = `the mo ring is full, and ${countText(mo.waitingForSlot ?? 0, 'deliver')} of the SMSC wait for room; nothing is lost`;
  const todo = link.state === 'up' ? 'look whether the IM server keeps up: `im-server status`' : 'bring the link up';
  return [{ weight: 'trouble', code: 'RING_FULL', what, todo }];
}

function speedFindings({ submits }: BufferStatus): readonly Finding[] {
  const { slowedToPerSecond } = submits;
  if (slowedToPerSecond === undefined) return [];
  const what = `the SMSC is congested: it is asked for ${rateText(slowedToPerSecond)} at most, rising while it answers well`;
  return [{ weight: 'notice', what, todo: 'nothing for now; if it lasts, ask for a higher rate, or set --pace' }];
}

/** Reasons of a session are sentences; within another they are not. */
function withoutStop(reason: string): string {
  return reason.replace(/\.$/, '');
}
