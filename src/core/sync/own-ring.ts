/**
 * The ring that a producer owns, with the outbox before it: messages go in, their outcomes come out, slots become free. A
 * copy that changes comes out as a record, and where the role must know of it as progress or as the end of the message. What
 * the consumer's digest makes of the ring is `producer-comparison.ts`. SPEC: DESIGN sections 2 and 3.
 */
import { invariant } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import { digestOf, nothingSeen, type RingDigest, type StorePosition } from '../ring/digest.ts';
import type { Outcome } from '../ring/outcome.ts';
import { Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import { compareProgress, type SlotCopy, type SlotState } from '../ring/slot.ts';
import { isOutcome } from '../ring/status.ts';
import type { LaneState, OutboxItem, RecoveredLane } from '../store/lane-records.ts';
import type { StoreRecord } from '../store/record.ts';
import type { ProducerOutput } from './lane-io.ts';
import type { ProducerSettings } from './lane-settings.ts';
import { LaneVoice } from './lane-voice.ts';
import { LaneWriter } from './lane-writer.ts';
import { Outbox } from './outbox.ts';
import { attemptsOf } from './set-back.ts';

export class OwnRing {
  readonly settings: ProducerSettings;
  readonly write: LaneWriter;
  readonly voice: LaneVoice;
  readonly outbox: Outbox;
  #state: LaneState | undefined;
  #ring: Ring;
  /** Of a ring that was let go of: where conclusions were drawn already. */
  #concludedAt = nothingSeen;
  #peerSeq = 0;

  constructor(settings: ProducerSettings, recovered: RecoveredLane) {
    this.settings = settings;
    this.write = new LaneWriter(settings);
    this.voice = new LaneVoice(settings.lane);
    this.#state = recovered.state;
    this.#ring = new Ring(recovered.state?.size ?? settings.size, recovered.copies);
    this.outbox = new Outbox(recovered.outbox);
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#state;
  }

  digest(): RingDigest {
    return digestOf(this.#state?.epoch, this.#ring, nothingSeen);
  }

  // --- taking in --------------------------------------------------------------------------------------------------

  /** Whether a message given now would get a slot at once. */
  hasRoom(): boolean {
    return this.#state !== undefined && this.outbox.count === 0 && this.#nextSeq() !== undefined;
  }

  /** Into a slot, or to the end of the outbox. */
  enqueue(messageId: string, bytes: Uint8Array, now: Instant): ProducerOutput[] {
    const number = this.outbox.count === 0 && this.#state !== undefined ? this.#nextSeq() : undefined;
    const message = { messageId, bytes, attempts: 0 };
    if (number !== undefined) return this.#place(message, number, [], now);
    return [this.write.persist([this.write.waiting(this.outbox.append(message))])];
  }

  /** Moves from the outbox into slots while there are any: out of the one and into the other is one commit. */
  fill(now: Instant): ProducerOutput[] {
    const outputs: ProducerOutput[] = [];
    for (let item = this.outbox.first(); item !== undefined; item = this.outbox.first()) {
      const outline = this.settings.describe(item.bytes);
      const isOver = outline !== undefined && outline.validUntil <= now;
      const number = this.#state === undefined || isOver ? undefined : this.#nextSeq();
      if (number === undefined && !isOver) break;
      this.outbox.removeFirst();
      const gone = this.write.notWaiting(item.place);
      if (number === undefined) outputs.push(this.write.persist([gone]), this.#expired(item));
      else outputs.push(...this.#place(item, number, [gone], now));
    }
    return outputs;
  }

  #nextSeq(): Seq | undefined {
    return this.voice.contact === 'held' ? undefined : this.#ring.nextSeq(this.#peerSeq);
  }

  #place(item: Omit<OutboxItem, 'place'>, number: Seq, gone: readonly StoreRecord[], now: Instant): ProducerOutput[] {
    const isDoubted = item.attempts > 0;
    const copy: SlotCopy = {
      seq: number,
      status: isDoubted ? 'in-doubt' : 'placed',
      attempts: item.attempts,
      possibleDuplicate: isDoubted,
      outcome: undefined,
      messageId: item.messageId,
      contentHash: this.settings.contentHash(item.bytes),
      bytes: item.bytes,
      movedAt: now,
      isOffered: this.voice.isInStep,
    };
    this.#ring.put(copy);
    return [
      this.write.persist([...gone, ...this.write.wholeSlot(this.#ring, copy)]),
      ...(isDoubted ? [this.progress(copy)] : []),
      ...(this.voice.isInStep ? [this.placeEntry(copy, isDoubted ? 'unknown' : 'known', now)] : []),
    ];
  }

  /** SPEC: DESIGN section 11, expiry in the outbox: what was never placed was surely not handed over. */
  #expired(item: OutboxItem): ProducerOutput {
    return {
      type: 'ended',
      lane: this.settings.lane,
      messageId: item.messageId,
      bytes: item.bytes,
      outcome: { status: 'expired', stamp: '', errorCode: 0, by: 'answer' },
      possibleDuplicate: item.attempts > 0,
    };
  }

  /** Puts a message whose slot is taken to the head of the outbox: it gets the next number, and keeps its doubt. */
  displace(copy: SlotCopy): StoreRecord {
    const { messageId, bytes } = copy;
    return this.write.waiting(this.outbox.prepend({ messageId, bytes, attempts: attemptsOf(copy) }));
  }

  // --- learning ---------------------------------------------------------------------------------------------------

  /** Takes over a later state of a copy; an outcome settles it in the same commit. */
  learn(copy: SlotCopy, told: SlotState, now: Instant): ProducerOutput[] {
    if (copy.status === 'settled') {
      return isOutcome(told.status) ? [this.settledEntry(copy.seq, now)] : [];
    }
    const isNews = compareProgress(told, copy) > 0;
    if (!isNews && !isOutcome(copy.status)) return [];
    if (copy.bytes.length === 0 && (isOutcome(told.status) || told.status === 'settled')) return [];
    const outcome = isNews ? told.outcome : copy.outcome;
    if (outcome !== undefined || told.status === 'settled') return this.settle(copy, told, outcome, now);
    const learned: SlotCopy = {
      ...copy,
      status: told.status,
      attempts: told.attempts,
      possibleDuplicate: told.possibleDuplicate || copy.possibleDuplicate,
      movedAt: now,
    };
    return [this.keep(learned), this.progress(learned)];
  }

  settle(copy: SlotCopy, told: SlotState, outcome: Outcome | undefined, now: Instant): ProducerOutput[] {
    const { attempts } = told;
    const possibleDuplicate = told.possibleDuplicate || copy.possibleDuplicate;
    const settled: SlotCopy = { ...copy, status: 'settled', attempts, possibleDuplicate, outcome, movedAt: now };
    const kept = this.keep(settled);
    const { lane } = this.settings;
    const { messageId, bytes } = copy;
    const filled = this.fill(now);
    // SPEC: DESIGN section 2 rule 2: who sees a higher number in the slot learns by it that this one is settled.
    const isSucceeded = this.voice.isInStep && this.#ring.find(copy.seq) === undefined;
    return [
      kept,
      ...(isSucceeded ? [] : [this.settledEntry(copy.seq, now)]),
      ...(outcome === undefined
        ? []
        : [{ type: 'ended' as const, lane, messageId, bytes, outcome, possibleDuplicate }]),
      ...filled,
    ];
  }

  // --- epochs -----------------------------------------------------------------------------------------------------

  /**
   * Whether this store remembers that it was where the consumer saw it, or has drawn the conclusions already.
   * SPEC: DESIGN section 4, producer that went back.
   */
  knows(position: StorePosition): boolean {
    const { run, count } = this.#state?.producerSeen ?? this.#concludedAt;
    return this.settings.hasBeenAt(position) || (position.run === run && position.count === count);
  }

  /** The highest number that the consumer is known to have used: none up to it is given any more. */
  get peerSeq(): number {
    return this.#peerSeq;
  }

  notePeerSeq(number: number): void {
    this.#peerSeq = number;
  }

  /** @returns the record of what is known now; none without an epoch */
  remember(news: Partial<Pick<LaneState, 'mirrorStore' | 'producerSeen'>>): StoreRecord[] {
    if (this.#state === undefined) return [];
    this.#state = { ...this.#state, ...news };
    return [this.write.state(this.#state)];
  }

  /** Another ring takes the place of this one. @returns the records of that */
  begin(state: LaneState, copies: readonly SlotCopy[] = []): StoreRecord[] {
    const forgotten = this.#forgottenSlots();
    this.#ring = new Ring(state.size, copies, this.#ring.tally);
    this.#state = state;
    return [...forgotten, ...copies.map((copy) => this.write.slot(this.#ring, copy)), this.write.state(state)];
  }

  /** Gives up the epoch: what is not settled waits for a number of another one. @returns the records of that */
  abandon(): StoreRecord[] {
    const unsettled = this.#ring.unfinished().filter((copy) => copy.bytes.length > 0);
    const waiting = unsettled.reverse().map((copy) => this.displace(copy));
    const forgotten = this.#forgottenSlots();
    this.#ring = new Ring(this.settings.size, [], this.#ring.tally);
    this.#state = undefined;
    return [...forgotten, ...waiting];
  }

  /** The numbers of a new epoch begin at 1: what an older one left on disk would be taken for later copies. */
  #forgottenSlots(): StoreRecord[] {
    return this.write.noSlots(this.#ring, this.#ring.copies());
  }

  /** The consumer's copies of these are the truth from now on. @returns the records of that */
  letGo(scope: 'ring' | 'slots', copies: readonly SlotCopy[], now: Instant): StoreRecord[] {
    this.#concludedAt = this.#state?.producerSeen ?? nothingSeen;
    if (scope === 'ring') return [...this.abandon(), this.write.noState()];
    const records = this.write.noSlots(this.#ring, copies);
    for (const { seq } of copies) this.#ring.forget(seq, now);
    return records;
  }

  // --- making outputs ---------------------------------------------------------------------------------------------

  /** Writes a copy over what is in its slot. @returns the record of that */
  keep(copy: SlotCopy): ProducerOutput {
    this.#ring.put(copy);
    return this.write.persist([this.write.slot(this.#ring, copy)]);
  }

  placeEntry(copy: SlotCopy, fate: 'known' | 'unknown', now: Instant): ProducerOutput {
    return this.voice.place(this.#ring, copy, fate, this.settings.position(), now);
  }

  settledEntry(number: Seq, now: Instant): ProducerOutput {
    return this.voice.settled(this.#ring, number, this.settings.position(), now);
  }

  progress(copy: SlotCopy): ProducerOutput {
    const { messageId, status, possibleDuplicate } = copy;
    invariant(status !== 'settled', 'a settled copy has ended and makes no progress');
    return { type: 'progress', lane: this.settings.lane, messageId, status, possibleDuplicate };
  }
}
