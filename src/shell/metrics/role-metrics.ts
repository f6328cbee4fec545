/**
 * The numbers of a status document as metrics: the same that `buffer status` and the like show. Labels are names of SMSCs,
 * lanes, statuses and codes; never a number or a name of anybody. Names are listed in docs/operations.md.
 */
import type { DurationsView } from '../../core/base/recent-durations.ts';
import { secondMs } from '../../core/base/time.ts';
import { laneNames, statuses } from '../../core/ring/status.ts';
import type { LaneStatus, LinkStatus } from '../../core/roles/lane-status.ts';
import type { SmscCounts } from '../../core/roles/smsc/smsc-io.ts';
import type { BufferStatus, ImServerStatus } from '../status/role-status.ts';
import { ownVersion } from '../version.ts';
import type { Metric, Sample } from './metric-text.ts';

/** One SMSC as either role tells of it. */
interface SmscSide {
  readonly smscId: string;
  readonly link: LinkStatus;
  readonly mt: LaneStatus;
  readonly mo: LaneStatus;
}

export function bufferMetrics(status: BufferStatus): readonly Metric[] {
  const { smscId: smsc, session, submits, phase, waitingDelivers, enquiries } = status;
  const labels = { smsc };
  const one = (value: number): readonly Sample[] => [{ labels, value }];
  const { counts, turnAround, outstanding, errorCodes, slowedToPerSecond } = submits;
  return [
    ...storingRoleMetrics(status),
    gauge('store_retired', 'whether another buffer took over for good', one(phase === 'retired' ? 1 : 0)),
    gauge('smsc_session_up', 'whether the buffer is logged in to the SMSC', one(session.state === 'ready' ? 1 : 0)),
    counter('smsc_logins_total', 'logins that the SMSC took', one(session.logins)),
    counter(
      'smsc_session_failures_total',
      'connections and logins that failed, sessions that broke',
      one(session.failures),
    ),
    gauge('submits_outstanding', 'submits without an answer', one(outstanding)),
    counter(
      'submit_answers_total',
      'submits by how the SMSC answered; none: its session ended before',
      Object.entries(counts).map(([result, value]) => ({ labels: { ...labels, result }, value })),
    ),
    counter(
      'submit_refusals_total',
      'refusals of submits by their error code (900)',
      errorCodes.map(({ errorCode, count }) => ({
        labels: { ...labels, error_code: String(errorCode) },
        value: count,
      })),
    ),
    gauge('submit_answer_seconds', 'from a submit to its answer, of the latest 128', durations(labels, turnAround)),
    gauge(
      'submit_limit_per_second',
      'submits that a congested SMSC is asked at most; absent where it does not complain',
      slowedToPerSecond === undefined ? [] : one(slowedToPerSecond),
    ),
    gauge('delivers_waiting', 'delivers of the SMSC that wait for their answer', one(waitingDelivers)),
    gauge('enquiries_open', 'submits whose fate is being asked for', one(enquiries)),
    ...smscMetrics([status], status.at),
  ];
}

export function imServerMetrics(status: ImServerStatus): readonly Metric[] {
  const gateways = Object.entries(status.gateways);
  return [
    ...storingRoleMetrics(status),
    gauge('users', 'users of the IM server', [{ value: status.users }]),
    gauge('connections', 'open connections to the port of the IM server', [{ value: status.connections }]),
    gauge('open_texts', 'texts of which something more may be learned', [{ value: status.openTexts }]),
    gauge(
      'gateway_up',
      'whether a gateway can serve its clients',
      gateways.map(([gateway, { problem }]) => ({ labels: { gateway }, value: problem === undefined ? 1 : 0 })),
    ),
    gauge(
      'gateway_items',
      'what a gateway has: clients, streams, webhooks, accounts',
      gateways.flatMap(([gateway, { counts }]) =>
        Object.entries(counts).map(([item, value]) => ({ labels: { gateway, item: snakeCase(item) }, value })),
      ),
    ),
    gauge(
      'smsc_session_up',
      'whether the buffer is logged in to the SMSC, as it said last; absent where it has not said',
      status.smscs.flatMap(({ smscId: smsc, link }) =>
        link.session === undefined ? [] : [{ labels: { smsc }, value: link.session.state === 'up' ? 1 : 0 }],
      ),
    ),
    ...smscMetrics(status.smscs, status.at),
  ];
}

