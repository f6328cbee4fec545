/**
 * Whether a status report proves that a message in doubt was sent: its time stamp must lie where that message was with
 * the SMSC, on the SMSC's clock, and no other message can be meant. Kept in memory only: after a restart or a cut link the
 * times are not known well enough, and nothing is proved. SPEC: DESIGN section 11, a status report as evidence in doubt.
 */
import { type Instant, later, minuteMs, secondMs } from '../base/time.ts';
import { parseSmscTime } from '../codec/smsc-time.ts';
import type { MessageId, StatusReport } from '../message/message.ts';

/** The stamp is whole seconds, and the answers that tell the SMSC's clock were on their way for a while. */
const toleranceMs = 2 * secondMs;
/** Answers per SMSC that its clock is read from. */
const answersKept = 16;
/** An older answer says nothing about the clock of now. */
const answerAgeMs = 60 * minuteMs;
/** Messages whose time with the SMSC is noted, per SMSC: a ring holds no more. */
const notedCount = 1_024;

interface Stay {
  /** When the buffer told that it was submitted. */
  readonly from: Instant;
  /** When the buffer told that its answer will never come. */
  readonly until: Instant | undefined;
}

interface Site {
  /** How far the SMSC's local time, read as UTC, is ahead of our clock: one per answer. */
  readonly answers: { readonly at: Instant; readonly aheadMs: number }[];
  readonly stays: Map<MessageId, Stay>;
}

export class DoubtEvidence {
  readonly #sites = new Map<string, Site>();

  /** An answer with a stamp arrived: it was made a moment ago, by the SMSC's clock. */
  answered(smscId: string, stamp: string, now: Instant): void {
    const local = parseSmscTime(stamp, 0);
    if (local === undefined) return;
    const { answers } = this.#site(smscId);
    answers.push({ at: now, aheadMs: local - now });
    if (answers.length > answersKept) answers.shift();
  }

  submitted(smscId: string, id: MessageId, now: Instant): void {
    const { stays } = this.#site(smscId);
    stays.delete(id);
    stays.set(id, { from: now, until: undefined });
    if (stays.size <= notedCount) return;
    for (const oldest of stays.keys()) {
      stays.delete(oldest);
      return;
    }
  }

  doubted(smscId: string, id: MessageId, now: Instant): void {
    const { stays } = this.#site(smscId);
    const stay = stays.get(id);
    if (stay !== undefined && stay.until === undefined) stays.set(id, { ...stay, until: now });
  }

  ended(smscId: string, id: MessageId): void {
    this.#sites.get(smscId)?.stays.delete(id);
  }

  /** What was told before a cut came when it happened; what is told after it may be old. */
  linkDown(smscId: string): void {
    const { stays } = this.#site(smscId);
    for (const [id, stay] of stays) if (stay.until === undefined) stays.delete(id);
  }

  /** Whether the stamp lies where this message was with the SMSC. */
  proves(smscId: string, id: MessageId, report: StatusReport, now: Instant): boolean {
    const site = this.#site(smscId);
    const stay = site.stays.get(id);
    const local = parseSmscTime(report.stamp.digits, 0);
    // The answer that was least on its way tells the clock best.
    const recent = site.answers.filter(({ at }) => now < later(at, answerAgeMs)).map(({ aheadMs }) => aheadMs);
    if (stay?.until === undefined || local === undefined || recent.length === 0) return false;
    const at = local - Math.max(...recent);
    return at >= stay.from - toleranceMs && at <= stay.until + toleranceMs;
  }

  #site(smscId: string): Site {
    const known = this.#sites.get(smscId);
    if (known !== undefined) return known;
    const site: Site = { answers: [], stays: new Map() };
    this.#sites.set(smscId, site);
    return site;
  }
}
