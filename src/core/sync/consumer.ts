/**
 * The end of a lane that hands over: keeps the mirror, claims what may be handed over next, counts every attempt before
 * it happens, and tells the producer what became of it. It alone ends a message that is in the ring. What handing over
 * means is the role's business; comparing is `consumer-comparison.ts`. SPEC: DESIGN sections 2 to 4.
 */
import { assertNever } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion, LaneEntry, PlaceEntry, ResolveEntry } from '../link/entries.ts';
import type { RingDigest, StorePosition } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { Outcome } from '../ring/outcome.ts';
import type { Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import { compareProgress, type SlotCopy } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import type { LaneState, RecoveredLane } from '../store/lane-records.ts';
import type { SlotNotes } from '../store/slot-note.ts';
import type { ClaimedAttempts, Claims, ClaimToKeep } from './claims.ts';
import { compareMirror } from './consumer-comparison.ts';
import type { ConsumerOutput, LaneContact } from './lane-io.ts';
import type { ConsumerSettings } from './lane-settings.ts';
import type { LaneVoice } from './lane-voice.ts';
import type { LaneWriter } from './lane-writer.ts';
import { heldAsExported, type LetGo, type Release } from './let-go.ts';
import { Mirror } from './mirror.ts';

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
  readonly #mirror: Mirror;
  readonly #write: LaneWriter;
  readonly #voice: LaneVoice;
  readonly #claims: Claims;

  constructor(settings: ConsumerSettings, recovered: RecoveredLane) {
    this.#settings = settings;
    this.#mirror = new Mirror(settings, recovered);
    this.#write = this.#mirror.write;
    this.#voice = this.#mirror.voice;
    this.#claims = this.#mirror.claims;
  }

  get contact(): LaneContact {
    return this.#voice.contact;
  }

  get ring(): Ring {
    return this.#mirror.ring;
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#mirror.state;
  }

  digest(): RingDigest {
    return this.#mirror.digest();
  }

  /**
   * After a start: what was being handed over when the process ended has no answer any more.
   * SPEC: DESIGN section 2 rule 4.
   */
  recover(now: Instant, evidence?: Evidence): ConsumerOutput[] {
    // What evidence there is went back as well.
    if (this.isUnsure) return [this.#write.persist([this.#claims.noRecord()]), ...this.doubtAll(now, 'unanswered')];
    const outputs = evidence === undefined ? [] : this.#weigh(evidence, now);
    for (const copy of this.ring.unfinished()) {
      if (copy.status === 'in-flight') outputs.push(...this.#mirror.interrupted(copy, now));
      else if (copy.status === 'in-doubt') outputs.push(...this.#mirror.tryAgainInDoubt(copy, now));
    }
    return outputs;
  }

  /** Nothing is handed over until the producer has shown what it knows. */
  get isUnsure(): boolean {
    return this.#mirror.isUnsure;
  }

  /**
   * This end's store was set back: all that it has not ended may have been handed over since. It is in doubt, and stays so
   * until the first comparison, whatever the policy. SPEC: DESIGN section 4, restored stores.
   *
   * @param inFlight whether what is in flight still gets its answer
   */
  doubtAll(now: Instant, inFlight: 'answered' | 'unanswered'): ConsumerOutput[] {
    this.#mirror.becomeUnsure();
    const outputs = this.dropClaims();
    for (const copy of this.ring.unfinished()) {
      if (copy.status === 'in-flight' && inFlight === 'unanswered')
        outputs.push(...this.#mirror.interrupted(copy, now));
      // Where repeating is harmless the mark is all there is to it.
      const isMarked = this.#settings.repetition === 'harmless' && copy.possibleDuplicate;
      if (copy.status !== 'mirrored' || isMarked) continue;
      const claimed = this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
      outputs.push(...this.#mirror.interrupted(claimed, now));
    }
    return outputs;
  }

  /** Brings the copies to where they really were. Without notes every claimed attempt may have been made. */
  #weigh({ claimed, notes }: Evidence, now: Instant): ConsumerOutput[] {
    const outputs: ConsumerOutput[] = [];
    for (const copy of this.ring.unfinished()) {
      const note = notes?.get(this.ring.slotOf(copy.seq));
      if (note?.seq === copy.seq && note.messageId === copy.messageId) {
        const noted: SlotCopy = { ...copy, ...note, movedAt: now };
        if (compareProgress(noted, copy) <= 0) continue;
        this.#mirror.put(noted);
        outputs.push(...this.#mirror.keepAndTell(noted, now));
      } else if (notes === undefined && copy.status === 'mirrored' && claimed.get(copy.seq) === copy.attempts + 1) {
        // What is in flight when a role starts is dealt with like any other that is.
        this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
      }
    }
    if (claimed.size > 0) outputs.push(this.#write.persist([this.#claims.noRecord()]));
    return outputs;
  }

  linkUp(): ConsumerOutput[] {
    this.#voice.linkUp();
    return [this.#voice.digest('first', this.digest())];
  }

  linkDown(): void {
    this.#voice.linkDown();
  }

  askForDigest(occasion: DigestOccasion): ConsumerOutput[] {
    return this.contact === 'apart' ? [] : [this.#voice.digest(occasion, this.digest())];
  }

  handle(entry: LaneEntry, now: Instant): ConsumerOutput[] {
    switch (entry.type) {
      case 'digest':
        return [
          ...compareMirror(this.#mirror, entry.digest, entry.occasion, now),
          ...(entry.occasion === 'request' ? [this.#voice.digest('answer', this.digest())] : []),
        ];
      case 'place':
        return this.#voice.isInStep ? this.#take(entry, now) : [];
      case 'settled':
        return this.#voice.isInStep ? this.#settle(entry.seq, entry.position, now) : [];
      case 'resolve':
        return this.#voice.isInStep ? this.#resolveAsTold(entry, now) : [];
      case 'status':
      case 'reconstruct':
        return [this.#write.log('warn', 'sync.unexpected-entry', { entry: entry.type })];
      default:
        return assertNever(entry);
    }
  }

  /** Notes where the producer's store is now: what it must still know when it comes back. SPEC: DESIGN section 4. */
  noteProducer(position: StorePosition): ConsumerOutput[] {
    const records = this.#voice.isInStep ? this.#mirror.seen(position) : [];
    return records.length === 0 ? [] : [this.#write.persist(records)];
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
    const moved = this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
    return { copy: moved, outputs: this.#mirror.keepAndTell(moved, now) };
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
    const moved = this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });
    this.#claims.used();
    return { copy: moved, outputs: [this.#mirror.note(moved), ...this.#mirror.tell(moved, now)] };
  }

  /** While the two ends hold different things nothing leaves, until somebody has decided. */
  #next(now: Instant): SlotCopy | undefined {
    const number = this.#isHeld() ? undefined : this.#mirror.waiting.next(now);
    return number === undefined ? undefined : this.ring.find(number);
  }

  /** How many could be handed over now, but for what holds them up within the lane. */
  readyCount(now: Instant): number {
    return this.#mirror.waiting.upcoming(Infinity, now).length;
  }

  /** Claims further attempts, if few are left; when the record is on disk, {@link claimsKept}. */
  claimAhead(now: Instant): ClaimToKeep | undefined {
    if (this.#isHeld()) return undefined;
    const upcoming = (count: number) =>
      this.#mirror.waiting.upcoming(count, now).flatMap((number) => this.ring.find(number) ?? []);
    return this.#claims.ask(upcoming, this.ring);
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
    const records = this.#claims.drop(this.ring);
    return records.length === 0 ? [] : [this.#write.persist(records)];
  }

  /** The answer: confirmed or refused. */
  end(number: Seq, outcome: Outcome, now: Instant): ConsumerOutput[] {
    if (!this.#isInFlight(number)) return [this.#lateAnswer(number, outcome.status)];
    return this.#mirror.keepAndTell(this.#mirror.move(number, outcome.status, now, { outcome }), now);
  }

  /** Refused for now: tried again at `retryAt`, while others pass. */
  postpone(number: Seq, retryAt: Instant, now: Instant): ConsumerOutput[] {
    if (!this.#isInFlight(number)) return [this.#lateAnswer(number, 'postponed')];
    const moved = this.#mirror.move(number, 'mirrored', now);
    this.#mirror.waiting.postpone(number, retryAt);
    return this.#mirror.keepAndTell(moved, now);
  }

  /** The answer will never come. SPEC: DESIGN section 2 rule 4: unknown is not failed. */
  doubt(number: Seq, now: Instant): ConsumerOutput[] {
    const copy = this.ring.find(number);
    return copy?.status === 'in-flight' ? this.#mirror.interrupted(copy, now) : [];
  }

  /** The same packet is about to be sent once more: counted, and marked, before it leaves. */
  countRepeat(number: Seq, now: Instant): ConsumerOutput[] {
    const copy = this.ring.find(number);
    if (copy?.status !== 'in-flight') return [this.#lateAnswer(number, 'repeated')];
    const repeated: SlotCopy = { ...copy, attempts: copy.attempts + 1, possibleDuplicate: true, movedAt: now };
    this.#mirror.put(repeated);
    return this.#mirror.keepAndTell(repeated, now);
  }

  /** The operator's word about a message in doubt. Returns undefined where it is not in doubt any more. */
  resolve(number: Seq, as: 'sent' | 'not-sent', by: 'operator' | 'report', now: Instant) {
    const copy = this.ring.find(number);
    if (copy?.status !== 'in-doubt') return undefined;
    const outcome: Outcome = { status: 'confirmed', stamp: '', errorCode: 0, by };
    const moved =
      as === 'sent'
        ? this.#mirror.move(number, 'confirmed', now, { outcome })
        : this.#mirror.move(number, 'mirrored', now, { possibleDuplicate: true });
    return [
      ...this.#mirror.keepAndTell(moved, now),
      this.#write.log('info', 'ring.resolved', { seq: number, as, by, attempts: copy.attempts }),
    ];
  }

  /**
   * The producer's copies are the truth from now on: with the next comparison its epoch is adopted, or it places again what
   * is let go of here. Not while a message is being handed over: its answer would be taken for that of another.
   */
  letGo(letGo: LetGo, now: Instant): Release<ConsumerOutput> {
    const found = heldAsExported(letGo, this.state?.epoch, this.ring);
    if ('why' in found) return { type: 'changed', why: found.why };
    const flying = found.copies.filter(({ status }) => status === 'in-flight').map(({ seq }) => seq);
    if (flying.length > 0) return { type: 'changed', why: `number ${numbersText(flying)} is being handed over` };
    const { scope } = letGo;
    const records = scope === 'ring' ? this.#mirror.abandon() : this.#mirror.forget(found.copies, now);
    const numbers = numbersText(found.copies.map(({ seq }) => seq));
    return {
      type: 'released',
      outputs: [this.#write.persist(records), this.#write.log('warn', 'sync.let-go', { scope, numbers })],
    };
  }

  /** Ends what is not valid any more, unless it is just being handed over. */
  tick(now: Instant): ConsumerOutput[] {
    this.#mirror.waiting.release(now);
    if (this.#isOutOfDate()) return [];
    return this.#mirror.waiting.overdue(now).flatMap((number) => {
      const outcome: Outcome = { status: 'expired', stamp: '', errorCode: 0, by: 'answer' };
      // That its time is over does not tell whether a message in doubt arrived: its sender must not read *failed*.
      const mark = this.ring.find(number)?.status === 'in-doubt' ? { possibleDuplicate: true } : {};
      return this.#mirror.keepAndTell(this.#mirror.move(number, 'expired', now, { outcome, ...mark }), now);
    });
  }

  deadline(): Instant | undefined {
    return this.#isOutOfDate() ? undefined : this.#mirror.waiting.nextDueAt();
  }

  #isHeld(): boolean {
    return this.#voice.contact === 'held' || this.#isOutOfDate();
  }

  /** What it holds may long have ended. Handing over once more what is only stored does no harm, and not to might lose it. */
  #isOutOfDate(): boolean {
    return this.isUnsure && this.#settings.repetition === 'doubt';
  }

  /** False where the producer ended or doubted it meanwhile: this end's store went back in time. */
  #isInFlight(number: Seq): boolean {
    return this.ring.find(number)?.status === 'in-flight';
  }

  #lateAnswer(number: Seq, answer: string): ConsumerOutput {
    return this.#write.log('error', 'ring.late-answer', { seq: number, answer });
  }

  // --- taking what the producer says ------------------------------------------------------------------------------

  #take(entry: PlaceEntry, now: Instant): ConsumerOutput[] {
    const before = this.ring.at(this.ring.slotOf(entry.seq));
    // SPEC: DESIGN section 11: the answer to a repeated place is the present status.
    if (before?.seq === entry.seq) return [this.#voice.status(this.ring, before, now)];
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
    this.#mirror.put(copy);
    return [
      ...(before !== undefined && isUnfinished(before.status) ? [this.#mirror.wentBack(before)] : []),
      this.#write.persist([...this.#write.wholeSlot(this.ring, copy), ...this.#mirror.seen(entry.position)]),
      this.#voice.status(this.ring, copy, now),
      ...(isDoubted ? this.#mirror.tryAgainInDoubt(copy, now) : []),
    ];
  }

  #settle(number: Seq, position: StorePosition, now: Instant): ConsumerOutput[] {
    const copy = this.ring.find(number);
    if (copy === undefined || copy.status === 'settled') return [];
    const settled: SlotCopy = { ...copy, status: 'settled', movedAt: now };
    this.#mirror.put(settled);
    return [
      ...(isUnfinished(copy.status) ? [this.#mirror.wentBack(copy)] : []),
      this.#write.persist([this.#write.slot(this.ring, settled), ...this.#mirror.seen(position)]),
    ];
  }

  #resolveAsTold(entry: ResolveEntry, now: Instant): ConsumerOutput[] {
    const copy = this.ring.find(entry.seq);
    if (copy === undefined) return [];
    const isMeant = copy.status === 'in-doubt' && copy.attempts === entry.attempts;
    const resolved = isMeant ? this.resolve(entry.seq, entry.as, entry.by, now) : undefined;
    return resolved ?? [this.#voice.status(this.ring, copy, now)];
  }
}
