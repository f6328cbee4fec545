/**
 * The end of a lane that owns the ring: takes messages in (outbox, then slot), places them at the consumer, learns their
 * outcome and frees their slots. It never ends a message that is in the ring: only the consumer knows whether it was
 * handed over. The ring itself is `own-ring.ts`; comparing is `producer-comparison.ts`. SPEC: DESIGN sections 2 to 4.
 */
import { assertNever } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import type { DigestOccasion, LaneEntry, ReconstructEntry, StatusEntry } from '../link/entries.ts';
import { nothingSeen, type RingDigest, type StorePosition } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { Ring } from '../ring/ring.ts';
import type { Seq } from '../ring/sequence.ts';
import type { LaneState, RecoveredLane } from '../store/lane-records.ts';
import type { LaneContact, ProducerOutput } from './lane-io.ts';
import type { ProducerSettings } from './lane-settings.ts';
import type { LaneVoice } from './lane-voice.ts';
import type { LaneWriter } from './lane-writer.ts';
import { heldAsExported, type LetGo, type Release } from './let-go.ts';
import { OwnRing } from './own-ring.ts';
import { ProducerComparison } from './producer-comparison.ts';

export class LaneProducer {
  readonly #settings: ProducerSettings;
  readonly #own: OwnRing;
  readonly #comparison: ProducerComparison;
  readonly #write: LaneWriter;
  readonly #voice: LaneVoice;

  constructor(settings: ProducerSettings, recovered: RecoveredLane) {
    this.#settings = settings;
    this.#own = new OwnRing(settings, recovered);
    this.#comparison = new ProducerComparison(this.#own);
    this.#write = this.#own.write;
    this.#voice = this.#own.voice;
  }

  get contact(): LaneContact {
    return this.#voice.contact;
  }

  get ring(): Ring {
    return this.#own.ring;
  }

  /** Undefined before the first contact. */
  get state(): LaneState | undefined {
    return this.#own.state;
  }

  get outboxCount(): number {
    return this.#own.outbox.count;
  }

  /** Whether a message given now would get a slot at once: a deliver is only answered when it did. */
  hasRoom(): boolean {
    return this.#own.hasRoom();
  }

  /** Whether only this end is known to have the message: it waits, or the consumer has said nothing of it that still holds. */
  holdsAlone(messageId: string): boolean {
    if (this.#own.outbox.has(messageId)) return true;
    for (const copy of this.ring.copies()) {
      if (copy.messageId === messageId && (copy.status === 'placed' || copy.status === 'in-doubt')) return true;
    }
    return false;
  }

  digest(): RingDigest {
    return this.#own.digest();
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
    return this.#own.knows(position);
  }

  /** Takes a message in: behind the persist it is this end's. */
  enqueue(messageId: string, bytes: Uint8Array, now: Instant): ProducerOutput[] {
    return this.#own.enqueue(messageId, bytes, now);
  }

  /**
   * Takes messages back that were surely never handed over: they wait in the outbox, and it is sure that this store did not
   * forget that they once did not. Behind the persist they are this end's no more.
   *
   * @param groups ids that go together or not at all
   * @returns the groups that were taken back
   */
  withdraw<Group extends { readonly messageIds: readonly string[] }>(groups: readonly Group[]) {
    const free = this.#own.outbox.untouched(this.#comparison.sureFrom);
    const withdrawn = groups.filter(({ messageIds }) => messageIds.every((id) => free.has(id)));
    const ids = new Set(withdrawn.flatMap(({ messageIds }) => messageIds));
    const { removed } = this.#own.outbox.revise((item) => (ids.has(item.messageId) ? undefined : item));
    const records = removed.map(({ place }) => this.#write.notWaiting(place));
    const outputs: ProducerOutput[] = records.length === 0 ? [] : [this.#write.persist(records)];
    return { outputs, withdrawn };
  }

  /** A connection is proved: tell what is here, then wait for the consumer's digest. */
  linkUp(peerStore: string): ProducerOutput[] {
    this.#voice.linkUp();
    this.#comparison.linkUp(peerStore);
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
          ...this.#comparison.compare(entry.digest, entry.occasion, now),
          ...(entry.occasion === 'request' ? [this.#voice.digest('answer', this.digest())] : []),
        ];
      case 'status':
        return this.#voice.isInStep ? this.#takeStatus(entry, now) : [];
      case 'reconstruct':
        return this.#voice.isInStep ? this.#takeLost(entry, now) : [];
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
    const copy = this.ring.find(number);
    if (copy === undefined || !this.#voice.isInStep) return [];
    return [this.#voice.resolve(copy, as, by)];
  }

  /**
   * The consumer's copies are the truth from now on. Of a ring that goes, what is not settled waits for a number of the
   * consumer's epoch, of unknown fate; of a slot the consumer's copy comes with the next comparison.
   */
  letGo(letGo: LetGo, now: Instant): Release<ProducerOutput> {
    const found = heldAsExported(letGo, this.state?.epoch, this.ring);
    if ('why' in found) return { type: 'changed', why: found.why };
    const numbers = numbersText(found.copies.map(({ seq }) => seq));
    const { scope } = letGo;
    const records = this.#own.letGo(scope, found.copies, now);
    return {
      type: 'released',
      outputs: [this.#write.persist(records), this.#write.log('warn', 'sync.let-go', { scope, numbers })],
    };
  }

  /** Ends what waited in the outbox until it was no longer valid, and gives free slots to what waits. */
  tick(now: Instant): ProducerOutput[] {
    return this.#own.fill(now);
  }

  #takeStatus(entry: StatusEntry, now: Instant): ProducerOutput[] {
    const copy = this.ring.find(entry.state.seq);
    if (copy === undefined) return [];
    return this.#own.learn(copy, { ...copy, ...entry.state }, now);
  }

  /** What the consumer holds and this end lost. */
  #takeLost({ state, bytes }: ReconstructEntry, now: Instant): ProducerOutput[] {
    return [...this.#comparison.adopt(state, bytes, now), ...this.#own.fill(now)];
  }
}
