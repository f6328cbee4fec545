/**
 * Which of the unfinished messages of a consumer may be handed over next: in order of number, but one at a time in a
 * conversation, and none before its time. SPEC: DESIGN section 2 rule 5, section 11 *order*.
 */
import { type Instant, instant, later } from '../base/time.ts';
import type { Seq } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { MessageOutline } from './lane-settings.ts';

/** Changed in place: hundreds of them are looked through for every message that moves. */
interface WaitingMessage {
  readonly seq: Seq;
  status: SlotCopy['status'];
  conversation: string;
  validUntil: Instant;
  retryAt: Instant;
}

/** Bytes that are no message can be handed over to nobody; the role refuses them when it claims them. */
const unknownOutline: MessageOutline = { conversation: '', validUntil: instant(Number.MAX_SAFE_INTEGER) };

export class Waiting {
  readonly #inDoubt: 'resend' | 'hold';
  readonly #producerAheadMs: () => number | undefined;
  /** In the order of numbers. */
  readonly #messages: WaitingMessage[] = [];
  #inFlightCount = 0;

  /** @param producerAheadMs see `ConsumerSettings` */
  constructor(inDoubt: 'resend' | 'hold', producerAheadMs: () => number | undefined = () => 0) {
    this.#inDoubt = inDoubt;
    this.#producerAheadMs = producerAheadMs;
  }

  /** Adds a message, or notes its new status. */
  put(copy: SlotCopy, outline: MessageOutline = unknownOutline): void {
    const { seq, status } = copy;
    const { conversation, validUntil } = outline;
    const at = this.#position(seq);
    const message = { seq, status, conversation, validUntil, retryAt: instant(0) };
    const before = this.#messages[at];
    this.#messages.splice(at, before?.seq === seq ? 1 : 0, message);
    this.#inFlightCount += inFlight(message) - (before?.seq === seq ? inFlight(before) : 0);
  }

  /** Notes the new status of a message whose outline is known. @returns false for one that does not wait here */
  move(copy: SlotCopy): boolean {
    const message = this.#find(copy.seq);
    if (message === undefined) return false;
    this.#inFlightCount -= inFlight(message);
    message.status = copy.status;
    message.retryAt = instant(0);
    this.#inFlightCount += inFlight(message);
    return true;
  }

  remove(number: Seq): void {
    const message = this.#find(number);
    if (message === undefined) return;
    this.#messages.splice(this.#position(number), 1);
    this.#inFlightCount -= inFlight(message);
  }

  postpone(number: Seq, retryAt: Instant): void {
    const message = this.#find(number);
    if (message !== undefined) message.retryAt = retryAt;
  }

  /** What was postponed until now waits like any other from here on. */
  release(now: Instant): void {
    for (const message of this.#messages) if (message.retryAt <= now) message.retryAt = instant(0);
  }

  next(now: Instant): Seq | undefined {
    const blocked = new Set<string>();
    const producerNow = this.#producerNow(now);
    const isTimeKnown = this.#producerAheadMs() !== undefined;
    // Under `hold` an earlier one may come back by a decision while a later one is outstanding.
    if (this.#inFlightCount > 0) {
      for (const message of this.#messages) if (message.status === 'in-flight') blocked.add(message.conversation);
    }
    for (const message of this.#messages) {
      const isOver = isOverdue(message, producerNow);
      // Past its validity: the next tick ends it, and until then it neither goes nor holds up others.
      if (isOver && isTimeKnown) continue;
      // Where only the own clock says so it may turn out to be valid, and then it must not come behind later ones.
      const isReady = !isOver && message.status === 'mirrored' && message.retryAt <= now;
      if (isReady && !blocked.has(message.conversation)) return message.seq;
      // Under `hold` a message in doubt may stay so for days: it does not hold up the later ones.
      if (message.status !== 'in-doubt' || this.#inDoubt === 'resend') blocked.add(message.conversation);
    }
    return undefined;
  }

  /** The first `count` that may be handed over before long, in order of number, whatever holds them up within the lane. */
  upcoming(count: number, now: Instant): Seq[] {
    const numbers: Seq[] = [];
    const producerNow = this.#producerNow(now);
    for (const message of this.#messages) {
      if (numbers.length === count) break;
      const isReady = message.status === 'mirrored' && message.retryAt <= now;
      if (isReady && !isOverdue(message, producerNow)) numbers.push(message.seq);
    }
    return numbers;
  }

  /** What is not valid any more and is not being handed over. */
  overdue(now: Instant): Seq[] {
    if (this.#producerAheadMs() === undefined) return [];
    const producerNow = this.#producerNow(now);
    return this.#messages.filter((message) => isOverdue(message, producerNow)).map(({ seq }) => seq);
  }

  /** When the first of them may be tried again, or ends. */
  nextDueAt(): Instant | undefined {
    let first = Infinity;
    // Without it nothing ends, so nobody needs to be woken for that.
    const aheadMs = this.#producerAheadMs() ?? -Infinity;
    for (const { status, retryAt, validUntil } of this.#messages) {
      if (status !== 'mirrored' && status !== 'in-doubt') continue;
      if (validUntil - aheadMs < first) first = validUntil - aheadMs;
      if (retryAt > 0 && retryAt < first && status === 'mirrored') first = retryAt;
    }
    return first === Infinity ? undefined : instant(first);
  }

  #producerNow(now: Instant): Instant {
    return later(now, this.#producerAheadMs() ?? 0);
  }

  #find(number: Seq): WaitingMessage | undefined {
    const message = this.#messages[this.#position(number)];
    return message?.seq === number ? message : undefined;
  }

  /** Where a number is or belongs. */
  #position(number: Seq): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#messages[middle]?.seq ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function inFlight(message: WaitingMessage): number {
  return message.status === 'in-flight' ? 1 : 0;
}

function isOverdue(message: WaitingMessage, producerNow: Instant): boolean {
  return canExpire(message) && message.validUntil <= producerNow;
}

function canExpire(message: WaitingMessage): boolean {
  return message.status === 'mirrored' || message.status === 'in-doubt';
}
