/**
 * The statements that travel on the link once both ends have proved themselves, as types. Every one is idempotent, and
 * a copy never becomes an earlier one, so each may be repeated without harm. SPEC: DESIGN section 3. Their byte form
 * is in `wire.ts`; the fields are listed in docs/link-protocol.md.
 */
import type { Instant } from '../base/time.ts';
import type { RingDigest, StorePosition } from '../ring/digest.ts';
import type { Seq } from '../ring/sequence.ts';
import type { SlotState } from '../ring/slot.ts';
import type { LaneName } from '../ring/status.ts';

/** The copy of one end, to compare with the other's. `occasion`: right after `proof`, on request, or the regular check. */
export interface DigestEntry {
  readonly type: 'digest';
  readonly lane: LaneName;
  readonly occasion: DigestOccasion;
  readonly digest: RingDigest;
}

/** `request` asks the receiver to answer with its own digest, an `answer` does not. */
export type DigestOccasion = 'first' | 'regular' | 'request' | 'answer';

export const digestOccasions: readonly DigestOccasion[] = ['first', 'regular', 'request', 'answer'];

/** Producer → consumer: this message belongs into that slot. */
export interface PlaceEntry {
  readonly type: 'place';
  readonly lane: LaneName;
  readonly seq: Seq;
  readonly messageId: string;
  /** The message as the producer wrote it once. */
  readonly bytes: Uint8Array;
  readonly attempts: number;
  /** `unknown`: it may have been handed over by a store that is gone; the consumer takes it as in doubt. */
  readonly fate: 'known' | 'unknown';
  readonly position: StorePosition;
}

/** Consumer → producer: what became of it so far. */
export interface StatusEntry {
  readonly type: 'status';
  readonly lane: LaneName;
  readonly state: Omit<SlotState, 'messageId' | 'contentHash'>;
}

/** Producer → consumer: the outcome is on the producer's disk. */
export interface SettledEntry {
  readonly type: 'settled';
  readonly lane: LaneName;
  readonly seq: Seq;
  readonly position: StorePosition;
}

/** Consumer → producer: a message that the producer lost. */
export interface ReconstructEntry {
  readonly type: 'reconstruct';
  readonly lane: LaneName;
  readonly state: SlotState;
  readonly bytes: Uint8Array;
}

/** Producer → consumer: somebody decided about a message in doubt. */
export interface ResolveEntry {
  readonly type: 'resolve';
  readonly lane: LaneName;
  readonly seq: Seq;
  /** The attempt in doubt; a later one is not meant. */
  readonly attempts: number;
  readonly as: 'sent' | 'not-sent';
  readonly by: 'operator' | 'report';
}

/** Both ways, every 5 s: shows life, round trip and skew. */
export interface HeartbeatEntry {
  readonly type: 'heartbeat';
  /** The sender's clock. */
  readonly clock: Instant;
  /** The clock of the last heartbeat received, and how long it was held; 0 and 0 if there was none. */
  readonly echo: number;
  readonly heldMs: number;
  readonly position: StorePosition;
}

/** Buffer → IM server: how its session with the SMSC is. Sent only to an IM server with {@link sessionCapability}. */
export interface SessionEntry {
  readonly type: 'session';
  readonly state: 'up' | 'down';
  /** So long it has been so, in milliseconds: a duration needs no common clock. */
  readonly forMs: number;
  /**
   * Why it is down; undefined while it is up, and before the first login. A code of docs/errors.md, for people: that of a
   * newer buffer may be one which this end does not know.
   */
  readonly code: string | undefined;
  /** 900 of a refused login; 0 where none was refused. */
  readonly refusedWith: number;
}

/** What an IM server lists in its welcome that takes a {@link SessionEntry}; one without it would refuse the frame. */
export const sessionCapability = 'session';

export type LaneEntry = DigestEntry | PlaceEntry | StatusEntry | SettledEntry | ReconstructEntry | ResolveEntry;

export type Entry = LaneEntry | SessionEntry | HeartbeatEntry;
