/**
 * Finds texts of a user, newest first: by words, by conversation, by direction and time. Words and conversations are
 * lists of places in the store, read backwards and only where they may meet, so a page costs what it shows and not what
 * is kept. Direction and time are looked at in the texts that were found.
 */
import { dayMs, type Instant } from '../base/time.ts';
import type { RecordReader } from './history.ts';
import { type ImKey, keys, pointerFrom, viewFrom } from './records.ts';
import { madeAt, type TextView } from './text.ts';

export interface SearchQuestion {
  /** By `wordsOf`; a text must have all of them. Empty: any text. */
  readonly words: readonly string[];
  readonly peer?: string | undefined;
  readonly direction?: TextView['direction'] | undefined;
  /** Not before. */
  readonly since?: Instant | undefined;
  /** Before. */
  readonly until?: Instant | undefined;
  /** Only texts whose order is lower: `next` of the page before. */
  readonly before?: number | undefined;
  /** At least 1. */
  readonly limit: number;
}

export interface SearchPage {
  /** Newest first, at most `limit`; may be fewer, or none, though `next` is there. */
  readonly texts: readonly TextView[];
  /** `before` of the next page; undefined where there is no more. */
  readonly next: number | undefined;
}

/** Records that one page may read; a page that needs more ends early and says where to go on. */
export const effortLimit = 2_000;
/** Places read at once; more than most pages need, fewer than a jump should waste. */
const readAhead = 32;

export function searchTexts(store: RecordReader, user: string, question: SearchQuestion): SearchPage {
  const { texts, next } = searchWithin(store, user, question, effortLimit);
  return { texts, next };
}

/**
 * As {@link searchTexts}, for whoever asks about several users at once.
 *
 * @param mostEffort records that may be read, about
 * @returns also how many were
 */
export function searchWithin(
  store: RecordReader,
  user: string,
  question: SearchQuestion,
  mostEffort: number,
): SearchPage & { readonly effort: number } {
  const lists = listsOf(store, user, question);
  const texts: TextView[] = [];
  let effort = 0;
  let bound = question.before ?? Number.POSITIVE_INFINITY;
  while (effort < mostEffort) {
    const order = highestCommon(lists, bound);
    if (order === 'none') return { texts, next: undefined, effort };
    bound = order.value;
    effort += order.effort;
    if (order.type === 'perhaps') continue;
    if (texts.length === question.limit) return { texts, next: bound + 1, effort };
    const text = textAt(store, user, bound);
    effort += 2;
    if (text !== undefined && isBefore(text, question.since)) return { texts, next: undefined, effort };
    if (text !== undefined && fits(text, question)) texts.push(text);
  }
  return { texts, next: bound, effort };
}

/** One step down all lists: a place below `bound` that is in each of them, or a lower bound to go on from. */
function highestCommon(
  lists: readonly PlaceList[],
  bound: number,
): { readonly type: 'common' | 'perhaps'; readonly value: number; readonly effort: number } | 'none' {
  let order = bound;
  for (const [index, list] of lists.entries()) {
    const found = list.highestBelow(index === 0 ? bound : order + 1);
    if (found === undefined) return 'none';
    if (index > 0 && found < order) return { type: 'perhaps', value: found + 1, effort: lists.length };
    order = found;
  }
  return { type: 'common', value: order, effort: lists.length };
}

function listsOf(store: RecordReader, user: string, { words, peer }: SearchQuestion): readonly PlaceList[] {
  const prefixes: ImKey[] = words.map((word) => ['im', 'word', user, word]);
  if (peer !== undefined) prefixes.push(['im', 'order', user, peer]);
  if (prefixes.length === 0) prefixes.push(['im', 'place', user]);
  return prefixes.map((prefix) => new PlaceList(store, prefix));
}

function textAt(store: RecordReader, user: string, order: number): TextView | undefined {
  const pointer = store.get(keys.place(user, order));
  const value = pointer === undefined ? undefined : store.get(keys.text(user, pointerFrom(pointer)));
  return value === undefined ? undefined : viewFrom(value);
}

/**
 * Ids are made in the order of places, and a text is not younger than its id but by a clock that is wrong: that of the
 * buffer, or our own before it was set. Texts that far before `since` end the search.
 */
function isBefore(text: TextView, since: Instant | undefined): boolean {
  return since !== undefined && madeAt(text.id) + dayMs < since;
}

function fits(text: TextView, { direction, since, until }: SearchQuestion): boolean {
  if (direction !== undefined && text.direction !== direction) return false;
  if (since !== undefined && text.at < since) return false;
  return until === undefined || text.at < until;
}

/** Records whose keys are a prefix and a place, read from the highest place down. */
class PlaceList {
  readonly #store: RecordReader;
  readonly #prefix: ImKey;
  /** Read already, highest first. */
  #ahead: number[] = [];

  constructor(store: RecordReader, prefix: ImKey) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** @param bound never higher than before */
  highestBelow(bound: number): number | undefined {
    const index = this.#ahead.findIndex((order) => order < bound);
    if (index >= 0) this.#ahead = this.#ahead.slice(index);
    else this.#read(bound);
    return this.#ahead[0];
  }

  #read(bound: number): void {
    const after = bound === Number.POSITIVE_INFINITY ? {} : { after: [...this.#prefix, bound] };
    const entries = this.#store.entries(this.#prefix, { reverse: true, limit: readAhead, ...after });
    this.#ahead = Array.from(entries, ([key]) => Number(key.at(-1)));
  }
}
