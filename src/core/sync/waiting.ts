/**
 * Which of the unfinished messages of a consumer may be handed over next: in order of number, but one at a time in a
 * conversation, and none before its time. SPEC: DESIGN section 2 rule 5, section 11 *order*.
 */
import { earliest } from '../base/machine.ts';
import { type Instant, instant } from '../base/time.ts';
import type { Seq } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { MessageOutline } from './lane-settings.ts';

interface WaitingMessage {
  readonly seq: Seq;
  readonly status: SlotCopy['status'];
  readonly conversation: string;
  readonly validUntil: Instant;
  readonly retryAt: Instant;
}

/** Bytes that are no message can be handed over to nobody; the role refuses them when it claims them. */
const unknownOutline: MessageOutline = { conversation: '', validUntil: instant(Number.MAX_SAFE_INTEGER) };

export class Waiting {
  readonly #inDoubt: 'resend' | 'hold';
  /** In the order of numbers. */
  readonly #messages: WaitingMessage[] = [];

  constructor(inDoubt: 'resend' | 'hold') {
    this.#inDoubt = inDoubt;
  }

  /** Adds a message, or notes its new status. */
  put(copy: SlotCopy, outline: MessageOutline = unknownOutline): void {
    const at = this.#position(copy.seq);
    const message = { seq: copy.seq, status: copy.status, ...outline, retryAt: instant(0) };
    this.#messages.splice(at, this.#messages[at]?.seq === copy.seq ? 1 : 0, message);
  }

  remove(number: Seq): void {
    const at = this.#position(number);
    if (this.#messages[at]?.seq === number) this.#messages.splice(at, 1);
  }

  postpone(number: Seq, retryAt: Instant): void {
    const at = this.#position(number);
    const message = this.#messages[at];
    if (message?.seq === number) this.#messages[at] = { ...message, retryAt };
  }

  /** What was postponed until now waits like any other from here on. */
  release(now: Instant): void {
    for (const [at, message] of this.#messages.entries()) {
      if (message.retryAt > 0 && message.retryAt <= now) this.#messages[at] = { ...message, retryAt: instant(0) };
    }
  }

  next(now: Instant): Seq | undefined {
    // Under `hold` an earlier one may come back by a decision while a later one is outstanding.
    const inFlight = this.#messages.filter((message) => message.status === 'in-flight');
    const blocked = new Set(inFlight.map((message) => message.conversation));
    for (const message of this.#messages) {
      // Past its validity: the next tick ends it, and until then it neither goes nor holds up others.
      if (isOverdue(message, now)) continue;
      if (message.status === 'mirrored' && message.retryAt <= now && !blocked.has(message.conversation)) {
        return message.seq;
      }
      // Under `hold` a message in doubt may stay so for days: it does not hold up the later ones.
      if (message.status !== 'in-doubt' || this.#inDoubt === 'resend') blocked.add(message.conversation);
    }
    return undefined;
  }

  /** The first `count` that may be handed over before long, in order of number, whatever holds them up within the lane. */
  upcoming(count: number, now: Instant): Seq[] {
    const numbers: Seq[] = [];
    for (const message of this.#messages) {
      if (numbers.length === count) break;
      const isReady = message.status === 'mirrored' && message.retryAt <= now;
      if (isReady && !isOverdue(message, now)) numbers.push(message.seq);
    }
    return numbers;
  }

  /** What is not valid any more and is not being handed over. */
  overdue(now: Instant): Seq[] {
    return this.#messages.filter((message) => isOverdue(message, now)).map(({ seq }) => seq);
  }

  nextRetryAt(): Instant | undefined {
    const postponed = this.#messages.filter((message) => message.status === 'mirrored' && message.retryAt > 0);
    return earliest(...postponed.map((message) => message.retryAt));
  }

  nextExpiryAt(): Instant | undefined {
    let first: Instant | undefined;
    for (const message of this.#messages) {
      if (canExpire(message) && (first === undefined || message.validUntil < first)) first = message.validUntil;
    }
    return first;
  }

  /** Where a number is or belongs; numbers mostly come in order, so the search begins at the end. */
  #position(number: Seq): number {
    let at = this.#messages.length;
    while (at > 0 && (this.#messages[at - 1]?.seq ?? 0) >= number) at -= 1;
    return at;
  }
}

function isOverdue(message: WaitingMessage, now: Instant): boolean {
  return canExpire(message) && message.validUntil <= now;
}

function canExpire(message: WaitingMessage): boolean {
  return message.status === 'mirrored' || message.status === 'in-doubt';
}
