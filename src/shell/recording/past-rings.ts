/**
 * The rings of one end as its recording shows them, carried forward move by move. It needs no machine: a move says what
 * a slot became, and messages are in the moves or in the frames that came. What it was at some moment is kept by
 * {@link PastRings.snapshot}, which shares everything that has not moved.
 */
import { type Instant, instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import { isEpoch } from '../../core/ring/digest.ts';
import type { Outcome } from '../../core/ring/outcome.ts';
import { isSeq, slotOf } from '../../core/ring/sequence.ts';
import { type LaneName, laneNames, type SlotStatus } from '../../core/ring/status.ts';
import { MessageBytes } from '../../core/roles/message-bytes.ts';
import { ringView, slotView } from '../../core/roles/ring-views.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { sha256 } from '../hashing.ts';
import { valueCodec } from '../values.ts';
import type { RecordedRole } from './lane-mirror.ts';
import { type RecordedMove, readSlot, type SlotMove } from './move.ts';

/** A slot as it was at some moment. */
export interface PastSlot {
  readonly seq: number;
  readonly status: Exclude<SlotStatus, 'free'>;
  readonly attempts: number;
  readonly possibleDuplicate: boolean;
  readonly outcome: Outcome | undefined;
  /** Empty where the recording does not tell. */
  readonly messageId: string;
  /** Empty where the recording does not hold it. */
  readonly bytes: Uint8Array;
  /** Undefined: before this recording, or before a gap in it. */
  readonly movedAt: Instant | undefined;
}

/** A move, and what the slot was before. */
export interface PastMove {
  readonly smscId: string;
  readonly lane: LaneName;
  /** 1–255. */
  readonly slot: number;
  readonly before: PastSlot | undefined;
  /** Undefined: it was freed. */
  readonly after: PastSlot | undefined;
}

/** One ring at some moment; nothing changes it. */
interface PastLane {
  readonly epoch: string;
  readonly size: number;
  /** By slot; 0 is nobody. */
  readonly slots: readonly (PastSlot | undefined)[];
}

/** One ring as it goes on. */
interface Lane {
  epoch: string;
  size: number;
  slots: (PastSlot | undefined)[];
  /** What a snapshot keeps of it: the list of slots is copied before the next change. */
  kept: PastLane | undefined;
}

/** Of each SMSC, of each lane. */
export type RingsSnapshot = readonly (readonly PastLane[])[];

const nothing = new Uint8Array(0);
const emptyLane: PastLane = { epoch: '', size: 0, slots: [] };
const messages = new MessageBytes(valueCodec, sha256);
/** Views cost a hash and a decoding each, and most slots of two moments are the same. */
const views = new WeakMap<PastSlot, Omit<SlotView, 'slot'>>();

export class PastRings {
  readonly #side: RecordedRole;
  readonly #smscIds: readonly string[];
  readonly #lanes: readonly (readonly Lane[])[];

  /** @param from as {@link snapshot} gave it; empty rings if left out */
  constructor(side: RecordedRole, smscIds: readonly string[], from?: RingsSnapshot) {
    this.#side = side;
    this.#smscIds = smscIds;
    this.#lanes = smscIds.map((_, smsc) =>
      laneNames.map((_name, index): Lane => {
        const kept = from?.[smsc]?.[index] ?? emptyLane;
        return { epoch: kept.epoch, size: kept.size, slots: [...kept.slots], kept: undefined };
      }),
    );
  }

  snapshot(): RingsSnapshot {
    return this.#lanes.map((lanes) =>
      lanes.map((lane) => {
        const { epoch, size, slots } = lane;
        lane.kept ??= { epoch, size, slots };
        return lane.kept;
      }),
    );
  }

  /** Takes an entry `rings`: every slot of one lane, as the recorder knew it. */
  told([smsc, laneIndex, epoch, size, slots]: readonly PlainValue[]): void {
    const [smscId, name] = [this.#smscIds[Number(smsc)], laneNames[Number(laneIndex)]];
    const lane = this.#lanes[Number(smsc)]?.[Number(laneIndex)];
    if (smscId === undefined || name === undefined || lane === undefined) return;
    const all: (PastSlot | undefined)[] = [];
    for (const value of isList(slots) ? slots : []) {
      const read = readSlot(value, { smscId, lane: name });
      if (read === undefined || !isPlace(read.slot)) continue;
      all[read.slot] = toldSlot(read, isList(value) ? value[7] : undefined, lane.slots[read.slot]);
    }
    Object.assign(lane, { epoch: String(epoch), size: Number(size), slots: all, kept: undefined });
  }

  /**
   * Takes one move of a slot or ring.
   *
   * @param bytesOf finds the message of a new number in what came with it
   * @returns what moved; undefined for what is not a slot's: a ring's epoch, or bytes of a message
   */
  moved(move: RecordedMove, at: Instant, bytesOf: (messageId: string) => Uint8Array | undefined): PastMove | undefined {
    const { smscId, slot } = move;
    const lane = this.#laneOf(smscId, move.lane);
    if (lane === undefined || !(slot === 0 || isPlace(slot))) return undefined;
    const before = lane.slots[slot];
    switch (move.type) {
      case 'ring':
        Object.assign(changing(lane), { epoch: move.epoch, size: move.size });
        return undefined;
      case 'freed':
        changing(lane).slots[slot] = undefined;
        return { smscId, lane: move.lane, slot, before, after: undefined };
      case 'message':
        if (before !== undefined) changing(lane).slots[slot] = { ...before, bytes: move.bytes };
        return undefined;
      case 'moved': {
        const after = movedSlot(move, before, at, bytesOf);
        changing(lane).slots[slot] = after;
        return { smscId, lane: move.lane, slot, before, after };
      }
      default:
        return move satisfies never;
    }
  }

  /** The slot as it is at this moment; undefined where it is free. */
  slotAt(smscId: string, lane: LaneName, slot: number): PastSlot | undefined {
    return this.#laneOf(smscId, lane)?.slots[slot];
  }

  /** In the form in which rings are read from a role; what the recording does not tell is left out. */
  rings(): readonly RingView[] {
    return ringsOf(this.#side, this.#smscIds, this.#lanes);
  }

  #laneOf(smscId: string, lane: LaneName): Lane | undefined {
    return this.#lanes[this.#smscIds.indexOf(smscId)]?.[laneNames.indexOf(lane)];
  }
}

