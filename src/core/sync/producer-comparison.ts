/**
 * The producer's part of a comparison: what its ring and the consumer's digest say of each other, carried out. First contact,
 * another store at the other end, what was lost here or there. The other end's part is `consumer-comparison.ts`.
 * SPEC: DESIGN section 4.
 */
import { assertNever } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion } from '../link/entries.ts';
import { nothingSeen, type RingDigest, type StorePosition, stateOf } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import { compareProgress, type SlotCopy, type SlotState } from '../ring/slot.ts';
import { isUnfinished } from '../ring/status.ts';
import { compareLane, type LanePlan, type SlotPlan } from './compare.ts';
import type { ProducerOutput } from './lane-io.ts';
import type { LaneVoice } from './lane-voice.ts';
import type { LaneWriter } from './lane-writer.ts';
import { isFateUnknown, numbersNowhere } from './listing.ts';
import type { OwnRing } from './own-ring.ts';
import {
  doubted,
  doubtedCopies,
  type Fresh,
  forgottenEnds,
  itemNotHeld,
  renumberedCopies,
  revisedItem,
} from './set-back.ts';

export class ProducerComparison {
  readonly #own: OwnRing;
  readonly #write: LaneWriter;
  readonly #voice: LaneVoice;
  readonly #fresh: Fresh;
  /** Whether this store was compared since the start: only then it is known to have forgotten nothing. */
  #isCompared = false;
  /** The store at the other end of this connection. */
  #peerStore = '';

  constructor(own: OwnRing) {
    const { outbox, ring, voice, write } = own;
    this.#own = own;
    this.#write = write;
    this.#voice = voice;
    // What waits moves into the ring before anything new does, so a number tells nothing while something waits.
    this.#fresh = { seq: outbox.count === 0 ? ring.lastSeq + 1 : Infinity, place: outbox.nextPlace };
  }

  /** From this place of the outbox on, an attempt that is not counted surely did not happen. */
  get sureFrom(): number {
    return this.#isCompared ? -Infinity : this.#fresh.place;
  }

  /** A connection to that store. */
  linkUp(peerStore: string): void {
    this.#peerStore = peerStore;
  }

