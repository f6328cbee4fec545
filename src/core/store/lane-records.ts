/**
 * The records of one lane: its state, a record per slot for what moves, another for the message bytes that never do,
 * and the outbox. Each value begins with a format number; an unknown one is refused by whoever opens the store.
 *
 *   ['ring', smscId, lane, 'state']        [1, epoch, size, mirror store, seen run, seen count]
 *   ['ring', smscId, lane, 'slot', slot]   [1, seq, status, attempts, possible duplicate, outcome, message id, hash, moved at, offered]
 *   ['ring', smscId, lane, 'bytes', slot]  [1, seq, message bytes]
 *   ['ring', smscId, lane, 'outbox', n]    [1, message id, message bytes, attempts]
 */
import { InvariantError } from '../base/invariant.ts';
import { instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { type Epoch, isEpoch, type StorePosition } from '../ring/digest.ts';
import { outcomeFromValue, outcomeToValue } from '../ring/outcome.ts';
import { isSeq, type SlotIndex } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import { isOutcome, type LaneName, type SlotStatus, statuses } from '../ring/status.ts';
import type { StoreKey, StoreReader, StoreRecord } from './record.ts';

const format = 1;

/** What belongs to the lane as a whole. */
export interface LaneState {
  readonly epoch: Epoch;
  readonly size: number;
  /**
   * The id of the consumer's store that the mirror is kept in; empty before the first contact. At the consumer: its own when
   * it was compared last; if that is another now, it was set back meanwhile.
   */
  readonly mirrorStore: string;
  /**
   * Consumer: where the producer's store was when it last spoke after a comparison. Producer: what it was last told of that
   * and had never been at, once it has drawn the conclusions.
   */
  readonly producerSeen: StorePosition;
}

export interface OutboxItem {
  /** Counts up; the lowest leaves first. */
  readonly place: number;
  readonly messageId: string;
  readonly bytes: Uint8Array;
  /** 0: it was surely never handed over. More: its fate is unknown, and so many attempts are counted. */
  readonly attempts: number;
}

export interface RecoveredLane {
  readonly state: LaneState | undefined;
  readonly copies: readonly SlotCopy[];
  readonly outbox: readonly OutboxItem[];
}

export function laneKey(smscId: string, lane: LaneName, ...rest: StoreKey): StoreKey {
  return ['ring', smscId, lane, ...rest];
}

export function laneStateRecord(smscId: string, lane: LaneName, state: LaneState): StoreRecord {
  const { epoch, size, mirrorStore, producerSeen } = state;
  return {
    key: laneKey(smscId, lane, 'state'),
    value: [format, epoch, size, mirrorStore, producerSeen.run, producerSeen.count],
  };
}

/** The lane begins anew: no epoch is known. */
export function noLaneStateRecord(smscId: string, lane: LaneName): StoreRecord {
  return { key: laneKey(smscId, lane, 'state'), value: undefined };
}

export function slotRecord(smscId: string, lane: LaneName, slot: SlotIndex, copy: SlotCopy): StoreRecord {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash, movedAt, isOffered } = copy;
  return {
    key: laneKey(smscId, lane, 'slot', slot),
    value: [
      format,
      seq,
      statuses.indexOf(status),
      attempts,
      possibleDuplicate,
      outcome === undefined ? null : outcomeToValue(outcome),
      messageId,
      contentHash,
      movedAt,
      isOffered,
    ],
  };
}

export function bytesRecord(smscId: string, lane: LaneName, slot: SlotIndex, copy: SlotCopy): StoreRecord {
  return { key: laneKey(smscId, lane, 'bytes', slot), value: [format, copy.seq, copy.bytes] };
}

/** Frees a slot on disk: its number and its bytes. */
export function noSlotRecords(smscId: string, lane: LaneName, slot: SlotIndex): StoreRecord[] {
  return [
    { key: laneKey(smscId, lane, 'slot', slot), value: undefined },
    { key: laneKey(smscId, lane, 'bytes', slot), value: undefined },
  ];
}

export function outboxRecord(smscId: string, lane: LaneName, item: OutboxItem): StoreRecord {
  return {
    key: laneKey(smscId, lane, 'outbox', item.place),
    value: [format, item.messageId, item.bytes, item.attempts],
  };
}

export function noOutboxRecord(smscId: string, lane: LaneName, place: number): StoreRecord {
  return { key: laneKey(smscId, lane, 'outbox', place), value: undefined };
}

