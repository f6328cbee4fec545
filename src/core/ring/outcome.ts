/** How a message in the ring ended, told by the consumer and kept by both ends until the slot is reused. */
import type { OutcomeStatus } from './status.ts';

export interface Outcome {
  readonly status: OutcomeStatus;
  /** `confirmed` in `mt`: the SMSC's time stamp (060), 12 digits; empty where there is none. */
  readonly stamp: string;
  /** `refused`: the SMSC's error code (900) in `mt`; 0 in `mo`. */
  readonly errorCode: number;
  /** By whose word: the answer itself, an operator's decision, or a status report. */
  readonly by: 'answer' | 'operator' | 'report';
}

export const outcomeSources: readonly Outcome['by'][] = ['answer', 'operator', 'report'];
