/** Status documents of roles that are well; a test says what is not. */
import { instant } from '../../../src/core/base/time.ts';
import type { LaneStatus, LinkStatus } from '../../../src/core/roles/lane-status.ts';
import type { BufferStatus, ImServerStatus } from '../../../src/shell/status/role-status.ts';

export const now = 1_795_400_000_000;
export const at = (agoMs: number) => instant(now - agoMs);

const idle = { total: 0, perSecond: 0 };

export function lane(changes: Partial<LaneStatus> = {}): LaneStatus {
  return {
    contact: 'in-step',
    used: 0,
    size: 255,
    waitingForSlot: undefined,
    waitingForAnswer: 0,
    statuses: {},
    oldestAt: undefined,
    counts: { entered: idle, ended: idle, confirmed: 0, refused: 0, expired: 0, doubted: 0 },
    ...changes,
  };
}

export function link(changes: Partial<LinkStatus> = {}): LinkStatus {
  return {
    smscId: 'hel1',
    state: 'up',
    desired: 'up',
    since: at(3_600_000),
    session: { state: 'up', since: at(3_500_000) },
    roundTrip: { nowMs: 0.4, medianMs: 0.4, worstMs: 3.1, count: 36 },
    skew: { aheadMs: 3, uncertainMs: 2 },
    entriesIn: idle,
    entriesOut: idle,
    ups: 1,
    failures: 0,
    happenings: [{ what: 'up', at: at(3_600_000), lastAt: at(3_600_000), times: 1 }],
    nextAttemptAt: undefined,
    ...changes,
  };
}

const facts = {
  version: '0.1.0',
  node: 'one',
  pid: 4711,
  since: now - 7_200_000,
  at: now,
  stateDir: '/var/lib/ringbridge/hel1',
  disk: {
    durability: 'disk',
    freeBytes: 80 * 1024 ** 3,
    storeBytes: 2_200_000,
    commits: { count: 9, failures: 0, lastAt: now - 200, took: { nowMs: 3, medianMs: 3, worstMs: 20, count: 9 } },
    refusingMs: 0,
    waitingOutputs: 0,
  },
  violations: { count: 0 },
  store: { id: 'ab', isRetired: false },
} as const;

export function bufferStatus(changes: Partial<BufferStatus> = {}): BufferStatus {
  return {
    schema: 'buffer.status/1',
    role: 'buffer',
    ...facts,
    smscAddress: 'tcp://127.0.0.1:9971',
    imServerUrl: 'wss://im.example.org/link',
    smscId: 'hel1',
    phase: 'running',
    isUnsure: false,
    session: { state: 'ready', since: at(3_500_000), nextAttemptAt: undefined, logins: 1, failures: 0 },
    inDoubt: 'resend',
    submits: {
      outstanding: 0,
      window: 1,
      slowedToPerSecond: undefined,
      heldUntil: undefined,
      turnAround: { nowMs: 3, medianMs: 3, worstMs: 12, count: 128 },
      counts: { accepted: 8_211, refused: 0, 'refused-for-now': 0, unusable: 0, none: 0 },
      errorCodes: [],
      latest: [],
    },
    waitingDelivers: 0,
    enquiries: 0,
    zoneMinutes: 180,
    link: link(),
    mt: lane(),
    mo: lane({ waitingForSlot: 0 }),
    ...changes,
  };
}

export function imServerStatus(changes: Partial<ImServerStatus> = {}): ImServerStatus {
  return {
    schema: 'im-server.status/1',
    role: 'im-server',
    ...facts,
    stateDir: '/var/lib/ringbridge/im',
    listen: 'tcp://127.0.0.1:8080',
    users: 2,
    connections: 3,
    openTexts: 0,
    gateways: {
      web: { problem: undefined, counts: { clients: 2, users: 1 } },
      http: { problem: undefined, counts: { streams: 0, webhooks: 1, parkedWebhooks: 0, parkedDeliveries: 0 } },
    },
    smscs: [{ smscId: 'hel1', link: link(), outbox: 0, mt: lane({ waitingForSlot: 0 }), mo: lane(), retiredStores: 0 }],
    ...changes,
  };
}
