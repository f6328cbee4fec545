/** How a buffer is doing, as `GET /status` tells it: read from the machines it is made of, which it changes nothing of. */
import type { Instant } from '../../base/time.ts';
import type { StoreView } from '../../store/ring-view.ts';
import type { LaneStatus, LinkStatus } from '../lane-status.ts';
import type { AnswersView } from './answer-story.ts';
import type { SessionStatus } from './session-story.ts';

/** `starting` before its first input, `retired` once another store took over for good. */
export type BufferPhase = 'starting' | 'running' | 'retired' | 'draining' | 'closing-link' | 'drained';

export interface BufferHealth {
  readonly smscId: string;
  readonly phase: BufferPhase;
  readonly store: StoreView;
  /** The store was set back: nothing is handed over before the first comparison with the IM server. */
  readonly isUnsure: boolean;
  readonly session: SessionStatus;
  /** What becomes of a message in doubt. */
  readonly inDoubt: 'resend' | 'hold';
  readonly submits: SubmitsStatus;
  /** Delivers of the SMSC that wait for their answer: for a slot, for the zone, or for the IM server's disk. */
  readonly waitingDelivers: number;
  /** Submits whose fate is being asked for, where no reports come by themselves. */
  readonly enquiries: number;
  /** Minutes east of UTC of the SMSC's clock; undefined while it is asked. */
  readonly zoneMinutes: number | undefined;
  readonly link: LinkStatus;
  readonly mt: LaneStatus;
  readonly mo: LaneStatus;
}

export interface SubmitsStatus extends AnswersView {
  /** Without an answer at this moment. */
  readonly outstanding: number;
  /** As many may be at a time. */
  readonly window: number;
  /** What the SMSC seems to stand; undefined where it does not complain. */
  readonly slowedToPerSecond: number | undefined;
  /** What is kept back leaves then; undefined where nothing is. */
  readonly heldUntil: Instant | undefined;
}
