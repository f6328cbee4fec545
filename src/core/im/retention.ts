/**
 * Which texts have been kept for long enough, by age or by count, and every record that goes with them: found in the store
 * a few at a time, oldest first, and told to the exchange as `forget`, which deletes them behind everything it wrote
 * before. It decides by what is on disk only; what is still under way there is passed over, and comes later.
 *
 * Asked again and again by its owner: while there is something to do after each {@link pieceMs}, else once a minute.
 */
import type { Machine } from '../base/machine.ts';
import { dayMs, type Instant, instant, later, minuteMs } from '../base/time.ts';
import type { ExchangeInput, ForgottenText, KeepSettings } from './exchange-io.ts';
import type { RecordReader } from './history.ts';
import { conversationFrom, type ImKey, keys, numberFrom, pointerFrom, viewFrom } from './records.ts';
import { madeAt, type TextId, type TextView } from './text.ts';
import { wordsKept } from './user-texts.ts';

export type ForgetInput = Extract<ExchangeInput, { readonly type: 'forget' }>;

/** Between two pieces. */
export const pieceMs = 100;
const restMs = minuteMs;
/** Records that one piece deletes, about: a commit that nobody notices. */
const recordsPerPiece = 500;
/** Records that are read for one piece. */
const readsPerPiece = 1_000;
/** A piece that is not on disk after so many looks is found again. */
const mostLooks = 30;
/**
 * No count takes what is younger: clients send again what they did not hear of, and programs come back for what they
 * missed, under keys and cursors that lead to these texts.
 */
export const youngestMs = dayMs;

/** What a user has, as far as it was counted. */
interface Count {
  readonly upTo: number;
  readonly count: number;
}

export class Retention implements Machine<{ readonly type: 'tick' }, ForgetInput> {
  readonly #keep: KeepSettings;
  readonly #store: RecordReader;
  readonly #counts = new Map<string, Count>();
  #at: Instant = instant(0);
  /** Users still to be looked at in this round. */
  #round: string[] = [];
  /** Of the first of them: texts up to here are under way. */
  #passedOver: number | undefined;
  #piece: { readonly input: ForgetInput; readonly looks: number } | undefined;

  constructor(keep: KeepSettings, store: RecordReader) {
    this.#keep = keep;
    this.#store = store;
  }

  deadline(): Instant | undefined {
    return this.#keep.forMs === undefined && this.#keep.count === undefined ? undefined : this.#at;
  }

