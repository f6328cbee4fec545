/**
 * What one end tells of its copy of a ring, so that two ends can be compared: epoch, size and the state of every slot.
 * SPEC: DESIGN sections 3 and 4.
 */
import type { Ring } from './ring.ts';
import type { SlotCopy, SlotState } from './slot.ts';

declare const epochBrand: unique symbol;

/** 128 random bits, 32 lower-case hex digits; made by the producer at the first contact. */
export type Epoch = string & { readonly [epochBrand]: true };

export function isEpoch(value: unknown): value is Epoch {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

/** Where a store was in its life: which start, and how many commits in all. */
export interface StorePosition {
  /** Random id of the start, 32 hex digits; empty where none was seen. */
  readonly run: string;
  /** Commits since the store was made. */
  readonly count: number;
}

export interface RingDigest {
  /** Undefined before the first contact. */
  readonly epoch: Epoch | undefined;
  /** 1–255; the producer's belongs to the epoch. */
  readonly size: number;
  /** The highest number used at this end, 0 for none. */
  readonly lastSeq: number;
  /** Slots that were ever used, in the order of slots; the others are free. */
  readonly slots: readonly SlotState[];
  /** Consumer: where the producer's store was when it last spoke after a comparison. */
  readonly producerSeen: StorePosition;
}

export const nothingSeen: StorePosition = { run: '', count: 0 };

export function digestOf(epoch: Epoch | undefined, ring: Ring, producerSeen: StorePosition): RingDigest {
  return {
    epoch,
    size: ring.size,
    lastSeq: ring.lastSeq,
    slots: epoch === undefined ? [] : [...ring.copies()].map(shownState),
    producerSeen,
  };
}

/** A copy whose bytes are missing shows no hash, so that the other end sends them. SPEC: DESIGN section 11. */
function shownState(copy: SlotCopy): SlotState {
  const state = stateOf(copy);
  return copy.bytes.length === 0 && copy.status !== 'settled' ? { ...state, contentHash: '' } : state;
}

/** The state without the bytes and this end's own times. */
export function stateOf(state: SlotState): SlotState {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash } = state;
  return { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash };
}
