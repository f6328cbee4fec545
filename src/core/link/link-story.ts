/**
 * What one end remembers of its link for whoever asks how it is: round trips, the difference of the clocks, how much passes,
 * and what happened to it lately, with reasons. It decides nothing, and all of it is bounded.
 */
import type { ErrorCode } from '../base/errors.ts';
import { Meter, type MeterView } from '../base/meter.ts';
import { type DurationsView, RecentDurations } from '../base/recent-durations.ts';
import { type Instant, secondMs } from '../base/time.ts';
import type { Pulse } from './pulse.ts';

/** With a heartbeat every 5 s these are the last five minutes. */
const roundTripsKept = 60;
/** Happenings kept; attempts that fail alike, one after the other, are one. */
export const happeningsKept = 10;

export interface LinkHappening {
  /** `up`: both ends proved themselves. `lost`: it was up and is not any more. `failed`: it did not come up. */
  readonly what: 'up' | 'lost' | 'failed';
  /** The first time, and the latest. */
  readonly at: Instant;
  readonly lastAt: Instant;
  /** How often, one after the other. */
  readonly times: number;
  readonly code?: ErrorCode;
  readonly reason?: string;
}

export interface ClockSkew {
  /** How far the peer's clock is ahead of ours; negative where it is behind. */
  readonly aheadMs: number;
  /** It may be so much more or less. */
  readonly uncertainMs: number;
}

export interface LinkHealth {
  /** Undefined before the first round trip of this run. */
  readonly roundTrip: DurationsView | undefined;
  readonly skew: ClockSkew | undefined;
  readonly entriesIn: MeterView;
  readonly entriesOut: MeterView;
  /** Times it came up, and attempts that failed, since the role began. */
  readonly ups: number;
  readonly failures: number;
  /** The latest last. */
  readonly happenings: readonly LinkHappening[];
}

export class LinkStory {
  readonly #roundTrips = new RecentDurations(roundTripsKept);
  readonly #entriesIn = new Meter();
  readonly #entriesOut = new Meter();
  #skew: ClockSkew | undefined;
  #ups = 0;
  #failures = 0;
  #happenings: readonly LinkHappening[] = [];

  up(now: Instant): void {
    this.#ups += 1;
    this.#note({ what: 'up', at: now, lastAt: now, times: 1 });
  }

  lost(code: ErrorCode, reason: string, now: Instant): void {
    this.#note({ what: 'lost', at: now, lastAt: now, times: 1, code, reason });
  }

  failed(code: ErrorCode, reason: string, now: Instant): void {
    this.#failures += 1;
    this.#note({ what: 'failed', at: now, lastAt: now, times: 1, code, reason });
  }

  /** A heartbeat was taken. */
  beat({ rttMs, skewMs }: Pick<Pulse, 'rttMs' | 'skewMs'>): void {
    if (rttMs === undefined || skewMs === undefined) return;
    this.#roundTrips.add(rttMs);
    // The way there and the way back need not take equally long; and neither clock is read at the very moment.
    this.#skew = { aheadMs: Math.round(skewMs), uncertainMs: Math.ceil(rttMs / 2) + 1 };
  }

  entryIn(now: Instant): void {
    this.#entriesIn.add(now);
  }

  entryOut(now: Instant): void {
    this.#entriesOut.add(now);
  }

  health(now: Instant): LinkHealth {
    return {
      roundTrip: this.#roundTrips.view(),
      skew: this.#skew,
      entriesIn: this.#entriesIn.view(now),
      entriesOut: this.#entriesOut.view(now),
      ups: this.#ups,
      failures: this.#failures,
      happenings: this.#happenings,
    };
  }

  #note(happening: LinkHappening): void {
    const last = this.#happenings.at(-1);
    const isAlike = last?.what === happening.what && last.code === happening.code && last.reason === happening.reason;
    // A link that goes up and down is told as such; only what fails again and again is told once.
    if (last !== undefined && isAlike) {
      const merged = { ...last, lastAt: happening.at, times: last.times + 1 };
      this.#happenings = [...this.#happenings.slice(0, -1), merged];
    } else {
      this.#happenings = [...this.#happenings, happening].slice(-happeningsKept);
    }
  }
}

/** A difference below this is no news to anybody; above, stamps and validities begin to look odd. */
export const skewOfConcernMs = 5 * secondMs;
