/**
 * One end's copy of a message in a slot, and which of two copies is the later. The payload is bytes to the ring: the
 * producer wrote them once, both ends keep them verbatim.
 */
import type { Instant } from '../base/time.ts';
import type { Outcome } from './outcome.ts';
import type { Seq } from './sequence.ts';
import { isOutcome, type SlotStatus, statusTable } from './status.ts';

/** What two ends compare: everything about a slot but the bytes. A free slot has none of these. */
export interface SlotState {
  readonly seq: Seq;
  readonly status: Exclude<SlotStatus, 'free'>;
  /** Times it was handed over, each counted before it happened. */
  readonly attempts: number;
  /** It may have been handed over before: set by a decision to try again, never cleared. */
  readonly possibleDuplicate: boolean;
  /** Present with an outcome status, and kept while settled. */
  readonly outcome: Outcome | undefined;
  /** UUID of the message. */
  readonly messageId: string;
  /** First 8 bytes of SHA-256 over the message's bytes, 16 upper-case hex digits. */
  readonly contentHash: string;
}

export interface SlotCopy extends SlotState {
  /** The message; empty where only its state is known yet (a producer that takes over its mirror's digest). */
  readonly bytes: Uint8Array;
  /** When this end moved it last. */
  readonly movedAt: Instant;
  /** Producer: it was written to a connection, noted before it left; what a lost mirror may have handed over. */
  readonly isOffered: boolean;
}

/**
 * Negative if `a` is the earlier copy of the message, positive if the later, 0 if both say the same. SPEC: DESIGN
 * section 2: settled, then an outcome, then more attempts, then the order within one attempt.
 */
export function compareProgress(a: SlotState, b: SlotState): number {
  return stage(a) - stage(b) || (stage(a) > 0 ? 0 : a.attempts - b.attempts || rank(a) - rank(b));
}

function stage(state: SlotState): number {
  if (state.status === 'settled') return 2;
  return isOutcome(state.status) ? 1 : 0;
}

function rank(state: SlotState): number {
  return statusTable[state.status].rank;
}
