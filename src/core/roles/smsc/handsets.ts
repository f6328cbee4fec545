/**
 * The radio side: handsets that are on, off or slow, and the messages on their way to them. A message waits behind the
 * ones before it, is tried again every ten seconds while its handset is off, and ends delivered, failed or expired. Who
 * is told of that is the owner's business.
 */
import { type Instant, later } from '../../base/time.ts';
import type { Concatenation } from '../../codec/user-data-header.ts';
import { Agenda } from './agenda.ts';
import { type HandsetState, limits, retryMs } from './settings.ts';
import type { ConnectionId } from './smsc-io.ts';
import type { Submit, SubmitContent } from './submit.ts';

/** One short message for one handset. */
export interface HandsetMessage {
  readonly id: number;
  readonly from: string;
  /** 021 byte for byte as submitted. */
  readonly destination: string;
  /** 060 of the submit's answer. */
  readonly stamp: string;
  readonly content: SubmitContent;
  readonly concatenation: Concatenation | undefined;
  readonly attempts: Submit['attempts'];
  readonly validUntil: Instant;
  readonly reportBits: number;
  /** Whose submit it was, and which instance's (012). */
  readonly user: string;
  readonly subaddress: string | undefined;
  /** The connection it was submitted on. */
  readonly submitter: ConnectionId;
}

/** What became of an attempt. `status` is 061, `error` 062; SPEC: reference sections 8.2, 8.3. */
export type Fate =
  | { readonly type: 'delivered'; readonly message: HandsetMessage }
  | { readonly type: 'not-yet'; readonly message: HandsetMessage; readonly isFirst: boolean; readonly error: number }
  | { readonly type: 'failed'; readonly message: HandsetMessage; readonly status: number; readonly error: number };

/** 062: nobody has this number; the handset takes nothing more; it is switched off or out of reach. */
const unknownSubscriber = 1;
const memoryCapacityExceeded = 22;
const absentSubscriber = 29;
/** 061 */
export const status = { inProcess: 1, expired: 2, failed: 3, delivered: 4 } as const;

interface Waiting {
  readonly message: HandsetMessage;
  /** Not tried before this. */
  readyAt: Instant;
  tries: number;
}

interface Handset {
  readonly number: string;
  state: HandsetState;
  readonly isConfigured: boolean;
  /** In the order in which they were first due. */
  waiting: Waiting[];
}

type Task =
  | { readonly type: 'first-delivery'; readonly message: HandsetMessage }
  | { readonly type: 'try'; readonly handset: Handset }
  | { readonly type: 'expire'; readonly message: HandsetMessage };

export class Handsets {
  readonly #unknownNumbers: 'on' | 'fail';
  readonly #handsets = new Map<string, Handset>();
  readonly #agenda = new Agenda<Task>();
  /** Messages not ended: waiting here, or not due for the first time. */
  readonly #open = new Set<number>();

