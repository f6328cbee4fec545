/**
 * What a buffer remembers of the SMSC's answers to submits for whoever asks: how long they take, how many of each kind, and
 * the latest. Never what was submitted, or to whom.
 */
import { type DurationsView, RecentDurations } from '../../base/recent-durations.ts';
import type { Instant } from '../../base/time.ts';

/** How a submit was answered. `unusable`: not as a submit can be. `none`: its session ended before. */
export type AnswerResult = 'accepted' | 'refused' | 'refused-for-now' | 'unusable' | 'none';

export interface SubmitAnswer {
  readonly at: Instant;
  readonly result: AnswerResult;
  /** 900; 0 where there is none. */
  readonly errorCode: number;
  /** From the submit to its answer, or to the end of its session. */
  readonly tookMs: number;
}

export interface AnswersView {
  /** From a submit to its answer, the latest of them; undefined before the first. */
  readonly turnAround: DurationsView | undefined;
  /** Since the role began. */
  readonly counts: Readonly<Record<AnswerResult, number>>;
  /** Refusals by their 900, the latest code last. */
  readonly errorCodes: readonly { readonly errorCode: number; readonly count: number }[];
  /** The latest last. */
  readonly latest: readonly SubmitAnswer[];
}

/** A second's worth at a good speed. */
const turnsKept = 128;
export const answersKept = 5;
/** More than the specification knows for a submit would be a peer that invents them. */
export const errorCodesKept = 64;

export class AnswerStory {
  readonly #turns = new RecentDurations(turnsKept);
  readonly #counts: Record<AnswerResult, number> = {
    accepted: 0,
    refused: 0,
    'refused-for-now': 0,
    unusable: 0,
    none: 0,
  };
  readonly #errorCodes = new Map<number, number>();
  readonly #latest: SubmitAnswer[] = [];

  take(answer: SubmitAnswer): void {
    this.#counts[answer.result] += 1;
    if (answer.result !== 'none') this.#turns.add(answer.tookMs);
    if (answer.errorCode !== 0) this.#countError(answer.errorCode);
    this.#latest.push(answer);
    if (this.#latest.length > answersKept) this.#latest.shift();
  }

  view(): AnswersView {
    return {
      turnAround: this.#turns.view(),
      counts: { ...this.#counts },
      errorCodes: [...this.#errorCodes].map(([errorCode, count]) => ({ errorCode, count })),
      latest: [...this.#latest],
    };
  }

  #countError(errorCode: number): void {
    const count = this.#errorCodes.get(errorCode) ?? 0;
    this.#errorCodes.delete(errorCode);
    this.#errorCodes.set(errorCode, count + 1);
    for (const oldest of this.#errorCodes.keys()) {
      if (this.#errorCodes.size <= errorCodesKept) break;
      this.#errorCodes.delete(oldest);
    }
  }
}