/** The same lane, with a list of slots that no snapshot keeps. */
function changing(lane: Lane): Lane {
  if (lane.kept !== undefined) lane.slots = [...lane.slots];
  lane.kept = undefined;
  return lane;
}

/** A snapshot in the form in which rings are read from a role. */
export function ringsOf(side: RecordedRole, smscIds: readonly string[], snapshot: RingsSnapshot): readonly RingView[] {
  // An SMSC has none.
  if (side === 'smsc') return [];
  return smscIds.flatMap((smscId, smsc) =>
    laneNames.map((lane, index): RingView => {
      const { epoch, size, slots } = snapshot[smsc]?.[index] ?? emptyLane;
      const told = isEpoch(epoch) ? epoch : undefined;
      const empty = ringView({ smscId, side, lane, epoch: told, size, copies: [], decode: () => undefined });
      return { ...empty, slots: empty.slots.map((free) => pastView(free, slots[free.slot])) };
    }),
  );
}

/** One slot in the form in which rings are read from a role. */
function pastView(free: SlotView, past: PastSlot | undefined): SlotView {
  if (past === undefined) return free;
  const known = views.get(past);
  if (known !== undefined) return { slot: free.slot, ...known };
  const { seq, bytes, movedAt } = past;
  // Only numbers that a role wrote are in a recording; of a damaged one the slot is shown as free.
  if (!isSeq(seq)) return free;
  // Where numbers and texts are not kept there are bytes that are no message.
  const hash = decode(bytes) === undefined ? '' : messages.hash(bytes);
  const copy = { ...past, seq, contentHash: hash, movedAt: movedAt ?? instant(0), isOffered: false };
  // Which slot it is does not matter here: a copy shows the same in any.
  const { slot: _, movedAt: __, contentHash: ___, ...told } = slotView(slotOf(seq, 1), copy, decode);
  const shown = {
    ...told,
    ...(hash === '' ? {} : { contentHash: hash }),
    ...(movedAt === undefined ? {} : { movedAt }),
  };
  views.set(past, shown);
  return { slot: free.slot, ...shown };
}

const decode = (bytes: Uint8Array) => messages.decode(bytes);

function toldSlot(read: SlotMove, bytes: PlainValue | undefined, known: PastSlot | undefined): PastSlot | undefined {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId = '' } = read;
  if (status === 'free') return undefined;
  const isKnown =
    known?.seq === seq && known.status === status && known.attempts === attempts && known.messageId === messageId;
  const kept = bytes instanceof Uint8Array ? bytes : nothing;
  const movedAt = isKnown ? known.movedAt : undefined;
  return { seq, status, attempts, possibleDuplicate, outcome, messageId, bytes: kept, movedAt };
}

function movedSlot(
  { seq, status, attempts, possibleDuplicate, outcome, messageId }: SlotMove,
  before: PastSlot | undefined,
  movedAt: Instant,
  bytesOf: (messageId: string) => Uint8Array | undefined,
): PastSlot | undefined {
  if (status === 'free') return undefined;
  const same = before?.seq === seq ? before : undefined;
  const bytes = (messageId === undefined ? undefined : bytesOf(messageId)) ?? same?.bytes ?? nothing;
  // Written out, because there are some millions of these in a large recording.
  return {
    seq,
    status,
    attempts,
    possibleDuplicate,
    outcome,
    messageId: messageId ?? same?.messageId ?? '',
    bytes,
    movedAt,
  };
}

function isPlace(slot: number): boolean {
  return Number.isInteger(slot) && slot >= 1 && slot <= 255;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
