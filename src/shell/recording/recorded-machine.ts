/**
 * A role's machine as it was made when it was recorded: the same settings, the same answers from store and chance, no
 * secrets. It decides nothing; `replay.ts` feeds it.
 */
import type { Machine } from '../../core/base/machine.ts';
import type { Instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import { BufferRole } from '../../core/roles/buffer/buffer.ts';
import type { BufferSettings } from '../../core/roles/buffer/buffer-io.ts';
import { ImServerRole } from '../../core/roles/im-server/im-server.ts';
import type { ImServerSettings } from '../../core/roles/im-server/im-server-io.ts';
import type { RingSight } from '../../core/roles/ring-news.ts';
import { identityFromValue } from '../../core/store/identity.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import { type SlotNote, slotNoteFromValue } from '../../core/store/slot-note.ts';
import { sha256 } from '../hashing.ts';
import { makeSmsc, type SmscStart } from '../smsc-machine.ts';
import { valueCodec } from '../values.ts';
import type { AnswersGiven } from './answers.ts';
import { fromPlain } from './plain-form.ts';

/** Outputs as far as a replay looks at them. */
export type ReplayedOutput = { readonly type: string };

export interface RecordedMachine extends Machine<{ readonly type: string }, ReplayedOutput> {
  /** Both are left out by an SMSC, which has none. */
  rings?(): readonly RingView[];
  ringSights?(): readonly RingSight[];
}

export interface RecordedLife {
  readonly role: PlainValue | undefined;
  readonly settings: PlainValue | undefined;
  readonly identity: PlainValue | undefined;
  readonly notes: PlainValue | undefined;
}

/** @returns undefined for a life that this version cannot make: of another role, or of an unknown form */
export function makeRecorded(life: RecordedLife, answers: AnswersGiven): RecordedMachine | undefined {
  const settings = fromPlain(life.settings ?? null);
  if (typeof settings !== 'object' || settings === null) return undefined;
  if (life.role === 'smsc') {
    const { madeAt, ...start } = settings as SmscStart & { readonly madeAt: Instant };
    return makeSmsc(start, madeAt) as RecordedMachine;
  }
  const identity = identityFromValue(life.identity ?? null);
  if (identity === undefined) return undefined;
  const tools = { ...answers.tools, codec: valueCodec, sha256, identity };
  // Settings and inputs are those that the same program wrote down; what a damaged recording makes of them ends in a
  // refusal of the machine, which the replay tells.
  if (life.role === 'buffer') {
    return new BufferRole(settings as BufferSettings, { ...tools, notes: notesOf(life.notes) }) as RecordedMachine;
  }
  if (life.role === 'im-server') return new ImServerRole(settings as ImServerSettings, tools) as RecordedMachine;
  return undefined;
}

function notesOf(value: PlainValue | undefined): ReadonlyMap<number, SlotNote> | undefined {
  if (!isList(value)) return undefined;
  const notes = new Map<number, SlotNote>();
  for (const one of value) {
    const [slot, form] = isList(one) ? one : [];
    const note = slotNoteFromValue(form);
    if (typeof slot === 'number' && note !== undefined) notes.set(slot, note);
  }
  return notes;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
