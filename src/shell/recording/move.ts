/** The moves of a recording, read back: what of `lane-mirror.ts` was written as positional lists. */
import type { PlainValue } from '../../core/base/values.ts';
import { type Outcome, outcomeFromValue } from '../../core/ring/outcome.ts';
import { type LaneName, laneNames, type SlotStatus, statuses } from '../../core/ring/status.ts';
import type { Move } from './lane-mirror.ts';

interface Place {
  readonly smscId: string;
  readonly lane: LaneName;
  /** 1–255. */
  readonly slot: number;
}

/** A slot of the end that was recorded became something else. */
export interface SlotMove extends Place {
  readonly type: 'moved';
  readonly seq: number;
  readonly status: SlotStatus;
  readonly attempts: number;
  readonly possibleDuplicate: boolean;
  readonly outcome: Outcome | undefined;
  /** Told where the number is new in its slot. */
  readonly messageId: string | undefined;
}

export type RecordedMove =
  | SlotMove
  | (Place & { readonly type: 'freed' })
  /** The bytes of the message that the slot was just given. */
  | (Place & { readonly type: 'message'; readonly bytes: Uint8Array })
  /** Slot 0: the ring got this epoch and size, or lost them. */
  | (Place & { readonly type: 'ring'; readonly epoch: string; readonly size: number });

/** Undefined for what is no move of this version. */
export function readMove(move: Move, smscIds: readonly string[]): RecordedMove | undefined {
  const [smsc, laneIndex, slot, ...fields] = move;
  const lane = laneNames[Number(laneIndex)];
  const smscId = smscIds[Number(smsc)];
  if (lane === undefined || smscId === undefined || typeof slot !== 'number') return undefined;
  const place = { smscId, lane, slot };
  if (slot === 0) return { type: 'ring', ...place, epoch: String(fields[0]), size: Number(fields[1]) };
  if (fields.length === 0) return { type: 'freed', ...place };
  if (fields[0] instanceof Uint8Array) return { type: 'message', ...place, bytes: fields[0] };
  return slotMove(place, fields);
}

/** Of a slot as an entry `rings` tells it: [slot, seq, status, attempts, possible duplicate, outcome, message id, bytes]. */
export function readSlot(slot: PlainValue, place: Omit<Place, 'slot'>): SlotMove | undefined {
  if (!Array.isArray(slot)) return undefined;
  const [index, ...fields]: readonly PlainValue[] = slot;
  return typeof index === 'number' ? slotMove({ ...place, slot: index }, fields) : undefined;
}

function slotMove(place: Place, fields: readonly PlainValue[]): SlotMove | undefined {
  const [seq, statusIndex, attempts, possibleDuplicate, told, messageId] = fields;
  const status = statuses[Number(statusIndex)];
  if (typeof seq !== 'number' || typeof attempts !== 'number' || status === undefined) return undefined;
  return {
    type: 'moved',
    ...place,
    seq,
    status,
    attempts,
    possibleDuplicate: possibleDuplicate === true,
    outcome: outcomeFromValue(told),
    messageId: typeof messageId === 'string' ? messageId : undefined,
  };
}
