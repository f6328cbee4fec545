/**
 * Watches a pair of lane ends from outside and throws at the first broken promise of DESIGN sections 2, 4 and 11: what
 * is told is on disk, numbers and slots are not reused too early, nothing is lost or silently doubled, order holds.
 */
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { LaneEntry } from '../../../src/core/link/entries.ts';
import type { RingDigest } from '../../../src/core/ring/digest.ts';
import type { Outcome } from '../../../src/core/ring/outcome.ts';
import { type Seq, slotOf } from '../../../src/core/ring/sequence.ts';
import { compareProgress, type SlotCopy, type SlotState } from '../../../src/core/ring/slot.ts';
import { type LaneState, type RecoveredLane, recoverLane } from '../../../src/core/store/lane-records.ts';
import type { StoreReader, StoreRecord } from '../../../src/core/store/record.ts';
import type { MemoryStore } from '../store/memory-store.ts';

/** What the SMSC, or the addressee's store, did with one attempt as far as we know. */
export interface HandOver {
  readonly messageId: string;
  readonly seq: Seq;
  readonly attempts: number;
  /** Which life of the consumer's store counted it. */
  storeId: string;
  answer: 'none' | 'confirmed' | 'refused' | 'temporary';
}

export interface CheckedMessage {
  readonly id: string;
  readonly place: number;
  readonly conversation: string;
}

/** Facts of one message that outlive every store. */
interface Fate {
  readonly message: CheckedMessage;
  readonly handOvers: HandOver[];
  isKept: boolean;
  /** The only store that held it is gone. */
  isExcused: boolean;
  ended: Outcome['status'] | undefined;
  /** So many attempts of unknown fate may be followed by another, by an operator's word. */
  allowedAfter: number;
  wasDoubted: boolean;
  /** Both ends forgot what was done with it, as far as they knew. */
  isForgotten: boolean;
}

export const lane = { smscId: 'hel1' } as const;

export class LaneChecks {
  readonly #inDoubt: 'resend' | 'hold';
  readonly #repetition: 'doubt' | 'harmless';
  readonly #name: 'mt' | 'mo';
  readonly #fates = new Map<string, Fate>();
  /** `epoch/seq` → message id, as any consumer ever had it on disk. */
  readonly #numbers = new Map<string, string>();
  /** Confirmed on the consumer's disk, in this life of it. */
  #confirmed = new Set<string>();
  /** Ended on the producer's disk, in this life of it. */
  #ended = new Set<string>();
  readonly #lastFirst = new Map<string, number>();

  constructor(inDoubt: 'resend' | 'hold', repetition: 'doubt' | 'harmless', name: 'mt' | 'mo') {
    this.#inDoubt = inDoubt;
    this.#repetition = repetition;
    this.#name = name;
  }

