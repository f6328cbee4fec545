/**
 * Recovery equals memory: when a process dies with nothing waiting for the disk, what its disk says of the rings is what
 * it held. What was claimed ahead may be further in memory: its notes tell. SPEC: DESIGN section 2 rule 1.
 */
import { isUnfinished } from '../../core/ring/status.ts';
import { recoverLane } from '../../core/store/lane-records.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';

export function recoveryChecker({ world }: CheckerSite): Checker {
  function compare(who: string): string | undefined {
    const host = who === imServerName ? world.im : world.site(who);
    if (host.carried?.isQuiet !== true) return undefined;
    for (const ring of host.role?.rings() ?? []) {
      const complaint = compareRing(who, ring, host.store);
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

function compareRing(who: string, ring: RingView, store: Parameters<typeof recoverLane>[0]): string | undefined {
  const { smscId, lane } = ring;
  const recovered = recoverLane(store, smscId, lane);
  const held = new Map(recovered.copies.map((copy) => [copy.seq as number, copy]));
  for (const { slot, seq, status, attempts } of ring.slots) {
    if (seq === undefined) continue;
    const copy = held.get(seq);
    held.delete(seq);
    const isNoted = ring.end === 'consumer' && lane === 'mt' && copy !== undefined && isUnfinished(copy.status);
    if (isNoted) continue;
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