  compare(theirs: RingDigest, occasion: DigestOccasion, now: Instant): ProducerOutput[] {
    if (this.#own.knows(theirs.producerSeen)) return this.#carryOutPlan(theirs, occasion, now);
    const conclusions = this.#concludeSetBack(theirs, now);
    return [...conclusions, ...this.#carryOutPlan(theirs, occasion, now)];
  }

  /** This store was at a place that it does not remember: what it holds without an outcome is of unknown fate. */
  #concludeSetBack(theirs: RingDigest, now: Instant): ProducerOutput[] {
    const { lane } = this.#own.settings;
    const renumbered = renumberedCopies(this.#own.ring, theirs);
    const unused = renumbered.map((copy): SlotCopy => ({ ...copy, status: 'settled', movedAt: now }));
    const copies = doubtedCopies(this.#own.ring, theirs, this.#fresh, now);
    for (const copy of [...unused, ...copies]) this.#own.ring.put(copy);
    const { removed, changed } = this.#own.outbox.revise(revisedItem(theirs, this.#fresh));
    const records = [
      ...[...unused, ...copies].map((copy) => this.#write.slot(this.#own.ring, copy)),
      ...removed.map(({ place }) => this.#write.notWaiting(place)),
      ...changed.map((item) => this.#write.waiting(item)),
    ];
    const outputs: ProducerOutput[] = copies.map((copy) => this.#own.progress(copy));
    for (const end of forgottenEnds([...removed, ...renumbered], theirs)) outputs.push({ type: 'ended', lane, ...end });
    if (this.#own.state !== undefined) {
      // Numbers of an epoch that the consumer has left behind were used by what is forgotten here: its present one is taken.
      const isLeftBehind = theirs.epoch !== undefined && theirs.epoch !== this.#own.state.epoch;
      const isOver = isLeftBehind && compareLane(this.#own.digest(), theirs).verdict === 'first-contact';
      records.push(...(isOver ? this.#own.abandon() : this.#own.remember({ producerSeen: theirs.producerSeen })));
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

  #carryOutPlan(theirs: RingDigest, occasion: DigestOccasion, now: Instant): ProducerOutput[] {
    // What was forgotten is marked by now.
    this.#isCompared = true;
    const plan = compareLane(this.#own.digest(), theirs);
    const isFirst = !this.#voice.isInStep || occasion === 'first';
    switch (plan.verdict) {
      case 'first-contact':
        return this.#meet(this.#own.state === undefined ? this.#newEpoch(theirs.producerSeen) : [], now);
      case 'producer-lost':
        return this.#takeOver(theirs, now);
      case 'epoch-conflict':
        this.#voice.compared('held');
        return [this.#write.log('error', 'sync.epoch-conflict', { code: 'LINK_EPOCH_CONFLICT' })];
      case 'compared': {
        if (this.#wantsNewSize() && isSettled(plan)) {
          // What is still on its way would be taken for news of the new epoch's numbers: only the first comparison of a
          // connection, and an answer to this end's own question, come behind all that was said before.
          if (!isFirst && occasion !== 'answer') return [this.#voice.digest('request', this.#own.digest())];
          return this.#meet(this.#newEpoch(nothingSeen), now);
        }
        this.#own.notePeerSeq(theirs.lastSeq);
        this.#voice.compared('in-step');
        const outputs = [...this.#carryOut(plan, isFirst, now), ...this.#rememberMirror(), ...this.#own.fill(now)];
        return isFirst ? [this.#write.compared(plan.slots), ...outputs] : outputs;
      }
      default:
        return assertNever(plan);
    }
  }

  /** SPEC: DESIGN section 2: the size belongs to the epoch; another one begins when nothing is unsettled. */
  #wantsNewSize(): boolean {
    return this.#own.ring.size !== this.#own.settings.size && this.#own.ring.inUse === 0;
  }

  /** Promise after proof: the digest behind this tells the epoch. */
  #newEpoch(producerSeen: StorePosition): ProducerOutput[] {
    const { size, newEpoch } = this.#own.settings;
    const records = this.#own.begin({ epoch: newEpoch(), size, mirrorStore: this.#peerStore, producerSeen });
    return [this.#write.persist(records), this.#write.log('info', 'sync.epoch-begun', { size })];
  }

  /**
   * Both ends are new to each other: the consumer adopts the epoch of this digest.
   *
   * @param begun what tells of the epoch where there was none yet
   */
  #meet(begun: readonly ProducerOutput[], now: Instant): ProducerOutput[] {
    this.#voice.compared('in-step');
    this.#voice.forgetSaid();
    this.#own.notePeerSeq(0);
    const mine = this.#own.digest();
    const plan = compareLane(mine, { ...mine, slots: [] });
    return [
      ...begun,
      this.#voice.digest('first', mine),
      ...(plan.verdict === 'compared' ? this.#carryOut(plan, true, now) : []),
      ...this.#rememberMirror(),
      ...this.#own.fill(now),
    ];
  }

  /** SPEC: DESIGN section 11: epoch, slots as the digest shows them and the next number are one commit. */
  #takeOver(theirs: RingDigest, now: Instant): ProducerOutput[] {
    const { epoch, size, producerSeen } = theirs;
    if (epoch === undefined) return [];
    const { lane } = this.#own.settings;
    const copies = theirs.slots.map((state) => adoptedCopy(state, new Uint8Array(0), now));
    const records = this.#own.begin({ epoch, size, mirrorStore: this.#peerStore, producerSeen }, copies);
    this.#voice.compared('in-step');
    this.#own.notePeerSeq(theirs.lastSeq);
    // A ring that was given up may have held messages that the consumer knows too: its word counts.
    const { removed } = this.#own.outbox.revise(itemNotHeld(theirs));
    return [
      this.#write.persist([...records, ...removed.map(({ place }) => this.#write.notWaiting(place))]),
      this.#write.log('warn', 'sync.producer-lost', {
        slots: copies.length,
        unfinished: numbersText(copies.filter(({ status }) => status !== 'settled').map(({ seq }) => seq)),
        nowhere: numbersText(numbersNowhere(theirs)) || undefined,
        unknownAbove: theirs.lastSeq,
      }),
      ...forgottenEnds(removed, theirs).map((end): ProducerOutput => ({ type: 'ended', lane, ...end })),
      this.#voice.digest('answer', this.#own.digest()),
      ...this.#own.fill(now),
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
      const copy = verdict === 'lost-forward' ? this.#own.ring.at(slot) : undefined;
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
    const { mirrorStore = '' } = this.#own.state ?? {};
    return mirrorStore !== '' && mirrorStore !== this.#peerStore;
  }

  #carryOutSlot(step: SlotPlan, now: Instant): ProducerOutput[] {
    const copy = this.#own.ring.at(step.slot);
    switch (step.verdict) {
      case 'lost-settle':
        return copy === undefined ? [] : [this.#own.settledEntry(copy.seq, now)];
      case 'lost-forward':
        return copy === undefined ? [] : this.#placeAgain(copy, now);
      case 'conflict':
        return [this.#write.log('error', 'sync.content-conflict', { slot: step.slot, seq: step.producer?.seq })];
      case 'producer-went-back':
      case 'renumber':
        // The slot is the consumer's at once, before anything is placed; its message follows by `reconstruct`.
        return step.consumer === undefined ? [] : this.adopt(step.consumer, new Uint8Array(0), now);
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
      const kept = this.#own.keep(offered);
      return [...(copy.isOffered ? [] : [kept]), this.#own.placeEntry(offered, isUntouched ? 'known' : 'unknown', now)];
    }
    const unknown: SlotCopy = { ...doubted(copy, now), isOffered: true };
    return [this.#own.keep(unknown), this.#own.progress(unknown), this.#own.placeEntry(unknown, 'unknown', now)];
  }

  /**
   * Both stores were lost, the mirror before it had sent what this end took over from its digest: nobody has the message
   * any more. Its slot is freed, or it would be asked for for ever.
   */
  #giveUp(copy: SlotCopy, now: Instant): ProducerOutput[] {
    return [this.#own.keep({ ...copy, status: 'settled', movedAt: now }), this.#lost(copy)];
  }

  #lost({ seq, messageId, status }: SlotCopy): ProducerOutput {
    return this.#write.log('error', 'sync.message-lost', { seq, messageId, status });
  }

  /** Takes a message that this end lost; one of its own in that slot gets a new number. */
  adopt(state: SlotState, bytes: Uint8Array, now: Instant): ProducerOutput[] {
    const mine = this.#own.ring.at(this.#own.ring.slotOf(state.seq));
    this.#own.notePeerSeq(Math.max(this.#own.peerSeq, state.seq));
    if (mine !== undefined && mine.seq > state.seq) return [];
    const isSame = mine?.seq === state.seq && mine.messageId === state.messageId;
    if (isSame && mine.status === 'settled') return [this.#own.settledEntry(mine.seq, now)];
    if (isSame && bytes.length === 0) return [];
    const adopted = adoptedCopy(isSame && compareProgress(mine, state) > 0 ? mine : state, bytes, now);
    this.#own.ring.put(adopted);
    const displaced = mine !== undefined && !isSame && isUnfinished(mine.status) ? mine : undefined;
    const isLost = displaced !== undefined && displaced.bytes.length === 0;
    const outputs: ProducerOutput[] = [
      ...(isLost ? [this.#lost(displaced)] : []),
      this.#write.persist([
        ...this.#write.wholeSlot(this.#own.ring, adopted),
        ...(displaced === undefined || isLost ? [] : [this.#own.displace(displaced)]),
      ]),
      this.#write.log('warn', 'sync.reconstructed', { seq: state.seq, status: state.status }),
    ];
    // Without its bytes nobody could be told what ended: that waits for `reconstruct`.
    if (adopted.outcome !== undefined && bytes.length > 0) {
      return [...outputs, ...this.#own.settle(adopted, adopted, adopted.outcome, now)];
    }
    return adopted.status === 'settled' ? outputs : [...outputs, this.#own.progress(adopted)];
  }

  /** It waits behind what lost its slot; its number stays unused. */
  #moveAway({ slot }: SlotPlan): ProducerOutput[] {
    const copy = this.#own.ring.at(slot);
    if (copy === undefined) return [];
    const unused: SlotCopy = { ...copy, status: 'settled' };
    this.#own.ring.put(unused);
    return [this.#write.persist([this.#write.slot(this.#own.ring, unused), this.#own.displace(copy)])];
  }

  #rememberMirror(): ProducerOutput[] {
    const { state } = this.#own;
    if (state === undefined || state.mirrorStore === this.#peerStore) return [];
    return [this.#write.persist(this.#own.remember({ mirrorStore: this.#peerStore }))];
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