  given(message: CheckedMessage): void {
    this.#fates.set(message.id, {
      message,
      handOvers: [],
      isKept: false,
      isExcused: false,
      ended: undefined,
      allowedAfter: 0,
      wasDoubted: false,
      isForgotten: false,
    });
  }

  fate(id: string): Fate {
    const fate = this.#fates.get(id);
    if (fate === undefined) throw new Error(`nobody gave message ${id}`);
    return fate;
  }

  // --- disks --------------------------------------------------------------------------------------------------------

  producerCommits(records: readonly StoreRecord[], before: MemoryStore): void {
    for (const { key, value } of records) {
      if (key[0] !== 'role' || !Array.isArray(value)) continue;
      const fate = this.fate(String(key[2]));
      if (key[1] === 'enqueued') fate.isKept = true;
      if (key[1] !== 'ended') continue;
      // A store that was set back takes what waits in it for never placed until it learns better.
      const isRevised = fate.wasDoubted && fate.ended === 'expired';
      this.#require(isRevised || !this.#ended.has(fate.message.id), `${fate.message.id} ended twice in one store`);
      this.#ended.add(fate.message.id);
      const status = outcomeStatusOf(value[1]);
      const isNews = fate.ended === undefined || isRevised;
      this.#require(isNews || fate.ended === status, `${fate.message.id} ended as ${status} too`);
      fate.ended = status;
      if (status === 'confirmed') this.#require(fate.handOvers.length > 0, `${fate.message.id} was never handed over`);
    }
    for (const { key, value } of records) {
      if (key[0] !== 'ring' || key[3] !== 'slot' || !Array.isArray(value)) continue;
      const [occupant] = recoverLane(oneSlot(before, key[4]), lane.smscId, this.#name).copies;
      // Under another number the same message is no other: a store that was set back takes the one that it forgot giving.
      if (occupant === undefined || occupant.seq === value[1] || occupant.messageId === value[6]) continue;
      const { ended, isExcused } = this.fate(occupant.messageId);
      const isGivenUp = isExcused && occupant.bytes.length === 0;
      const isMoved = records.some((one) => one.key[3] === 'outbox' && isItemOf(one.value, occupant.messageId));
      const isOver = ended !== undefined || occupant.status === 'settled' || isGivenUp || isMoved;
      this.#require(isOver, `slot ${String(key[4])} is reused before ${occupant.messageId} is settled`);
    }
  }

  consumerCommits(records: readonly StoreRecord[], before: MemoryStore): void {
    const state = records.find(({ key }) => key[0] === 'ring' && key[3] === 'state')?.value;
    const epoch = Array.isArray(state) ? String(state[1]) : this.#stateIn(before)?.epoch;
    for (const { key, value } of records) {
      if (key[0] !== 'ring' || key[3] !== 'slot' || !Array.isArray(value)) continue;
      const messageId = String(value[6]);
      const number = `${epoch}/${String(value[1])}`;
      const known = this.#numbers.get(number);
      this.#require(known === undefined || known === messageId, `number ${number} is ${known} and ${messageId}`);
      this.#numbers.set(number, messageId);
      if (outcomeStatusOf(Array.isArray(value[5]) ? value[5][0] : undefined) === 'confirmed') {
        this.#confirmed.add(messageId);
      }
    }
  }

  /** @param other what the other end still has on disk */
  producerLost(other: RecoveredLane): void {
    this.#ended = new Set();
    // Numbers that no store knows any more may be used again: there is nobody to confuse.
    const last = Math.max(0, ...other.copies.map((copy) => copy.seq));
    for (const number of this.#numbers.keys()) {
      if (Number(number.split('/')[1]) > last) this.#numbers.delete(number);
    }
    this.#excuse(new Set(heldBy(other)));
  }

  consumerLost(other: RecoveredLane): void {
    this.#confirmed = new Set();
    this.#excuse(new Set([...heldBy(other), ...other.outbox.map((item) => item.messageId)]));
  }

  /**
   * @param other what the consumer has on disk
   * @param left what the producer has on disk now
   */
  producerSetBack(other: RecoveredLane, left: RecoveredLane, store: MemoryStore): void {
    const known = new Set(other.copies.map((copy) => copy.messageId));
    const mine = [...heldBy(left), ...left.outbox.map((item) => item.messageId)];
    this.#ended = new Set([...store.entries(['role', 'ended'])].map(([key]) => String(key[2])));
    for (const [id, fate] of this.#fates) if (!this.#ended.has(id)) fate.ended = undefined;
    for (const id of mine) {
      const fate = this.fate(id);
      // Its attempts are forgotten where the consumer reused the slot: it is of unknown fate.
      fate.wasDoubted = true;
      // What waits is taken for never placed until the first comparison, and may expire as that.
      const isWaiting = left.outbox.some((item) => item.messageId === id);
      if (known.has(id) && !isWaiting) continue;
      fate.isForgotten = true;
      for (const handOver of fate.handOvers) handOver.storeId = 'forgotten';
    }
    this.#excuse(new Set([...mine, ...heldBy(other)]));
  }

  consumerSetBack(other: RecoveredLane, left: RecoveredLane): void {
    this.#confirmed = new Set();
    const waiting = other.outbox.map((item) => item.messageId);
    for (const { messageId, status } of left.copies) if (status !== 'settled') this.fate(messageId).wasDoubted = true;
    this.#excuse(new Set([...heldBy(other), ...heldBy(left), ...waiting]));
  }

  #excuse(held: ReadonlySet<string>): void {
    for (const fate of this.#fates.values()) {
      if (fate.isKept && fate.ended === undefined && !held.has(fate.message.id)) fate.isExcused = true;
    }
  }

  // --- what is told -------------------------------------------------------------------------------------------------

  /** SPEC: DESIGN section 2 rule 1: all that is told is on the disk of the end that tells it. */
  told(entry: LaneEntry, store: MemoryStore): void {
    switch (entry.type) {
      case 'digest':
        this.#toldDigest(entry.digest, store);
        return;
      case 'status':
      case 'reconstruct':
        this.#toldState({ ...entry.state, messageId: '', contentHash: '' }, store);
        return;
      case 'settled':
        this.#toldState({ ...emptyState, seq: entry.seq, status: 'settled' }, store);
        return;
      case 'place': {
        if (entry.fate === 'unknown') this.fate(entry.messageId).wasDoubted = true;
        this.#require(entry.bytes.length > 0, `number ${entry.seq} is placed without its bytes`);
        const copy = this.#copyIn(store, entry.seq);
        this.#require(copy !== undefined && copy.seq >= entry.seq, `number ${entry.seq} is placed but not on disk`);
        this.#require(copy.seq > entry.seq || copy.isOffered, `number ${entry.seq} leaves before that is noted`);
        return;
      }
      case 'resolve':
        return;
      default:
        throw new Error(`unknown entry ${JSON.stringify(entry satisfies never)}`);
    }
  }

  #toldDigest(digest: RingDigest, store: MemoryStore): void {
    if (digest.epoch === undefined) return;
    const kept = this.#stateIn(store);
    this.#require(kept?.epoch === digest.epoch, 'a digest tells an epoch that is not on disk');
    const { run, count } = digest.producerSeen;
    const isSeen = run !== kept.producerSeen.run || count <= kept.producerSeen.count;
    this.#require(isSeen, 'a digest tells a commit of the producer that is not on disk');
    for (const state of digest.slots) this.#toldState(state, store);
  }

  #toldState(state: SlotState, store: MemoryStore): void {
    const copy = this.#copyIn(store, state.seq);
    const isKept = copy !== undefined && (copy.seq > state.seq || compareProgress(copy, state) >= 0);
    this.#require(isKept, `number ${state.seq} is told as ${state.status}, on disk is ${copy?.seq} ${copy?.status}`);
  }

  // --- handing over -------------------------------------------------------------------------------------------------

  handedOver(copy: SlotCopy, storeId: string): HandOver {
    const { messageId, attempts, possibleDuplicate, seq } = copy;
    const fate = this.fate(messageId);
    const isForgotten = fate.isForgotten || (this.#repetition === 'harmless' && fate.wasDoubted);
    this.#require(isForgotten || fate.ended === undefined, `${messageId} is handed over after it ended`);
    const isConfirmed = this.#confirmed.has(messageId) && !isForgotten;
    this.#require(!isConfirmed, `${messageId} is handed over after it was confirmed`);
    const earlier = fate.handOvers.filter((one) => one.answer !== 'temporary');
    if (earlier.length > 0) {
      this.#require(possibleDuplicate, `${messageId} is handed over again without a mark`);
      const isAllowed = this.#inDoubt === 'resend' || this.#repetition === 'harmless';
      this.#require(isAllowed || fate.allowedAfter >= earlier.length, `${messageId} is repeated under hold`);
    }
    const counted = fate.handOvers.filter((one) => one.storeId === storeId).at(-1)?.attempts ?? 0;
    const isCounted = attempts > counted || (isForgotten && this.#repetition === 'harmless');
    this.#require(isCounted, `${messageId}: attempt ${attempts} after attempt ${counted}`);
    if (fate.handOvers.length === 0 && !(fate.wasDoubted && this.#inDoubt === 'hold')) this.#first(fate.message);
    const handOver: HandOver = { messageId, seq, attempts, storeId, answer: 'none' };
    fate.handOvers.push(handOver);
    return handOver;
  }

  #first({ id, conversation, place }: CheckedMessage): void {
    const last = this.#lastFirst.get(conversation) ?? 0;
    this.#require(place > last, `${id} is handed over first after a later one of its conversation`);
    this.#lastFirst.set(conversation, place);
  }

  resolvedNotSent(messageId: string): void {
    const fate = this.fate(messageId);
    fate.allowedAfter = fate.handOvers.filter((one) => one.answer !== 'temporary').length;
  }

  /** An operator's word stands for a hand-over that a lost store may have done. */
  resolvedSent(messageId: string, copy: SlotCopy, storeId: string): void {
    const fate = this.fate(messageId);
    fate.handOvers.push({ messageId, seq: copy.seq, attempts: copy.attempts, storeId, answer: 'confirmed' });
  }

  // --- at the end ---------------------------------------------------------------------------------------------------

  nothingIsLost(): void {
    for (const { message, isKept, isExcused, ended } of this.#fates.values()) {
      this.#require(!isKept || isExcused || ended !== undefined, `${message.id} is lost`);
    }
  }

  /** How many messages were followed to their end. */
  get endedCount(): number {
    return [...this.#fates.values()].filter((fate) => fate.ended !== undefined).length;
  }

  #stateIn(store: MemoryStore): LaneState | undefined {
    return recoverLane(oneSlot(store, undefined), lane.smscId, this.#name).state;
  }

  /** What is in the slot of that number. */
  #copyIn(store: MemoryStore, number: Seq): SlotCopy | undefined {
    const slot = slotOf(number, this.#stateIn(store)?.size ?? 1);
    return recoverLane(oneSlot(store, slot), lane.smscId, this.#name).copies[0];
  }

  #require(holds: boolean, statement: string): asserts holds {
    if (!holds) throw new Error(statement);
  }
}

const emptyState = {
  attempts: 0,
  possibleDuplicate: false,
  outcome: undefined,
  messageId: '',
  contentHash: '',
} as const;

function isItemOf(value: PlainValue | undefined, messageId: string): boolean {
  return Array.isArray(value) && value[1] === messageId;
}

/** Messages that a store can still bring to their end: not settled, and their bytes are there. */
function heldBy(disk: RecoveredLane): string[] {
  return disk.copies.filter((copy) => copy.status !== 'settled' && copy.bytes.length > 0).map((copy) => copy.messageId);
}

/** A store as if only this slot were in it: reading all of them each time would take most of a test. */
function oneSlot(store: MemoryStore, slot: string | number | undefined): StoreReader {
  return {
    get: (key) => store.get(key),
    entries: (prefix) => {
      const key = [...prefix, slot ?? 0];
      const value = prefix[3] === 'slot' ? store.get(key) : undefined;
      return value === undefined ? [] : [[key, value]];
    },
  };
}

function outcomeStatusOf(value: PlainValue | undefined): Outcome['status'] | undefined {
  if (value === 'confirmed' || value === 5) return 'confirmed';
  if (value === 'refused' || value === 6) return 'refused';
  return value === 'expired' || value === 7 ? 'expired' : undefined;
}
