/**
 * The rings as the recorder knows them: every slot as the last record or note of it said. It finds out what of an
 * output is a move, and can say at any time what all slots are, so that a recording can be read from the middle.
 *
 *   move   [smsc, lane, slot, seq, status, attempts, possible duplicate, outcome, message id where the number is new]
 *          [smsc, lane, slot]                     the slot was freed
 *          [smsc, lane, slot, message bytes]      a message that this end wrote itself, or was given for another
 *          [smsc, lane, 0, epoch, size]           the ring itself: its epoch and size, empty and 0 where it has none
 */
import type { PlainValue } from '../../core/base/values.ts';
import { outcomeToValue } from '../../core/ring/outcome.ts';
import { slotOf } from '../../core/ring/sequence.ts';
import { type LaneName, laneNames, statuses } from '../../core/ring/status.ts';
import { recoverRing } from '../../core/store/lane-records.ts';
import type { StoreReader, StoreRecord } from '../../core/store/record.ts';
import type { Noted } from '../../core/sync/lane-io.ts';

export type Move = readonly PlainValue[];

export type RecordedRole = 'buffer' | 'im-server' | 'smsc';

/** Of a role that nobody knows no machine is made, so its rings do not matter. */
export function roleNamed(name: string): RecordedRole {
  return name === 'im-server' || name === 'smsc' ? name : 'buffer';
}

interface Slot {
  seq: number;
  status: number;
  attempts: number;
  possibleDuplicate: boolean;
  outcome: PlainValue;
  messageId: string;
  bytes: Uint8Array;
}

interface Lane {
  epoch: string;
  size: number;
  readonly slots: Map<number, Slot>;
}

const none: readonly Move[] = [];
const nothing = new Uint8Array(0);

export class LaneMirror {
  readonly #smscIds: readonly string[];
  /** By SMSC, then by lane, in the order of `laneNames`. */
  readonly #lanes: readonly (readonly Lane[])[];
  /** Lanes whose messages this end writes itself; of the others they are in the frames that came. */
  readonly #ownLane: number;
  /** The bytes of a message as they are to be told. */
  readonly #retell: (bytes: Uint8Array) => Uint8Array;
  #moves: Move[] = [];

  /** Empty, until {@link restore} or {@link recover} says more. */
  constructor(smscIds: readonly string[], role: RecordedRole, retell: (bytes: Uint8Array) => Uint8Array = asItIs) {
    this.#retell = retell;
    this.#smscIds = smscIds;
    this.#ownLane = laneNames.indexOf(role === 'buffer' ? 'mo' : 'mt');
    this.#lanes = smscIds.map(() => laneNames.map(() => ({ epoch: '', size: 0, slots: new Map() })));
  }

