/**
 * The rings of an IM server as they were behind one input, for whoever looks back: the same letters as `ring-glance.ts`
 * gives for now, and what that input moved. The buffer's letters are what the IM server knew of it then.
 */
import type { Instant } from '../../base/time.ts';
import { type LaneName, statusTable } from '../../ring/status.ts';
import type { LinkView, RingView } from '../../store/ring-view.ts';
import { saidByBuffer, unheardLetter } from './ring-glance.ts';

/** Which input to look behind: that of this number, or the nearest one that moved a slot. */
export interface PastQuestion {
  /** Counted from 1; the last one if left out. */
  readonly event: number | undefined;
  readonly seek: 'at' | 'next-move' | 'previous-move';
}

export interface PastGlance {
  /** Inputs that can be looked behind. */
  readonly first: number;
  readonly last: number;
  /** Of the first and the last entry that is kept. */
  readonly from: Instant;
  readonly to: Instant;
  readonly event: number;
  readonly at: Instant;
  /** Type of the input: `link-received`, `im`, `tick` … */
  readonly input: string;
  readonly smscs: readonly {
    readonly link: LinkView;
    readonly lanes: readonly PastLane[];
  }[];
}

export interface PastLane {
  readonly lane: LaneName;
  /** 1–255; 0 before the first contact. */
  readonly size: number;
  readonly imServer: string;
  readonly buffer: string;
  /** Slots that the input moved. */
  readonly moved: readonly number[];
}

/** One lane from a view of it. @param moved slots that the input moved */
export function pastLane({ lane, size, slots }: RingView, moved: readonly number[]): PastLane {
  const own = Array.from({ length: size }, () => statusTable.free.letter);
  const other = own.slice();
  for (const view of slots) {
    const { status } = saidByBuffer(lane, view.status === 'free' ? undefined : { status: view.status });
    own[view.slot - 1] = statusTable[view.status].letter;
    other[view.slot - 1] = status === undefined ? unheardLetter : statusTable[status].letter;
  }
  return { lane, size, imServer: own.join(''), buffer: other.join(''), moved };
}
