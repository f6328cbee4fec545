/**
 * A text on its way to a handset, and what its parts say about its step. Values, not objects with a life: each change
 * gives a new one. Which report belongs to which part is found in `report-book.ts`.
 */
import type { Instant } from '../base/time.ts';
import type { MessageId } from '../message/message.ts';
import type { Outcome } from '../ring/outcome.ts';
import {
  expiredReason,
  inDoubtReason,
  noReportReason,
  reasonAfterDoubt,
  reasonOfOneCopy,
  reasonOfRefusal,
  reasonOfReport,
} from './reasons.ts';
import type { Step, StepReason, TextMark, TextView } from './text.ts';

export type PartState =
  /** In the outbox or the ring. */
  | { readonly type: 'waiting' }
  /** Submitted, and the answer will never come; perhaps being tried again. */
  | { readonly type: 'in-doubt' }
  /** The SMSC took it under this stamp (060, 12 digits); empty where nobody knows it and no report can be matched. */
  | { readonly type: 'accepted'; readonly stamp: string; readonly notice: StepReason | undefined }
  | { readonly type: 'delivered' }
  | { readonly type: 'failed'; readonly reason: StepReason }
  /** Ended badly after it may have arrived. */
  | { readonly type: 'lost'; readonly reason: StepReason };

export interface OpenPart {
  readonly messageId: MessageId;
  /** 021 as submitted. */
  readonly destination: string;
  readonly state: PartState;
  /** The SMSC's time stamp (060, 12 digits), with `destination` the key of its reports; stays behind `accepted`. */
  readonly stamp: string;
}

/** When the sender could first see a step. */
export interface Reached {
  readonly step: Step;
  readonly at: Instant;
}

/** Steps that are remembered; a text that is tried again and again goes back and forth between two. */
const reachedCount = 16;

export interface OpenText {
  /** Name of the sender; empty for answers of the bridge itself. */
  readonly user: string;
  readonly view: TextView;
  readonly smscId: string;
  readonly validUntil: Instant;
  readonly reports: 'final' | 'none';
  /** The time for reports is over. */
  readonly isOverdue: boolean;
  /** SMSCs that turned it away before; it never goes back to one. */
  readonly tried: readonly string[];
  /** At least one. */
  readonly parts: readonly OpenPart[];
  /** In their order, the first being `stored`. */
  readonly reached: readonly Reached[];
}

/** The step that the parts add up to; one failed part fails the text, one unknown makes it unknown. */
export function stepOf(text: OpenText): { readonly step: Step; readonly reason: StepReason | undefined } {
  const states = text.parts.map((part) => part.state);
  for (const state of states) if (state.type === 'failed') return { step: 'failed', reason: state.reason };
  for (const state of states) if (state.type === 'lost') return { step: 'unknown', reason: state.reason };
  if (states.some((state) => state.type === 'in-doubt')) return { step: 'unknown', reason: inDoubtReason };
  if (states.some((state) => state.type === 'waiting')) return { step: 'stored', reason: undefined };
  if (states.every((state) => state.type === 'delivered')) return { step: 'delivered', reason: undefined };
  if (text.isOverdue && states.some((state) => isOpenEnded(text, state))) {
    return { step: 'unknown', reason: noReportReason };
  }
  for (const state of states)
    if (state.type === 'accepted' && state.notice) return { step: 'accepted', reason: state.notice };
  return { step: 'accepted', reason: undefined };
}

/** Nothing more can be learned about it. */
export function isClosed(text: OpenText): boolean {
  return text.parts.every(
    ({ state }) =>
      state.type === 'delivered' ||
      state.type === 'failed' ||
      state.type === 'lost' ||
      (state.type === 'accepted' && !isOpenEnded(text, state)),
  );
}

/** Every part is out of the ring; at most reports are missing. */
export function hasLeft(text: OpenText): boolean {
  return text.parts.every(({ state }) => state.type !== 'waiting' && state.type !== 'in-doubt');
}

/** The same text with one part in another state; a part that has ended keeps its end. */
export function withPart(text: OpenText, partIndex: number, state: PartState): OpenText {
  const part = text.parts[partIndex];
  if (part === undefined || !mayBecome(part.state, state)) return text;
  const parts = text.parts.slice();
  parts[partIndex] = { ...part, state, stamp: state.type === 'accepted' ? state.stamp : part.stamp };
  return { ...text, parts };
}

/** The same text with one more step behind it; of too many those behind the first go. */
export function withReached(text: OpenText, reached: Reached): OpenText {
  const [first, ...later] = [...text.reached, reached];
  return { ...text, reached: first === undefined ? [] : [first, ...later.slice(1 - reachedCount)] };
}

export function withMark(text: OpenText, mark: TextMark): OpenText {
  if (text.view.marks.includes(mark)) return text;
  return { ...text, view: { ...text.view, marks: [...text.view.marks, mark] } };
}

/** What the ring's outcome of a part makes of it. */
export function stateOfOutcome(outcome: Outcome, possibleDuplicate: boolean): PartState {
  if (outcome.status === 'confirmed') return { type: 'accepted', stamp: outcome.stamp, notice: undefined };
  if (possibleDuplicate) return { type: 'lost', reason: reasonAfterDoubt(outcome) };
  if (outcome.status === 'expired') return { type: 'failed', reason: expiredReason };
  return { type: 'failed', reason: reasonOfRefusal(outcome.errorCode) };
}

/**
 * What a status report makes of an accepted part. Temporary statuses (0, 1, 5) only add a notice. A part that may have
 * been submitted twice has two fates: a bad report of one copy does not say that the other did not arrive.
 * SPEC: reference section 8.2.
 *
 * @param status 061, 0–9
 * @param error 062, 0–999
 */
export function stateOfReport(
  text: OpenText,
  accepted: Extract<PartState, { type: 'accepted' }>,
  status: number,
  error: number | undefined,
): PartState {
  const reason = reasonOfReport(status, error);
  if (status === 4) return { type: 'delivered' };
  if (status === 0 || status === 1 || status === 5) return { ...accepted, notice: reason };
  if (!text.view.marks.includes('possible-duplicate')) return { type: 'failed', reason };
  return { type: 'lost', reason: reasonOfOneCopy(reason) };
}

/** Accepted, and a report is still to come. */
export function isOpenEnded(text: OpenText, state: PartState): boolean {
  return text.reports === 'final' && state.type === 'accepted' && state.stamp !== '';
}

/** INVARIANT: a part only moves on: waiting → in-doubt → accepted → an end. */
function mayBecome(from: PartState, to: PartState): boolean {
  if (from.type === 'accepted' && to.type === 'accepted') return from.stamp === to.stamp;
  return rank[to.type] > rank[from.type];
}

const rank: Readonly<Record<PartState['type'], number>> = {
  waiting: 0,
  'in-doubt': 1,
  accepted: 2,
  delivered: 3,
  failed: 3,
  lost: 3,
};
