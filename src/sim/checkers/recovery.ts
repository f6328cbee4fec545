/**
 * Recovery equals memory: when a process dies with nothing waiting for the disk, what its disk says of the rings is what
 * it held; of what was claimed ahead, what its notes say. SPEC: DESIGN section 2 rule 1.
 */
import { compareProgress } from '../../core/ring/slot.ts';
import { recoverLane } from '../../core/store/lane-records.ts';
import type { StoreReader } from '../../core/store/record.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import type { SlotNotes } from '../../core/store/slot-note.ts';
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';

export function recoveryChecker({ world }: CheckerSite): Checker {
  function compare(who: string): string | undefined {
    const host = who === imServerName ? world.im : world.site(who);
    if (host.carried?.isQuiet !== true) return undefined;
    for (const ring of host.role?.rings() ?? []) {
      const notes = 'notes' in host && ring.end === 'consumer' && ring.lane === 'mt' ? host.notes : noNotes;
      const complaint = compareRing(who, ring, host.store, notes);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }

  return {
    name: 'recovery',
    take: (happening: Happening) => (happening.type === 'died' ? compare(happening.who) : undefined),
    end() {
      for (const who of [imServerName, ...world.sites.map(({ smscId }) => smscId)]) {
        const complaint = compare(who);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
  };
}

const noNotes: SlotNotes = new Map();

function compareRing(who: string, ring: RingView, store: StoreReader, notes: SlotNotes): string | undefined {
  const { smscId, lane } = ring;
  const recovered = recoverLane(store, smscId, lane);
  const held = new Map(recovered.copies.map((copy) => [copy.seq as number, copy]));
  for (const { slot, seq, status, attempts } of ring.slots) {
    if (seq === undefined) continue;
    const kept = held.get(seq);
    held.delete(seq);
    const note = notes.get(slot);
    const noted = kept !== undefined && note?.seq === seq ? { ...kept, ...note } : kept;
    const copy = kept !== undefined && noted !== undefined && compareProgress(noted, kept) > 0 ? noted : kept;
    if (copy?.status !== status || copy.attempts !== attempts) {
      const found = copy === undefined ? 'nothing' : `${copy.status}, attempt ${copy.attempts}`;
      return `slot ${slot} of ${smscId} ${lane} at ${who} is ${status}, attempt ${attempts}; from its disk comes ${found}`;
    }
  }
  const [more] = held.keys();
  return more === undefined
    ? undefined
    : `number ${more} of ${smscId} ${lane} is on the disk of ${who} and not in its memory`;
}
