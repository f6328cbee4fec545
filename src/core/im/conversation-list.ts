/**
 * Reads with whom a user writes, newest first: down the list that `conversation-book.ts` keeps, so that a page costs what
 * it shows. Of a user whose conversations are not all in it yet (stores of before) every one is looked at. Decision 0019.
 */
import type { Conversation, RecordReader } from './history.ts';
import { conversationFrom, keys, numberFrom, peerFrom, pointerFrom, type Standing, viewFrom } from './records.ts';

/** More unread texts than this are not counted one by one. */
export const unreadLimit = 99;

export interface ListQuestion {
  readonly limit: number;
  /** Only those whose last text has a lower order. */
  readonly before?: number | undefined;
}

interface Found {
  readonly peer: string;
  readonly standing: Standing;
}

export function listConversations(
  store: RecordReader,
  user: string,
  { limit, before = Number.POSITIVE_INFINITY }: ListQuestion,
): readonly Conversation[] {
  const isListed = store.get(keys.listed(user)) !== undefined;
  const page: Conversation[] = [];
  if (limit < 1) return page;
  for (const found of isListed ? downTheList(store, user, before) : allSorted(store, user, before)) {
    const conversation = conversationOf(store, user, found);
    if (conversation !== undefined) page.push(conversation);
    if (page.length === limit) break;
  }
  return page;
}

function* downTheList(store: RecordReader, user: string, before: number): Generator<Found> {
  const after = before === Number.POSITIVE_INFINITY ? {} : { after: keys.latest(user, before) };
  for (const [key, value] of store.entries(['im', 'latest', user], { reverse: true, ...after })) {
    const peer = peerFrom(value);
    const standing = standingOf(store, user, peer);
    // A version that knew nothing of the list may have written or deleted since.
    if (standing !== undefined && standing.order === key[3]) yield { peer, standing };
  }
}

function allSorted(store: RecordReader, user: string, before: number): readonly Found[] {
  const found: Found[] = [];
  for (const [key, value] of store.entries(['im', 'conversation', user])) {
    const standing = conversationFrom(value);
    if (standing.order < before) found.push({ peer: String(key[3]), standing });
  }
  return found.sort((a, b) => b.standing.order - a.standing.order);
}

function standingOf(store: RecordReader, user: string, peer: string): Standing | undefined {
  const value = store.get(keys.conversation(user, peer));
  return value === undefined ? undefined : conversationFrom(value);
}

function conversationOf(store: RecordReader, user: string, { peer, standing }: Found): Conversation | undefined {
  const value = store.get(keys.text(user, standing.id));
  if (value === undefined) return undefined;
  const read = store.get(keys.read(user, peer));
  const readUpTo = read === undefined ? 0 : numberFrom(read);
  return { peer, last: viewFrom(value), readUpTo, unread: unreadOf(store, user, { peer, standing }, readUpTo) };
}

function unreadOf(store: RecordReader, user: string, { peer, standing }: Found, readUpTo: number): number {
  if (standing.order <= readUpTo) return 0;
  if (standing.incoming === undefined) return lookForIncoming(store, user, peer, { behind: readUpTo }).places.length;
  const options = { after: keys.incoming(user, peer, readUpTo) };
  for (const [key, value] of store.entries(['im', 'in', user, peer], options)) {
    // What is left of a text that is gone; the ones behind it are there.
    if (store.get(keys.order(user, peer, Number(key[4]))) === undefined) continue;
    return Math.min(unreadLimit, standing.incoming - numberFrom(value) + 1);
  }
  return 0;
}

/**
 * Looks into the texts themselves, where they are not numbered.
 *
 * @param end `behind` a place, from the first on, or the `last`, from the last back
 * @returns places of texts that came in, in the order of reading, at most {@link unreadLimit}, and how many texts were
 *   looked at, at most ten times as many
 */
export function lookForIncoming(
  store: RecordReader,
  user: string,
  peer: string,
  end: { readonly behind: number } | 'last',
): { readonly places: readonly number[]; readonly looks: number } {
  const from = end === 'last' ? { reverse: true } : { after: keys.order(user, peer, end.behind) };
  const places: number[] = [];
  let looks = 0;
  for (const [key, value] of store.entries(['im', 'order', user, peer], { ...from, limit: 10 * unreadLimit })) {
    looks += 1;
    const text = store.get(keys.text(user, pointerFrom(value)));
    if (text !== undefined && viewFrom(text).direction === 'in') places.push(Number(key[4]));
    if (places.length === unreadLimit) break;
  }
  return { places, looks };
}
