/** What both ends of a lane need to know, and what they are given because the core cannot make it itself. */
import type { Instant } from '../base/time.ts';
import type { Epoch, StorePosition } from '../ring/digest.ts';
import type { LaneName } from '../ring/status.ts';

export interface LaneSettings {
  readonly smscId: string;
  readonly lane: LaneName;
  /** 16 upper-case hex digits: first 8 bytes of SHA-256 over the bytes. */
  readonly contentHash: (bytes: Uint8Array) => string;
  /** What the ring must know of a message; undefined for bytes that are none. */
  readonly describe: (bytes: Uint8Array) => MessageOutline | undefined;
}

export interface MessageOutline {
  /** Messages of one conversation keep their order. */
  readonly conversation: string;
  /** After this it is not handed over any more. */
  readonly validUntil: Instant;
}

export interface ProducerSettings extends LaneSettings {
  /** 1–255: of the next epoch. */
  readonly size: number;
  readonly newEpoch: () => Epoch;
  /** Where this end's store is now. */
  readonly position: () => StorePosition;
  /** Whether this end's store was ever there; if not, it went back in time. */
  readonly hasBeenAt: (position: StorePosition) => boolean;
}

export interface ConsumerSettings extends LaneSettings {
  /** Id of this end's store: a new one where it was set back. */
  readonly storeId: () => string;
  /** DESIGN section 2 rule 4: try again what is in doubt, marked, or wait for a decision. */
  readonly inDoubt: 'resend' | 'hold';
  /**
   * What *fate unknown* and a restart amid handing over mean: in `mt` doubt; in `mo` storing is idempotent, so it is
   * simply done again.
   */
  readonly repetition: 'doubt' | 'harmless';
  /**
   * Milliseconds that the clock which set the validities is ahead of this one, at least; undefined while that is not known:
   * then nothing is ended, and what seems past is not handed over either. Left out: it is the same clock.
   */
  readonly producerAheadMs?: () => number | undefined;
}
