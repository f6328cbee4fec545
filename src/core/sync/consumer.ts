/**
 * The end of a lane that hands over: keeps the mirror, claims what may be handed over next, counts every attempt before
 * it happens, and tells the producer what became of it. It alone ends a message that is in the ring. What handing over
 * means is the role's business. SPEC: DESIGN sections 2 to 4.
 */
import { assertNever } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion, LaneEntry, PlaceEntry, ResolveEntry } from '../link/entries.ts';
import { digestOf, nothingSeen, type RingDigest, type StorePosition, stateOf } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { Outcome } from '../ring/outcome.ts';
import { type MoveDetails, Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import { compareProgress, type SlotCopy, type SlotState } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import type { LaneState, RecoveredLane } from '../store/lane-records.ts';
import type { StoreRecord } from '../store/record.ts';
import type { SlotNotes } from '../store/slot-note.ts';
import { type ClaimedAttempts, Claims, type ClaimToKeep } from './claims.ts';
import { compareLane, type LanePlan, type SlotPlan } from './compare.ts';
import type { ConsumerOutput, LaneContact } from './lane-io.ts';
import type { ConsumerSettings } from './lane-settings.ts';
import { LaneWriter } from './lane-writer.ts';
import { heldAsExported, type LetGo, type Release } from './let-go.ts';
import { numbersNowhere } from './listing.ts';
import { SaidLately } from './said-lately.ts';
import { Waiting } from './waiting.ts';

/** A message whose attempt is counted: behind the persist before it, hand it over. */
export interface Claim {
  readonly copy: SlotCopy;
  readonly outputs: readonly ConsumerOutput[];
}

/** What a start finds besides the records. */
export interface Evidence {
  /** Attempts that may have been made without a record of their own. */
  readonly claimed: ClaimedAttempts;
  /** How far each message came; undefined where that cannot be trusted, as after a loss of power. */
  readonly notes: SlotNotes | undefined;
}

export class LaneConsumer {
  readonly #settings: ConsumerSettings;
  readonly #write: LaneWriter;
  readonly #claims: Claims;
  #state: LaneState | undefined;
  #ring: Ring;
  #waiting: Waiting;
  #contact: LaneContact = 'apart';
  /** The store was set back: what became of what it holds is not known before the first comparison. */
  #isUnsure: boolean;
  readonly #said = new SaidLately();

  constructor(settings: ConsumerSettings, recovered: RecoveredLane) {
    this.#settings = settings;
    this.#write = new LaneWriter(settings);
    this.#claims = new Claims(settings.smscId, settings.lane);
    this.#state = recovered.state;
    this.#ring = new Ring(recovered.state?.size ?? 1, recovered.copies);
    this.#waiting = this.#waitingOf(this.#ring);
    const { mirrorStore = '' } = recovered.state ?? {};
    this.#isUnsure = mirrorStore !== '' && mirrorStore !== settings.storeId();
  }

  get contact(): LaneContact {
    return this.#contact;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#state;
  }

  digest(): RingDigest {
    return digestOf(this.#state?.epoch, this.#ring, this.#state?.producerSeen ?? nothingSeen);
  }

  /**
   * After a start: what was being handed over when the process ended has no answer any more.
   * SPEC: DESIGN section 2 rule 4.
   */
  recover(now: Instant, evidence?: Evidence): ConsumerOutput[] {
    // What evidence there is went back as well.
    if (this.#isUnsure) return [this.#write.persist([this.#claims.noRecord()]), ...this.doubtAll(now, 'unanswered')];
    const outputs = evidence === undefined ? [] : this.#weigh(evidence, now);
    for (const copy of this.#ring.unfinished()) {
      if (copy.status === 'in-flight') outputs.push(...this.#interrupted(copy, now));
      else if (copy.status === 'in-doubt') outputs.push(...this.#tryAgainInDoubt(copy, now));
    }
    return outputs;
  }

  /** Nothing is handed over until the producer has shown what it knows. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /**
   * This end's store was set back: all that it has not ended may have been handed over since. It is in doubt, and stays so
   * until the first comparison, whatever the policy. SPEC: DESIGN section 4, restored stores.
   *
   * @param inFlight whether what is in flight still gets its answer
   */
  doubtAll(now: Instant, inFlight: 'answered' | 'unanswered'): ConsumerOutput[] {
    this.#isUnsure = true;
    const outputs = this.dropClaims();
    for (const copy of this.#ring.unfinished()) {
      if (copy.status === 'in-flight' && inFlight === 'unanswered') outputs.push(...this.#interrupted(copy, now));
      // Where repeating is harmless the mark is all there is to it.
      const isMarked = this.#settings.repetition === 'harmless' && copy.possibleDuplicate;
      if (copy.status !== 'mirrored' || isMarked) continue;
      const claimed = this.#move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
      outputs.push(...this.#interrupted(claimed, now));
    }
    return outputs;
  }

  /** The ends were compared: what is still in doubt is treated as the operator wants it. */
  #makeSure(now: Instant): ConsumerOutput[] {
    const mirrorStore = this.#settings.storeId();
    if (this.#state === undefined || this.#state.mirrorStore === mirrorStore) return [];
    this.#state = { ...this.#state, mirrorStore };
    const kept = this.#write.persist([this.#write.state(this.#state)]);
    if (!this.#isUnsure) return [kept];
    this.#isUnsure = false;
    const doubted = this.#ring.unfinished().filter(({ status }) => status === 'in-doubt');
    return [kept, ...doubted.flatMap((copy) => this.#tryAgainInDoubt(copy, now))];
  }

  /** Brings the copies to where they really were. Without notes every claimed attempt may have been made. */
  #weigh({ claimed, notes }: Evidence, now: Instant): ConsumerOutput[] {
    const outputs: ConsumerOutput[] = [];
    for (const copy of this.#ring.unfinished()) {
      const note = notes?.get(this.#ring.slotOf(copy.seq));
      if (note?.seq === copy.seq && note.messageId === copy.messageId) {
        const noted: SlotCopy = { ...copy, ...note, movedAt: now };
        if (compareProgress(noted, copy) <= 0) continue;
        this.#ring.put(noted);
        if (isUnfinished(noted.status)) this.#wait(noted);
        else this.#waiting.remove(noted.seq);
        outputs.push(...this.#keepAndTell(noted, now));
      } else if (notes === undefined && copy.status === 'mirrored' && claimed.get(copy.seq) === copy.attempts + 1) {
        // What is in flight when a role starts is dealt with like any other that is.
        this.#move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
      }
    }
    if (claimed.size > 0) outputs.push(this.#write.persist([this.#claims.noRecord()]));
    return outputs;
  }

  linkUp(): ConsumerOutput[] {
    this.#contact = 'comparing';
    this.#said.clear();
    return [this.#digestEntry('first')];
  }

  linkDown(): void {
    this.#contact = 'apart';
    this.#said.clear();
  }

  askForDigest(occasion: DigestOccasion): ConsumerOutput[] {
    return this.#contact === 'apart' ? [] : [this.#digestEntry(occasion)];
  }

  handle(entry: LaneEntry, now: Instant): ConsumerOutput[] {
    switch (entry.type) {
      case 'digest':
        return [
          ...this.#compare(entry.digest, entry.occasion, now),
          ...(entry.occasion === 'request' ? [this.#digestEntry('answer')] : []),
        ];
      case 'place':
        return this.#contact === 'in-step' ? this.#take(entry, now) : [];
      case 'settled':
        return this.#contact === 'in-step' ? this.#settle(entry.seq, entry.position, now) : [];
      case 'resolve':
        return this.#contact === 'in-step' ? this.#resolveAsTold(entry, now) : [];
      case 'status':
      case 'reconstruct':
        return [this.#write.log('warn', 'sync.unexpected-entry', { entry: entry.type })];
      default:
        return assertNever(entry);
    }
  }

  /** Notes where the producer's store is now: what it must still know when it comes back. SPEC: DESIGN section 4. */
  noteProducer(position: StorePosition): ConsumerOutput[] {
    const records = this.#contact === 'in-step' ? this.#seen(position) : [];
    return records.length === 0 ? [] : [this.#write.persist(records)];
  }

  /** For the commit of what came with it: a digest must not show a position that is not on disk. */
  #seen(position: StorePosition): StoreRecord[] {
    const state = this.#state;
    if (state === undefined) return [];
    const { run, count } = state.producerSeen;
    if (position.run === '') return [];
    if (position.run === run && position.count === count) return [];
    this.#state = { ...state, producerSeen: position };
    return [this.#write.state(this.#state)];
  }

  // --- handing over -----------------------------------------------------------------------------------------------

  /**
   * The next message to hand over: in order of number, one at a time in a conversation, later ones passing one that
   * waits. It moves to `in-flight`, and the attempt is counted.
   *
   * @returns undefined where nothing may be handed over now
   */
  claim(now: Instant): Claim | undefined {
    const copy = this.#next(now);
    if (copy === undefined) return undefined;
    const moved = this.#move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
    return { copy: moved, outputs: this.#keepAndTell(moved, now) };
  }

  /**
   * The next message to hand over, in the same order, where its attempt was claimed ahead and no commit is in the way:
   * the note goes before the message.
   *
   * @returns undefined where nothing may be handed over now; then {@link claimAhead}
   */
  handOver(now: Instant): Claim | undefined {
    const copy = this.#next(now);
    if (copy === undefined) return undefined;
    if (!this.#claims.isKept(copy)) {
      this.#claims.fellShort();
      return undefined;
    }
    const moved = this.#move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
    this.#claims.used();
    const told = this.#contact === 'in-step' ? [this.#statusEntry(moved, now)] : [];
    return { copy: moved, outputs: [this.#note(moved), ...told] };
  }

  /** While the two ends hold different things nothing leaves, until somebody has decided. */
  #next(now: Instant): SlotCopy | undefined {
    const number = this.#isHeld() ? undefined : this.#waiting.next(now);
    return number === undefined ? undefined : this.#ring.find(number);
  }

  /** How many could be handed over now, but for what holds them up within the lane. */
  readyCount(now: Instant): number {
    return this.#waiting.upcoming(Infinity, now).length;
  }

  /** Claims further attempts, if few are left; when the record is on disk, {@link claimsKept}. */
  claimAhead(now: Instant): ClaimToKeep | undefined {
    if (this.#isHeld()) return undefined;
    const upcoming = (count: number) =>
      this.#waiting.upcoming(count, now).flatMap((number) => this.#ring.find(number) ?? []);
    return this.#claims.ask(upcoming, this.#ring);
  }

  /** @returns true once, where {@link claimAhead} said `ahead` and the next message waits for just that claim by now */
  claimsBecameAwaited(): boolean {
    return this.#claims.becameAwaited();
  }

  claimsKept(): void {
    this.#claims.kept();
  }

  /** Nothing more will be handed over for now: what was only claimed is not to be doubted after a loss of power. */
  dropClaims(): ConsumerOutput[] {
    const records = this.#claims.drop(this.#ring);
    return records.length === 0 ? [] : [this.#write.persist(records)];
  }

  /** The answer: confirmed or refused. */
  end(number: Seq, outcome: Outcome, now: Instant): ConsumerOutput[] {
    if (!this.#isInFlight(number)) return [this.#lateAnswer(number, outcome.status)];
    return this.#keepAndTell(this.#move(number, outcome.status, now, { outcome }), now);
  }

  /** Refused for now: tried again at `retryAt`, while others pass. */
  postpone(number: Seq, retryAt: Instant, now: Instant): ConsumerOutput[] {
    if (!this.#isInFlight(number)) return [this.#lateAnswer(number, 'postponed')];
    const moved = this.#move(number, 'mirrored', now);
    this.#waiting.postpone(number, retryAt);
    return this.#keepAndTell(moved, now);
  }

  /** The answer will never come. SPEC: DESIGN section 2 rule 4: unknown is not failed. */
  doubt(number: Seq, now: Instant): ConsumerOutput[] {
    const copy = this.#ring.find(number);
    return copy?.status === 'in-flight' ? this.#interrupted(copy, now) : [];
  }

  /** The same packet is about to be sent once more: counted, and marked, before it leaves. */
  countRepeat(number: Seq, now: Instant): ConsumerOutput[] {
    const copy = this.#ring.find(number);
    if (copy?.status !== 'in-flight') return [this.#lateAnswer(number, 'repeated')];
    const repeated: SlotCopy = { ...copy, attempts: copy.attempts + 1, possibleDuplicate: true, movedAt: now };
    this.#ring.put(repeated);
    return this.#keepAndTell(repeated, now);
  }

  /** The operator's word about a message in doubt. Returns undefined where it is not in doubt any more. */
  resolve(number: Seq, as: 'sent' | 'not-sent', by: 'operator' | 'report', now: Instant) {
    const copy = this.#ring.find(number);
    if (copy?.status !== 'in-doubt') return undefined;
    const outcome: Outcome = { status: 'confirmed', stamp: '', errorCode: 0, by };
    const moved =
      as === 'sent'
        ? this.#move(number, 'confirmed', now, { outcome })
        : this.#move(number, 'mirrored', now, { possibleDuplicate: true });
    return [
      ...this.#keepAndTell(moved, now),
      this.#write.log('info', 'ring.resolved', { seq: number, as, by, attempts: copy.attempts }),
    ];
  }

  /**
   * The producer's copies are the truth from now on: with the next comparison its epoch is adopted, or it places again what
   * is let go of here. Not while a message is being handed over: its answer would be taken for that of another.
   */
  letGo(letGo: LetGo, now: Instant): Release<ConsumerOutput> {
    const found = heldAsExported(letGo, this.#state?.epoch, this.#ring);
    if ('why' in found) return { type: 'changed', why: found.why };
    const flying = found.copies.filter(({ status }) => status === 'in-flight').map(({ seq }) => seq);
    if (flying.length > 0) return { type: 'changed', why: `number ${numbersText(flying)} is being handed over` };
    const { scope } = letGo;
    const copies = scope === 'ring' ? [...this.#ring.copies()] : found.copies;
    const records = this.#write.noSlots(this.#ring, copies);
    for (const { seq } of copies) {
      this.#waiting.remove(seq);
      if (scope === 'slots') this.#ring.forget(seq, now);
    }
    if (scope === 'ring') {
      this.#ring = new Ring(1, [], this.#ring.tally);
      this.#state = undefined;
      // Nothing is left that this end could be unsure of.
      this.#isUnsure = false;
      records.push(...this.#claims.forget(), this.#write.noState());
    }
    const numbers = numbersText(found.copies.map(({ seq }) => seq));
    return {
      type: 'released',
      outputs: [this.#write.persist(records), this.#write.log('warn', 'sync.let-go', { scope, numbers })],
    };
  }

  /** Ends what is not valid any more, unless it is just being handed over. */
  tick(now: Instant): ConsumerOutput[] {
    this.#waiting.release(now);
    if (this.#isOutOfDate()) return [];
    return this.#waiting.overdue(now).flatMap((number) => {
      const outcome: Outcome = { status: 'expired', stamp: '', errorCode: 0, by: 'answer' };
      // That its time is over does not tell whether a message in doubt arrived: its sender must not read *failed*.
      const mark = this.#ring.find(number)?.status === 'in-doubt' ? { possibleDuplicate: true } : {};
      return this.#keepAndTell(this.#move(number, 'expired', now, { outcome, ...mark }), now);
    });
  }

  deadline(): Instant | undefined {
    return this.#isOutOfDate() ? undefined : this.#waiting.nextDueAt();
  }

  #isHeld(): boolean {
    return this.#contact === 'held' || this.#isOutOfDate();
  }

  /** What it holds may long have ended. Handing over once more what is only stored does no harm, and not to might lose it. */
  #isOutOfDate(): boolean {
    return this.#isUnsure && this.#settings.repetition === 'doubt';
  }

  /** False where the producer ended or doubted it meanwhile: this end's store went back in time. */
  #isInFlight(number: Seq): boolean {
    return this.#ring.find(number)?.status === 'in-flight';
  }

  #lateAnswer(number: Seq, answer: string): ConsumerOutput {
    return this.#write.log('error', 'ring.late-answer', { seq: number, answer });
  }

  #interrupted(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    if (this.#settings.repetition === 'harmless') {
      // SPEC: DESIGN section 11: here the mark only means *repeated*.
      return this.#keepAndTell(this.#move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);
    }
    const doubted = this.#move(copy.seq, 'in-doubt', now);
    return [
      ...this.#keepAndTell(doubted, now),
      this.#write.log('warn', 'ring.in-doubt', {
        seq: copy.seq,
        attempts: copy.attempts,
        policy: this.#settings.inDoubt,
      }),
      ...this.#tryAgainInDoubt(doubted, now),
    ];
  }

  /** The operator's standing answer to doubt. */
  #tryAgainInDoubt(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    if (this.#isUnsure || (this.#settings.inDoubt === 'hold' && this.#settings.repetition === 'doubt')) return [];
    return this.#keepAndTell(this.#move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);
  }

  // --- taking what the producer says ------------------------------------------------------------------------------

  #take(entry: PlaceEntry, now: Instant): ConsumerOutput[] {
    const before = this.#ring.at(this.#ring.slotOf(entry.seq));
    // SPEC: DESIGN section 11: the answer to a repeated place is the present status.
    if (before?.seq === entry.seq) return [this.#statusEntry(before, now)];
    if (before !== undefined && before.seq > entry.seq) return [];
    const isDoubted = entry.fate === 'unknown' && this.#settings.repetition === 'doubt';
    const copy: SlotCopy = {
      seq: entry.seq,
      status: isDoubted ? 'in-doubt' : 'mirrored',
      attempts: entry.attempts,
      possibleDuplicate: entry.fate === 'unknown',
      outcome: undefined,
      messageId: entry.messageId,
      contentHash: this.#settings.contentHash(entry.bytes),
      bytes: entry.bytes,
      movedAt: now,
      isOffered: false,
    };
    this.#ring.put(copy);
    if (before !== undefined) this.#waiting.remove(before.seq);
    this.#wait(copy);
    return [
      ...(before !== undefined && isUnfinished(before.status) ? [this.#wentBack(before)] : []),
      this.#write.persist([...this.#write.wholeSlot(this.#ring, copy), ...this.#seen(entry.position)]),
      this.#statusEntry(copy, now),
      ...(isDoubted ? this.#tryAgainInDoubt(copy, now) : []),
    ];
  }

  /** SPEC: DESIGN section 2 rule 2: a higher number in a slot settles what was there. */
  #wentBack(copy: SlotCopy): ConsumerOutput {
    return this.#write.log('error', 'ring.consumer-went-back', { seq: copy.seq, status: copy.status });
  }

  #settle(number: Seq, position: StorePosition, now: Instant): ConsumerOutput[] {
    const copy = this.#ring.find(number);
    if (copy === undefined || copy.status === 'settled') return [];
    const settled: SlotCopy = { ...copy, status: 'settled', movedAt: now };
    this.#ring.put(settled);
    this.#waiting.remove(number);
    return [
      ...(isUnfinished(copy.status) ? [this.#wentBack(copy)] : []),
      this.#write.persist([this.#write.slot(this.#ring, settled), ...this.#seen(position)]),
    ];
  }

  #resolveAsTold(entry: ResolveEntry, now: Instant): ConsumerOutput[] {
    const copy = this.#ring.find(entry.seq);
    if (copy === undefined) return [];
    const isMeant = copy.status === 'in-doubt' && copy.attempts === entry.attempts;
    const resolved = isMeant ? this.resolve(entry.seq, entry.as, entry.by, now) : undefined;
    return resolved ?? [this.#statusEntry(copy, now)];
  }

  // --- comparing --------------------------------------------------------------------------------------------------

  #compare(theirs: RingDigest, occasion: DigestOccasion, now: Instant): ConsumerOutput[] {
    const plan = compareLane(theirs, this.digest());
    const isFirst = this.#contact !== 'in-step' || occasion === 'first';
    switch (plan.verdict) {
      case 'first-contact':
        return theirs.epoch === undefined ? [] : [...this.#adoptEpoch(theirs), ...this.#makeSure(now)];
      case 'producer-lost':
        this.#contact = 'in-step';
        return [
          this.#write.log('warn', 'sync.producer-lost', {
            slots: this.#ring.inUse,
            nowhere: numbersText(numbersNowhere(this.digest())) || undefined,
            unknownAbove: this.#ring.lastSeq,
          }),
          ...[...this.#ring.copies()]
            .filter((copy) => copy.status !== 'settled')
            .map((copy) => this.#reconstruct(copy, now)),
          ...this.#makeSure(now),
        ];
      case 'epoch-conflict':
        this.#contact = 'held';
        return [this.#write.log('error', 'sync.epoch-conflict', { code: 'LINK_EPOCH_CONFLICT' })];
      case 'compared': {
        this.#contact = 'in-step';
        const outputs = [...this.#carryOut(plan, isFirst, now), ...this.#makeSure(now)];
        return isFirst ? [this.#write.compared(plan.slots), ...outputs] : outputs;
      }
      default:
        return assertNever(plan);
    }
  }

  #adoptEpoch(theirs: RingDigest): ConsumerOutput[] {
    const { epoch, size } = theirs;
    if (epoch === undefined) return [];
    const producerSeen = this.#state?.producerSeen ?? nothingSeen;
    const old = this.#write.noSlots(this.#ring, this.#ring.copies());
    this.#ring = new Ring(size, [], this.#ring.tally);
    this.#waiting = this.#waitingOf(this.#ring);
    this.#said.clear();
    this.#state = { epoch, size, mirrorStore: this.#settings.storeId(), producerSeen };
    this.#contact = 'in-step';
    // Nothing is left that this end could be unsure of.
    this.#isUnsure = false;
    return [
      this.#write.persist([...old, ...this.#claims.forget(), this.#write.state(this.#state)]),
      this.#write.log('info', 'sync.epoch-adopted', { size }),
    ];
  }

  #carryOut(plan: Extract<LanePlan, { verdict: 'compared' }>, isFirst: boolean, now: Instant): ConsumerOutput[] {
    const outputs: ConsumerOutput[] = [];
    for (const step of plan.slots) {
      if (isFirst || !this.#said.isOnItsWay(step.slot, step.consumer?.seq, now))
        outputs.push(...this.#carryOutSlot(step, now));
    }
    return outputs;
  }

  #carryOutSlot(step: SlotPlan, now: Instant): ConsumerOutput[] {
    const copy = this.#ring.at(step.slot);
    if (copy === undefined) return [];
    switch (step.verdict) {
      case 'lost-status':
        return [this.#statusEntry(copy, now)];
      case 'producer-went-back':
      case 'renumber':
        return [this.#reconstruct(copy, now)];
      case 'consumer-went-back':
        return step.producer === undefined ? [] : this.#catchUp(copy, step.producer, now);
      case 'conflict':
        // Nothing moves: it is not handed over either.
        this.#waiting.remove(copy.seq);
        return [this.#write.log('error', 'sync.content-conflict', { slot: step.slot, seq: copy.seq })];
      case 'equal':
      case 'lost-settle':
      case 'lost-forward':
        return this.#settleAsShown(step, copy, now);
      default:
        return assertNever(step.verdict);
    }
  }

  /**
   * Shown by a higher number, or by the producer's own word: it must not be handed over while `settled` is on its way.
   * What is in flight gets its answer first.
   */
  #settleAsShown({ producer }: SlotPlan, copy: SlotCopy, now: Instant): ConsumerOutput[] {
    if (producer === undefined || copy.status === 'in-flight') return [];
    const isOpen = isUnfinished(copy.status);
    // A higher number that a store has forgotten since may have settled it here without its outcome.
    const isBare = copy.status === 'settled' && copy.outcome === undefined && producer.outcome !== undefined;
    const isShown = (isOpen || isBare) && producer.seq === copy.seq && producer.status === 'settled';
    if (!isShown && (copy.status === 'settled' || producer.seq <= copy.seq)) return [];
    const settled: SlotCopy = { ...copy, ...(isShown ? producer : {}), status: 'settled', movedAt: now };
    this.#ring.put(settled);
    this.#waiting.remove(copy.seq);
    return [...(isOpen ? [this.#wentBack(copy)] : []), this.#write.persist([this.#write.slot(this.#ring, settled)])];
  }

  /**
   * The producer knows of attempts that this end forgot: their fate is unknown. What it knows as waiting for another
   * attempt may have been tried once more since, and that is counted too.
   */
  #catchUp(copy: SlotCopy, known: SlotState, now: Instant): ConsumerOutput[] {
    if (!isUnfinished(copy.status)) return [];
    const attempts = Math.max(copy.attempts, known.attempts + (known.status === 'mirrored' ? 1 : 0));
    const isDoubt = this.#settings.repetition === 'doubt';
    const caughtUp: SlotCopy = {
      ...copy,
      status: isDoubt ? 'in-doubt' : 'mirrored',
      attempts,
      possibleDuplicate: true,
      movedAt: now,
    };
    this.#ring.put(caughtUp);
    this.#wait(caughtUp);
    return [
      this.#write.log('error', 'ring.consumer-went-back', { seq: copy.seq, attempts }),
      ...this.#keepAndTell(caughtUp, now),
      ...(isDoubt ? this.#tryAgainInDoubt(caughtUp, now) : []),
    ];
  }

  // --- making outputs ---------------------------------------------------------------------------------------------

  #move(number: Seq, to: Exclude<SlotCopy['status'], 'placed'>, now: Instant, details: MoveDetails = {}): SlotCopy {
    const moved = this.#ring.move(number, to, now, details);
    if (isUnfinished(moved.status)) {
      if (!this.#waiting.move(moved)) this.#wait(moved);
    } else this.#waiting.remove(number);
    return moved;
  }

  #wait(copy: SlotCopy): void {
    this.#waiting.put(copy, this.#settings.describe(copy.bytes));
  }

  #waitingOf(ring: Ring): Waiting {
    const waiting = new Waiting(this.#settings.inDoubt, this.#settings.producerAheadMs);
    for (const copy of ring.unfinished()) waiting.put(copy, this.#settings.describe(copy.bytes));
    return waiting;
  }

  #keepAndTell(copy: SlotCopy, now: Instant): ConsumerOutput[] {
    const told = this.#contact === 'in-step' ? [this.#statusEntry(copy, now)] : [];
    const noted = this.#claims.covers(copy) ? [this.#note(copy)] : [];
    return [...noted, this.#write.persist([this.#write.slot(this.#ring, copy)]), ...told];
  }

  #note(copy: SlotCopy): ConsumerOutput {
    const { seq, status, attempts, possibleDuplicate, outcome, messageId } = copy;
    const note = { seq, status, attempts, possibleDuplicate, outcome, messageId };
    return { type: 'note', when: 'at-once', slot: this.#ring.slotOf(seq), note };
  }

  #statusEntry(copy: SlotCopy, now: Instant): ConsumerOutput {
    this.#said.note(this.#ring.slotOf(copy.seq), copy.seq, now);
    const { seq, status, attempts, possibleDuplicate, outcome } = copy;
    const state = { seq, status, attempts, possibleDuplicate, outcome };
    return { type: 'send-entry', entry: { type: 'status', lane: this.#settings.lane, state } };
  }

  #reconstruct(copy: SlotCopy, now: Instant): ConsumerOutput {
    this.#said.note(this.#ring.slotOf(copy.seq), copy.seq, now);
    const { lane } = this.#settings;
    return { type: 'send-entry', entry: { type: 'reconstruct', lane, state: stateOf(copy), bytes: copy.bytes } };
  }

  #digestEntry(occasion: DigestOccasion): ConsumerOutput {
    const { lane } = this.#settings;
    return { type: 'send-entry', entry: { type: 'digest', lane, occasion, digest: this.digest() } };
  }
}
