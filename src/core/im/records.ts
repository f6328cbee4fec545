/**
 * What the IM side keeps on disk: the key and the value of every record, both ways. `['im','live',…]` is what the
 * exchange needs to go on and is read whole at a start; everything else is history, read through `history.ts` only.
 * Every value begins with a format number; an unknown one is refused, never guessed.
 */
import { OperatorError } from '../base/errors.ts';
import { type Instant, instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { messageId } from '../message/message.ts';
import type { Alias } from './alias-book.ts';
import type { Arrival } from './arrival-memory.ts';
import type { ArrivalResult, ImRecord } from './exchange-io.ts';
import type { OpenPart, OpenText, Reached } from './open-text.ts';
import type { Refusal } from './refusal-book.ts';
import type { EarlyReport } from './report-book.ts';
import { type StepReason, steps, type TextId, type TextMark, type TextView, textId, textMarks } from './text.ts';
import type { UserToken } from './tokens.ts';
import type { Trail } from './trail.ts';
import { type Scope, scopes, type User } from './users.ts';

export type ImKey = ImRecord['key'];

/** What a handset's messages are routed by. */
export interface Handset {
  /** As people here write it. */
  readonly number: string;
  /** Who last wrote to it; undefined if nobody did. */
  readonly lastWriter: string | undefined;
  /** When it was last told that nobody is meant; undefined if never. */
  readonly apologisedAt: Instant | undefined;
}

/** All that the exchange needs to go on. */
export const livePrefix: ImKey = ['im', 'live'];

/** History: grows with every text and is read only where it is asked for. All but `livePrefix`. */
export const historyTables: readonly ImKey[] = [
  ['im', 'text'],
  ['im', 'order'],
  ['im', 'place'],
  ['im', 'word'],
  ['im', 'conversation'],
  ['im', 'latest'],
  ['im', 'listed'],
  ['im', 'in'],
  ['im', 'change'],
  ['im', 'cid'],
  ['im', 'read'],
  ['im', 'trail'],
];

export const keys = {
  user: (name: string): ImKey => ['im', 'live', 'user', name],
  token: (hash: string): ImKey => ['im', 'live', 'token', hash],
  position: (user: string): ImKey => ['im', 'live', 'position', user],
  openText: (id: TextId): ImKey => ['im', 'live', 'text', id],
  handset: (digits: string): ImKey => ['im', 'live', 'handset', digits],
  refusal: (digits: string): ImKey => ['im', 'live', 'refusal', digits],
  alias: (address: string): ImKey => ['im', 'live', 'alias', address],
  arrival: (smscId: string, place: number): ImKey => ['im', 'live', 'arrived', smscId, place],
  earlyReport: (number: number): ImKey => ['im', 'live', 'report', number],
  waitingPart: (smscId: string, id: string): ImKey => ['im', 'live', 'part', smscId, id],
  text: (user: string, id: TextId): ImKey => ['im', 'text', user, id],
  order: (user: string, peer: string, order: number): ImKey => ['im', 'order', user, peer, order],
  /** All conversations of a user in one line. */
  place: (user: string, order: number): ImKey => ['im', 'place', user, order],
  /** @param word by `wordsOf` */
  word: (user: string, word: string, order: number): ImKey => ['im', 'word', user, word, order],
  conversation: (user: string, peer: string): ImKey => ['im', 'conversation', user, peer],
  /** The list of conversations: each stands at the place of its last text. */
  latest: (user: string, order: number): ImKey => ['im', 'latest', user, order],
  /** There where all conversations of the user are in that list. */
  listed: (user: string): ImKey => ['im', 'listed', user],
  /** Texts of a conversation that came in, numbered, so that unread ones need not be counted. */
  incoming: (user: string, peer: string, order: number): ImKey => ['im', 'in', user, peer, order],
  change: (user: string, position: number): ImKey => ['im', 'change', user, position],
  cid: (user: string, cid: string): ImKey => ['im', 'cid', user, cid],
  read: (user: string, peer: string): ImKey => ['im', 'read', user, peer],
  trail: (user: string, id: TextId): ImKey => ['im', 'trail', user, id],
  note: (gateway: string, key: string): ImKey => ['im', 'note', gateway, key],
} as const;

/** Whether a string from outside may be part of a key: short, and without control characters, as stores demand. */
export function isKeyText(text: string): boolean {
  return text.length > 0 && text.length <= 128 && !/[\u0000-\u001f\u007f]/.test(text);
}

/** Whether a gateway may note something under this key: longer ones than people's, for addresses of other networks. */
export function isNoteKey(text: string): boolean {
  return text.length > 0 && text.length <= 560 && !/[\u0000-\u001f\u007f]/.test(text);
}

const format = 1;

export function userValue(user: User): PlainValue {
  const { name, suffix, passwordHash, role, createdAt, number, smscId, scopes, blocked } = user;
  const first = [format, name, suffix ?? null, passwordHash, role, createdAt];
  return [...first, number ?? null, smscId ?? null, scopes, blocked];
}

export function userFrom(value: PlainValue): User {
  const fields = new Fields(value, 'user');
  const first = {
    name: fields.string(),
    suffix: fields.optionalString(),
    passwordHash: fields.string(),
    role: fields.oneOf(['default', 'ordinary'] as const),
    createdAt: instant(fields.number()),
  };
  // Records of the first version end here.
  if (fields.isAtEnd) return { ...first, number: undefined, smscId: undefined, scopes: ['send', 'read'], blocked: [] };
  return {
    ...first,
    number: fields.optionalString(),
    smscId: fields.optionalString(),
    scopes: scopesFrom(fields.list()),
    blocked: fields.list().map(String),
  };
}

export function tokenValue({ id, user, scopes, label, createdAt, expiresAt }: UserToken): PlainValue {
  return [format, id, user, scopes, label, createdAt, expiresAt ?? null];
}

export function tokenFrom(hash: string, value: PlainValue): UserToken {
  const fields = new Fields(value, 'token');
  const first = { hash, id: fields.string(), user: fields.string(), scopes: scopesFrom(fields.list()) };
  const [label, createdAt, expiresAt] = [fields.string(), fields.number(), fields.optionalNumber()];
  const until = expiresAt === undefined ? undefined : instant(expiresAt);
  return { ...first, label, createdAt: instant(createdAt), expiresAt: until };
}

function scopesFrom(list: readonly PlainValue[]): readonly Scope[] {
  return list.map((scope) => oneOf(scope, scopes, 'scope'));
}

/** For records that hold one number: positions, places read up to. */
export function numberValue(number: number): PlainValue {
  return [format, number];
}

export function numberFrom(value: PlainValue): number {
  return new Fields(value, 'number').number();
}

/** For records that say all by their key: the words of texts are many, so each is as small as can be. */
export const presentValue: PlainValue = [format];

/** For records that point to a text. */
export function pointerValue(id: TextId): PlainValue {
  return [format, id];
}

export function pointerFrom(value: PlainValue): TextId {
  return textId(new Fields(value, 'pointer').string());
}

/** How a conversation stands. */
export interface Standing {
  /** Place of its last text. */
  readonly order: number;
  readonly id: TextId;
  /** The number of the last text that came in (`keys.incoming`); undefined where they are not numbered. */
  readonly incoming: number | undefined;
}

export function conversationValue({ order, id, incoming }: Standing): PlainValue {
  return incoming === undefined ? [format, order, id] : [format, order, id, incoming];
}

export function conversationFrom(value: PlainValue): Standing {
  const fields = new Fields(value, 'conversation');
  const first = { order: fields.number(), id: textId(fields.string()) };
  // Records of the first version end here.
  return { ...first, incoming: fields.isAtEnd ? undefined : fields.number() };
}

/** For records whose key says where and whose value says which conversation. */
export function peerValue(peer: string): PlainValue {
  return [format, peer];
}

export function peerFrom(value: PlainValue): string {
  return new Fields(value, 'peer').string();
}

export function viewValue(view: TextView): PlainValue {
  return [
    format,
    view.id,
    view.direction,
    view.peer,
    view.text,
    view.at,
    view.order,
    view.position,
    view.step,
    reasonValue(view.reason),
    view.cid,
    view.parts,
    view.marks,
  ];
}

export function viewFrom(value: PlainValue): TextView {
  const fields = new Fields(value, 'text');
  return {
    id: textId(fields.string()),
    direction: fields.oneOf(['out', 'in'] as const),
    peer: fields.string(),
    text: fields.string(),
    at: instant(fields.number()),
    order: fields.number(),
    position: fields.number(),
    step: fields.oneOf(steps),
    reason: reasonFrom(fields.value()),
    cid: fields.string(),
    parts: fields.number(),
    marks: fields.list().map((mark) => oneOf(mark, textMarks, 'mark') satisfies TextMark),
  };
}

export function openTextValue(text: OpenText): PlainValue {
  return [
    format,
    text.user,
    viewValue(text.view),
    text.smscId,
    text.validUntil,
    text.reports,
    text.isOverdue,
    partsValue(text.parts),
    text.tried,
    reachedValue(text.reached),
  ];
}

export function openTextFrom(value: PlainValue): OpenText {
  const fields = new Fields(value, 'open text');
  return {
    user: fields.string(),
    view: viewFrom(fields.value()),
    smscId: fields.string(),
    validUntil: instant(fields.number()),
    reports: fields.oneOf(['final', 'none'] as const),
    isOverdue: fields.boolean(),
    parts: fields.list().map(partFrom),
    // Records of the first version end here.
    tried: fields.isAtEnd ? [] : fields.list().map(String),
    // Those of the second here.
    reached: fields.isAtEnd ? [] : fields.list().map(reachedFrom),
  };
}

export function trailValue(trail: Trail): PlainValue {
  if (trail.direction === 'in') return [format, 'in', trail.smscId, trail.arrivedAt, trail.messageIds];
  const { smscId, tried, validUntil, reports, parts, reached } = trail;
  return [format, 'out', smscId, tried, validUntil, reports, partsValue(parts), reachedValue(reached)];
}

export function trailFrom(value: PlainValue): Trail {
  const fields = new Fields(value, 'trail');
  const [direction, smscId] = [fields.oneOf(['out', 'in'] as const), fields.string()];
  if (direction === 'in') {
    const arrivedAt = instant(fields.number());
    return { direction, smscId, arrivedAt, messageIds: fields.list().map((id) => messageId(String(id))) };
  }
  return {
    ...{ direction, smscId, tried: fields.list().map(String), validUntil: instant(fields.number()) },
    reports: fields.oneOf(['final', 'none'] as const),
    parts: fields.list().map(partFrom),
    reached: fields.list().map(reachedFrom),
  };
}

function partsValue(parts: readonly OpenPart[]): PlainValue {
  return parts.map((part) => [part.messageId, part.destination, ...partStateFields(part)]);
}

function reachedValue(reached: readonly Reached[]): PlainValue {
  return reached.map(({ step, at }) => [step, at]);
}

function reachedFrom(value: PlainValue): Reached {
  const fields = new Fields([format, ...asList(value, 'step')], 'step');
  return { step: fields.oneOf(steps), at: instant(fields.number()) };
}

export function handsetValue(handset: Handset): PlainValue {
  return [format, handset.number, handset.lastWriter ?? null, handset.apologisedAt ?? null];
}

export function handsetFrom(value: PlainValue): Handset {
  const fields = new Fields(value, 'handset');
  const number = fields.string();
  const lastWriter = fields.optionalString();
  const apologisedAt = fields.optionalNumber();
  return { number, lastWriter, apologisedAt: apologisedAt === undefined ? undefined : instant(apologisedAt) };
}

export function refusalValue({ number, from, users }: Refusal): PlainValue {
  return [format, number, from, users];
}

export function refusalFrom(value: PlainValue): Refusal {
  const fields = new Fields(value, 'refusal');
  const [number, from] = [fields.string(), fields.oneOf(['everybody', 'some'] as const)];
  return { number, from, users: fields.list().map(String) };
}

export function aliasValue({ address, user, gateway }: Alias): PlainValue {
  return [format, address, user, gateway];
}

export function aliasFrom(value: PlainValue): Alias {
  const fields = new Fields(value, 'alias');
  return { address: fields.string(), user: fields.string(), gateway: fields.string() };
}

/** What a gateway remembers is its own affair; only the format number is ours. */
export function noteValue(value: PlainValue): PlainValue {
  return [format, value];
}

export function noteFrom(value: PlainValue): PlainValue {
  return new Fields(value, 'note').value();
}

export function arrivalValue(arrival: Arrival): PlainValue {
  return [format, arrival.number, arrival.messageId, arrival.result];
}

export function arrivalFrom(smscId: string, value: PlainValue): Arrival {
  const fields = new Fields(value, 'arrival');
  return {
    smscId,
    number: fields.number(),
    messageId: messageId(fields.string()),
    result: fields.oneOf(['stored', 'no-addressee', 'blocked'] as const) satisfies ArrivalResult,
  };
}

export function earlyReportValue(report: EarlyReport): PlainValue {
  const { smscId, destination, stamp, status, error, keepUntil } = report;
  return [format, smscId, destination, stamp, status, error ?? null, keepUntil];
}

export function earlyReportFrom(number: number, value: PlainValue): EarlyReport {
  const fields = new Fields(value, 'report');
  return {
    number,
    smscId: fields.string(),
    destination: fields.string(),
    stamp: fields.string(),
    status: fields.number(),
    error: fields.optionalNumber(),
    keepUntil: instant(fields.number()),
  };
}

/** One part of a long text that waits for the others. `message` is its form by `message/values.ts`. */
export function waitingPartValue(arrivedAt: Instant, message: PlainValue): PlainValue {
  return [format, arrivedAt, message];
}

export function waitingPartFrom(value: PlainValue): { readonly arrivedAt: Instant; readonly message: PlainValue } {
  const fields = new Fields(value, 'waiting part');
  return { arrivedAt: instant(fields.number()), message: fields.value() };
}

function reasonValue(reason: StepReason | undefined): PlainValue {
  if (reason === undefined) return null;
  const { words, code, advice } = reason;
  return advice === undefined ? [words, code] : [words, code, advice];
}

function reasonFrom(value: PlainValue): StepReason | undefined {
  if (value === null) return undefined;
  const fields = new Fields([format, ...asList(value, 'reason')], 'reason');
  const reason = { words: fields.string(), code: fields.string() };
  // Earlier builds kept no advice.
  return fields.isAtEnd ? reason : { ...reason, advice: fields.string() };
}

function partStateFields({ state, stamp }: OpenPart): readonly PlainValue[] {
  switch (state.type) {
    case 'accepted':
      return [state.type, stamp, reasonValue(state.notice)];
    case 'failed':
    case 'lost':
      return [state.type, stamp, reasonValue(state.reason)];
    default:
      return [state.type, stamp, null];
  }
}

function partFrom(value: PlainValue): OpenPart {
  const fields = new Fields([format, ...asList(value, 'part')], 'part');
  const id = messageId(fields.string());
  const destination = fields.string();
  const type = fields.oneOf(['waiting', 'in-doubt', 'accepted', 'delivered', 'failed', 'lost'] as const);
  const stamp = fields.string();
  const reason = reasonFrom(fields.value());
  if (type === 'accepted') return { messageId: id, destination, stamp, state: { type, stamp, notice: reason } };
  if (type === 'failed' || type === 'lost') {
    return { messageId: id, destination, stamp, state: { type, reason: reason ?? { words: type, code: type } } };
  }
  return { messageId: id, destination, stamp, state: { type } };
}

/** Reads the fields of a record in their order; anything but the expected is a record of another version. */
class Fields {
  readonly #fields: readonly PlainValue[];
  readonly #what: string;
  #next = 1;

  constructor(value: PlainValue, what: string) {
    this.#fields = asList(value, what);
    this.#what = what;
    if (this.#fields[0] !== format) throw unreadable(what);
  }

  value(): PlainValue {
    const value = this.#fields[this.#next];
    if (value === undefined) throw unreadable(this.#what);
    this.#next += 1;
    return value;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#fields.length;
  }

  string(): string {
    const value = this.value();
    if (typeof value !== 'string') throw unreadable(this.#what);
    return value;
  }

  number(): number {
    const value = this.value();
    if (typeof value !== 'number') throw unreadable(this.#what);
    return value;
  }

  boolean(): boolean {
    const value = this.value();
    if (typeof value !== 'boolean') throw unreadable(this.#what);
    return value;
  }

  list(): readonly PlainValue[] {
    return asList(this.value(), this.#what);
  }

  optionalString(): string | undefined {
    const value = this.value();
    if (value !== null && typeof value !== 'string') throw unreadable(this.#what);
    return value ?? undefined;
  }

  optionalNumber(): number | undefined {
    const value = this.value();
    if (value !== null && typeof value !== 'number') throw unreadable(this.#what);
    return value ?? undefined;
  }

  oneOf<T extends string>(words: readonly T[]): T {
    return oneOf(this.value(), words, this.#what);
  }
}

function oneOf<T extends string>(value: PlainValue, words: readonly T[], what: string): T {
  const word = words.find((known) => known === value);
  if (word === undefined) throw unreadable(what);
  return word;
}

function asList(value: PlainValue, what: string): readonly PlainValue[] {
  if (!Array.isArray(value)) throw unreadable(what);
  // Array.isArray does not narrow a readonly array out of the union; the check above is the reason.
  return value as readonly PlainValue[];
}

function unreadable(what: string): OperatorError {
  return new OperatorError({
    code: 'STORE_FORMAT_UNKNOWN',
    message: `A record of the IM side (${what}) in the store has a format that this version cannot read; nothing was changed.`,
    hint: 'Start the version that wrote it, or a newer one. If no other version ever ran here, the store is damaged: restore a backup.',
  });
}
