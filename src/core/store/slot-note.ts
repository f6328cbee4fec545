/**
 * How far the copy of one slot has come, kept apart from the records and without waiting for a sync: it survives a killed
 * process and not a loss of power. It tells which of the attempts that were claimed ahead really left, and what was
 * answered while a commit was under way. SPEC: DESIGN section 2 rule 1.
 */
import type { PlainValue } from '../base/values.ts';
import { outcomeFromValue, outcomeToValue } from '../ring/outcome.ts';
import { isSeq } from '../ring/sequence.ts';
import type { SlotState } from '../ring/slot.ts';
import { type SlotStatus, statuses } from '../ring/status.ts';

const format = 1;

/** The message id ties it to one message: numbers begin anew with an epoch. */
export type SlotNote = Omit<SlotState, 'contentHash'>;

/** Notes by slot, 1–255. */
export type SlotNotes = ReadonlyMap<number, SlotNote>;

export function slotNoteToValue(note: SlotNote): PlainValue {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId } = note;
  const told = outcome === undefined ? null : outcomeToValue(outcome);
  return [format, seq, statuses.indexOf(status), attempts, possibleDuplicate, told, messageId];
}

/** Undefined for anything that is no note of this version. */
export function slotNoteFromValue(value: PlainValue | undefined): SlotNote | undefined {
  if (!Array.isArray(value)) return undefined;
  const [found, seq, statusIndex, attempts, possibleDuplicate, told, messageId]: readonly PlainValue[] = value;
  const status: SlotStatus | undefined = typeof statusIndex === 'number' ? statuses[statusIndex] : undefined;
  if (found !== format || !isSeq(seq) || status === undefined || status === 'free') return undefined;
  if (typeof attempts !== 'number' || typeof possibleDuplicate !== 'boolean') return undefined;
  if (typeof messageId !== 'string') return undefined;
  const outcome = told === null ? undefined : outcomeFromValue(told);
  if (told !== null && outcome === undefined) return undefined;
  return { seq, status, attempts, possibleDuplicate, outcome, messageId };
}
