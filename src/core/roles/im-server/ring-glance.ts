/**
 * What the IM server knows of both ends of its rings, for whoever watches them: its own copies, and of the buffer's what
 * that said last. It never asks the buffer, so what the buffer has not said stays unknown. The full copies of one end, for
 * tools, are `ring-views.ts`.
 */
import type { Ring } from '../../ring/ring.ts';
import type { SlotIndex } from '../../ring/sequence.ts';
import type { SlotCopy } from '../../ring/slot.ts';
import { type LaneName, type SlotStatus, statusTable } from '../../ring/status.ts';
import type { LinkView, SlotMoveView, SlotView } from '../../store/ring-view.ts';
import type { LaneContact } from '../../sync/lane-io.ts';

/** Stands for a slot of the buffer of which it has said nothing yet. */
export const unheardLetter = '~';

/** One lane at one moment, a letter of `statusTable` for every slot. */
export interface LaneGlance {
  readonly lane: LaneName;
  readonly contact: LaneContact;
  /** 1–255; 0 before the first contact. */
  readonly size: number;
  /** Messages that wait for a slot; always 0 for `mo`, where they wait at the SMSC. */
  readonly waiting: number;
  readonly imServer: string;
  /** What the buffer said last; see {@link saidByBuffer}. */
  readonly buffer: string;
  /** Sequence number in every slot, 0 in a free one. */
  readonly seqs: readonly number[];
}

export interface SmscGlance {
  readonly smscId: string;
  readonly link: LinkView;
  readonly lanes: readonly LaneGlance[];
}

/** What the buffer is known to hold in a slot. */
export interface BufferWord {
  /** Undefined where it has said nothing. */
  readonly status: SlotStatus | undefined;
  /**
   * `said`: the buffer's own word. `told`: this end told it, and it does not answer that. `silent`: it has said nothing, so
   * it may hold more than this end knows.
   */
  readonly basis: 'said' | 'told' | 'silent';
}

/** One slot in full, with what happened in it since this machine began. */
export interface SlotSight {
  readonly smscId: string;
  readonly lane: LaneName;
  readonly imServer: SlotView;
  readonly buffer: BufferWord;
  /** The latest moves of the message in the slot at this end, the earliest first. */
  readonly moves: readonly SlotMoveView[];
}

export function laneGlance(
  lane: LaneName,
  end: { readonly ring: Ring; readonly state: unknown; readonly contact: LaneContact },
  waiting: number,
): LaneGlance {
  const { ring, contact } = end;
  // A ring is there before the first contact, but its size is agreed on then.
  const size = end.state === undefined ? 0 : ring.size;
  let imServer = '';
  let buffer = '';
  const seqs: number[] = [];
  for (let slot = 1; slot <= size; slot += 1) {
    const copy = ring.at(slot as SlotIndex);
    imServer += statusTable[copy?.status ?? 'free'].letter;
    const { status } = saidByBuffer(lane, copy);
    buffer += status === undefined ? unheardLetter : statusTable[status].letter;
    seqs.push(copy?.seq ?? 0);
  }
  return { lane, contact, size, waiting, imServer, buffer, seqs };
}

/**
 * In `mt` the buffer is the consumer: every status but `placed` and `settled` is its own word. In `mo` it is the producer:
 * it says `placed` by sending, and `settled` when it has the outcome; in between it is told and does not answer.
 */
export function saidByBuffer(lane: LaneName, copy: Pick<SlotCopy, 'status'> | undefined): BufferWord {
  if (copy === undefined) return { status: 'free', basis: 'silent' };
  const { status } = copy;
  if (lane === 'mo') return { status: status === 'settled' ? 'settled' : 'placed', basis: 'said' };
  if (status === 'placed') return { status: undefined, basis: 'silent' };
  return { status, basis: status === 'settled' ? 'told' : 'said' };
}
