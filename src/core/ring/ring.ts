/**
 * The circular array of one end: a copy per slot, moved only along the table of statuses. It knows nothing of lanes,
 * peers or disks; both ends of both lanes use it. SPEC: DESIGN section 2.
 */
import { type InvariantContext, invariant } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import { LaneTally } from './lane-tally.ts';
import type { Outcome } from './outcome.ts';
import { isRingSize, nextSeq, type Seq, type SlotIndex, slotOf } from './sequence.ts';
import type { SlotCopy } from './slot.ts';
import { isUnfinished, mayMove, type SlotStatus } from './status.ts';

/** What a move may change besides the status. */
export interface MoveDetails {
  readonly attempts?: number;
  readonly possibleDuplicate?: boolean;
  readonly outcome?: Outcome;
}

type Moved = Pick<SlotCopy, 'seq' | 'attempts' | 'movedAt'> & { readonly status: SlotStatus };

/** Moves kept of each slot, for whoever looks into a violation: about two messages. */
const movesKept = 8;

/** Something that happened in a slot. */
export interface SlotMove {
  readonly seq: Seq;
  readonly status: SlotStatus;
  readonly attempts: number;
  readonly at: Instant;
}

export class Ring {
  readonly size: number;
  readonly tally: LaneTally;
  readonly #copies: (SlotCopy | undefined)[];
  /** Of each slot, the earliest first. */
  readonly #moves: SlotMove[][];
  #lastSeq = 0;
  #inUse = 0;

  /**
   * @param size 1–255
   * @param tally goes on counting where another ring takes the place of one
   */
  constructor(size: number, copies: readonly SlotCopy[] = [], tally = new LaneTally()) {
    invariant(isRingSize(size), `a ring of ${size} slots`);
    this.size = size;
    this.tally = tally;
    this.#copies = new Array<SlotCopy | undefined>(size).fill(undefined);
    this.#moves = Array.from({ length: size }, () => []);
    for (const copy of copies) this.#hold(copy);
  }

  /** The highest number ever used here, 0 for none. It never falls: a slot is only overwritten by a higher number. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Slots that hold a message which is not settled. */
  get inUse(): number {
    return this.#inUse;
  }

  at(slot: SlotIndex): SlotCopy | undefined {
    return this.#copies[slot - 1];
  }

  /** The copy of that number; undefined where its slot is free or holds another number. */
  find(number: Seq): SlotCopy | undefined {
    const copy = this.at(slotOf(number, this.size));
    return copy?.seq === number ? copy : undefined;
  }

  slotOf(number: Seq): SlotIndex {
    return slotOf(number, this.size);
  }

  /** Every copy, in the order of slots. */
  *copies(): IterableIterator<SlotCopy> {
    for (const copy of this.#copies) if (copy !== undefined) yield copy;
  }

  /** Unfinished copies in the order of their numbers. */
  unfinished(): SlotCopy[] {
    return [...this.copies()].filter((copy) => isUnfinished(copy.status)).sort((a, b) => a.seq - b.seq);
  }

  /** The number the next message gets here; undefined while the ring is full. `above`: a number used at the other end. */
  nextSeq(above = 0): Seq | undefined {
    if (this.#inUse === this.size) return undefined;
    return nextSeq(Math.max(this.#lastSeq, above), this.size, (slot) => this.isAvailable(slot));
  }

  isAvailable(slot: SlotIndex): boolean {
    const copy = this.at(slot);
    return copy === undefined || copy.status === 'settled';
  }

  /** Writes a copy over whatever is in its slot: placing, and adopting what the other end holds. */
  put(copy: SlotCopy): void {
    this.tally.note(this.#hold(copy), copy);
  }

  /** Empties the slot of that number: another copy of it is the truth. The highest number used stays what it was. */
  forget(number: Seq, now: Instant): void {
    const slot = slotOf(number, this.size);
    const copy = this.find(number);
    invariant(copy !== undefined, `number ${number} is not in its slot`, () => this.#context(slot));
    this.#copies[slot - 1] = undefined;
    this.#inUse -= occupies(copy);
    this.#remember(slot, { ...copy, status: 'free', movedAt: now });
  }

  /** Moves along the table; any other move is a bug. Returns the new copy. */
  move(number: Seq, to: Exclude<SlotStatus, 'free'>, now: Instant, details: MoveDetails = {}): SlotCopy {
    const copy = this.find(number);
    const context = () => this.#context(slotOf(number, this.size));
    invariant(copy !== undefined, `number ${number} is not in its slot`, context);
    invariant(mayMove(copy.status, to), `number ${number}: no move from ${copy.status} to ${to}`, context);
    const moved: SlotCopy = { ...copy, status: to, movedAt: now, ...details };
    this.put(moved);
    return moved;
  }

  /** What happened in this slot lately, since this ring was made; the earliest first, at most 8. */
  movesIn(slot: SlotIndex): readonly SlotMove[] {
    return this.#moves[slot - 1] ?? [];
  }

  /** The same in words: `7 placed, 7 mirrored +12 ms, …`; times between moves. */
  history(slot: SlotIndex): string {
    let before: Instant | undefined;
    const texts = this.movesIn(slot).map(({ seq, status, attempts, at }) => {
      const since = before === undefined ? '' : ` +${at - before} ms`;
      before = at;
      return `${seq} ${status}${attempts > 1 ? ` (attempt ${attempts})` : ''}${since}`;
    });
    return texts.join(', ');
  }

  /** @returns what was in the slot */
  #hold(copy: SlotCopy): SlotCopy | undefined {
    const slot = slotOf(copy.seq, this.size);
    const before = this.at(slot);
    invariant(
      before === undefined || copy.seq >= before.seq,
      `slot ${slot} holds ${before?.seq}, ${copy.seq} is older`,
      () => this.#context(slot),
    );
    this.#copies[slot - 1] = copy;
    this.#remember(slot, copy);
    this.#inUse += occupies(copy) - occupies(before);
    if (copy.seq > this.#lastSeq) this.#lastSeq = copy.seq;
    return before;
  }

  #remember(slot: SlotIndex, { seq, status, attempts, movedAt }: Moved): void {
    const moves = this.#moves[slot - 1];
    if (moves === undefined) return;
    moves.push({ seq, status, attempts, at: movedAt });
    if (moves.length > movesKept) moves.shift();
  }

  #context(slot: SlotIndex): InvariantContext {
    return { slot, history: this.history(slot) };
  }
}

function occupies(copy: SlotCopy | undefined): number {
  return copy === undefined || copy.status === 'settled' ? 0 : 1;
}
