/** A role that does not run: what its store says, as findings, lines and document. */
import { isInUse } from '../ring/ring-pairs.ts';
import { formatTable } from '../table.ts';
import type { StoppedRole } from './ask-status.ts';
import type { Finding } from './findings.ts';
import { linkRemedy } from './remedies.ts';
import { bytesText, countText } from './words.ts';

interface RestingLane {
  readonly smscId: string;
  readonly lane: 'mt' | 'mo';
  readonly size: number;
  readonly used: number;
  readonly inDoubt: number;
  /** Only where this end takes messages in, and keeps them outside the ring. */
  readonly waitingForSlot?: number;
}

export function stoppedFindings({ role, store, stateDir, rings }: StoppedRole): readonly Finding[] {
  const how = store.ended === 'in-order' ? 'it ended in order' : 'it was killed, or the machine went down';
  const findings: Finding[] = [
    {
      weight: 'trouble',
      code: 'CONTROL_UNREACHABLE',
      what: `it does not run; ${how}`,
      todo: `start it: \`${role} start --state-dir ${stateDir} …\``,
    },
  ];
  const smscId = rings[0]?.smscId ?? '';
  if (store.isRetired) {
    const what = 'another buffer took over from this store for good';
    const todo = linkRemedy('LINK_STORE_RETIRED', { side: 'buffer', smscId });
    findings.unshift({ weight: 'trouble', code: 'LINK_STORE_RETIRED', what, todo });
  }
  return findings;
}

export function stoppedLines(stopped: StoppedRole): readonly string[] {
  const { disk, store } = stopped;
  const free = disk.freeBytes === undefined ? (disk.problem ?? 'not readable') : `${bytesText(disk.freeBytes)} free`;
  const recording = disk.recordingBytes === 0 ? '' : `   recording ${bytesText(disk.recordingBytes)}`;
  const rows = restingLanes(stopped).map(({ smscId, lane, size, used, inDoubt, waitingForSlot }) => [
    `${smscId} ${lane}`,
    size === 0 ? 'no ring yet' : `${used} of ${size} used`,
    `${inDoubt} in doubt`,
    waitingForSlot === undefined ? '' : `${countText(waitingForSlot, 'message')} in the outbox`,
  ]);
  const version = store.version === '' ? '' : `   last run by ringbridge ${store.version}`;
  return [
    ...formatTable(rows, { gap: 3 }),
    `disk   ${free}   store ${bytesText(disk.storeBytes)}${recording}${version}`,
  ];
}

export function stoppedDocument(stopped: StoppedRole): object {
  const { role, stateDir, store, disk } = stopped;
  return { role, state: 'stopped', stateDir, ...store, disk, lanes: restingLanes(stopped) };
}

function restingLanes({ rings, role, store }: StoppedRole): readonly RestingLane[] {
  return rings.map(({ smscId, lane, size, slots }) => {
    const takesIn = role === 'im-server' && lane === 'mt';
    return {
      ...{ smscId, lane, size },
      used: slots.filter(({ status }) => isInUse(status)).length,
      inDoubt: slots.filter(({ status }) => status === 'in-doubt').length,
      ...(takesIn ? { waitingForSlot: store.outboxes[smscId] ?? 0 } : {}),
    };
  });
}
