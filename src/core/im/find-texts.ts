/**
 * Finds texts of all users for an operator who looks for one: by number, words, time, or the beginning of an id, a page
 * at a time, so that a running server is never kept busy by it. One user's texts are found by `search.ts`.
 */
import type { Instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { handsetKey } from './handset-book.ts';
import type { RecordReader } from './history.ts';
import { handsetFrom, type ImKey, keys, numberFrom, openTextFrom, trailFrom, viewFrom } from './records.ts';
import { effortLimit, searchWithin } from './search.ts';
import type { TextId, TextView } from './text.ts';
import { type Trail, trailOf } from './trail.ts';

export interface TextQuestion {
  /** Beginning of the id of a text or of one of its short messages, lower case. The questions below do not go with it. */
  readonly id?: string | undefined;
  /** The other party, digits with at most one leading `+`. */
  readonly number?: string | undefined;
  readonly user?: string | undefined;
  /** By `wordsOf`; a text must have all of them. */
  readonly words: readonly string[];
  /** Not before. */
  readonly since?: Instant | undefined;
  /** Before. */
  readonly until?: Instant | undefined;
  /** What else a text must be. */
  readonly isMeant: (text: TextView) => boolean;
  /** Of each user, the newest. At least 1. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: TextCursor | undefined;
}

/** Where to go on: behind this user, with this of the next one's spellings of the number, below this place. */
export interface TextCursor {
  readonly after: string;
  readonly peer: number;
  readonly before: number | undefined;
}

/** A text as its user sees it, and how it went. */
export interface TextSight {
  /** Empty for answers of the bridge itself. */
  readonly user: string;
  readonly view: TextView;
  /** Undefined for a text between users, for one that failed at once, and for one from before trails were kept. */
  readonly trail: Trail | undefined;
  /** `open`: more may be learned of it. */
  readonly state: 'open' | 'closed';
  /** Whether the user has read as far as this. */
  readonly isRead: boolean;
}

export interface TextPage {
  /** Per user newest first; users in order of name. */
  readonly texts: readonly TextSight[];
  /** Undefined where there is no more. */
  readonly next: TextCursor | undefined;
}

/** Users whose names are read at once. */
const usersAtOnce = 100;
/** Texts of one moment that are compared with an id. */
const momentLimit = 1_000;
/** The part of a UUIDv7 that tells its moment: what is made of a text at once shares it. */
const momentLength = 13;

const beginning: TextCursor = { after: '', peer: 0, before: undefined };

export function findTexts(store: RecordReader, question: TextQuestion): TextPage {
  const texts: TextSight[] = [];
  let cursor = question.cursor ?? beginning;
  let budget = effortLimit;
  if (question.id !== undefined && cursor === beginning) texts.push(...answersById(store, question.id));
  for (;;) {
    const users = usersBehind(store, cursor.after, question.user);
    for (const user of users) {
      const found =
        question.id === undefined ? textsOf(store, user, question, cursor, budget) : byId(store, user, question.id);
      texts.push(...found.texts);
      budget -= found.effort;
      if (found.next !== undefined) return { texts, next: found.next };
      cursor = { ...beginning, after: user };
      if (budget <= 0) return { texts, next: cursor };
    }
    if (users.length < usersAtOnce) return { texts, next: undefined };
  }
}

/** One text by its whole id, as that user sees it. */
export function sightOf(store: RecordReader, user: string, id: TextId): TextSight | undefined {
  const value = store.get(keys.text(user, id));
  return value === undefined ? undefined : sight(store, user, viewFrom(value));
}

interface FoundOfUser extends TextPage {
  /** Records that were read, about. */
  readonly effort: number;
}

function textsOf(
  store: RecordReader,
  user: string,
  question: TextQuestion,
  cursor: TextCursor,
  budget: number,
): FoundOfUser {
  const { words, since, until, limit, isMeant } = question;
  const texts: TextSight[] = [];
  const peers = question.number === undefined ? [undefined] : spellingsAt(store, user, question.number);
  let effort = 4;
  let { before } = cursor;
  for (let index = cursor.peer; index < peers.length; index += 1) {
    const peer = peers[index];
    for (let left = limit; left > 0; ) {
      const asked = { words, peer, since, until, before, limit: Math.min(left, 64) };
      const page = searchWithin(store, user, asked, Math.max(1, budget - effort));
      const meant = page.texts.filter(isMeant).map((view) => sight(store, user, view));
      texts.push(...meant);
      left -= meant.length;
      effort += page.effort + 2 * meant.length;
      before = page.next;
      if (before === undefined) break;
      if (effort >= budget) return { texts, next: { after: cursor.after, peer: index, before }, effort };
    }
    before = undefined;
  }
  return { texts, next: undefined, effort };
}

function byId(store: RecordReader, user: string, id: string): FoundOfUser {
  const texts: TextSight[] = [];
  let effort = 2;
  for (const [key, value] of withMoment(store, ['im', 'text', user], id)) {
    effort += 2;
    const found = sight(store, user, viewFrom(value));
    if (String(key[3]).startsWith(id) || messageIdsOf(found).some((one) => one.startsWith(id))) texts.push(found);
  }
  return { texts, next: undefined, effort };
}

/** Answers of the bridge itself are in nobody's history, only on their way. */
function answersById(store: RecordReader, id: string): readonly TextSight[] {
  return [...withMoment(store, ['im', 'live', 'text'], id)].flatMap(([key, value]): TextSight[] => {
    const open = openTextFrom(value);
    if (open.user !== '') return [];
    const found: TextSight = { user: '', view: open.view, trail: trailOf(open), state: 'open', isRead: false };
    return String(key[3]).startsWith(id) || messageIdsOf(found).some((one) => one.startsWith(id)) ? [found] : [];
  });
}

/** Records whose last part was made at the moment that this id, or what there is of it, begins with. */
function* withMoment(store: RecordReader, prefix: ImKey, id: string): Generator<readonly [ImKey, PlainValue]> {
  const moment = id.slice(0, momentLength);
  for (const entry of store.entries(prefix, { after: [...prefix, moment], limit: momentLimit })) {
    if (!String(entry[0].at(-1)).startsWith(moment)) return;
    yield entry;
  }
}

function sight(store: RecordReader, user: string, view: TextView): TextSight {
  const openValue = store.get(keys.openText(view.id));
  const open = openValue === undefined ? undefined : openTextFrom(openValue);
  const isOpen = open !== undefined && open.user === user;
  const trailValue = isOpen ? undefined : store.get(keys.trail(user, view.id));
  const trail = isOpen ? trailOf(open) : trailValue === undefined ? undefined : trailFrom(trailValue);
  const read = view.direction === 'in' ? store.get(keys.read(user, view.peer)) : undefined;
  const isRead = read !== undefined && numberFrom(read) >= view.order;
  return { user, view, trail, state: isOpen ? 'open' : 'closed', isRead };
}

/** The short messages that a text is made of, as far as that is known. */
export function messageIdsOf({ trail }: TextSight): readonly string[] {
  if (trail === undefined) return [];
  return trail.direction === 'in' ? trail.messageIds : trail.parts.map(({ messageId }) => messageId);
}

/** Everybody who ever had a text, in order of name. */
function usersBehind(store: RecordReader, after: string, only: string | undefined): readonly string[] {
  if (only !== undefined) return after === only ? [] : [only];
  const options = { limit: usersAtOnce, ...(after === '' ? {} : { after: keys.position(after) }) };
  return Array.from(store.entries(['im', 'live', 'position'], options), ([key]) => String(key[3]));
}

/** The spellings of a number that the user has a conversation under. */
function spellingsAt(store: RecordReader, user: string, number: string): readonly string[] {
  const digits = handsetKey(number);
  const known = store.get(keys.handset(digits));
  const spellings = new Set([number, digits, `+${digits}`]);
  if (known !== undefined) spellings.add(handsetFrom(known).number);
  return [...spellings].filter((spelling) => store.get(keys.conversation(user, spelling)) !== undefined);
}
