/** How a message in the ring ended, told by the consumer and kept by both ends until the slot is reused. */
import type { PlainValue } from '../base/values.ts';
import { isOutcome, type OutcomeStatus, statuses } from './status.ts';

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

/** Positional form, the same on disk and on the link. */
export function outcomeToValue(outcome: Outcome): PlainValue {
  return [statuses.indexOf(outcome.status), outcome.stamp, outcome.errorCode, outcomeSources.indexOf(outcome.by)];
}

/** Undefined for anything that is no outcome. */
export function outcomeFromValue(value: PlainValue | undefined): Outcome | undefined {
  if (!Array.isArray(value)) return undefined;
  const [statusIndex, stamp, errorCode, source]: readonly PlainValue[] = value;
  const status = typeof statusIndex === 'number' ? statuses[statusIndex] : undefined;
  const by = typeof source === 'number' ? outcomeSources[source] : undefined;
  if (status === undefined || !isOutcome(status) || by === undefined) return undefined;
  if (typeof stamp !== 'string' || !/^([0-9]{12})?$/.test(stamp)) return undefined;
  if (typeof errorCode !== 'number' || !Number.isSafeInteger(errorCode) || errorCode < 0) return undefined;
  return { status, stamp, errorCode, by };
}
