/**
 * The radio side: handsets that are on, off, slow, full or nobody's, and the messages on their way to them. A message
 * is tried when it is due, again after growing delays, and at once when its handset comes into reach; it ends delivered,
 * failed, expired, replaced or cancelled. Who is told of that is the owner's business.
 */
import { assertNever } from '../../base/invariant.ts';
import { type Instant, instant, later } from '../../base/time.ts';
import { Agenda } from './agenda.ts';
import { type Fate, type HandsetMessage, handsetErrors, numberOf, status } from './handset-message.ts';
import { defaultAttemptDelaysMs, type HandsetState, limits, putOffMs } from './settings.ts';
import type { QueuedMessage } from './smsc-io.ts';

/** SPEC: section 3.2: 052 from 65 to 71 is replace type 1 to 7. */
const replaceTypes = { from: 65, to: 71 } as const;

/** A message that has not ended. */
interface Open {
  readonly message: HandsetMessage;
  /** Not tried before this. */
  readyAt: Instant;
  attempts: number;
  /** 062 of the last attempt; 0 before it. */
  error: number;
}

interface Handset {
  readonly number: string;
  state: HandsetState;
  readonly isConfigured: boolean;
  /** By priority, and within it in the order in which they were first due. */
  waiting: Open[];
}

type Task =
  | { readonly type: 'first-attempt'; readonly open: Open }
  | { readonly type: 'try'; readonly handset: Handset }
  | { readonly type: 'expire'; readonly open: Open };

export interface HandsetsOptions {
  readonly unknownNumbers: 'on' | 'fail';
  readonly configured: readonly { readonly number: string; readonly state: HandsetState }[];
  readonly attemptDelaysMs: readonly number[] | undefined;
}

export class Handsets {
  readonly #unknownNumbers: 'on' | 'fail';
  readonly #attemptDelaysMs: readonly number[];
  readonly #handsets = new Map<string, Handset>();
  readonly #agenda = new Agenda<Task>();
  readonly #open = new Map<number, Open>();
  readonly #openOfUser = new Map<string, number>();
  /** Messages of a replace type that have not ended. */
  readonly #replaceable = new Map<string, Open>();

  constructor({ unknownNumbers, configured, attemptDelaysMs }: HandsetsOptions) {
    this.#unknownNumbers = unknownNumbers;
    this.#attemptDelaysMs = attemptDelaysMs ?? defaultAttemptDelaysMs;
    for (const { number, state } of configured) {
      const key = numberOf(number);
      this.#handsets.set(key, { number: key, state, isConfigured: true, waiting: [] });
    }
  }

  get openCount(): number {
    return this.#open.size;
  }

  deadline(): Instant | undefined {
    return this.#agenda.nextAt;
  }

