/**
 * What an end says of its lane: whether the other end listens, the entries, and which of them may still be on their way.
 * A digest may have crossed those; what it seems to lack is then not said again, because it arrives without help. The
 * same for both ends; the records are `lane-writer.ts`.
 */
import type { Instant } from '../base/time.ts';
import type { DigestOccasion } from '../link/entries.ts';
import { type RingDigest, type StorePosition, stateOf } from '../ring/digest.ts';
import type { Ring } from '../ring/ring.ts';
import type { Seq, SlotIndex } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { LaneName } from '../ring/status.ts';
import type { LaneContact, SendEntry } from './lane-io.ts';

/** A digest shown more often than this is not news: what was sent since is still on its way. */
const settleDownMs = 20_000;

export class LaneVoice {
  readonly #lane: LaneName;
  #contact: LaneContact = 'apart';
  /** What was said last of each slot on this connection. */
  readonly #last = new Map<SlotIndex, { readonly seq: Seq; readonly at: Instant }>();

  constructor(lane: LaneName) {
    this.#lane = lane;
  }

  get contact(): LaneContact {
    return this.#contact;
  }

  /** Both ends hold the same, or are told of what they do not: moves may be told. */
  get isInStep(): boolean {
    return this.#contact === 'in-step';
  }

  linkUp(): void {
    this.#contact = 'comparing';
    this.forgetSaid();
  }

  linkDown(): void {
    this.#contact = 'apart';
    this.forgetSaid();
  }

  compared(found: 'in-step' | 'held'): void {
    this.#contact = found;
  }

  /** Another connection, where what was said may be lost, or another epoch, whose numbers it does not mean. */
  forgetSaid(): void {
    this.#last.clear();
  }

  /** @param seq of the copy that seems not to have arrived; undefined where there is none */
  isOnItsWay(slot: SlotIndex, seq: Seq | undefined, now: Instant): boolean {
    const last = this.#last.get(slot);
    return last !== undefined && last.seq === seq && now - last.at < settleDownMs;
  }

  /** To be compared at the other end. */
  digest(occasion: DigestOccasion, digest: RingDigest): SendEntry {
    return { type: 'send-entry', entry: { type: 'digest', lane: this.#lane, occasion, digest } };
  }

  /** Producer: the message, for the consumer's mirror. */
  place(ring: Ring, copy: SlotCopy, fate: 'known' | 'unknown', position: StorePosition, now: Instant): SendEntry {
    this.#said(ring, copy.seq, now);
    const { seq, messageId, bytes, attempts } = copy;
    const entry = { type: 'place', lane: this.#lane, seq, messageId, bytes, attempts, fate, position } as const;
    return { type: 'send-entry', entry };
  }

  /** Producer: the outcome is on its disk. */
  settled(ring: Ring, seq: Seq, position: StorePosition, now: Instant): SendEntry {
    this.#said(ring, seq, now);
    return { type: 'send-entry', entry: { type: 'settled', lane: this.#lane, seq, position } };
  }

  /** Producer: what was decided about a message in doubt. */
  resolve({ seq, attempts }: SlotCopy, as: 'sent' | 'not-sent', by: 'operator' | 'report'): SendEntry {
    return { type: 'send-entry', entry: { type: 'resolve', lane: this.#lane, seq, attempts, as, by } };
  }

  /** Consumer: where the message stands. */
  status(ring: Ring, copy: SlotCopy, now: Instant): SendEntry {
    this.#said(ring, copy.seq, now);
    const { seq, status, attempts, possibleDuplicate, outcome } = copy;
    const state = { seq, status, attempts, possibleDuplicate, outcome };
    return { type: 'send-entry', entry: { type: 'status', lane: this.#lane, state } };
  }

  /** Consumer: the message, for a producer that lost it. */
  reconstruct(ring: Ring, copy: SlotCopy, now: Instant): SendEntry {
    this.#said(ring, copy.seq, now);
    const { bytes } = copy;
    return { type: 'send-entry', entry: { type: 'reconstruct', lane: this.#lane, state: stateOf(copy), bytes } };
  }

  #said(ring: Ring, seq: Seq, now: Instant): void {
    this.#last.set(ring.slotOf(seq), { seq, at: now });
  }
}
