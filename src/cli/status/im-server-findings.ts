/** Whether an IM server is well, and if not, what to do: every rule in one place, in order of importance. */
import type { GatewayState } from '../../core/im/gateway.ts';
import type { SmscHealth } from '../../core/roles/im-server/smsc-lanes.ts';
import type { ImServerStatus } from '../../shell/status/role-status.ts';
import type { Finding } from './findings.ts';
import { heldFindings, linkFindings, waitFindings } from './lane-findings.ts';
import { processFindings } from './process-findings.ts';
import { sessionRemedy } from './remedies.ts';
import { countText, sinceText } from './words.ts';

export function imServerFindings(status: ImServerStatus): readonly Finding[] {
  const { smscs, gateways, at: now } = status;
  return [
    ...processFindings(status),
    ...smscs.flatMap((smsc) => smscFindings(smsc, now)),
    ...Object.entries(gateways).flatMap(([type, state]) => gatewayFindings(type, state, now)),
    ...emptyFindings(status),
  ];
}

function smscFindings(smsc: SmscHealth, now: number): readonly Finding[] {
  const { smscId, link, mt, mo } = smsc;
  const { session } = link;
  const isSessionDown = link.state !== 'down' && session?.state === 'down';
  const isWayOpen = link.state === 'up' && session?.state === 'up';
  return [
    ...linkFindings(link, { side: 'im-server', smscId }, now),
    ...heldFindings({ mt, mo }, smscId),
    ...(isSessionDown ? [sessionFinding(smscId, session, now)] : []),
    ...outboxFindings(smsc),
    ...waitFindings('mt', mt, isWayOpen, now),
    ...waitFindings('mo', mo, isWayOpen, now),
  ];
}

function sessionFinding(
  smscId: string,
  { since, code }: { readonly since: number; readonly code?: string | undefined },
  now: number,
): Finding {
  const what = `the buffer of ${smscId} has no session with its SMSC ${sinceText(since, now)}`;
  const todo = `\`buffer status\` there says more; ${sessionRemedy(code)}`;
  return { weight: 'trouble', code, what, todo };
}

function outboxFindings({ smscId, outbox, link }: SmscHealth): readonly Finding[] {
  // Behind a link that is down something else is to be done first.
  if (outbox === 0 || link.state !== 'up') return [];
  const what = `${countText(outbox, 'message')} for ${smscId} ${outbox === 1 ? 'waits' : 'wait'} for a slot: more comes than the SMSC takes`;
  return [
    { weight: 'notice', what, todo: `nothing is lost; \`link status --smsc-id ${smscId}\` says how long it will take` },
  ];
}

function gatewayFindings(type: string, { problem, counts }: GatewayState, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (problem !== undefined) {
    const what = `the gateway ${type} is off ${sinceText(problem.since, now)}: ${problem.reason}`;
    findings.push({ weight: 'trouble', code: problem.code, what, todo: gatewayRemedy(problem.code) });
  }
  const parked = counts['parkedWebhooks'] ?? 0;
  if (parked > 0) {
    const what = `${countText(parked, 'webhook')} ${parked === 1 ? 'is' : 'are'} parked: nothing is delivered there any more`;
    findings.push({
      weight: 'notice',
      what,
      todo: '`im-server webhooks list` says why; `im-server webhooks retry USER NAME` tries again',
    });
  }
  return findings;
}

function gatewayRemedy(code: string): string {
  if (code === 'XMPP_BAD_SECRET') {
    return 'give both the same secret: [xmpp] secret-file here, the component’s secret at the XMPP server; then restart';
  }
  return 'see whether the XMPP server runs and lets components connect; it is tried again by itself';
}

function emptyFindings({ smscs, users }: ImServerStatus): readonly Finding[] {
  const findings: Finding[] = [];
  if (smscs.length === 0) {
    const what = 'no buffer may connect';
    findings.push({ weight: 'notice', what, todo: 'start with --buffer ID=FILE, or [[buffer]] in the config file' });
  }
  if (users === 0) {
    const what = 'there are no users yet';
    findings.push({ weight: 'notice', what, todo: '`im-server users add NAME --suffix 0001` makes one' });
  }
  return findings;
}
