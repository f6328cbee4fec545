/**
 * Finds the conversations of before there was a list of them, in the store and a few at a time, and tells them to the
 * exchange as `list`, which puts them into it. Every conversation is looked at once at each start, since an older version
 * may have run in between. It decides by what is on disk only: a conversation that something is just being said in is
 * left by the exchange as it is, and found again in the next round. Decision 0019.
 *
 * Asked again and again by its owner until it is done.
 */
import { invariant } from '../base/invariant.ts';
import type { Machine } from '../base/machine.ts';
import { type Instant, instant, later } from '../base/time.ts';
import type { UnnumberedConversation } from './conversation-book.ts';
import { lookForIncoming, unreadLimit } from './conversation-list.ts';
import type { ExchangeInput } from './exchange-io.ts';
import type { RecordReader } from './history.ts';
import { conversationFrom, keys, numberFrom, type Standing } from './records.ts';

export type ListInput = Extract<ExchangeInput, { readonly type: 'list' }>;

/** Between two pieces. */
export const listPieceMs = 20;
/** Before a user is looked at again of whom something was found. */
export const nextRoundMs = 200;
/** Of one piece: conversations that are looked at, those that are brought over, and texts of theirs. */
const conversationsPerPiece = 500;
const foundPerPiece = 100;
const textsPerPiece = 1_000;

export class ConversationLister implements Machine<{ readonly type: 'tick' }, ListInput> {
  readonly #store: RecordReader;
  #at: Instant | undefined = instant(0);
  /** Users still to be looked at in this round; undefined before the first. */
  #round: string[] | undefined;
  /** For the round after it. */
  #again: string[] = [];
  /** Of the first of the round: conversations up to this peer were looked at, and whether each was in the list. */
  #walk: { readonly after: string | undefined; readonly found: 'none' | 'some' } = freshWalk;

  constructor(store: RecordReader) {
    this.#store = store;
  }

  deadline(): Instant | undefined {
    return this.#at;
  }

  handle(_tick: { readonly type: 'tick' }, now: Instant): readonly ListInput[] {
    if (this.#at === undefined || now < this.#at) return [];
    this.#at = later(now, listPieceMs);
    this.#round ??= Array.from(this.#store.entries(['im', 'live', 'position']), ([key]) => String(key[3]));
    const [user] = this.#round;
    if (user !== undefined) return this.#look(this.#round, user);
    this.#round = this.#again;
    this.#again = [];
    this.#at = this.#round.length === 0 ? undefined : later(now, nextRoundMs);
    return [];
  }

  #look(round: string[], user: string): readonly ListInput[] {
    const { conversations, after } = this.#nextConversations(user);
    const found = conversations.length > 0 ? 'some' : this.#walk.found;
    this.#walk = after === undefined ? freshWalk : { after, found };
    if (after === undefined) round.shift();
    // What was found may have been left as it was: only a round that finds nothing proves that the list is whole.
    if (after === undefined && found === 'some') this.#again.push(user);
    if (conversations.length > 0) return [{ type: 'list', user, conversations, rest: 'more' }];
    const isProven = after === undefined && found === 'none';
    const isNews = isProven && this.#store.get(keys.listed(user)) === undefined;
    return isNews ? [{ type: 'list', user, conversations, rest: 'none' }] : [];
  }

  /** @returns where to go on behind; undefined at the end */
  #nextConversations(user: string): {
    readonly conversations: readonly UnnumberedConversation[];
    readonly after: string | undefined;
  } {
    const conversations: UnnumberedConversation[] = [];
    const { after } = this.#walk;
    const options = {
      limit: conversationsPerPiece,
      ...(after === undefined ? {} : { after: keys.conversation(user, after) }),
    };
    let [looks, texts] = [0, 0];
    for (const [key, value] of this.#store.entries(['im', 'conversation', user], options)) {
      looks += 1;
      const peer = String(key[3]);
      const standing = conversationFrom(value);
      if (standing.incoming === undefined) {
        const found = numbered(this.#store, user, peer, standing);
        conversations.push(found.conversation);
        texts += found.looks;
      }
      const isEnough = conversations.length === foundPerPiece || texts >= textsPerPiece;
      if (isEnough || looks === conversationsPerPiece) return { conversations, after: peer };
    }
    return { conversations, after: undefined };
  }
}

const freshWalk = { after: undefined, found: 'none' } as const;

/**
 * Numbers the last texts that came in, as many as are ever counted. What stands in the store of an earlier numbering is
 * left so far behind that whoever has not read it has more unread than are counted.
 */
function numbered(
  store: RecordReader,
  user: string,
  peer: string,
  { order, incoming }: Standing,
): { readonly conversation: UnnumberedConversation; readonly looks: number } {
  invariant(incoming === undefined, 'texts are numbered once');
  const { places, looks } = lookForIncoming(store, user, peer, 'last');
  const [last] = store.entries(['im', 'in', user, peer], { reverse: true, limit: 1 });
  const before = last === undefined ? 0 : numberFrom(last[1]) + unreadLimit;
  const numbers = places.toReversed().map((place, index) => ({ order: place, number: before + index + 1 }));
  return { conversation: { peer, order, incoming: numbers, lastNumber: before + places.length }, looks };
}
