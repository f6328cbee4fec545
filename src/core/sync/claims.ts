/**
 * Attempts that a consumer may make without another commit: one commit claims several ahead, so that the disk is not on
 * the way between an answer and the next message. Which of the claimed really left is told by notes (`slot-note.ts`);
 * where these are lost, all that were claimed and have no end are in doubt. SPEC: DESIGN section 2 rule 1.
 */
import type { PlainValue } from '../base/values.ts';
import type { Ring } from '../ring/ring.ts';
import { isSeq, type Seq } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { LaneName } from '../ring/status.ts';
import { laneKey } from '../store/lane-records.ts';
import type { StoreReader, StoreRecord } from '../store/record.ts';

const format = 1;

/** By one quick commit the count falls no further, or the next slow one would find too few. */
const shrinkTo = 0.9;

/** A loss of power puts at most twice as many in doubt. */
const mostAhead = 64;

/** Numbers with the attempt that was claimed for each. */
export type ClaimedAttempts = ReadonlyMap<Seq, number>;

/** What is to be committed; `ahead`: there are claims left to use meanwhile, so it may wait for other records. */
export interface ClaimToKeep {
  readonly record: StoreRecord;
  readonly need: 'awaited' | 'ahead';
}

interface Claimed {
  readonly attempt: number;
  readonly batch: number;
}

/** ['ring', smscId, lane, 'claims']  [1, seq, attempt, seq, attempt, …] */
export class Claims {
  readonly #smscId: string;
  readonly #lane: LaneName;
  readonly #claimed = new Map<Seq, Claimed>();
  #lastBatch = 0;
  #keptBatch = 0;
  /** Kept and not used yet; too high where a claimed message ended otherwise, until the next count. */
  #unused = 0;
  /** How many the next commit claims: as many as leave while one is under way, so that a slow SMSC has few. */
  #ahead = 1;
  #usedWhileAsking = 0;
  #wasShort = false;
  /** Of the claim on its way to disk. */
  #need: ClaimToKeep['need'] = 'awaited';

  constructor(smscId: string, lane: LaneName) {
    this.#smscId = smscId;
    this.#lane = lane;
  }

  /** Whether its next attempt may be made now. */
  isKept(copy: SlotCopy): boolean {
    const claimed = this.#claimed.get(copy.seq);
    return claimed !== undefined && claimed.attempt === copy.attempts + 1 && claimed.batch <= this.#keptBatch;
  }

  /** Whether this attempt was made on a claim, so that its moves are noted. */
  covers(copy: SlotCopy): boolean {
    return this.#claimed.get(copy.seq)?.attempt === copy.attempts;
  }

  used(): void {
    this.#unused = Math.max(0, this.#unused - 1);
    if (this.#isAsking()) this.#usedWhileAsking += 1;
  }

  /** A turn was free and the next message not claimed yet. */
  fellShort(): void {
    this.#unused = 0;
    if (this.#isAsking()) this.#wasShort = true;
  }

  /** @returns true once, where a claim was to wait for other records and somebody waits for it by now */
  becameAwaited(): boolean {
    if (!this.#wasShort || this.#need === 'awaited') return false;
    this.#need = 'awaited';
    return true;
  }

  /**
   * Claims more where few are left.
   *
   * @param upcoming the next `count` messages to hand over
   * @returns undefined where enough are claimed or a claim is on its way to disk
   */
  ask(upcoming: (count: number) => readonly SlotCopy[], ring: Ring): ClaimToKeep | undefined {
    if (this.#isAsking() || this.#unused >= this.#ahead) return undefined;
    const next = upcoming(2 * this.#ahead);
    const unclaimed = next.filter((copy) => !this.isKept(copy));
    const fresh = unclaimed.slice(0, this.#ahead);
    this.#unused = next.length - unclaimed.length;
    if (fresh.length === 0) return undefined;
    this.#lastBatch += 1;
    for (const [number, { attempt }] of this.#claimed) {
      if (!isLive(ring.find(number), attempt)) this.#claimed.delete(number);
    }
    for (const { seq, attempts } of fresh) this.#claimed.set(seq, { attempt: attempts + 1, batch: this.#lastBatch });
    const pairs = [...this.#claimed].flatMap(([number, { attempt }]) => [number, attempt]);
    const record = { key: this.#key(), value: [format, ...pairs] };
    this.#need = this.#unused === 0 ? 'awaited' : 'ahead';
    return { record, need: this.#need };
  }

  /** What {@link ask} gave last is on disk. */
  kept(): void {
    if (!this.#isAsking()) return;
    this.#keptBatch = this.#lastBatch;
    for (const { batch } of this.#claimed.values()) if (batch === this.#lastBatch) this.#unused += 1;
    const enough = Math.max(2 * this.#usedWhileAsking + 1, Math.floor(this.#ahead * shrinkTo));
    this.#ahead = Math.min(mostAhead, this.#wasShort ? 2 * this.#ahead : Math.min(this.#ahead, enough));
    this.#usedWhileAsking = 0;
    this.#wasShort = false;
  }

  /** Nothing that is claimed will leave: nobody shall take it for handed over. What is under way keeps its claim. */
  drop(ring: Ring): readonly StoreRecord[] {
    if (this.#claimed.size === 0) return [];
    for (const [number, { attempt }] of this.#claimed) {
      const copy = ring.find(number);
      if (copy?.status !== 'in-flight' || copy.attempts !== attempt) this.#claimed.delete(number);
    }
    this.#unused = 0;
    const pairs = [...this.#claimed].flatMap(([number, { attempt }]) => [number, attempt]);
    return [{ key: this.#key(), value: pairs.length === 0 ? undefined : [format, ...pairs] }];
  }

  /** The numbers begin anew. */
  forget(): readonly StoreRecord[] {
    if (this.#claimed.size === 0) return [];
    this.#claimed.clear();
    this.#unused = 0;
    return [this.noRecord()];
  }

  /** Nothing is claimed, whatever the store said. */
  noRecord(): StoreRecord {
    return { key: this.#key(), value: undefined };
  }

  #isAsking(): boolean {
    return this.#lastBatch > this.#keptBatch;
  }

  #key(): StoreRecord['key'] {
    return laneKey(this.#smscId, this.#lane, 'claims');
  }
}

/** Whether that attempt is still to come or under way, as far as the ring knows. */
function isLive(copy: SlotCopy | undefined, attempt: number): boolean {
  if (copy?.status === 'mirrored') return copy.attempts + 1 === attempt;
  return copy?.status === 'in-flight' && copy.attempts === attempt;
}

export function recoverClaims(store: StoreReader, smscId: string, lane: LaneName): ClaimedAttempts {
  const value: PlainValue | undefined = store.get(laneKey(smscId, lane, 'claims'));
  const claimed = new Map<Seq, number>();
  const numbers: readonly PlainValue[] = Array.isArray(value) ? value.slice(1) : [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const [number, attempt] = [numbers[index], numbers[index + 1]];
    if (isSeq(number) && typeof attempt === 'number') claimed.set(number, attempt);
  }
  return claimed;
}
