/**
 * What may be typed behind `/` on the screen of the rings: statuses, ages, numbers, and `differs`. Words that are said
 * together must all hold; of several statuses in one word (`in-doubt,refused`) one must. Pure.
 */
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { type SlotStatus, statuses } from '../../../core/ring/status.ts';
import type { SlotView } from '../../../core/store/ring-view.ts';
import { formatDuration, parseDuration } from '../../duration.ts';
import { nearest } from '../../nearest.ts';
import { isInUse } from '../ring-pairs.ts';

export type Condition =
  | { readonly type: 'status'; readonly statuses: readonly SlotStatus[] }
  /** Since the last move. */
  | { readonly type: 'age'; readonly than: 'older' | 'younger'; readonly ageMs: number }
  /** A sequence number, or a slot. */
  | { readonly type: 'number'; readonly number: number }
  /** Digits within a phone number of the message. */
  | { readonly type: 'phone'; readonly digits: string }
  | { readonly type: 'differs' };

export interface SlotQuery {
  /** As it was typed. */
  readonly text: string;
  readonly conditions: readonly Condition[];
}

/** Fewer digits are a slot or a sequence number, these may be part of a phone number, too. */
const fewestPhoneDigits = 4;

const usedStatuses = statuses.filter(isInUse);

const words = [...statuses, 'differs', 'used'];

export function parseQuery(text: string): Result<SlotQuery> {
  const conditions: Condition[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (word === '') continue;
    const condition = parseWord(word);
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  return ok({ text: text.trim(), conditions });
}

function parseWord(word: string): Result<Condition> {
  const age = /^([<>])(.+)$/.exec(word);
  if (age !== null) {
    const ageMs = parseDuration(age[2] ?? '');
    if (!ageMs.ok) return ageMs;
    return ok({ type: 'age', than: age[1] === '>' ? 'older' : 'younger', ageMs: ageMs.value });
  }
  if (word === 'differs') return ok({ type: 'differs' });
  if (word === 'used') return ok({ type: 'status', statuses: usedStatuses });
  if (/^#?\d+$/.test(word)) {
    const digits = word.replace('#', '');
    const isPhone = !word.startsWith('#') && digits.length >= fewestPhoneDigits;
    return ok(isPhone ? { type: 'phone', digits } : { type: 'number', number: Number(digits) });
  }
  if (/^\+\d+$/.test(word)) return ok({ type: 'phone', digits: word.slice(1) });
  const wanted: SlotStatus[] = [];
  for (const part of word.split(',')) {
    const status = statuses.find((known) => known === part);
    if (status === undefined) {
      const meant = nearest(part, words);
      const hint = meant === undefined ? `Statuses: ${statuses.join(', ')}` : `Did you mean ${meant}?`;
      return fail('USAGE_BAD_VALUE', `"${part}" is no status, age or number. ${hint}`);
    }
    wanted.push(status);
  }
  return ok({ type: 'status', statuses: wanted });
}

/** Both copies of a slot; of one that was not read, undefined. */
export interface SlotPair {
  readonly buffer: SlotView | undefined;
  readonly imServer: SlotView | undefined;
}

/** A condition holds where it holds for one of the copies. */
export function matches(query: SlotQuery, pair: SlotPair, now: number): boolean {
  const views = [pair.buffer, pair.imServer].filter((view) => view !== undefined);
  return query.conditions.every((condition) =>
    condition.type === 'differs' ? differs(pair) : views.some((view) => holds(condition, view, now)),
  );
}

/** The two copies do not say the same. While they are told to each other that is nothing bad. */
export function differs({ buffer, imServer }: SlotPair): boolean {
  if (buffer === undefined || imServer === undefined) return false;
  return buffer.status !== imServer.status || buffer.seq !== imServer.seq;
}

/** Whether messages have to be known, which the roles' news do not carry. */
export function asksForMessages(query: SlotQuery): boolean {
  return query.conditions.some(({ type }) => type === 'phone');
}

function holds(condition: Exclude<Condition, { type: 'differs' }>, view: SlotView, now: number): boolean {
  switch (condition.type) {
    case 'status':
      return condition.statuses.includes(view.status);
    case 'age': {
      if (view.movedAt === undefined) return false;
      const ageMs = now - view.movedAt;
      return condition.than === 'older' ? ageMs > condition.ageMs : ageMs < condition.ageMs;
    }
    case 'number':
      return view.seq === condition.number || view.slot === condition.number;
    case 'phone': {
      const { message } = view;
      const isIn = (number: string): boolean => number.includes(condition.digits);
      return (
        view.seq === Number(condition.digits) || (message !== undefined && (isIn(message.from) || isIn(message.to)))
      );
    }
    default:
      return condition satisfies never;
  }
}

/** `in-doubt, older than 30 s` */
export function queryText({ conditions }: SlotQuery): string {
  return conditions
    .map((condition) => {
      switch (condition.type) {
        case 'status':
          return condition.statuses.length === usedStatuses.length ? 'in use' : condition.statuses.join(' or ');
        case 'age':
          return `${condition.than} than ${formatDuration(condition.ageMs)}`;
        case 'number':
          return `number or slot ${condition.number}`;
        case 'phone':
          return `number ${condition.digits}, or in a phone number`;
        case 'differs':
          return 'copies differ';
        default:
          return condition satisfies never;
      }
    })
    .join(', ');
}
