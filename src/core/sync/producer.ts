/**
 * The end of a lane that owns the ring: takes messages in (outbox, then slot), places them at the consumer, learns their
 * outcome and frees their slots. It never ends a message that is in the ring: only the consumer knows whether it was
 * handed over. SPEC: DESIGN sections 2 to 4.
 */
import { assertNever, invariant } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion, LaneEntry, StatusEntry } from '../link/entries.ts';
import { digestOf, nothingSeen, type RingDigest, type StorePosition, stateOf } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { Outcome } from '../ring/outcome.ts';
import { Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import { compareProgress, type SlotCopy, type SlotState } from '../ring/slot.ts';
import { isOutcome, isUnfinished } from '../ring/status.ts';
import type { LaneState, OutboxItem, RecoveredLane } from '../store/lane-records.ts';
import type { StoreRecord } from '../store/record.ts';
import { compareLane, type LanePlan, type SlotPlan } from './compare.ts';
import type { LaneContact, ProducerOutput } from './lane-io.ts';
import type { ProducerSettings } from './lane-settings.ts';
import { LaneVoice } from './lane-voice.ts';
import { LaneWriter } from './lane-writer.ts';
import { heldAsExported, type LetGo, type Release } from './let-go.ts';
import { isFateUnknown, numbersNowhere } from './listing.ts';
import { Outbox } from './outbox.ts';
import {
  attemptsOf,
  doubted,
  doubtedCopies,
  type Fresh,
  forgottenEnds,
  itemNotHeld,
  renumberedCopies,
  revisedItem,
} from './set-back.ts';

export class LaneProducer {
  readonly #settings: ProducerSettings;
  readonly #write: LaneWriter;
  readonly #voice: LaneVoice;
  #state: LaneState | undefined;
  #ring: Ring;
  readonly #outbox: Outbox;
  readonly #fresh: Fresh;
  /** Of a ring that was let go of: where conclusions were drawn already. */
  #concludedAt = nothingSeen;
  /** Whether this store was compared since the start: only then it is known to have forgotten nothing. */
  #isCompared = false;
  /** The store at the other end of this connection. */
  #peerStore = '';
  /** The highest number that the consumer is known to have used. */
  #peerSeq = 0;

  constructor(settings: ProducerSettings, recovered: RecoveredLane) {
    this.#settings = settings;
    this.#write = new LaneWriter(settings);
    this.#voice = new LaneVoice(settings.lane);
    this.#state = recovered.state;
    this.#ring = new Ring(recovered.state?.size ?? settings.size, recovered.copies);
    this.#outbox = new Outbox(recovered.outbox);
    // What waits moves into the ring before anything new does, so a number tells nothing while something waits.
    const seq = this.#outbox.count === 0 ? this.#ring.lastSeq + 1 : Infinity;
    this.#fresh = { seq, place: this.#outbox.nextPlace };
  }

  get contact(): LaneContact {
    return this.#voice.contact;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#state;
  }

  get outboxCount(): number {
    return this.#outbox.count;
  }

  /** Whether a message given now would get a slot at once: a deliver is only answered when it did. */
  hasRoom(): boolean {
    return this.#state !== undefined && this.#outbox.count === 0 && this.#nextSeq() !== undefined;
  }

  /** Whether only this end is known to have the message: it waits, or the consumer has said nothing of it that still holds. */
  holdsAlone(messageId: string): boolean {
    if (this.#outbox.has(messageId)) return true;
    for (const copy of this.#ring.copies()) {
      if (copy.messageId === messageId && (copy.status === 'placed' || copy.status === 'in-doubt')) return true;
    }
    return false;
  }

  digest(): RingDigest {
    return digestOf(this.#state?.epoch, this.#ring, nothingSeen);
  }

  /** Where this store is, for the consumer to keep; nothing before both were compared, or it would forget what it saw. */
  position(): StorePosition {
    return this.#voice.isInStep ? this.#settings.position() : nothingSeen;
  }

  /**
   * Whether this store remembers that it was where the consumer saw it, or has drawn the conclusions already.
   * SPEC: DESIGN section 4, producer that went back.
   */
  knows(position: StorePosition): boolean {
    const { run, count } = this.#state?.producerSeen ?? this.#concludedAt;
    return this.#settings.hasBeenAt(position) || (position.run === run && position.count === count);
  }

  /** Takes a message in: behind the persist it is this end's. */
  enqueue(messageId: string, bytes: Uint8Array, now: Instant): ProducerOutput[] {
    const number = this.#outbox.count === 0 && this.#state !== undefined ? this.#nextSeq() : undefined;
    const message = { messageId, bytes, attempts: 0 };
    if (number !== undefined) return this.#place(message, number, [], now);
    return [this.#write.persist([this.#write.waiting(this.#outbox.append(message))])];
  }

  /**
   * Takes messages back that were surely never handed over: they wait in the outbox, and it is sure that this store did not
   * forget that they once did not. Behind the persist they are this end's no more.
   *
   * @param groups ids that go together or not at all
   * @returns the groups that were taken back
   */
  withdraw<Group extends { readonly messageIds: readonly string[] }>(groups: readonly Group[]) {
    const free = this.#outbox.untouched(this.#isCompared ? -Infinity : this.#fresh.place);
    const withdrawn = groups.filter(({ messageIds }) => messageIds.every((id) => free.has(id)));
    const ids = new Set(withdrawn.flatMap(({ messageIds }) => messageIds));
    const { removed } = this.#outbox.revise((item) => (ids.has(item.messageId) ? undefined : item));
    const records = removed.map(({ place }) => this.#write.notWaiting(place));
    const outputs: ProducerOutput[] = records.length === 0 ? [] : [this.#write.persist(records)];
    return { outputs, withdrawn };
  }

  /** A connection is proved: tell what is here, then wait for the consumer's digest. */
  linkUp(peerStore: string): ProducerOutput[] {
    this.#voice.linkUp();
    this.#peerStore = peerStore;
    return [this.#voice.digest('first', this.digest())];
  }

  linkDown(): void {
    this.#voice.linkDown();
  }

  /** Asks the consumer for its digest and tells this one's, to be compared at both ends. */
  askForDigest(occasion: DigestOccasion): ProducerOutput[] {
    return this.contact === 'apart' ? [] : [this.#voice.digest(occasion, this.digest())];
  }

  handle(entry: LaneEntry, now: Instant): ProducerOutput[] {
    switch (entry.type) {
      case 'digest':
        return [
          ...this.#compare(entry.digest, entry.occasion, now),
          ...(entry.occasion === 'request' ? [this.#voice.digest('answer', this.digest())] : []),
        ];
      case 'status':
        return this.#voice.isInStep ? this.#takeStatus(entry, now) : [];
      case 'reconstruct':
        return this.#voice.isInStep ? [...this.#adopt(entry.state, entry.bytes, now), ...this.#fill(now)] : [];
      case 'place':
      case 'settled':
      case 'resolve':
        return [this.#write.log('warn', 'sync.unexpected-entry', { entry: entry.type })];
      default:
        return assertNever(entry);
    }
  }

  /** Tells the consumer what was decided about a message in doubt. */
  resolve(number: Seq, as: 'sent' | 'not-sent', by: 'operator' | 'report'): ProducerOutput[] {
    const copy = this.#ring.find(number);
    if (copy === undefined || !this.#voice.isInStep) return [];
    return [this.#voice.resolve(copy, as, by)];
  }

  /**
   * The consumer's copies are the truth from now on. Of a ring that goes, what is not settled waits for a number of the
   * consumer's epoch, of unknown fate; of a slot the consumer's copy comes with the next comparison.
   */
  letGo(letGo: LetGo, now: Instant): Release<ProducerOutput> {
    const found = heldAsExported(letGo, this.#state?.epoch, this.#ring);
    if ('why' in found) return { type: 'changed', why: found.why };
    const numbers = numbersText(found.copies.map(({ seq }) => seq));
    this.#concludedAt = this.#state?.producerSeen ?? nothingSeen;
    const records =
      letGo.scope === 'ring'
        ? [...this.#emptyRing(), this.#write.noState()]
        : this.#write.noSlots(this.#ring, found.copies);
    if (letGo.scope === 'slots') for (const { seq } of found.copies) this.#ring.forget(seq, now);
    const { scope } = letGo;
    return {
      type: 'released',
      outputs: [this.#write.persist(records), this.#write.log('warn', 'sync.let-go', { scope, numbers })],
    };
  }

  /** Ends what waited in the outbox until it was no longer valid, and gives free slots to what waits. */
  tick(now: Instant): ProducerOutput[] {
    return this.#fill(now);
  }

  // --- taking in --------------------------------------------------------------------------------------------------

  /** Moves from the outbox into slots while there are any: out of the one and into the other is one commit. */
  #fill(now: Instant): ProducerOutput[] {
    const outputs: ProducerOutput[] = [];
    for (let item = this.#outbox.first(); item !== undefined; item = this.#outbox.first()) {
      const outline = this.#settings.describe(item.bytes);
      const isOver = outline !== undefined && outline.validUntil <= now;
      const number = this.#state === undefined || isOver ? undefined : this.#nextSeq();
      if (number === undefined && !isOver) break;
      this.#outbox.removeFirst();
      const gone = this.#write.notWaiting(item.place);
      if (number === undefined) outputs.push(this.#write.persist([gone]), this.#expired(item));
      else outputs.push(...this.#place(item, number, [gone], now));
    }
    return outputs;
  }

  #nextSeq(): Seq | undefined {
    return this.contact === 'held' ? undefined : this.#ring.nextSeq(this.#peerSeq);
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
      contentHash: this.#settings.contentHash(item.bytes),
      bytes: item.bytes,
      movedAt: now,
      isOffered: this.#voice.isInStep,
    };
    this.#ring.put(copy);
    return [
      this.#write.persist([...gone, ...this.#write.wholeSlot(this.#ring, copy)]),
      ...(isDoubted ? [this.#progress(copy)] : []),
      ...(this.#voice.isInStep ? [this.#placeEntry(copy, isDoubted ? 'unknown' : 'known', now)] : []),
    ];
  }

  /** SPEC: DESIGN section 11, expiry in the outbox: what was never placed was surely not handed over. */
  #expired(item: OutboxItem): ProducerOutput {
    return {
      type: 'ended',
      lane: this.#settings.lane,
      messageId: item.messageId,
      bytes: item.bytes,
      outcome: { status: 'expired', stamp: '', errorCode: 0, by: 'answer' },
      possibleDuplicate: item.attempts > 0,
    };
  }

  // --- learning ---------------------------------------------------------------------------------------------------

  #takeStatus(entry: StatusEntry, now: Instant): ProducerOutput[] {
    const copy = this.#ring.find(entry.state.seq);
    if (copy === undefined) return [];
    return this.#learn(copy, { ...copy, ...entry.state }, now);
  }

  /** Takes over a later state of a copy; an outcome settles it in the same commit. */
  #learn(copy: SlotCopy, told: SlotState, now: Instant): ProducerOutput[] {
    if (copy.status === 'settled') {
      return isOutcome(told.status) ? [this.#settledEntry(copy.seq, now)] : [];
    }
    const isNews = compareProgress(told, copy) > 0;
    if (!isNews && !isOutcome(copy.status)) return [];
    if (copy.bytes.length === 0 && (isOutcome(told.status) || told.status === 'settled')) return [];
    const outcome = isNews ? told.outcome : copy.outcome;
    if (outcome !== undefined || told.status === 'settled') return this.#settle(copy, told, outcome, now);
    const learned: SlotCopy = {
      ...copy,
      status: told.status,
      attempts: told.attempts,
      possibleDuplicate: told.possibleDuplicate || copy.possibleDuplicate,
      movedAt: now,
    };
    this.#ring.put(learned);
    return [this.#write.persist([this.#write.slot(this.#ring, learned)]), this.#progress(learned)];
  }

  #settle(copy: SlotCopy, told: SlotState, outcome: Outcome | undefined, now: Instant): ProducerOutput[] {
    const { attempts } = told;
    const possibleDuplicate = told.possibleDuplicate || copy.possibleDuplicate;
    const settled: SlotCopy = { ...copy, status: 'settled', attempts, possibleDuplicate, outcome, movedAt: now };
    this.#ring.put(settled);
    const { lane } = this.#settings;
    const { messageId, bytes } = copy;
    const filled = this.#fill(now);
    // SPEC: DESIGN section 2 rule 2: who sees a higher number in the slot learns by it that this one is settled.
    const isSucceeded = this.#voice.isInStep && this.#ring.find(copy.seq) === undefined;
    return [
      this.#write.persist([this.#write.slot(this.#ring, settled)]),
      ...(isSucceeded ? [] : [this.#settledEntry(copy.seq, now)]),
      ...(outcome === undefined
        ? []
        : [{ type: 'ended' as const, lane, messageId, bytes, outcome, possibleDuplicate }]),
      ...filled,
    ];
  }

  // --- comparing --------------------------------------------------------------------------------------------------

  #compare(theirs: RingDigest, occasion: DigestOccasion, now: Instant): ProducerOutput[] {
    if (this.knows(theirs.producerSeen)) return this.#carryOutPlan(theirs, occasion, now);
    const conclusions = this.#concludeSetBack(theirs, now);
    return [...conclusions, ...this.#carryOutPlan(theirs, occasion, now)];
  }

  /** This store was at a place that it does not remember: what it holds without an outcome is of unknown fate. */
  #concludeSetBack(theirs: RingDigest, now: Instant): ProducerOutput[] {
    const { lane } = this.#settings;
    const renumbered = renumberedCopies(this.#ring, theirs);
    const unused = renumbered.map((copy): SlotCopy => ({ ...copy, status: 'settled', movedAt: now }));
    const copies = doubtedCopies(this.#ring, theirs, this.#fresh, now);
    for (const copy of [...unused, ...copies]) this.#ring.put(copy);
    const { removed, changed } = this.#outbox.revise(revisedItem(theirs, this.#fresh));
    const records = [
      ...[...unused, ...copies].map((copy) => this.#write.slot(this.#ring, copy)),
      ...removed.map(({ place }) => this.#write.notWaiting(place)),
      ...changed.map((item) => this.#write.waiting(item)),
    ];
    const outputs: ProducerOutput[] = copies.map((copy) => this.#progress(copy));
    for (const end of forgottenEnds([...removed, ...renumbered], theirs)) outputs.push({ type: 'ended', lane, ...end });
    if (this.#state !== undefined) {
      // Numbers of an epoch that the consumer has left behind were used by what is forgotten here: its present one is taken.
      const isLeftBehind = theirs.epoch !== undefined && theirs.epoch !== this.#state.epoch;
      const isOver = isLeftBehind && compareLane(this.digest(), theirs).verdict === 'first-contact';
      if (isOver) records.push(...this.#emptyRing());
      else {
        this.#state = { ...this.#state, producerSeen: theirs.producerSeen };
        records.push(this.#write.state(this.#state));
      }
      const unknown = numbersText(copies.map(({ seq }) => seq));
      outputs.unshift(
        this.#write.log('error', 'sync.producer-went-back', {
          unknown,
          waiting: changed.length,
          held: removed.length + unused.length,
          renumbered: numbersText(unused.map(({ seq }) => seq)) || undefined,
        }),
      );
    }
    return records.length === 0 ? outputs : [this.#write.persist(records), ...outputs];
  }

  /** Gives up the epoch: what is not settled waits for a number of another one. */
  #emptyRing(): StoreRecord[] {
    const unsettled = this.#ring.unfinished().filter((copy) => copy.bytes.length > 0);
    const waiting = unsettled.reverse().flatMap((copy) => this.#displace(copy));
    const forgotten = this.#forgottenSlots();
    this.#ring = new Ring(this.#settings.size, [], this.#ring.tally);
    this.#state = undefined;
    return [...forgotten, ...waiting];
  }

  #carryOutPlan(theirs: RingDigest, occasion: DigestOccasion, now: Instant): ProducerOutput[] {
    // What was forgotten is marked by now.
    this.#isCompared = true;
    const plan = compareLane(this.digest(), theirs);
    const isFirst = !this.#voice.isInStep || occasion === 'first';
    switch (plan.verdict) {
      case 'first-contact':
        return this.#beginEpoch(theirs.producerSeen, now);
      case 'producer-lost':
        return this.#takeOver(theirs, now);
      case 'epoch-conflict':
        this.#voice.compared('held');
        return [this.#write.log('error', 'sync.epoch-conflict', { code: 'LINK_EPOCH_CONFLICT' })];
      case 'compared': {
        if (this.#wantsNewSize() && isSettled(plan)) {
          // What is still on its way would be taken for news of the new epoch's numbers: only the first comparison of a
          // connection, and an answer to this end's own question, come behind all that was said before.
          if (!isFirst && occasion !== 'answer') return [this.#voice.digest('request', this.digest())];
          this.#state = undefined;
          return this.#beginEpoch(nothingSeen, now);
        }
        this.#peerSeq = theirs.lastSeq;
        this.#voice.compared('in-step');
        const outputs = [...this.#carryOut(plan, isFirst, now), ...this.#rememberMirror(), ...this.#fill(now)];
        return isFirst ? [this.#write.compared(plan.slots), ...outputs] : outputs;
      }
      default:
        return assertNever(plan);
    }
  }

  /** SPEC: DESIGN section 2: the size belongs to the epoch; another one begins when nothing is unsettled. */
  #wantsNewSize(): boolean {
    return this.#ring.size !== this.#settings.size && this.#ring.inUse === 0;
  }

  /** Both ends are new to each other: the epoch, if there is none yet, then the digest that the consumer adopts. */
  #beginEpoch(producerSeen: StorePosition, now: Instant): ProducerOutput[] {
    const outputs: ProducerOutput[] = [];
    if (this.#state === undefined) {
      const { size, newEpoch } = this.#settings;
      const forgotten = this.#forgottenSlots();
      this.#ring = new Ring(size, [], this.#ring.tally);
      this.#state = { epoch: newEpoch(), size, mirrorStore: this.#peerStore, producerSeen };
      // Promise after proof: the digest below tells this epoch.
      outputs.push(this.#write.persist([...forgotten, this.#write.state(this.#state)]));
      outputs.push(this.#write.log('info', 'sync.epoch-begun', { size }));
    }
    this.#voice.compared('in-step');
    this.#peerSeq = 0;
    this.#voice.forgetSaid();
    outputs.push(this.#voice.digest('first', this.digest()));
    const mine = this.digest();
    const plan = compareLane(mine, { ...mine, slots: [] });
    if (plan.verdict === 'compared') outputs.push(...this.#carryOut(plan, true, now));
    return [...outputs, ...this.#rememberMirror(), ...this.#fill(now)];
  }

  /** The numbers of a new epoch begin at 1: what an older one left on disk would be taken for later copies. */
  #forgottenSlots(): StoreRecord[] {
    return this.#write.noSlots(this.#ring, this.#ring.copies());
  }

  /** SPEC: DESIGN section 11: epoch, slots as the digest shows them and the next number are one commit. */
  #takeOver(theirs: RingDigest, now: Instant): ProducerOutput[] {
    const { epoch, size, producerSeen } = theirs;
    if (epoch === undefined) return [];
    const { lane } = this.#settings;
    const copies = theirs.slots.map((state) => adoptedCopy(state, new Uint8Array(0), now));
    this.#ring = new Ring(size, copies, this.#ring.tally);
    this.#state = { epoch, size, mirrorStore: this.#peerStore, producerSeen };
    this.#voice.compared('in-step');
    this.#peerSeq = theirs.lastSeq;
    // A ring that was given up may have held messages that the consumer knows too: its word counts.
    const { removed } = this.#outbox.revise(itemNotHeld(theirs));
    return [
      this.#write.persist([
        ...copies.map((copy) => this.#write.slot(this.#ring, copy)),
        ...removed.map(({ place }) => this.#write.notWaiting(place)),
        this.#write.state(this.#state),
      ]),
      this.#write.log('warn', 'sync.producer-lost', {
        slots: copies.length,
        unfinished: numbersText(copies.filter(({ status }) => status !== 'settled').map(({ seq }) => seq)),
        nowhere: numbersText(numbersNowhere(theirs)) || undefined,
        unknownAbove: theirs.lastSeq,
      }),
      ...forgottenEnds(removed, theirs).map((end): ProducerOutput => ({ type: 'ended', lane, ...end })),
      this.#voice.digest('answer', this.digest()),
      ...this.#fill(now),
    ];
  }

  #carryOut(plan: Extract<LanePlan, { verdict: 'compared' }>, isFirst: boolean, now: Instant): ProducerOutput[] {
    const displaced = displacedIn(plan.slots);
    const said = this.#sayNewMirror(plan.slots);
    // What is displaced goes to the head of the outbox, so the last goes there first.
    const outputs = [...displaced].reverse().flatMap((step) => {
      return step.verdict === 'lost-forward' ? this.#moveAway(step) : this.#carryOutSlot(step, now);
    });
    for (const step of plan.slots) {
      if (displaced.includes(step)) continue;
      if (isFirst || !this.#voice.isOnItsWay(step.slot, step.producer?.seq, now))
        outputs.push(...this.#carryOutSlot(step, now));
    }
    return [...said, ...outputs];
  }

  /** Another store is at the other end than the one that the mirror was in: what it lacks is listed, and what nobody knows. */
  #sayNewMirror(slots: readonly SlotPlan[]): ProducerOutput[] {
    if (!this.#isNewMirror()) return [];
    const missing = slots.flatMap(({ verdict, slot }) => {
      const copy = verdict === 'lost-forward' ? this.#ring.at(slot) : undefined;
      return copy === undefined || copy.bytes.length === 0 ? [] : [copy];
    });
    const unknown = missing.filter((copy) => isFateUnknown(copy, 'new'));
    const fields = {
      placed: numbersText(missing.map(({ seq }) => seq)),
      unknown: numbersText(unknown.map(({ seq }) => seq)),
    };
    return [this.#write.log('warn', 'sync.new-mirror', fields)];
  }

  #isNewMirror(): boolean {
    const { mirrorStore = '' } = this.#state ?? {};
    return mirrorStore !== '' && mirrorStore !== this.#peerStore;
  }

  #carryOutSlot(step: SlotPlan, now: Instant): ProducerOutput[] {
    const copy = this.#ring.at(step.slot);
    switch (step.verdict) {
      case 'lost-settle':
        return copy === undefined ? [] : [this.#settledEntry(copy.seq, now)];
      case 'lost-forward':
        return copy === undefined ? [] : this.#placeAgain(copy, now);
      case 'conflict':
        return [this.#write.log('error', 'sync.content-conflict', { slot: step.slot, seq: step.producer?.seq })];
      case 'producer-went-back':
      case 'renumber':
        // The slot is the consumer's at once, before anything is placed; its message follows by `reconstruct`.
        return step.consumer === undefined ? [] : this.#adopt(step.consumer, new Uint8Array(0), now);
      // What the consumer sends is taken as it comes.
      case 'equal':
      case 'lost-status':
      case 'consumer-went-back':
        return [];
      default:
        return assertNever(step.verdict);
    }
  }

  /**
   * A copy that the consumer does not hold. It is of unknown fate where a store that is not there any more, or one that
   * forgot, may have handed it over. SPEC: DESIGN section 4, new or restored consumer.
   */
  #placeAgain(copy: SlotCopy, now: Instant): ProducerOutput[] {
    if (copy.bytes.length === 0) return this.#giveUp(copy, now);
    const isUntouched = !isFateUnknown(copy, this.#isNewMirror() ? 'new' : 'same');
    if (isUntouched || copy.status === 'in-doubt') {
      const offered: SlotCopy = { ...copy, isOffered: true };
      this.#ring.put(offered);
      const noted = copy.isOffered ? [] : [this.#write.persist([this.#write.slot(this.#ring, offered)])];
      return [...noted, this.#placeEntry(offered, isUntouched ? 'known' : 'unknown', now)];
    }
    const unknown: SlotCopy = { ...doubted(copy, now), isOffered: true };
    this.#ring.put(unknown);
    return [
      this.#write.persist([this.#write.slot(this.#ring, unknown)]),
      this.#progress(unknown),
      this.#placeEntry(unknown, 'unknown', now),
    ];
  }

  /**
   * Both stores were lost, the mirror before it had sent what this end took over from its digest: nobody has the message
   * any more. Its slot is freed, or it would be asked for for ever.
   */
  #giveUp(copy: SlotCopy, now: Instant): ProducerOutput[] {
    const lost: SlotCopy = { ...copy, status: 'settled', movedAt: now };
    this.#ring.put(lost);
    return [this.#write.persist([this.#write.slot(this.#ring, lost)]), this.#lost(copy)];
  }

  #lost({ seq, messageId, status }: SlotCopy): ProducerOutput {
    return this.#write.log('error', 'sync.message-lost', { seq, messageId, status });
  }

  /** Takes a message that this end lost; one of its own in that slot gets a new number. */
  #adopt(state: SlotState, bytes: Uint8Array, now: Instant): ProducerOutput[] {
    const mine = this.#ring.at(this.#ring.slotOf(state.seq));
    this.#peerSeq = Math.max(this.#peerSeq, state.seq);
    if (mine !== undefined && mine.seq > state.seq) return [];
    const isSame = mine?.seq === state.seq && mine.messageId === state.messageId;
    if (isSame && mine.status === 'settled') return [this.#settledEntry(mine.seq, now)];
    if (isSame && bytes.length === 0) return [];
    const adopted = adoptedCopy(isSame && compareProgress(mine, state) > 0 ? mine : state, bytes, now);
    this.#ring.put(adopted);
    const displaced = mine !== undefined && !isSame && isUnfinished(mine.status) ? mine : undefined;
    const isLost = displaced !== undefined && displaced.bytes.length === 0;
    const outputs: ProducerOutput[] = [
      ...(isLost ? [this.#lost(displaced)] : []),
      this.#write.persist([
        ...this.#write.wholeSlot(this.#ring, adopted),
        ...(isLost ? [] : this.#displace(displaced)),
      ]),
      this.#write.log('warn', 'sync.reconstructed', { seq: state.seq, status: state.status }),
    ];
    // Without its bytes nobody could be told what ended: that waits for `reconstruct`.
    if (adopted.outcome !== undefined && bytes.length > 0) {
      return [...outputs, ...this.#settle(adopted, adopted, adopted.outcome, now)];
    }
    return adopted.status === 'settled' ? outputs : [...outputs, this.#progress(adopted)];
  }

  /** It waits behind what lost its slot; its number stays unused. */
  #moveAway({ slot }: SlotPlan): ProducerOutput[] {
    const copy = this.#ring.at(slot);
    if (copy === undefined) return [];
    const unused: SlotCopy = { ...copy, status: 'settled' };
    this.#ring.put(unused);
    return [this.#write.persist([this.#write.slot(this.#ring, unused), ...this.#displace(copy)])];
  }

  /** Puts a message whose slot is taken to the head of the outbox: it gets the next number, and keeps its doubt. */
  #displace(copy: SlotCopy | undefined): StoreRecord[] {
    if (copy === undefined) return [];
    const { messageId, bytes } = copy;
    const item = this.#outbox.prepend({ messageId, bytes, attempts: attemptsOf(copy) });
    return [this.#write.waiting(item)];
  }

  #rememberMirror(): ProducerOutput[] {
    if (this.#state === undefined || this.#state.mirrorStore === this.#peerStore) return [];
    this.#state = { ...this.#state, mirrorStore: this.#peerStore };
    return [this.#write.persist([this.#write.state(this.#state)])];
  }

  // --- making outputs ---------------------------------------------------------------------------------------------

  #placeEntry(copy: SlotCopy, fate: 'known' | 'unknown', now: Instant): ProducerOutput {
    return this.#voice.place(this.#ring, copy, fate, this.#settings.position(), now);
  }

  #settledEntry(number: Seq, now: Instant): ProducerOutput {
    return this.#voice.settled(this.#ring, number, this.#settings.position(), now);
  }

  #progress(copy: SlotCopy): ProducerOutput {
    const { messageId, status, possibleDuplicate } = copy;
    invariant(status !== 'settled', 'a settled copy has ended and makes no progress');
    return { type: 'progress', lane: this.#settings.lane, messageId, status, possibleDuplicate };
  }
}

/** Nothing is left to be told or done about any message. */
function isSettled(plan: Extract<LanePlan, { verdict: 'compared' }>): boolean {
  return plan.slots.every(({ verdict, consumer }) => {
    return verdict === 'lost-settle' ? consumer !== undefined && !isUnfinished(consumer.status) : verdict === 'equal';
  });
}

/**
 * The messages that lose their number, in the order of these: those in whose slot the consumer holds another, and all
 * after them that it does not hold, or they would overtake.
 */
function displacedIn(slots: readonly SlotPlan[]): SlotPlan[] {
  const isDisplaced = ({ verdict, producer, consumer }: SlotPlan) =>
    (verdict === 'producer-went-back' || verdict === 'renumber') &&
    producer !== undefined &&
    isUnfinished(producer.status) &&
    producer.messageId !== consumer?.messageId;
  const first = slots.findIndex(isDisplaced);
  if (first < 0) return [];
  const follows = ({ verdict, producer }: SlotPlan) => verdict === 'lost-forward' && producer?.contentHash !== '';
  return slots.slice(first).filter((step) => isDisplaced(step) || follows(step));
}

function adoptedCopy(state: SlotState, bytes: Uint8Array, now: Instant): SlotCopy {
  return { ...stateOf(state), bytes, movedAt: now, isOffered: true };
}
