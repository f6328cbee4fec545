/**
 * No slot is reused before it is settled, no sequence number names two messages in one epoch, and no epoch comes again.
 * SPEC: DESIGN section 2, rule 2. Where a disk was lost, numbers that only it knew may come again.
 */
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { Checker } from './checker.ts';
import { DiskCopies, type DiskCopy, type SlotChange } from './disk-copies.ts';

export function slotReuseChecker(): Checker {
  const copies = new DiskCopies();

  /** A producer that lost its disk takes what its mirror holds, and its own message of that slot goes on elsewhere. */
  function isAdopted(who: string, { smscId, lane, slot, seq, messageId }: DiskCopy): boolean {
    const mirror = copies.copy(who === imServerName ? smscId : imServerName, smscId, lane, slot);
    return mirror?.seq === seq && mirror.messageId === messageId;
  }

  return {
    name: 'slot-reuse',
    take(happening: Happening) {
      for (const { before, after, who } of copies.take(happening)) {
        if (before === undefined || after === undefined || after.seq === before.seq) continue;
        const isOwner = (who === imServerName) === (after.lane === 'mt');
        if (isOwner && before.status !== 'settled' && !isAdopted(who, after)) {
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
  /** By lane, epoch and number. */
  const known = new Map<string, { readonly messageId: string; readonly holders: Set<string> }>();
  /** Until it has compared, a producer that was set back gives numbers that it forgot; it takes them back. */
  const setBack = new Set<string>();

  function judge({ after, epoch, who }: SlotChange): string | undefined {
    if (after === undefined || after.messageId === '') return undefined;
    const isOwner = (who === imServerName) === (after.lane === 'mt');
    if (isOwner && setBack.has(who)) return undefined;
    const name = `${after.smscId} ${after.lane} ${epoch} ${after.seq}`;
    const other = known.get(name);
    if (other === undefined || other.messageId !== after.messageId) {
      known.set(name, { messageId: after.messageId, holders: new Set([who]) });
    } else other.holders.add(who);
    if (other === undefined || other.messageId === after.messageId) return undefined;
    return `number ${after.seq} of ${after.smscId} ${after.lane} names two messages (at ${who}: ${after.messageId}, before: ${other.messageId})`;
  }

  /** Numbers that only that disk knew are nobody's. */
  function forget(who: string): void {
    for (const [name, { holders }] of known) if (holders.delete(who) && holders.size === 0) known.delete(name);
  }

  return {
    name: 'numbers',
    take(happening: Happening) {
      if (happening.type === 'disk-lost' || happening.type === 'disk-set-back') forget(happening.who);
      if (happening.type === 'disk-set-back') setBack.add(happening.who);
      for (const change of copies.take(happening)) {
        const complaint = judge(change);
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
    end: () => undefined,
  };
}

export function epochsChecker(): Checker {
  /** By role, SMSC and lane. */
  const present = new Map<string, string>();
  const left = new Map<string, Set<string>>();
  /** The lane that each epoch belongs to. */
  const laneOf = new Map<string, string>();

  function begin(who: string, lane: string, epoch: string): string | undefined {
    const place = `${who} ${lane}`;
    const before = present.get(place);
    if (before === epoch) return undefined;
    const known = left.get(place) ?? new Set();
    if (before !== undefined) left.set(place, known.add(before));
    present.set(place, epoch);
    const other = laneOf.get(epoch) ?? lane;
    laneOf.set(epoch, other);
    if (other !== lane) return `epoch ${epoch} of ${other} is begun for ${lane} at ${who}`;
    return known.has(epoch) ? `epoch ${epoch} of ${lane} comes again at ${who}` : undefined;
  }

  return {
    name: 'epochs',
    take(happening: Happening) {
      // An earlier disk has earlier epochs.
      if (happening.type === 'disk-set-back') left.clear();
      if (happening.type !== 'committed') return undefined;
      for (const { key, value } of happening.records) {
        const [room, smscId, lane, kind] = key;
        if (room !== 'ring' || kind !== 'state' || !Array.isArray(value)) continue;
        const complaint = begin(happening.who, `${smscId} ${lane}`, String(value[1]));
        if (complaint !== undefined) return complaint;
      }
      return undefined;
    },
    end: () => undefined,
  };
}
