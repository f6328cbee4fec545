/**
 * Decides what a webhook is told next, and when again: in order within a conversation, several conversations at once,
 * one at a time while the target is in trouble. It knows no sockets and no clock, so that a bad day takes no time in a
 * test. What is kept is in `webhook.ts`; who carries it out is `webhooks.ts`.
 */
import type { TextView } from '../../core/im/text.ts';
import { type ParkedDelivery, parkedLimit, type Webhook } from './webhook.ts';

/** Conversations that are told at the same time. */
const atOnce = 4;
/** Texts that are looked ahead; more wait in the history. */
export const lookAhead = 100;
const backoffMs = { first: 1_000, cap: 900_000 };
/** So often a delivery may be refused, by a target that answers. */
export const refusalLimit = 5;
/** So often it may meet trouble, where others get through meanwhile. */
export const troubleLimit = 10;
/** A target that takes nothing for so long parks the webhook. */
export const deadAfterMs = 24 * 3_600_000;
/** A target may ask for so much patience. */
const patienceCapMs = 3_600_000;

export interface Delivery {
  readonly text: TextView;
  readonly attempts: number;
}

/** What a target made of a delivery. */
export type Verdict =
  | { readonly type: 'taken' }
  /** It answers, and does not want this. */
  | { readonly type: 'refused'; readonly why: string }
  /** It does not answer, or not now. */
  | { readonly type: 'trouble'; readonly why: string; readonly retryAfterMs: number | undefined }
  /** It wants nothing any more. */
  | { readonly type: 'gone'; readonly why: string };

interface Waiting {
  readonly text: TextView;
  readonly isParked: boolean;
  attempts: number;
  state: 'waiting' | 'under-way' | 'settled';
  retryAt: number;
  firstAt: number | undefined;
}

export class Courier {
  #hook: Webhook;
  #queue: Waiting[] = [];
  /** Everything up to here is in the queue or behind it. */
  #loadedTo: number;
  #failingSince: number | undefined;
  #failures = 0;
  #holdUntil = 0;
  #lastTakenAt = Number.NEGATIVE_INFINITY;
  readonly #random: () => number;

  /** @param random 0 to 1, to spread what would come back at the same moment */
  constructor(hook: Webhook, random: () => number) {
    this.#hook = hook;
    this.#loadedTo = hook.position;
    this.#random = random;
  }

  /** As it is to be kept. */
  get hook(): Webhook {
    return this.#hook;
  }

  /** Where to read on in the history, and how much; undefined: nothing is wanted now. */
  wants(): { readonly position: number; readonly limit: number } | undefined {
    const limit = lookAhead - this.#queue.length;
    return this.#hook.state === 'parked' || limit <= 0 ? undefined : { position: this.#loadedTo, limit };
  }

  /** @param texts what is new in the history, in order of position */
  load(texts: readonly TextView[]): void {
    for (const text of texts) {
      this.#loadedTo = text.position;
      this.#queue.push(waitingFor(text, false));
    }
  }