  handle(_tick: { readonly type: 'tick' }, now: Instant): readonly ForgetInput[] {
    const deadline = this.deadline();
    if (deadline === undefined || now < deadline) return [];
    this.#at = later(now, pieceMs);
    if (!this.#isPieceOver()) return [];
    if (this.#round.length === 0) this.#round = this.#users();
    const input = this.#nextPiece(now);
    if (input !== undefined) {
      this.#piece = { input, looks: 0 };
      return [input];
    }
    if (this.#round.length === 0) this.#at = later(now, restMs);
    return [];
  }

  /** Everybody who ever had a text, also those who were removed. */
  #users(): string[] {
    return Array.from(this.#store.entries(['im', 'live', 'position']), ([key]) => String(key[3]));
  }

  /** What was to be forgotten is gone, or some of it will not go now. */
  #isPieceOver(): boolean {
    const piece = this.#piece;
    if (piece === undefined) return true;
    const { user, texts } = piece.input;
    const left = texts.filter(({ id }) => this.#store.get(keys.text(user, id)) !== undefined).length;
    if (left > 0 && piece.looks < mostLooks) {
      this.#piece = { ...piece, looks: piece.looks + 1 };
      return false;
    }
    const counted = this.#counts.get(user);
    if (counted !== undefined) {
      this.#counts.set(user, { ...counted, count: counted.count - texts.length + left });
    }
    // Somebody else's turn, and this one's in the next round.
    if (left === texts.length && this.#round[0] === user) this.#endUser();
    this.#piece = undefined;
    return true;
  }

  #nextPiece(now: Instant): ForgetInput | undefined {
    let reads = 0;
    for (let user = this.#round[0]; user !== undefined && reads < readsPerPiece; user = this.#round[0]) {
      reads += 1;
      const counting = this.#countOn(user);
      reads += counting.reads;
      if (!counting.isDone) continue;
      const { found, isDone, reads: more } = this.#lookAt(user, counting.count, now);
      reads += more;
      if (isDone) this.#endUser();
      if (found.length > 0) return { type: 'forget', user, position: this.#positionOf(user), texts: found };
    }
    return undefined;
  }

  #endUser(): void {
    this.#round.shift();
    this.#passedOver = undefined;
  }

  /** Texts of a user are counted once, and then those that came since. */
  #countOn(user: string): Count & { readonly isDone: boolean; readonly reads: number } {
    const before = this.#counts.get(user) ?? { upTo: 0, count: 0 };
    if (this.#keep.count === undefined) return { ...before, isDone: true, reads: 0 };
    let { upTo, count } = before;
    let reads = 0;
    const options = { after: keys.place(user, upTo), limit: readsPerPiece };
    for (const [key] of this.#store.entries(['im', 'place', user], options)) {
      upTo = Number(key[3]);
      count += 1;
      reads += 1;
    }
    this.#counts.set(user, { upTo, count });
    return { upTo, count, isDone: reads < readsPerPiece, reads };
  }

  /** From the oldest on, until one is to be kept or there are enough for a piece. */
  #lookAt(user: string, count: number, now: Instant) {
    let excess = this.#keep.count === undefined ? 0 : count - this.#keep.count;
    const found: ForgottenText[] = [];
    let [records, reads] = [0, 0];
    const after = this.#passedOver === undefined ? {} : { after: keys.place(user, this.#passedOver) };
    const options = { limit: readsPerPiece, ...after };
    for (const [key, value] of this.#store.entries(['im', 'place', user], options)) {
      const id = pointerFrom(value);
      const age = now - madeAt(id);
      const isTooOld = this.#keep.forMs !== undefined && age > this.#keep.forMs;
      if (!isTooOld && !(excess > 0 && age > youngestMs)) return { found, isDone: true, reads };
      reads += 3;
      const isOpen = this.#store.get(keys.openText(id)) !== undefined;
      const text = isOpen ? undefined : this.#forgotten(user, id, Number(key[3]), found);
      if (text !== undefined) {
        found.push(text);
        records += text.keys.length;
        excess -= 1;
      } else if (found.length === 0) {
        this.#passedOver = Number(key[3]);
      }
      if (records >= recordsPerPiece || reads >= readsPerPiece) return { found, isDone: false, reads };
    }
    return { found, isDone: true, reads };
  }

  /** @returns undefined for the last of a conversation of which older ones are under way: it would end with it */
  #forgotten(user: string, id: TextId, order: number, found: readonly ForgottenText[]): ForgottenText | undefined {
    const value = this.#store.get(keys.text(user, id));
    if (value === undefined) return { id, lastOf: undefined, keys: [keys.place(user, order)] };
    const view = viewFrom(value);
    const talk = this.#store.get(keys.conversation(user, view.peer));
    const isLast = talk !== undefined && conversationFrom(talk).order === order;
    if (isLast && this.#areLeft(user, view, found)) return undefined;
    return { id, lastOf: isLast ? view.peer : undefined, keys: keysOfText(user, view, isLast) };
  }

  /** Whether older texts of that conversation stay when those found are gone. */
  #areLeft(user: string, { peer, order }: TextView, found: readonly ForgottenText[]): boolean {
    const ids = new Set(found.map(({ id }) => id));
    for (const [key, value] of this.#store.entries(['im', 'order', user, peer], { limit: ids.size + 1 })) {
      if (key[4] === order) return false;
      if (!ids.has(pointerFrom(value))) return true;
    }
    return false;
  }

  #positionOf(user: string): number {
    const value = this.#store.get(keys.position(user));
    return value === undefined ? 0 : numberFrom(value);
  }
}

/** Everything that `user-texts.ts`, `sending.ts`, `arriving.ts` and `fates.ts` write for a text that is not under way. */
function keysOfText(user: string, view: TextView, isLast: boolean): readonly ImKey[] {
  const { id, peer, order, position, cid, direction } = view;
  return [
    ...[keys.text(user, id), keys.order(user, peer, order), keys.place(user, order), keys.change(user, position)],
    ...[keys.trail(user, id), keys.latest(user, order)],
    ...(direction === 'in' ? [keys.incoming(user, peer, order)] : []),
    ...wordsKept(view).map((word) => keys.word(user, word, order)),
    ...(cid === '' ? [] : [keys.cid(user, cid)]),
    ...(isLast ? [keys.conversation(user, peer), keys.read(user, peer)] : []),
  ];
}