  /** Whether one more message of that account can be taken. */
  hasRoom(user: string, maxWaiting: number | undefined): boolean {
    if (this.#open.size >= limits.storedMessages) return false;
    return maxWaiting === undefined || (this.#openOfUser.get(user) ?? 0) < maxWaiting;
  }

  /**
   * Takes a message; it is tried at `firstAt`.
   *
   * @returns the fate of an earlier one that it replaces. SPEC: section 3.2, 052; same originator, destination and type
   */
  add(message: HandsetMessage, firstAt: Instant): readonly Fate[] {
    const open: Open = { message, readyAt: firstAt, attempts: 0, error: 0 };
    const key = replaceKey(message);
    const replaced = key === undefined ? undefined : this.#replaceable.get(key);
    // SPEC: section 8.2 names no status for it; deleted, and not by a cancel, comes nearest.
    const fates = replaced === undefined ? [] : [this.#fail(replaced, status.deleted, 0)];
    this.#leave(fates);
    this.#open.set(message.id, open);
    this.#openOfUser.set(message.user, (this.#openOfUser.get(message.user) ?? 0) + 1);
    if (key !== undefined) this.#replaceable.set(key, open);
    this.#agenda.add(firstAt, { type: 'first-attempt', open });
    this.#tidy();
    return fates;
  }

  /** Ends what may be cancelled among those chosen. SPEC: section 2.7; `code` is 061. */
  cancel(isChosen: (message: HandsetMessage) => boolean, code: number): readonly Fate[] {
    const chosen = [...this.#open.values()].filter(({ message }) => message.cancel === 'enabled' && isChosen(message));
    const fates = chosen.map((open) => this.#fail(open, code, 0));
    this.#leave(fates);
    return fates;
  }

  /** A handset that comes into reach is tried at once; one that leaves it goes on as planned. */
  setState(number: string, state: HandsetState, now: Instant): void {
    const handset = this.#handsetOf(numberOf(number)) ?? this.#addHandset(numberOf(number), state);
    handset.state = state;
    if ((state.type !== 'on' && state.type !== 'slow') || handset.waiting.length === 0) return;
    for (const open of handset.waiting) open.readyAt = readyAt(handset, now);
    this.#agenda.add(readyAt(handset, now), { type: 'try', handset });
  }

  /** Does all that is due; fates in the order in which they happened, except that those of time alone come last. */
  work(now: Instant): readonly Fate[] {
    const fates: Fate[] = [];
    const expired: Fate[] = [];
    for (let task = this.#agenda.takeDue(now); task !== undefined; task = this.#agenda.takeDue(now)) {
      switch (task.type) {
        case 'first-attempt':
          this.#begin(task.open, now, fates);
          break;
        case 'try':
          this.#try(task.handset, now, fates);
          break;
        case 'expire':
          if (this.#isOpen(task.open)) expired.push(this.#expire(task.open));
          break;
        default:
          assertNever(task);
      }
    }
    this.#leave(expired);
    return expired.length === 0 ? fates : [...fates, ...expired];
  }

  list(): readonly { readonly number: string; readonly state: HandsetState['type']; readonly waiting: number }[] {
    return [...this.#handsets.values()].map(({ number, state, waiting }) => ({
      number,
      state: state.type,
      waiting: waiting.length,
    }));
  }

  /** What is on its way to that number, in the order of trying; what is not due for the first time comes last. */
  queue(number: string): readonly QueuedMessage[] {
    const waiting = this.#handsets.get(number)?.waiting ?? [];
    const begun = new Set(waiting);
    const later = [...this.#open.values()].filter((open) => open.message.number === number && !begun.has(open));
    return [...waiting, ...later].map(({ message, attempts, error, readyAt }) => ({
      from: message.from,
      stamp: message.stamp,
      more: message.more,
      priority: message.priority,
      attempts,
      error,
      acceptedAt: message.acceptedAt,
      nextAttemptAt: readyAt,
      validUntil: message.validUntil,
    }));
  }

  #begin(open: Open, now: Instant, fates: Fate[]): void {
    if (!this.#isOpen(open)) return;
    const { number } = open.message;
    const known = this.#handsetOf(number);
    if (known === undefined && this.#unknownNumbers === 'fail') {
      fates.push(this.#fail(open, status.failed, handsetErrors.unknownSubscriber));
      return;
    }
    const handset = known ?? this.#addHandset(number, { type: 'on' });
    open.readyAt = readyAt(handset, now);
    if (open.readyAt <= now) {
      fates.push(this.#attempt(handset, open, now));
      if (!this.#isOpen(open)) return;
    } else if (open.message.validUntil <= open.readyAt) {
      this.#agenda.add(open.message.validUntil, { type: 'expire', open });
    }
    enqueue(handset.waiting, open);
    this.#agenda.add(open.readyAt, { type: 'try', handset });
  }

  /** All that is due, in its order. */
  #try(handset: Handset, now: Instant, fates: Fate[]): void {
    const nextTimes = new Set<Instant>();
    for (const open of handset.waiting) {
      if (open.readyAt > now || !this.#isOpen(open)) continue;
      fates.push(this.#attempt(handset, open, now));
      if (this.#isOpen(open)) nextTimes.add(open.readyAt);
    }
    for (const at of nextTimes) this.#agenda.add(at, { type: 'try', handset });
    handset.waiting = handset.waiting.filter((open) => this.#isOpen(open));
  }

  #attempt(handset: Handset, open: Open, now: Instant): Fate {
    switch (handset.state.type) {
      case 'on':
      case 'slow':
        if (open.message.validUntil <= now) return this.#expire(open);
        this.#end(open);
        return { type: 'delivered', message: open.message };
      case 'off':
        return this.#putOff(open, handsetErrors.absentSubscriber, now);
      case 'full':
        return this.#putOff(open, handsetErrors.memoryCapacityExceeded, now);
      case 'unknown':
        return this.#fail(open, status.failed, handsetErrors.unknownSubscriber);
      default:
        return assertNever(handset.state);
    }
  }

  #putOff(open: Open, error: number, now: Instant): Fate {
    const { message } = open;
    // SPEC: section 3.4: −1 is one attempt and no storing.
    if (message.attempts === 'single') return this.#fail(open, status.failed, error);
    open.attempts += 1;
    open.error = error;
    const delays = this.#attemptDelaysMs;
    open.readyAt = later(now, delays[Math.min(open.attempts, delays.length) - 1] ?? putOffMs);
    // Only now, since most messages never wait: the end of each validity would fill the agenda for a day.
    if (open.attempts === 1) this.#agenda.add(message.validUntil, { type: 'expire', open });
    const nextAttemptAt = instant(Math.min(open.readyAt, message.validUntil));
    return { type: 'not-yet', message, attempts: open.attempts, error, nextAttemptAt };
  }

  #expire(open: Open): Fate {
    return this.#fail(open, status.expired, open.error === 0 ? handsetErrors.absentSubscriber : open.error);
  }

  #fail(open: Open, code: number, error: number): Fate {
    this.#end(open);
    return { type: 'failed', message: open.message, status: code, error };
  }

  /** It leaves the queue of its handset with the next that are looked at: one by one would cost a queue each. */
  #end({ message }: Open): void {
    this.#open.delete(message.id);
    const left = (this.#openOfUser.get(message.user) ?? 1) - 1;
    if (left === 0) this.#openOfUser.delete(message.user);
    else this.#openOfUser.set(message.user, left);
    const key = replaceKey(message);
    if (key !== undefined && this.#replaceable.get(key)?.message === message) this.#replaceable.delete(key);
  }

  /** Takes what has ended out of the queues of those handsets. */
  #leave(fates: readonly Fate[]): void {
    for (const number of new Set(fates.map(({ message }) => message.number))) {
      const handset = this.#handsetOf(number);
      if (handset !== undefined) handset.waiting = handset.waiting.filter((open) => this.#isOpen(open));
    }
  }

  #isOpen(open: Open): boolean {
    return this.#open.has(open.message.id);
  }

  /** What has ended leaves its tasks behind, some for weeks; they go when they are most of the agenda. */
  #tidy(): void {
    if (this.#agenda.size < 4 * this.#open.size + 10_000) return;
    this.#agenda.retain((task) => (task.type === 'try' ? task.handset.waiting.length > 0 : this.#isOpen(task.open)));
  }

  #handsetOf(number: string): Handset | undefined {
    return this.#handsets.get(number);
  }

  #addHandset(number: string, state: HandsetState): Handset {
    if (this.#handsets.size >= limits.handsets) {
      for (const { number: old, isConfigured, waiting } of this.#handsets.values()) {
        if (isConfigured || waiting.length > 0) continue;
        this.#handsets.delete(old);
        break;
      }
    }
    const handset = { number, state, isConfigured: false, waiting: [] };
    this.#handsets.set(number, handset);
    return handset;
  }
}

function replaceKey({ protocolIdentifier, from, number, user }: HandsetMessage): string | undefined {
  const isReplaceType = protocolIdentifier >= replaceTypes.from && protocolIdentifier <= replaceTypes.to;
  return isReplaceType ? `${protocolIdentifier} ${user} ${from}>${number}` : undefined;
}

/** By priority, 1 first, and behind its equals. SPEC: section 3.2, 067. */
function enqueue(waiting: Open[], open: Open): void {
  const { priority } = open.message;
  const last = waiting[waiting.length - 1];
  if (last === undefined || last.message.priority <= priority) waiting.push(open);
  else {
    const behind = waiting.findIndex((other) => other.message.priority > priority);
    waiting.splice(behind, 0, open);
  }
}

function readyAt(handset: Handset, now: Instant): Instant {
  return handset.state.type === 'slow' ? later(now, handset.state.ms) : now;
}
