/**
 * How fast the SMSC can stand it: no limit until it refuses for congestion or answers slowly, then half of the rate of
 * that moment, and from there a little more with every second of good answers. A refusal also stops everything for a
 * while, longer with each in a row. SPEC: DESIGN section 5; reference section 9.
 */
import { type Instant, instant, later, secondMs } from '../../base/time.ts';

/** Everything stops for so long; doubled while refusals follow each other. */
const pauseMs = { first: secondMs, cap: 30 * secondMs } as const;
/** Never slower than this, per second. */
const lowestRate = 0.1;
/** Seconds in which the rate that was too much is reached again from nothing. */
const recoverySeconds = 30;
const lowestRise = 1 / recoverySeconds;
/** An answer is slow if it takes longer than this, and than a multiple of the usual time. */
const slowFromMs = secondMs;
const slowFactor = 4;
/** Share of the newest value in the averages. */
const newest = 1 / 8;
/** Longer gaps are idle time and say nothing about the rate. */
const longestGapMs = secondMs;

interface Limit {
  /** Per second. */
  readonly rate: number;
  /** The rate at which the SMSC complained last. */
  readonly complainedAt: number;
  /** Until when the rise is reckoned. */
  readonly raisedAt: Instant;
}

export class Throttle {
  #limit: Limit | undefined;
  #pausedUntil = instant(0);
  /** Of the last pause; 0 since a submit was accepted. */
  #lastPauseMs = 0;
  #slowedAt = instant(0);
  #lastLeftAt = instant(0);
  #usualGapMs: number = longestGapMs;
  #usualAnswerMs: number | undefined;

  /** Submits per second at most; undefined where there is no limit. */
  get perSecond(): number | undefined {
    return this.#limit?.rate;
  }

  /** When the next submit may leave; in the past if it may now. */
  get leaveAt(): Instant {
    if (this.#limit === undefined) return this.#pausedUntil;
    return instant(Math.max(this.#pausedUntil, this.#lastLeftAt + secondMs / this.#limit.rate));
  }

  isPaused(now: Instant): boolean {
    return now < this.#pausedUntil;
  }

  left(now: Instant): void {
    const gapMs = Math.min(now - this.#lastLeftAt, longestGapMs);
    this.#usualGapMs += newest * (gapMs - this.#usualGapMs);
    this.#lastLeftAt = now;
  }

  /** The SMSC has no room for the moment. */
  refused(now: Instant): void {
    // Of several that were under way together the first one counts.
    if (this.isPaused(now)) return;
    const isFirst = this.#lastPauseMs === 0;
    this.#lastPauseMs = Math.min(Math.max(2 * this.#lastPauseMs, pauseMs.first), pauseMs.cap);
    this.#pausedUntil = later(now, this.#lastPauseMs);
    if (isFirst) this.#halve(lowestRate, now);
  }

  /** An answer took, or an unanswered submit waited, so long. */
  waited(answerMs: number, now: Instant): void {
    const usual = this.#usualAnswerMs ?? answerMs;
    const isSlow = answerMs > Math.max(slowFromMs, slowFactor * usual);
    // What was slow becomes usual, but a single one does not make it so.
    const sample = Math.min(answerMs, Math.max(slowFromMs, slowFactor * usual));
    this.#usualAnswerMs = usual + newest * (sample - usual);
    if (!isSlow || now - this.#slowedAt < answerMs) return;
    // At worst one leaves in the time that an answer takes.
    this.#halve(secondMs / answerMs, now);
  }

  accepted(now: Instant): void {
    this.#lastPauseMs = 0;
    const limit = this.#limit;
    if (limit === undefined) return;
    // Time in which nothing left proves nothing.
    const provedMs = Math.min(now - limit.raisedAt, secondMs + secondMs / limit.rate);
    const rise = Math.max(limit.complainedAt / recoverySeconds, lowestRise);
    const rate = limit.rate + (rise * provedMs) / secondMs;
    this.#limit = rate >= 2 * limit.complainedAt ? undefined : { ...limit, rate, raisedAt: now };
  }

  #halve(lowest: number, now: Instant): void {
    const complainedAt = Math.min(this.#limit?.rate ?? Infinity, secondMs / Math.max(1, this.#usualGapMs));
    const rate = Math.max(complainedAt / 2, lowest, lowestRate);
    this.#slowedAt = now;
    this.#limit = { rate, complainedAt: Math.max(complainedAt, rate), raisedAt: now };
  }
}
