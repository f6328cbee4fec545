/**
 * Puts the parts of long texts together again, in whatever order, however often and however interleaved they come.
 * Who is meant and what was stored is not decided here. Nothing is dropped: a set that stays incomplete is given out
 * with its gap marked. Source: docs/reference/cimd2.md section 7.8, DESIGN section 6.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Fault } from '../base/errors.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { hourMs, type Instant, instant, later } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { joinContents } from './joined-content.ts';
import type { Content, Part, ShortMessage } from './message.ts';
import { messageFromValue, messageToValue } from './values.ts';

/** A whole text or binary message, or what came of it. */
export interface Joined {
  readonly content: Content;
  /** The short messages it is made of, by index; one without a part stands alone. At least one. */
  readonly messages: readonly ShortMessage[];
  /** Indices of the parts that never came; empty where it is whole. */
  readonly missing: readonly number[];
}

export interface Added {
  /**
   * `repeated`: came before, nothing to keep. `waiting`: keep it on disk until it turns up in a `Joined`. `joined`: it is
   * in one of `joined` already.
   */
  readonly result: 'joined' | 'waiting' | 'repeated';
  /** In this order; may hold sets of other texts that had to make room. */
  readonly joined: readonly Joined[];
}

/** A part that waits for others. */
export interface WaitingPart {
  readonly message: ShortMessage;
  readonly arrivedAt: Instant;
}

export interface JoinerOptions {
  /** How long the first part of a set waits for the rest. */
  readonly timeoutMs: number;
  /** Sets that may wait at once; above it the oldest is given out with its gap. */
  readonly openLimit: number;
  /** Parts given out that are remembered, for `timeoutMs`, so that a repetition opens no new set. */
  readonly memoryLimit: number;
}

export const joinerDefaults: JoinerOptions = { timeoutMs: 24 * hourMs, openLimit: 1_000, memoryLimit: 4_096 };

interface OpenSet {
  readonly openedAt: Instant;
  readonly count: number;
  readonly parts: Map<number, WaitingPart>;
}

/**
 * To go on after a restart, either keep the state whole (`toValue`, `Joiner.fromValue`), or keep each part that is
 * `waiting` in a record of its own and `add` them again at their times of arrival, oldest first.
 */
export class Joiner {
  readonly #options: JoinerOptions;
  /** By key, oldest first: a `Map` keeps the order of insertion, and `openedAt` is set at insertion. */
  readonly #open = new Map<string, OpenSet>();
  /** Marks of parts given out, and when; oldest first. */
  readonly #givenOut = new Map<string, Instant>();

  constructor(options: Partial<JoinerOptions> = {}) {
    this.#options = { ...joinerDefaults, ...options };
  }