  constructor(unknownNumbers: 'on' | 'fail', configured: readonly { number: string; state: HandsetState }[]) {
    this.#unknownNumbers = unknownNumbers;
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

  /** Whether one more message can be taken. */
  hasRoom(): boolean {
    return this.#open.size < limits.storedMessages;
  }

  /** Takes a message; it is tried at `firstAt`, or behind those that wait for the same handset. */
  add(message: HandsetMessage, firstAt: Instant): void {
    this.#open.add(message.id);
    this.#agenda.add(firstAt, { type: 'first-delivery', message });
  }

  /** A handset comes into reach, leaves it, or changes its pace. What waits for it is tried at once. */
  setState(number: string, state: HandsetState, now: Instant): void {
    const handset = this.#handsetOf(numberOf(number)) ?? this.#addHandset(numberOf(number), state);
    handset.state = state;
    for (const waiting of handset.waiting) waiting.readyAt = readyAt(handset, now);
    if (handset.waiting.length > 0) this.#agenda.add(readyAt(handset, now), { type: 'try', handset });
  }

  /** Does all that is due; fates in the order in which they happened. */
  work(now: Instant): readonly Fate[] {
    const fates: Fate[] = [];
    for (let task = this.#agenda.takeDue(now); task !== undefined; task = this.#agenda.takeDue(now)) {
      switch (task.type) {
        case 'first-delivery':
          this.#begin(task.message, now, fates);
          break;
        case 'try':
          this.#try(task.handset, now, fates);
          break;
        case 'expire':
          this.#expire(task.message, fates);
          break;
      }
    }
    return fates;
  }

  list(): readonly { readonly number: string; readonly state: HandsetState['type']; readonly waiting: number }[] {
    return [...this.#handsets.values()].map(({ number, state, waiting }) => ({
      number,
      state: state.type,
      waiting: waiting.length,
    }));
  }

  #begin(message: HandsetMessage, now: Instant, fates: Fate[]): void {
    if (!this.#open.has(message.id)) return;
    const number = numberOf(message.destination);
    const known = this.#handsetOf(number);
    if (known === undefined && this.#unknownNumbers === 'fail') {
      this.#open.delete(message.id);
      fates.push({ type: 'failed', message, status: status.failed, error: unknownSubscriber });
      return;
    }
    const handset = known ?? this.#addHandset(number, { type: 'on' });
    const waiting = { message, readyAt: readyAt(handset, now), tries: 0 };
    handset.waiting.push(waiting);
    if (waiting.readyAt > now) this.#agenda.add(waiting.readyAt, { type: 'try', handset });
    else this.#try(handset, now, fates);
  }

  /** Tries in order, up to the first that is not ready yet. */
  #try(handset: Handset, now: Instant, fates: Fate[]): void {
    switch (handset.state.type) {
      case 'off':
        this.#fail(handset, absentSubscriber, 'temporary', now, fates);
        return;
      case 'full':
        this.#fail(handset, memoryCapacityExceeded, 'temporary', now, fates);
        return;
      case 'unknown':
        this.#fail(handset, unknownSubscriber, 'permanent', now, fates);
        return;
      default:
        this.#take(handset, now, fates);
    }
  }

  #take(handset: Handset, now: Instant, fates: Fate[]): void {
    let count = 0;
    for (const { message, readyAt } of handset.waiting) {
      if (readyAt > now) break;
      count += 1;
      if (!this.#open.delete(message.id)) continue;
      if (message.validUntil > now) fates.push({ type: 'delivered', message });
      else fates.push({ type: 'failed', message, status: status.expired, error: absentSubscriber });
    }
    handset.waiting.splice(0, count);
  }

  /** The handset takes nothing: all that is due is put off; single attempts are over, and all where trying is no use. */
  #fail(handset: Handset, error: number, kind: 'temporary' | 'permanent', now: Instant, fates: Fate[]): void {
    const nextTryAt = later(now, retryMs);
    let putOffCount = 0;
    handset.waiting = handset.waiting.filter((waiting) => {
      if (waiting.readyAt > now) return true;
      const { message } = waiting;
      if (message.attempts === 'single' || kind === 'permanent') {
        this.#open.delete(message.id);
        fates.push({ type: 'failed', message, status: status.failed, error });
        return false;
      }
      waiting.tries += 1;
      waiting.readyAt = nextTryAt;
      putOffCount += 1;
      // Only now, since most messages never wait: the end of each validity would fill the agenda for a day.
      if (waiting.tries === 1) this.#agenda.add(message.validUntil, { type: 'expire', message });
      fates.push({ type: 'not-yet', message, isFirst: waiting.tries === 1, error });
      return true;
    });
    if (putOffCount > 0) this.#agenda.add(nextTryAt, { type: 'try', handset });
  }

  #expire(message: HandsetMessage, fates: Fate[]): void {
    if (!this.#open.delete(message.id)) return;
    const handset = this.#handsetOf(numberOf(message.destination));
    if (handset !== undefined) handset.waiting = handset.waiting.filter((waiting) => waiting.message !== message);
    fates.push({ type: 'failed', message, status: status.expired, error: absentSubscriber });
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

/** A handset is one whether it is written with or without `+` and hyphens. */
export function numberOf(address: string): string {
  return address.replaceAll(/[+-]/g, '');
}

function readyAt(handset: Handset, now: Instant): Instant {
  return handset.state.type === 'slow' ? later(now, handset.state.ms) : now;
}