/** Of the simulator; running totals and what waits. */
export function simulatorMetrics(counts: SmscCounts, since: number): readonly Metric[] {
  const entries = Object.entries(counts).map(([name, value]): Metric => {
    const base = `simulator_${snakeCase(name)}`;
    const help = `the SMSC simulator's ${snakeCase(name).replaceAll('_', ' ')}`;
    const isGauge = name.endsWith('Waiting') || name === 'sessions';
    return isGauge ? gauge(base, help, [{ value }]) : counter(`${base}_total`, help, [{ value }]);
  });
  return [...processMetrics('smsc', since), ...entries];
}

function storingRoleMetrics(status: BufferStatus | ImServerStatus): readonly Metric[] {
  const { role, since, disk, recorder, violations } = status;
  const { freeBytes, storeBytes, commits, refusingMs, waitingOutputs } = disk;
  const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }]);
  return [
    ...processMetrics(role, since),
    gauge('disk_free_bytes', 'what the role may still write to its disk; absent where it may not', one(freeBytes)),
    gauge('store_bytes', 'size of the store', one(storeBytes)),
    counter('store_commits_total', 'commits of the store', one(commits.count)),
    counter(
      'store_commit_failures_total',
      'commits that the disk refused; they are tried again',
      one(commits.failures),
    ),
    gauge('store_commit_seconds', 'how long a commit takes, of the latest 128', durations({}, commits.took)),
    gauge('store_refusing_seconds', 'how long the disk takes nothing; 0 while it does', one(refusingMs / secondMs)),
    gauge('outputs_waiting', 'what waits for the disk to be told or done', one(waitingOutputs)),
    gauge('recording_bytes', 'size of the recording; absent where nothing is recorded', one(recorder?.sizeBytes)),
    counter('recording_dropped_total', 'entries that the recording lacks', one(recorder?.dropped)),
    counter('bugs_total', 'bugs that were met and mended', one(violations.count)),
  ];
}

/** The two names that every Prometheus client has, and whose process it is. */
function processMetrics(role: string, since: number): readonly Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge('build_info', 'version and role of this process', [{ labels: { version: ownVersion(), role }, value: 1 }]),
    gauge('start_time_seconds', 'when the role began to serve, seconds since 1970', [{ value: since / secondMs }]),
    {
      ...{ name: 'process_resident_memory_bytes', type: 'gauge', help: 'memory of the process' },
      samples: [{ value: process.memoryUsage.rss() }],
    },
    {
      ...{ name: 'process_cpu_seconds_total', type: 'counter', help: 'processor time of the process' },
      samples: [{ value: (user + system) / 1e6 }],
    },
  ];
}

