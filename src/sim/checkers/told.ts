/**
 * Promise after proof: what an entry says is on the teller's disk when it leaves. A message that was claimed ahead may be
 * told by its note, which is kept without a sync. SPEC: DESIGN section 2 rule 1.
 */
import { isRingSize, slotOf } from '../../core/ring/sequence.ts';
import { isOutcome, type SlotStatus, statusTable } from '../../core/ring/status.ts';
import type { Happening } from '../happening.ts';
import type { Checker } from './checker.ts';
import { DiskCopies, type DiskCopy } from './disk-copies.ts';

interface Said {
  readonly seq: number;
  readonly status: SlotStatus;
  readonly attempts: number;
}

export function toldChecker(sizes: (who: string, smscId: string, lane: 'mt' | 'mo') => number): Checker {
  const copies = new DiskCopies();

  function judge(who: string, smscId: string, lane: 'mt' | 'mo', said: Said): string | undefined {
    const size = sizes(who, smscId, lane);
    if (!isRingSize(size) || size < 1) return undefined;
    // A number of the ring; `slotOf` takes the branded one.
    const slot = slotOf(said.seq as Parameters<typeof slotOf>[0], size);
    const copy = copies.copy(who, smscId, lane, slot);
    if (copy !== undefined && copy.seq > said.seq) return undefined;
    if (isCovered(said, copy) || (lane === 'mt' && isCovered(said, copies.note(who, slot)))) return undefined;
    const held = copy === undefined ? 'nothing' : `number ${copy.seq} ${copy.status}, attempt ${copy.attempts}`;
    return `${who} tells number ${said.seq} of ${smscId} ${lane} is ${said.status}, attempt ${said.attempts}; its disk says ${held}`;
  }

  return {
    name: 'told',
    take(happening: Happening) {
      copies.take(happening);
      if (happening.type !== 'told') return undefined;
      const { who, smscId, entry } = happening;
      switch (entry.type) {
        case 'status':
        case 'reconstruct':
          return judge(who, smscId, entry.lane, entry.state);
        case 'place':
          return judge(who, smscId, entry.lane, { seq: entry.seq, status: 'placed', attempts: 0 });
        case 'settled':
          return judge(who, smscId, entry.lane, { seq: entry.seq, status: 'settled', attempts: 0 });
        case 'digest':
          for (const state of entry.digest.slots) {
            const complaint = judge(who, smscId, entry.lane, state);
            if (complaint !== undefined) return complaint;
          }
          return undefined;
        default:
          return undefined;
      }
    },
    end: () => undefined,
  };
}

/** Whether what is kept is at least as late as what is said. */
function isCovered(said: Said, kept: DiskCopy | undefined): boolean {
  if (kept === undefined || kept.seq !== said.seq) return false;
  const [one, other] = [stage(kept.status), stage(said.status)];
  if (one !== other) return one > other;
  if (one > 0) return true;
  if (kept.attempts !== said.attempts) return kept.attempts > said.attempts;
  return statusTable[kept.status].rank >= statusTable[said.status].rank;
}

function stage(status: SlotStatus): number {
  if (status === 'settled') return 2;
  return isOutcome(status) ? 1 : 0;
}
