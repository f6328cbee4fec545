/**
 * What follows from the fate of a message: it is in an inbox, its status can be enquired, its submitter is to be told.
 * Telling is not done here. Source: docs/reference/cimd2.md sections 8.1, 8.2 and 8.4.
 */
import { assertNever } from '../../base/invariant.ts';
import type { Instant } from '../../base/time.ts';
import { formatSmscTime } from '../../codec/smsc-time.ts';
import { isReportWanted } from '../../codec/status-codes.ts';
import { type Fate, type HandsetMessage, status } from './handset-message.ts';
import { Inboxes, type Received } from './inbox.ts';
import type { Journal } from './journal.ts';
import { ReplyPaths } from './reply-paths.ts';
import { Tracker } from './tracker.ts';

/** A status report that its submitter asked for. */
export interface WantedReport {
  readonly message: HandsetMessage;
  /** 061 */
  readonly status: number;
  /** 062, 0 for none. */
  readonly error: number;
  /** 063 */
  readonly triedAt: string;
}

export class Fates {
  readonly inboxes = new Inboxes();
  readonly tracker = new Tracker();
  readonly replyPaths = new ReplyPaths();
  readonly #journal: Journal;
  readonly #zoneOffset: number;

  /** @param zoneOffset minutes */
  constructor(journal: Journal, zoneOffset: number) {
    this.#journal = journal;
    this.#zoneOffset = zoneOffset;
  }

  /** @returns the report to send; undefined where none was asked for */
  befall(fate: Fate, now: Instant): WantedReport | undefined {
    const { message } = fate;
    const { tally } = this.#journal;
    switch (fate.type) {
      case 'delivered':
        this.#arrive(message, now);
        return this.#news(message, status.delivered, 0, now);
      case 'not-yet': {
        const { error, attempts, nextAttemptAt } = fate;
        tally.attemptsPutOff += 1;
        this.#journal.event({
          ...{ type: 'put-off', at: now, to: message.destination, stamp: message.stamp },
          ...{ error, attempts, nextAttemptAt },
        });
        const report = this.#news(message, status.inProcess, error, now);
        // SPEC: section 8.1: bit 1 asks for each temporary error, bit 64 for the first result only.
        return attempts === 1 || (message.reportBits & 1) !== 0 ? report : undefined;
      }
      case 'failed': {
        const { status: code, error } = fate;
        tally.handsetFailed += 1;
        if (code === status.expired) tally.messagesExpired += 1;
        if (code === status.cancelled || code === status.deletedByCancel) tally.messagesCancelled += 1;
        if (code === status.deleted) tally.messagesReplaced += 1;
        const { destination: to, stamp } = message;
        this.#journal.event({ type: 'undelivered', at: now, to, stamp, status: code, error });
        return this.#news(message, code, error, now);
      }
      default:
        return assertNever(fate);
    }
  }

  #arrive(message: HandsetMessage, now: Instant): void {
    const { tally } = this.#journal;
    const { received, repeats } = this.inboxes.add(message.number, message, now);
    tally.handsetReceived += 1;
    if (repeats > 0) tally.handsetRepeated += 1;
    if (message.replyPath) this.replyPaths.note(message);
    this.#show(received, now);
  }

  /** Long texts whose parts did not all come are shown as far as they came. */
  expire(now: Instant): void {
    this.#show(this.inboxes.expire(now), now);
  }

  #show(received: readonly Received[], now: Instant): void {
    for (const { item, destination } of received) {
      const { from, text, stamps, repeats, messageClass } = item;
      const event = { type: 'received', at: now, from, to: destination, text, stamps, repeats } as const;
      this.#journal.event(messageClass === undefined ? event : { ...event, messageClass });
    }
  }

  #news(message: HandsetMessage, code: number, error: number, now: Instant): WantedReport | undefined {
    if (message.reportBits === 0) return undefined;
    // A stamp moved on to be unique may lie ahead of the clock; nothing is tried before it came.
    const clockTime = formatSmscTime(now, this.#zoneOffset);
    const isStampAhead = message.stamp > clockTime;
    const triedAt = isStampAhead ? message.stamp : clockTime;
    this.tracker.note(message, { status: code, error, triedAt });
    return isReportWanted(code, message.reportBits) ? { message, status: code, error, triedAt } : undefined;
  }
}