/** Reads a lane back as it was when its last commit was done. A damaged record is a bug or a broken disk. */
export function recoverLane(store: StoreReader, smscId: string, lane: LaneName): RecoveredLane {
  const ring = recoverRing(store, smscId, lane);
  const outbox: OutboxItem[] = [];
  for (const [key, value] of store.entries(laneKey(smscId, lane, 'outbox'))) {
    outbox.push(parseOutbox(key[4], value) ?? damaged(key));
  }
  return { ...ring, outbox };
}

/** As {@link recoverLane}, for those who want no outbox, which may be long. */
export function recoverRing(store: StoreReader, smscId: string, lane: LaneName): Omit<RecoveredLane, 'outbox'> {
  const state = parseState(store.get(laneKey(smscId, lane, 'state')));
  const copies: SlotCopy[] = [];
  for (const [key, value] of store.entries(laneKey(smscId, lane, 'slot'))) {
    const slot = key[4];
    const bytes = store.get(laneKey(smscId, lane, 'bytes', slot ?? 0));
    copies.push(parseCopy(value, bytes) ?? damaged(key));
  }
  return { state, copies };
}

/** A slot as its two records say; the copy is undefined where the first of them cannot be read. */
export interface SlotRecords {
  /** By its key, 1–255 unless that is damaged. */
  readonly slot: number;
  readonly copy: SlotCopy | undefined;
}

/** The slots of a lane record by record, damaged ones included: for whoever looks for what is wrong. */
export function* slotRecordsOf(store: StoreReader, smscId: string, lane: LaneName): Generator<SlotRecords> {
  for (const [key, value] of store.entries(laneKey(smscId, lane, 'slot'))) {
    const slot = Number(key[4]);
    yield { slot, copy: parseCopy(value, store.get(laneKey(smscId, lane, 'bytes', slot))) };
  }
}

function parseState(value: PlainValue | undefined): LaneState | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return damaged(['state']);
  const [, epoch, size, mirrorStore, run, count]: readonly PlainValue[] = value;
  if (!isEpoch(epoch) || typeof size !== 'number' || typeof mirrorStore !== 'string') return damaged(['state']);
  if (typeof run !== 'string' || typeof count !== 'number') return damaged(['state']);
  return { epoch, size, mirrorStore, producerSeen: { run, count } };
}

function parseCopy(value: PlainValue, bytesValue: PlainValue | undefined): SlotCopy | undefined {
  if (!Array.isArray(value)) return undefined;
  const [
    ,
    seq,
    statusIndex,
    attempts,
    possibleDuplicate,
    outcome,
    messageId,
    contentHash,
    movedAt,
    isOffered,
  ]: readonly PlainValue[] = value;
  const status: SlotStatus | undefined = typeof statusIndex === 'number' ? statuses[statusIndex] : undefined;
  if (!isSeq(seq) || status === undefined || status === 'free' || typeof attempts !== 'number') return undefined;
  if (typeof possibleDuplicate !== 'boolean' || typeof messageId !== 'string') return undefined;
  if (typeof contentHash !== 'string' || typeof movedAt !== 'number') return undefined;
  if (typeof isOffered !== 'boolean') return undefined;
  const ended = outcome === null ? undefined : outcomeFromValue(outcome);
  if ((outcome === null) !== (ended === undefined) || (isOutcome(status) && ended === undefined)) return undefined;
  const [, bytesSeq, bytes]: readonly PlainValue[] = Array.isArray(bytesValue) ? bytesValue : [];
  return {
    seq,
    status,
    attempts,
    possibleDuplicate,
    outcome: ended,
    messageId,
    contentHash,
    movedAt: instant(movedAt),
    isOffered,
    bytes: bytesSeq === seq && bytes instanceof Uint8Array ? bytes : new Uint8Array(0),
  };
}

function parseOutbox(place: string | number | undefined, value: PlainValue): OutboxItem | undefined {
  if (typeof place !== 'number' || !Array.isArray(value)) return undefined;
  // Written without attempts before there were any.
  const [, messageId, bytes, attempts = 0]: readonly PlainValue[] = value;
  if (typeof messageId !== 'string' || !(bytes instanceof Uint8Array) || typeof attempts !== 'number') return undefined;
  return { place, messageId, bytes, attempts };
}

function damaged(key: StoreKey): never {
  throw new InvariantError(`record ${key.join('/')} of the store is damaged`);
}