  /** @param now never goes back */
  add(message: ShortMessage, now: Instant): Added {
    const { part } = message;
    if (part === undefined)
      return { result: 'joined', joined: [{ content: message.content, messages: [message], missing: [] }] };
    const joined = [...this.expire(now)];
    if (marksOf(message, part).some((mark) => this.#givenOut.has(mark))) return { result: 'repeated', joined };

    const key = keyOf(message, part);
    const standing = this.#open.get(key)?.parts.get(part.index)?.message;
    if (standing !== undefined) {
      if (standing.id === message.id || hasEqualContent(standing, message)) return { result: 'repeated', joined };
      // Another text under the same reference: the standing set cannot be told from it any more.
      joined.push(...this.#giveOut(key, now));
    }
    const set = this.#openSet(key, part, now);
    set.parts.set(part.index, { message, arrivedAt: now });
    if (set.parts.size === set.count) return { result: 'joined', joined: [...joined, ...this.#giveOut(key, now)] };

    const oldest = this.#open.size > this.#options.openLimit ? this.#oldestKey() : undefined;
    if (oldest !== undefined) joined.push(...this.#giveOut(oldest, now));
    return { result: oldest === key ? 'joined' : 'waiting', joined };
  }

  /** What waited too long, with its gaps, oldest first. */
  expire(now: Instant): readonly Joined[] {
    this.#forget(now);
    const joined: Joined[] = [];
    for (const [key, set] of this.#open) {
      if (later(set.openedAt, this.#options.timeoutMs) > now) break;
      joined.push(...this.#giveOut(key, now));
    }
    return joined;
  }

  /** When `expire` has something to give out if nothing else comes; undefined while nothing waits. */
  deadline(): Instant | undefined {
    const [oldest] = this.#open.values();
    return oldest && later(oldest.openedAt, this.#options.timeoutMs);
  }

  /** All parts that wait, in order of arrival within their sets. */
  waiting(): readonly WaitingPart[] {
    return [...this.#open.values()].flatMap((set) => [...set.parts.values()]);
  }

  /** `[1, [[arrivedAt, message]…], [[mark, givenOutAt]…]]`: all that a successor needs to go on. */
  toValue(): PlainValue {
    const parts = this.waiting().map(({ message, arrivedAt }) => [arrivedAt, messageToValue(message)]);
    return [stateFormat, parts, [...this.#givenOut].map(([mark, at]) => [mark, at])];
  }

  /**
   * @returns fault `STORE_FORMAT_UNKNOWN` or `MESSAGE_UNREADABLE`; never throws
   */
  static fromValue(value: PlainValue, options: Partial<JoinerOptions> = {}): Result<Joiner> {
    const [format, parts, marks] = listOf(value) ?? [];
    if (typeof format === 'number' && format !== stateFormat) {
      return fail(
        'STORE_FORMAT_UNKNOWN',
        `waiting parts of format ${format}; this version reads format ${stateFormat}`,
      );
    }
    const joiner = new Joiner(options);
    const fault = joiner.#restore(listOf(parts), listOf(marks));
    return fault === undefined ? ok(joiner) : { ok: false, fault };
  }

  #restore(parts: readonly PlainValue[] | undefined, marks: readonly PlainValue[] | undefined): Fault | undefined {
    if (parts === undefined || marks === undefined) return unreadable;
    for (const entry of parts) {
      const [arrivedAt, messageValue] = listOf(entry) ?? [];
      if (typeof arrivedAt !== 'number' || messageValue === undefined) return unreadable;
      const message = messageFromValue(messageValue);
      if (!message.ok) return message.fault;
      const { part } = message.value;
      if (part === undefined) return unreadable;
      const set = this.#openSet(keyOf(message.value, part), part, instant(arrivedAt));
      set.parts.set(part.index, { message: message.value, arrivedAt: instant(arrivedAt) });
    }
    for (const entry of marks) {
      const [mark, at] = listOf(entry) ?? [];
      if (typeof mark !== 'string' || typeof at !== 'number') return unreadable;
      this.#givenOut.set(mark, instant(at));
    }
    return undefined;
  }

  #openSet(key: string, part: Part, now: Instant): OpenSet {
    const present = this.#open.get(key);
    if (present !== undefined) return present;
    const opened = { openedAt: now, count: part.count, parts: new Map<number, WaitingPart>() };
    this.#open.set(key, opened);
    return opened;
  }

  #oldestKey(): string | undefined {
    const [oldest] = this.#open.keys();
    return oldest;
  }

  /** Takes the set out and remembers its parts. A list, since there may be none under that key. */
  #giveOut(key: string, now: Instant): readonly Joined[] {
    const set = this.#open.get(key);
    if (set === undefined) return [];
    this.#open.delete(key);
    const slots = Array.from({ length: set.count }, (_, i) => set.parts.get(i + 1)?.message);
    const messages = slots.filter((message) => message !== undefined);
    for (const message of messages) {
      if (message.part === undefined) continue;
      for (const mark of marksOf(message, message.part)) this.#givenOut.set(mark, now);
    }
    this.#forget(now);
    const missing = slots.flatMap((message, i) => (message === undefined ? [i + 1] : []));
    return [{ content: joinContents(slots.map((message) => message?.content)), messages, missing }];
  }

  #forget(now: Instant): void {
    // Two marks for each part.
    let excess = this.#givenOut.size - 2 * this.#options.memoryLimit;
    for (const [mark, at] of this.#givenOut) {
      if (excess <= 0 && later(at, this.#options.timeoutMs) > now) break;
      this.#givenOut.delete(mark);
      excess -= 1;
    }
  }
}

const stateFormat = 1;

const unreadable: Fault = { code: 'MESSAGE_UNREADABLE', message: 'the list of waiting parts is not as it must be' };

/** SPEC: section 7.8. (023, 021, reference, total). */
function keyOf(message: ShortMessage, part: Part): string {
  return `${message.from}>${message.to}>${part.reference}>${part.count}`;
}

/**
 * What a repetition of a part that was given out is known by: its id, or else all that makes two delivers one and the
 * same (DESIGN section 4), which is narrow on purpose: an equal text with another time stamp was sent again.
 */
function marksOf(message: ShortMessage, part: Part): readonly string[] {
  const { smscTime, content } = message;
  if (smscTime === undefined) return [message.id];
  const told = content.type === 'text' ? content.text : content.type === 'binary' ? content.bytes.join() : '';
  return [message.id, `${keyOf(message, part)}>${part.index}>${smscTime.digits}>${told}`];
}

/** Within a set that waits, an equal part in the same place is a repetition whatever its time stamp. */
function hasEqualContent(a: ShortMessage, b: ShortMessage): boolean {
  if (a.content.type === 'text' && b.content.type === 'text') return a.content.text === b.content.text;
  if (a.content.type === 'binary' && b.content.type === 'binary') return equalBytes(a.content.bytes, b.content.bytes);
  return false;
}

function listOf(value: PlainValue | undefined): readonly PlainValue[] | undefined {
  // `Array.isArray` alone does not narrow a readonly array.
  return Array.isArray(value) ? (value as readonly PlainValue[]) : undefined;
}