  /** Another address or secret, or once more after it was parked. @param parked the parked messages as they now stand */
  renew(hook: Webhook, parked: readonly TextView[]): void {
    this.#hook = hook;
    this.#failingSince = undefined;
    this.#failures = 0;
    this.#holdUntil = 0;
    const known = new Set(this.#queue.filter(({ isParked }) => isParked).map(({ text }) => text.id));
    const again = parked.filter(({ id }) => !known.has(id)).map((text) => waitingFor(text, true));
    this.#queue = [...again, ...this.#queue];
    for (const waiting of this.#queue) waiting.retryAt = 0;
  }

  /** What to send now; each is to be answered by `finish`. */
  next(now: number): readonly Delivery[] {
    if (this.#hook.state === 'parked' || now < this.#holdUntil) return [];
    const room = (this.#failingSince === undefined ? atOnce : 1) - this.#underWay().length;
    const started: Waiting[] = [];
    const busy = new Set<string>();
    for (const waiting of this.#queue) {
      if (waiting.state === 'settled') continue;
      const isFree = waiting.state === 'waiting' && now >= waiting.retryAt && !busy.has(waiting.text.peer);
      busy.add(waiting.text.peer);
      if (!isFree || started.length >= room) continue;
      waiting.state = 'under-way';
      waiting.attempts += 1;
      waiting.firstAt ??= now;
      started.push(waiting);
    }
    return started.map(({ text, attempts }) => ({ text, attempts }));
  }

  finish({ text }: Delivery, verdict: Verdict, now: number): void {
    const waiting = this.#queue.find((one) => one.state === 'under-way' && one.text === text);
    if (waiting === undefined) return;
    waiting.state = 'waiting';
    if (verdict.type === 'taken') {
      this.#lastTakenAt = now;
      this.#isWell();
      this.#settle(waiting);
    } else if (verdict.type === 'gone') {
      this.#park(verdict.why);
    } else if (verdict.type === 'refused') {
      this.#isWell();
      if (waiting.attempts >= refusalLimit) this.#giveUp(waiting, verdict.why, now);
      else waiting.retryAt = now + this.#backoff(waiting.attempts);
    } else {
      this.#meetTrouble(waiting, verdict, now);
    }
  }

  /** When to ask for `next` again if nothing else happens; undefined: not before something does. */
  deadline(): number | undefined {
    if (this.#hook.state === 'parked' || this.#underWay().length > 0) return undefined;
    const times = this.#queue.filter(({ state }) => state === 'waiting').map(({ retryAt }) => retryAt);
    return times.length === 0 ? undefined : Math.max(this.#holdUntil, Math.min(...times));
  }

  #underWay(): readonly Waiting[] {
    return this.#queue.filter(({ state }) => state === 'under-way');
  }

  #isWell(): void {
    this.#failingSince = undefined;
    this.#failures = 0;
    this.#holdUntil = 0;
  }

  #meetTrouble(waiting: Waiting, verdict: Extract<Verdict, { type: 'trouble' }>, now: number): void {
    this.#failingSince ??= now;
    this.#failures += 1;
    const asked = Math.min(verdict.retryAfterMs ?? 0, patienceCapMs);
    this.#holdUntil = now + Math.max(asked, this.#backoff(this.#failures));
    if (now - this.#failingSince >= deadAfterMs) {
      this.#park(`took nothing for ${deadAfterMs / 3_600_000} hours: ${verdict.why}`);
    } else if (waiting.attempts >= troubleLimit && this.#lastTakenAt >= (waiting.firstAt ?? now)) {
      // Others get through: it is this one that the target cannot bear.
      this.#giveUp(waiting, verdict.why, now);
    } else if (this.#queue.some((other) => other !== waiting && other.state === 'waiting')) {
      // Let another be tried before it, so that one bad message does not look like a dead target.
      waiting.retryAt = this.#holdUntil + this.#backoff(waiting.attempts);
    }
  }

  #giveUp(waiting: Waiting, why: string, now: number): void {
    const { id, position } = waiting.text;
    const delivery: ParkedDelivery = { messageId: id, position, why, at: now };
    const others = this.#hook.parked.filter(({ messageId }) => messageId !== id);
    this.#hook = { ...this.#hook, parked: [...others, delivery] };
    this.#settle(waiting, 'parked');
    if (this.#hook.parked.length >= parkedLimit) this.#park(`refused ${parkedLimit} messages, the last one: ${why}`);
  }

  #park(why: string): void {
    this.#hook = { ...this.#hook, state: 'parked', why };
  }

  #settle(waiting: Waiting, how: 'taken' | 'parked' = 'taken'): void {
    waiting.state = 'settled';
    if (how === 'taken' && this.#hook.parked.length > 0) {
      // What is newer than a parked delivery of the same message makes that one needless.
      const { id, position } = waiting.text;
      const isDone = (one: ParkedDelivery): boolean => one.messageId === id && one.position <= position;
      this.#hook = { ...this.#hook, parked: this.#hook.parked.filter((one) => !isDone(one)) };
    }
    const isOpen = (one: Waiting): boolean => one.state !== 'settled';
    // Those in front of which something is open keep their place: what is told again after a restart is bounded by it.
    this.#queue = this.#queue.filter((one) => isOpen(one) || (!one.isParked && this.#hasOpenBefore(one)));
    const firstOpen = this.#queue.find((one) => isOpen(one) && !one.isParked);
    const position = firstOpen === undefined ? this.#loadedTo : firstOpen.text.position - 1;
    this.#hook = { ...this.#hook, position: Math.max(this.#hook.position, position) };
  }

  #hasOpenBefore(settled: Waiting): boolean {
    return this.#queue.some(
      (one) => one.state !== 'settled' && !one.isParked && one.text.position < settled.text.position,
    );
  }

  #backoff(failures: number): number {
    const full = Math.min(backoffMs.cap, backoffMs.first * 2 ** (failures - 1));
    return Math.round(full * (0.8 + 0.4 * this.#random()));
  }
}

function waitingFor(text: TextView, isParked: boolean): Waiting {
  return { text, isParked, attempts: 0, state: 'waiting', retryAt: 0, firstAt: undefined };
}
