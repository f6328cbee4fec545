/**
 * No slot is reused before it is settled, and no sequence number names two messages in one epoch.
 * SPEC: DESIGN section 2, rule 2. Where a disk was lost, numbers that only it knew may come again.
 */
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';
import { DiskCopies, type SlotChange } from './disk-copies.ts';

export function slotReuseChecker({ excuses }: CheckerSite): Checker {
  const copies = new DiskCopies();
  return {
    name: 'slot-reuse',
    take(happening: Happening) {
      for (const { before, after, who } of copies.take(happening)) {
        if (before === undefined || after === undefined || after.seq === before.seq) continue;
        const isOwner = (who === imServerName) === (after.lane === 'mt');
        if (!isOwner || excuses.lostDisks.has(who)) continue;
        if (before.status !== 'settled') {
          return `slot ${after.slot} of ${after.lane} at ${who} takes number ${after.seq} while ${before.seq} is ${before.status}`;
        }
      }
      return undefined;
    },
    end: () => undefined,
  };
}

export function numbersChecker(): Checker {
  const copies = new DiskCopies();
  /** Message ids by lane, epoch and number. */
  const known = new Map<string, string>();

  function judge({ after, epoch, who }: SlotChange): string | undefined {
    if (after === undefined || after.messageId === '') return undefined;
    const name = `${after.smscId} ${after.lane} ${epoch} ${after.seq}`;
    const other = known.get(name);
    known.set(name, after.messageId);
    if (other === undefined || other === after.messageId) return undefined;
    return `number ${after.seq} of ${after.smscId} ${after.lane} names two messages (at ${who}: ${after.messageId}, before: ${other})`;
  }

  return {
    name: 'numbers',
    take(happening: Happening) {
      // Numbers that only the lost disk knew are nobody's; those of the other end are known again when they move.
      if (happening.type === 'disk-lost' || happening.type === 'disk-set-back') known.clear();
      for (const change of copies.take(happening)) {
        const complaint = judge(change);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
    end: () => undefined,
  };
}
