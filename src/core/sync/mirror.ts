/**
 * The consumer's copy of the ring. A copy that changes here changes in the ring and in the order of turns at once, and comes
 * out as a record and, where both ends are in step, as a word to the producer. What fate unknown means under the operator's
 * policy is here too. When a message is handed over, and what the producer says, is `consumer.ts`.
 * SPEC: DESIGN sections 2 to 4.
 */
import type { Instant } from '../base/time.ts';
import { digestOf, type Epoch, nothingSeen, type RingDigest, type StorePosition } from '../ring/digest.ts';
import { type MoveDetails, Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import type { LaneState, RecoveredLane } from '../store/lane-records.ts';
import type { StoreRecord } from '../store/record.ts';
import { Claims } from './claims.ts';
import type { ConsumerOutput } from './lane-io.ts';
import type { ConsumerSettings } from './lane-settings.ts';
import { LaneVoice } from './lane-voice.ts';
import { LaneWriter } from './lane-writer.ts';
import { Waiting } from './waiting.ts';

export class Mirror {
  readonly settings: ConsumerSettings;
  readonly write: LaneWriter;
  readonly voice: LaneVoice;
  readonly claims: Claims;
  #state: LaneState | undefined;
  #ring: Ring;
  #waiting: Waiting;
  #isUnsure: boolean;

  constructor(settings: ConsumerSettings, { state, copies }: RecoveredLane) {
    this.settings = settings;
    this.write = new LaneWriter(settings);
    this.voice = new LaneVoice(settings.lane);
    this.claims = new Claims(settings.smscId, settings.lane);
    this.#state = state;
    this.#ring = new Ring(state?.size ?? 1, copies);
    this.#waiting = this.#newWaiting();
    const { mirrorStore = '' } = state ?? {};
    this.#isUnsure = mirrorStore !== '' && mirrorStore !== settings.storeId();
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#state;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Whose turn it is among what is not finished. */
  get waiting(): Waiting {
    return this.#waiting;
  }

  /** The store was set back: what became of what it holds is not known before the first comparison. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  digest(): RingDigest {
    return digestOf(this.#state?.epoch, this.#ring, this.#state?.producerSeen ?? nothingSeen);
  }

  // --- copies -----------------------------------------------------------------------------------------------------

  /** Writes a copy over what is in its slot. */
  put(copy: SlotCopy): void {
    const before = this.#ring.at(this.#ring.slotOf(copy.seq));
    if (before !== undefined && before.seq !== copy.seq) this.#waiting.remove(before.seq);
    this.#ring.put(copy);
    this.#giveTurn(copy);
  }

  /** Moves along the table of statuses; any other move is a bug. */
  move(number: Seq, to: Exclude<SlotCopy['status'], 'placed'>, now: Instant, details: MoveDetails = {}): SlotCopy {
    const moved = this.#ring.move(number, to, now, details);
    this.#giveTurn(moved);
    return moved;
  }

  /** INVARIANT: what is unfinished waits for its turn, unless its content is in conflict. */
  #giveTurn(copy: SlotCopy): void {
    if (!isUnfinished(copy.status)) this.#waiting.remove(copy.seq);
    else if (!this.#waiting.move(copy)) this.#waiting.put(copy, this.settings.describe(copy.bytes));
  }

  /** The record of a change, and a word about it to a producer that is in step. */
  keepAndTell(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    const noted = this.claims.covers(copy) ? [this.note(copy)] : [];
    return [...noted, this.write.persist([this.write.slot(this.#ring, copy)]), ...this.tell(copy, now)];
  }

  tell(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    return this.voice.isInStep ? [this.voice.status(this.#ring, copy, now)] : [];
  }

  note(copy: SlotCopy): ConsumerOutput {
    const { seq, status, attempts, possibleDuplicate, outcome, messageId } = copy;
    const note = { seq, status, attempts, possibleDuplicate, outcome, messageId };
    return { type: 'note', when: 'at-once', slot: this.#ring.slotOf(seq), note };
  }

  /** An unfinished message was settled by the other end: this store went back in time. SPEC: DESIGN section 2 rule 2. */
  wentBack(copy: SlotCopy): ConsumerOutput {
    return this.write.log('error', 'ring.consumer-went-back', { seq: copy.seq, status: copy.status });
  }

  // --- doubt ------------------------------------------------------------------------------------------------------

  /** The answer will never come. SPEC: DESIGN section 2 rule 4. */
  interrupted(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    const { repetition, inDoubt } = this.settings;
    if (repetition === 'harmless') {
      // SPEC: DESIGN section 11: here the mark only means *repeated*.
      return this.keepAndTell(this.move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);
    }
    const doubted = this.move(copy.seq, 'in-doubt', now);
    return [
      ...this.keepAndTell(doubted, now),
      this.write.log('warn', 'ring.in-doubt', { seq: copy.seq, attempts: copy.attempts, policy: inDoubt }),
      ...this.tryAgainInDoubt(doubted, now),
    ];
  }

  /** The operator's standing answer to doubt. */
  tryAgainInDoubt(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    const { repetition, inDoubt } = this.settings;
    if (this.#isUnsure || (inDoubt === 'hold' && repetition === 'doubt')) return [];
    return this.keepAndTell(this.move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);
  }

  /** This end's store was set back: doubt stays until the first comparison, whatever the policy. */
  becomeUnsure(): void {
    this.#isUnsure = true;
  }

  /** The ends were compared: what is still in doubt is treated as the operator wants it. */
  makeSure(now: Instant): ConsumerOutput[] {
    const mirrorStore = this.settings.storeId();
    if (this.#state === undefined || this.#state.mirrorStore === mirrorStore) return [];
    this.#state = { ...this.#state, mirrorStore };
    const kept = this.write.persist([this.write.state(this.#state)]);
    if (!this.#isUnsure) return [kept];
    this.#isUnsure = false;
    const doubted = this.#ring.unfinished().filter(({ status }) => status === 'in-doubt');
    return [kept, ...doubted.flatMap((copy) => this.tryAgainInDoubt(copy, now))];
  }

  // --- epochs -----------------------------------------------------------------------------------------------------

  /**
   * Notes where the producer's store is now: what it must still know when it comes back. SPEC: DESIGN section 4.
   *
   * @returns for the commit of what came with it: a digest must not show a position that is not on disk
   */
  seen(position: StorePosition): StoreRecord[] {
    const state = this.#state;
    if (state === undefined || position.run === '') return [];
    const { run, count } = state.producerSeen;
    if (position.run === run && position.count === count) return [];
    this.#state = { ...state, producerSeen: position };
    return [this.write.state(this.#state)];
  }

  /** The producer's epoch takes the place of whatever was here. */
  adopt(epoch: Epoch, size: number): ConsumerOutput[] {
    const producerSeen = this.#state?.producerSeen ?? nothingSeen;
    const state: LaneState = { epoch, size, mirrorStore: this.settings.storeId(), producerSeen };
    const old = this.write.noSlots(this.#ring, this.#ring.copies());
    this.#begin(size, state);
    this.voice.forgetSaid();
    return [
      this.write.persist([...old, ...this.claims.forget(), this.write.state(state)]),
      this.write.log('info', 'sync.epoch-adopted', { size }),
    ];
  }

  /** Lets go of the whole ring. @returns the records of that */
  abandon(): StoreRecord[] {
    const old = this.write.noSlots(this.#ring, this.#ring.copies());
    this.#begin(1, undefined);
    return [...old, ...this.claims.forget(), this.write.noState()];
  }

  /** Lets go of some messages. @returns the records of that */
  forget(copies: readonly SlotCopy[], now: Instant): StoreRecord[] {
    const records = this.write.noSlots(this.#ring, copies);
    for (const { seq } of copies) {
      this.#waiting.remove(seq);
      this.#ring.forget(seq, now);
    }
    return records;
  }

  #begin(size: number, state: LaneState | undefined): void {
    this.#ring = new Ring(size, [], this.#ring.tally);
    this.#waiting = this.#newWaiting();
    this.#state = state;
    // Nothing is left that this end could be unsure of.
    this.#isUnsure = false;
  }

  #newWaiting(): Waiting {
    const waiting = new Waiting(this.settings.inDoubt, this.settings.producerAheadMs);
    for (const copy of this.#ring.unfinished()) waiting.put(copy, this.settings.describe(copy.bytes));
    return waiting;
  }
}
