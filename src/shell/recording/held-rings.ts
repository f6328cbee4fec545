/**
 * The rings that a machine holds, compared with a recording: with the moves that were recorded, slot by slot, and with
 * numbers that stand for a whole digest as the recorded machine held it. Moves come from what was to be written to disk;
 * this is what is in memory, and what the other end would be told.
 */
import { outcomeToValue } from '../../core/ring/outcome.ts';
import type { SlotIndex } from '../../core/ring/sequence.ts';
import type { SlotCopy } from '../../core/ring/slot.ts';
import { laneNames, statuses } from '../../core/ring/status.ts';
import type { RingSight } from '../../core/roles/ring-news.ts';
import type { PastSlot, RingsSnapshot } from './past-rings.ts';
import { mixNumber, mixText, startNumber } from './said.ts';

/** One number for each ring, in their order: epoch, size, and of each slot all that a digest tells of it. */
export function digestNumbers(sights: readonly RingSight[]): readonly number[] {
  return sights.map(({ epoch = '', size, ring }) => {
    let number = mixNumber(mixText(startNumber, epoch), size);
    for (let slot = 1; slot <= size; slot += 1) {
      const copy = ring.at(indexOf(slot));
      if (copy !== undefined) number = mixCopy(mixNumber(number, slot), copy);
    }
    return number >>> 0;
  });
}

/** Where what a machine holds is not what was recorded of it; undefined where it is. */
export function ringsDifference(
  sights: readonly RingSight[],
  smscIds: readonly string[],
  recorded: RingsSnapshot,
): string | undefined {
  for (const { smscId, lane, epoch = '', size, ring } of sights) {
    const past = recorded[smscIds.indexOf(smscId)]?.[laneNames.indexOf(lane)];
    if (past === undefined) return `nothing is recorded of the ${lane} ring`;
    if (past.size !== size || past.epoch !== epoch) {
      return `the ${lane} ring has ${size} slots and epoch ${epoch.slice(0, 4)}…, recorded are ${past.size} and ${past.epoch.slice(0, 4)}…`;
    }
    for (let slot = 1; slot <= size; slot += 1) {
      const [copy, told] = [ring.at(indexOf(slot)), past.slots[slot]];
      if (!isSame(copy, told)) {
        return `${lane} slot ${slot} is ${textOf(copy)} in the ring that was replayed, recorded is ${textOf(told)}`;
      }
    }
  }
  return undefined;
}

function isSame(copy: SlotCopy | undefined, told: PastSlot | undefined): boolean {
  if (copy === undefined || told === undefined) return copy === told;
  return (
    copy.seq === told.seq &&
    copy.status === told.status &&
    copy.attempts === told.attempts &&
    copy.possibleDuplicate === told.possibleDuplicate &&
    copy.messageId === told.messageId &&
    (copy.outcome === undefined || told.outcome === undefined
      ? copy.outcome === told.outcome
      : String(outcomeToValue(copy.outcome)) === String(outcomeToValue(told.outcome)))
  );
}

function textOf(slot: Pick<PastSlot, 'seq' | 'status' | 'attempts'> | undefined): string {
  return slot === undefined ? 'free' : `number ${slot.seq} ${slot.status}, attempt ${slot.attempts}`;
}

function mixCopy(number: number, copy: SlotCopy): number {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash } = copy;
  let mixed = mixNumber(mixNumber(mixNumber(number, seq), statuses.indexOf(status)), attempts);
  mixed = mixText(mixText(mixNumber(mixed, possibleDuplicate ? 1 : 0), messageId), contentHash);
  return outcome === undefined ? mixed : mixText(mixed, String(outcomeToValue(outcome)));
}

/** Counted from 1 to the size of the ring, the range of a slot. */
function indexOf(slot: number): SlotIndex {
  return slot as unknown as SlotIndex;
}