function smscMetrics(sides: readonly SmscSide[], now: number): readonly Metric[] {
  const links = (of: (link: LinkStatus) => number | undefined): readonly Sample[] =>
    sides.flatMap(({ smscId: smsc, link }) => {
      const value = of(link);
      return value === undefined ? [] : [{ labels: { smsc }, value }];
    });
  const lanes = (of: (lane: LaneStatus) => number | undefined): readonly Sample[] =>
    perLane(sides, (status, labels) => {
      const value = of(status);
      return value === undefined ? [] : [{ labels, value }];
    });
  return [
    gauge(
      'link_up',
      'whether the link is up and both ends are in step',
      links(({ state }) => (state === 'up' ? 1 : 0)),
    ),
    gauge(
      'link_state_seconds',
      'since when the link is as it is',
      links(({ since }) => Math.max(0, now - since) / secondMs),
    ),
    counter(
      'link_ups_total',
      'times the link came up',
      links(({ ups }) => ups),
    ),
    counter(
      'link_failures_total',
      'attempts that failed',
      links(({ failures }) => failures),
    ),
    gauge(
      'link_round_trip_seconds',
      'round trip of the link, of the last five minutes',
      sides.flatMap(({ smscId: smsc, link }) => durations({ smsc }, link.roundTrip)),
    ),
    gauge(
      'link_clock_ahead_seconds',
      "how far the other end's clock is ahead",
      links(({ skew }) => (skew === undefined ? undefined : skew.aheadMs / secondMs)),
    ),
    counter(
      'link_entries_total',
      'entries that came (in) or were sent (out)',
      sides.flatMap(({ smscId: smsc, link }) => [
        { labels: { smsc, direction: 'in' }, value: link.entriesIn.total },
        { labels: { smsc, direction: 'out' }, value: link.entriesOut.total },
      ]),
    ),
    gauge(
      'ring_slots',
      'slots of the ring; 0 before the first contact',
      lanes(({ size }) => size),
    ),
    gauge(
      'ring_messages',
      'messages in the ring by status, as this end has them',
      perLane(sides, (lane, labels) =>
        heldStatuses.map((status) => sampleOf(labels, status, lane.statuses[status] ?? 0)),
      ),
    ),
    gauge(
      'ring_waiting_for_slot',
      'messages that wait for a slot at this end',
      lanes(({ waitingForSlot }) => waitingForSlot),
    ),
    gauge(
      'ring_waiting_for_answer',
      'messages in a slot without an outcome',
      lanes(({ waitingForAnswer }) => waitingForAnswer),
    ),
    gauge(
      'ring_oldest_seconds',
      'how long the oldest message without an outcome is here; 0 where there is none',
      lanes(({ oldestAt }) => (oldestAt === undefined ? 0 : Math.max(0, now - oldestAt) / secondMs)),
    ),
    gauge(
      'ring_held',
      'whether both ends differ and nothing moves',
      lanes(({ contact }) => (contact === 'held' ? 1 : 0)),
    ),
    counter(
      'messages_entered_total',
      'messages that came into the ring',
      lanes(({ counts }) => counts.entered.total),
    ),
    counter(
      'messages_ended_total',
      'messages whose outcome became known here, by outcome',
      perLane(sides, ({ counts }, labels) =>
        (['confirmed', 'refused', 'expired'] as const).map((status) => sampleOf(labels, status, counts[status])),
      ),
    ),
    counter(
      'messages_doubted_total',
      'times a message became in doubt',
      lanes(({ counts }) => counts.doubted),
    ),
  ];
}

/** A settled slot is as good as a free one. */
const heldStatuses = statuses.filter((status) => status !== 'free' && status !== 'settled');

function perLane(
  sides: readonly SmscSide[],
  samplesOf: (lane: LaneStatus, labels: Readonly<Record<string, string>>) => readonly Sample[],
): readonly Sample[] {
  return sides.flatMap((side) => laneNames.flatMap((lane) => samplesOf(side[lane], { smsc: side.smscId, lane })));
}

function sampleOf(labels: Readonly<Record<string, string>>, status: string, value: number): Sample {
  return { labels: { ...labels, status }, value };
}

/** The latest, the one in the middle and the worst; none before the first. */
function durations(labels: Readonly<Record<string, string>>, view: DurationsView | undefined): readonly Sample[] {
  if (view === undefined) return [];
  const { nowMs, medianMs, worstMs } = view;
  return Object.entries({ latest: nowMs, median: medianMs, worst: worstMs }).map(([stat, ms]) => ({
    labels: { ...labels, stat },
    value: ms / secondMs,
  }));
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `ringbridge_${name}`, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `ringbridge_${name}`, type: 'counter', help, samples };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
