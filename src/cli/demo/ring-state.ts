/**
 * Whether both ends of the demo's rings say the same, and whether everything in them is over. Reads the roles as
 * `ring inspect` does.
 */
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { readRings } from '../../shell/ring-reader.ts';
import type { WorldDirs } from './world.ts';

export interface RingState {
  /** Every slot of both lanes alike at both ends, in the same epoch. */
  readonly isInStep: boolean;
  /** Every slot free or settled; under `hold`, or in doubt. */
  readonly isSettled: boolean;
  /** The first few differences and leftovers, for people. */
  readonly remarks: readonly string[];
}

const remarkLimit = 10;

export async function readRingState(dirs: WorldDirs, inDoubt: 'resend' | 'hold'): Promise<RingState> {
  const [buffer, imServer] = await Promise.all([readRings(dirs.buffer), readRings(dirs.imServer)]);
  return judgeRings(buffer.rings, imServer.rings, inDoubt);
}

export function judgeRings(
  buffer: readonly RingView[],
  imServer: readonly RingView[],
  inDoubt: 'resend' | 'hold',
): RingState {
  const differences: string[] = [];
  const leftovers: string[] = [];
  for (const lane of ['mt', 'mo'] as const) {
    const [here, there] = [buffer, imServer].map((rings) => rings.find((ring) => ring.lane === lane));
    if (here === undefined || there === undefined || here.epoch === undefined || here.epoch !== there.epoch) {
      differences.push(`${lane}: no common epoch`);
      continue;
    }
    for (const [index, ours] of here.slots.entries()) {
      const theirs = there.slots[index];
      if (wordsOf(ours) !== wordsOf(theirs)) {
        differences.push(`${lane} slot ${ours.slot}: buffer ${wordsOf(ours)}, im-server ${wordsOf(theirs)}`);
      }
      const isOver = (slot: SlotView | undefined): boolean =>
        slot === undefined ||
        slot.status === 'free' ||
        slot.status === 'settled' ||
        (inDoubt === 'hold' && slot.status === 'in-doubt');
      if (!isOver(ours) || !isOver(theirs)) {
        leftovers.push(`${lane} slot ${ours.slot}: buffer ${wordsOf(ours)}, im-server ${wordsOf(theirs)}`);
      }
    }
  }
  return {
    isInStep: differences.length === 0,
    isSettled: leftovers.length === 0,
    remarks: [...new Set([...differences, ...leftovers])].slice(0, remarkLimit),
  };
}

function wordsOf(slot: SlotView | undefined): string {
  if (slot === undefined || slot.seq === undefined) return 'free';
  return `#${slot.seq} ${slot.status} after ${slot.attempts}`;
}
