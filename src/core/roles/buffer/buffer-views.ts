/**
 * What a buffer shows of itself: its rings, its link, how it is doing. Read from the machines it is made of, of which
 * nothing is changed; the role itself asks none of it. Pure.
 */
import type { Instant } from '../../base/time.ts';
import type { SlotIndex } from '../../ring/sequence.ts';
import { laneNames } from '../../ring/status.ts';
import type { LinkView, RingView, StoreView } from '../../store/ring-view.ts';
import { type LinkStatus, laneStatus } from '../lane-status.ts';
import type { RingSight } from '../ring-news.ts';
import { type RingsWanted, ringView } from '../ring-views.ts';
import type { BufferHealth, BufferPhase } from './buffer-health.ts';
import type { BufferSettings } from './buffer-io.ts';
import type { BufferParts } from './buffer-parts.ts';
import type { SessionStory } from './session-story.ts';

/** A buffer as it is at this moment. */
export interface BufferSight extends BufferParts {
  readonly settings: BufferSettings;
  readonly storeId: string;
  readonly phase: BufferPhase;
  readonly sessionStory: SessionStory;
  /** When the link came up, or went down. */
  readonly linkSince: Instant;
}

/** What of it is known without a clock. */
export type BufferStatus = ReturnType<typeof bufferStatus>;

const side = 'buffer';

/** Both rings as this end holds them. */
export function bufferRings({ settings, messages, mt, mo }: BufferSight, { moves }: RingsWanted): RingView[] {
  const { smscId } = settings;
  const decode = (bytes: Uint8Array) => messages.decode(bytes);
  return laneNames.map((lane) => {
    const end = lane === 'mt' ? mt : mo;
    const { epoch, size = 0, mirrorStore } = end.state ?? {};
    const movesIn = moves === 'with' ? (slot: SlotIndex) => end.ring.movesIn(slot) : undefined;
    const copies = end.ring.copies();
    return ringView({ smscId, side, lane, epoch, size, mirrorStore, copies, decode, movesIn });
  });
}

export function bufferRingSights({ settings: { smscId }, mt, mo }: BufferSight): RingSight[] {
  return laneNames.map((lane) => {
    const { ring, state } = lane === 'mt' ? mt : mo;
    return { smscId, side, lane, epoch: state?.epoch, size: state?.size ?? 0, ring };
  });
}

export function bufferLink({ settings, dialer, mt, mo, news, linkSince }: BufferSight): LinkView {
  const isInStep = mt.contact === 'in-step' && mo.contact === 'in-step';
  const problem = dialer.lastProblem;
  const rttMs = dialer.pulse?.rttMs;
  return {
    smscId: settings.smscId,
    state: dialer.isUp ? (isInStep ? 'up' : 'comparing') : 'down',
    since: linkSince,
    ...(rttMs === undefined ? {} : { rttMs: Math.round(rttMs) }),
    ...(problem === undefined ? {} : { reason: problem.reason, code: problem.code }),
    session: news.view(),
  };
}

export function bufferStore({ storeId, phase }: BufferSight): StoreView {
  return { id: storeId, isRetired: phase === 'retired' };
}

/** All of it, for whoever asks how this buffer is doing. */
export function bufferHealth(sight: BufferSight, now: Instant): BufferHealth {
  const { settings, phase, messages, client, mt, mo, submitting, delivering, enquiring, zone, sessionStory } = sight;
  const { smscId, window, inDoubt } = settings;
  return {
    smscId,
    phase,
    store: bufferStore(sight),
    isUnsure: mt.isUnsure,
    session: sessionStory.status(client.state, client.state === 'down' ? client.deadline() : undefined),
    inDoubt,
    submits: {
      outstanding: submitting.outstandingCount,
      window,
      slowedToPerSecond: submitting.slowedTo,
      heldUntil: submitting.deadline(),
      ...submitting.answers.view(),
    },
    waitingDelivers: delivering.waitingCount,
    enquiries: enquiring.count,
    zoneMinutes: zone.minutes,
    link: linkStatus(sight, now),
    mt: laneStatus(mt, undefined, messages, now),
    mo: laneStatus(mo, delivering.waitingForSlotCount, messages, now),
  };
}

function linkStatus(sight: BufferSight, now: Instant): LinkStatus {
  const { dialer, phase } = sight;
  const isWanted = phase === 'starting' || phase === 'running' || phase === 'retired';
  const health = dialer.story.health(now);
  return { ...bufferLink(sight), ...health, desired: isWanted ? 'up' : 'down', nextAttemptAt: dialer.retryAt };
}

export function bufferStatus(sight: BufferSight) {
  const { settings, client, mt, mo, submitting, delivering, enquiring, zone } = sight;
  return {
    smscId: settings.smscId,
    session: client.state,
    outstanding: submitting.outstandingCount,
    slowedToPerSecond: submitting.slowedTo,
    waitingDelivers: delivering.waitingCount,
    enquiries: enquiring.count,
    zoneMinutes: zone.minutes,
    link: bufferLink(sight),
    mt: { contact: mt.contact, used: mt.ring.inUse, size: mt.ring.size },
    mo: { contact: mo.contact, used: mo.ring.inUse, size: mo.ring.size },
  };
}