  /** Takes what a store holds. */
  recover(store: StoreReader): void {
    this.#smscIds.forEach((smscId, smsc) => {
      laneNames.forEach((name, index) => {
        const lane = this.#lanes[smsc]?.[index];
        if (lane !== undefined) recoverInto(lane, store, smscId, name, this.#retell);
      });
    });
  }

  /** Takes one lane as {@link rings} gave it. */
  restore([smsc, laneIndex, epoch, size, slots]: readonly PlainValue[]): void {
    const lane = this.#lanes[Number(smsc)]?.[Number(laneIndex)];
    if (lane === undefined) return;
    lane.epoch = String(epoch);
    lane.size = Number(size);
    lane.slots.clear();
    for (const value of isList(slots) ? slots : []) {
      const [slot, seq, status, attempts, possibleDuplicate, outcome, messageId, bytes] = isList(value) ? value : [];
      lane.slots.set(Number(slot), {
        seq: Number(seq),
        status: Number(status),
        attempts: Number(attempts),
        possibleDuplicate: possibleDuplicate === true,
        outcome: outcome ?? 0,
        messageId: String(messageId),
        bytes: bytes instanceof Uint8Array ? bytes : nothing,
      });
    }
  }

  /** Records of one persist. */
  persisted(records: readonly StoreRecord[]): void {
    for (const { key, value } of records) {
      if (key[0] !== 'ring' || key.length < 4) continue;
      const smsc = this.#smscIds.indexOf(String(key[1]));
      const laneIndex = key[2] === 'mt' ? 0 : 1;
      const lane = this.#lanes[smsc]?.[laneIndex];
      if (lane === undefined) continue;
      if (key[3] === 'slot' && typeof key[4] === 'number') this.#slotWritten(smsc, laneIndex, lane, key[4], value);
      else if (key[3] === 'bytes' && typeof key[4] === 'number')
        this.#bytesWritten(smsc, laneIndex, lane, key[4], value);
      else if (key[3] === 'state') this.#stateWritten(smsc, laneIndex, lane, value);
    }
  }

  /** How far a message came that was claimed ahead; only of the mt lane of a buffer. */
  noted({ slot, note }: Noted): void {
    const lane = this.#lanes[0]?.[0];
    if (lane === undefined) return;
    const outcome = note.outcome === undefined ? 0 : outcomeToValue(note.outcome);
    const status = statuses.indexOf(note.status);
    this.#moved(0, 0, lane, slot, note.seq, status, note.attempts, note.possibleDuplicate, outcome, note.messageId);
  }

  /** Moves since it was asked last. */
  takeMoves(): readonly Move[] {
    const moves = this.#moves;
    // The list given away must not grow any more.
    if (moves.length === 0) return none;
    this.#moves = [];
    return moves;
  }

  /** Of each lane [smsc, lane, epoch, size, [[slot, seq, status, attempts, possible duplicate, outcome, message id, bytes] …]]. */
  rings(): readonly (readonly PlainValue[])[] {
    return this.#lanes.flatMap((lanes, smsc) =>
      lanes.map(({ epoch, size, slots }, lane): readonly PlainValue[] => {
        const all = [...slots].sort(([one], [other]) => one - other).map(slotValue);
        return [smsc, lane, epoch, size, all];
      }),
    );
  }

  #slotWritten(smsc: number, laneIndex: number, lane: Lane, slot: number, value: PlainValue | undefined): void {
    if (!isList(value)) {
      if (lane.slots.delete(slot)) this.#moves.push([smsc, laneIndex, slot]);
      return;
    }
    // The layout of `slotRecord` in core/store/lane-records.ts.
    const [, seq, status, attempts, possibleDuplicate, outcome, messageId] = value;
    this.#moved(
      smsc,
      laneIndex,
      lane,
      slot,
      Number(seq),
      Number(status),
      Number(attempts),
      possibleDuplicate === true,
      outcome ?? 0,
      String(messageId),
    );
  }

  /** A record that says what is known, as after a note, is no move. */
  #moved(
    smsc: number,
    laneIndex: number,
    lane: Lane,
    slot: number,
    seq: number,
    status: number,
    attempts: number,
    possibleDuplicate: boolean,
    outcome: PlainValue,
    messageId: string,
  ): void {
    const known = lane.slots.get(slot);
    if (known !== undefined && known.seq === seq && known.messageId === messageId) {
      if (known.status === status && known.attempts === attempts && known.possibleDuplicate === possibleDuplicate) {
        return;
      }
      known.status = status;
      known.attempts = attempts;
      known.possibleDuplicate = possibleDuplicate;
      known.outcome = outcome;
      this.#moves.push([smsc, laneIndex, slot, seq, status, attempts, possibleDuplicate, outcome]);
      return;
    }
    const bytes = known?.seq === seq ? known.bytes : nothing;
    lane.slots.set(slot, { seq, status, attempts, possibleDuplicate, outcome, messageId, bytes });
    this.#moves.push([smsc, laneIndex, slot, seq, status, attempts, possibleDuplicate, outcome, messageId]);
  }

  #bytesWritten(smsc: number, laneIndex: number, lane: Lane, slot: number, value: PlainValue | undefined): void {
    const bytes = isList(value) ? value[2] : undefined;
    const known = lane.slots.get(slot);
    if (known === undefined || !(bytes instanceof Uint8Array)) return;
    known.bytes = this.#retell(bytes);
    if (laneIndex === this.#ownLane) this.#moves.push([smsc, laneIndex, slot, known.bytes]);
  }

  #stateWritten(smsc: number, laneIndex: number, lane: Lane, value: PlainValue | undefined): void {
    const [, epoch, size] = isList(value) ? value : [];
    const now = { epoch: typeof epoch === 'string' ? epoch : '', size: typeof size === 'number' ? size : 0 };
    if (now.epoch === lane.epoch && now.size === lane.size) return;
    Object.assign(lane, now);
    this.#moves.push([smsc, laneIndex, 0, now.epoch, now.size]);
  }
}

function asItIs(bytes: Uint8Array): Uint8Array {
  return bytes;
}

function recoverInto(
  lane: Lane,
  store: StoreReader,
  smscId: string,
  name: LaneName,
  retell: (bytes: Uint8Array) => Uint8Array,
): void {
  const { state, copies } = recoverRing(store, smscId, name);
  lane.epoch = state?.epoch ?? '';
  lane.size = state?.size ?? 0;
  lane.slots.clear();
  if (state === undefined) return;
  for (const { seq, status, attempts, possibleDuplicate, outcome, messageId, bytes } of copies) {
    const told = outcome === undefined ? 0 : outcomeToValue(outcome);
    const slot = {
      seq,
      status: statuses.indexOf(status),
      attempts,
      possibleDuplicate,
      outcome: told,
      messageId,
      bytes: retell(bytes),
    };
    lane.slots.set(slotOf(seq, state.size), slot);
  }
}

function slotValue([slot, is]: readonly [number, Slot]): PlainValue {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, bytes } = is;
  return [slot, seq, status, attempts, possibleDuplicate, outcome, messageId, bytes];
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
