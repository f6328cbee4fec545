/**
 * The texts of an IM server that fit a question, whether it runs (asked over the control socket, a page at a time) or not
 * (read from its store, which is opened for reading only). Also the answer that a running one gives. Changes nothing.
 */
import { OperatorError } from '../core/base/errors.ts';
import { type Instant, instant } from '../core/base/time.ts';
import { findTexts, type TextCursor, type TextPage, type TextSight } from '../core/im/find-texts.ts';
import type { RecordReader } from '../core/im/history.ts';
import type { TextView } from '../core/im/text.ts';
import { wordsOf } from '../core/im/words.ts';
import { callControl } from './control-client.ts';
import { textDigest } from './hashing.ts';
import { openStoreForReading } from './lmdb-store.ts';

/** All that is given must hold; all texts fit where nothing is. */
export interface MessageQuestion {
  /** Beginning of an id, lower case; goes alone. */
  readonly id?: string | undefined;
  /** Digits with at most one leading `+`. */
  readonly number?: string | undefined;
  readonly user?: string | undefined;
  /** In the text, as it was written but for capitals; whole words. */
  readonly text?: string | undefined;
  /** Beginning of {@link textDigest}. */
  readonly hash?: string | undefined;
  /** Not before; milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Before. */
  readonly until?: number | undefined;
  /** The newest; 1–{@link mostTexts}. */
  readonly limit: number;
}

/** Texts that one question may give. */
export const mostTexts = 1_000;

/** The newest first, at most `limit`. @throws OperatorError of `callControl` and `openStoreForReading` */
export async function readMessages(
  stateDir: string,
  question: MessageQuestion,
  state: 'running' | 'stopped',
): Promise<readonly TextSight[]> {
  if (state === 'running') return newestOf(question, (cursor) => askPage(stateDir, question, cursor));
  // Pages of history are looked at before they are read: LMDB is killed by a damaged one.
  const store = await openStoreForReading(stateDir);
  try {
    return await newestOf(question, async (cursor) => pageOf(store, question, cursor));
  } finally {
    await store.close();
  }
}

/** What a running IM server answers at `GET /messages`. @throws OperatorError CONTROL_BAD_REQUEST */
export function answerMessages(store: RecordReader, query: URLSearchParams): object {
  const question: MessageQuestion = {
    id: query.get('id') ?? undefined,
    number: query.get('number') ?? undefined,
    user: query.get('user') ?? undefined,
    text: query.get('text') ?? undefined,
    hash: query.get('hash') ?? undefined,
    since: numberIn(query, 'since'),
    until: numberIn(query, 'until'),
    limit: Math.min(mostTexts, Math.max(1, numberIn(query, 'limit') ?? mostTexts)),
  };
  return { schema: 'messages/1', ...pageOf(store, question, cursorIn(query)) };
}

/** Whether a text is what is asked for, beyond what is found by an index. */
export function isTextMeant(text: string, { text: wanted, hash }: Pick<MessageQuestion, 'text' | 'hash'>): boolean {
  if (wanted !== undefined && !text.toLowerCase().includes(wanted.toLowerCase())) return false;
  return hash === undefined || textDigest(text).startsWith(hash);
}

function pageOf(store: RecordReader, question: MessageQuestion, cursor: TextCursor | undefined): TextPage {
  const { id, number, user, since, until, limit } = question;
  return findTexts(store, {
    ...{ id, number, user, limit, cursor },
    words: question.text === undefined ? [] : wordsOf(question.text),
    since: instantOf(since),
    until: instantOf(until),
    isMeant: (view: TextView) => isTextMeant(view.text, question),
  });
}

async function askPage(stateDir: string, question: MessageQuestion, cursor: TextCursor | undefined): Promise<TextPage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(question)) if (value !== undefined) query.set(name, String(value));
  if (cursor !== undefined) query.set('cursor', JSON.stringify(cursor));
  // The role is of this machine and its answer of our own making.
  return (await callControl(stateDir, `GET /messages?${query}`)) as TextPage;
}

async function newestOf(
  { limit }: MessageQuestion,
  ask: (cursor: TextCursor | undefined) => Promise<TextPage>,
): Promise<readonly TextSight[]> {
  let newest: readonly TextSight[] = [];
  let cursor: TextCursor | undefined;
  do {
    const page = await ask(cursor);
    newest = [...newest, ...page.texts].sort((a, b) => b.view.at - a.view.at).slice(0, limit);
    cursor = page.next;
  } while (cursor !== undefined);
  return newest;
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw badRequest(`\`${name}\` is no number.`);
}

function cursorIn(query: URLSearchParams): TextCursor | undefined {
  const text = query.get('cursor');
  if (text === null) return undefined;
  const cursor = Object(parsed(text));
  const { after, peer, before } = cursor;
  const isCursor = typeof after === 'string' && Number.isSafeInteger(peer) && peer >= 0;
  if (!isCursor || (before !== undefined && typeof before !== 'number')) throw badRequest('`cursor` is none.');
  return { after, peer, before };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // What is no JSON is no cursor either.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function instantOf(at: number | undefined): Instant | undefined {
  return at === undefined ? undefined : instant(at);
}

function badRequest(message: string): OperatorError {
  return new OperatorError({
    code: 'CONTROL_BAD_REQUEST',
    message: `GET /messages: ${message}`,
    hint: 'Use the ringbridge of the same version to ask.',
  });
}
