/** What became of a message that a command sent: part by part, as a whole, and as an exit status. */
import { exitStatus } from '../exit-status.ts';

export type PartOutcome =
  /** Without a stamp no report can be matched. */
  | { readonly type: 'accepted'; readonly stamp: string | undefined; readonly tookMs: number }
  | { readonly type: 'refused'; readonly errorCode: number; readonly meaning: string; readonly retryable: boolean }
  /** Sent, and no answer came, or one that leaves it open. */
  | { readonly type: 'unknown'; readonly reason: string }
  /** Left out, because something before it went wrong. */
  | { readonly type: 'not-sent' };

/** A final status report about one part. SPEC: docs/reference/cimd2.md sections 8.2 and 8.3. */
export interface ReportOutcome {
  readonly status: number;
  readonly meaning: string;
  readonly error: number | undefined;
  /** From the submit's answer to the report. */
  readonly afterMs: number;
}

/**
 * What the SMSC made of the same packet under the same number. SPEC: section 4.2: it sends the answer that it remembers,
 * and does nothing; `other` means that it took the message twice.
 */
export type RepeatOutcome =
  | { readonly type: 'same'; readonly tookMs: number }
  | { readonly type: 'other' | 'nack' | 'silence'; readonly detail: string };

/** One message to one destination; one submit may carry several. */
export interface MessageOutcome {
  readonly to: string;
  readonly parts: readonly PartOutcome[];
  /** As many as came; empty where none was waited for. */
  readonly reports: readonly ReportOutcome[];
}

/**
 * `partly`: some parts were accepted and others not, so the handset never shows it whole. `undelivered`: accepted, but a
 * final report says it did not arrive. `unreported`: accepted, and the wait for the report was over first.
 */
export type MessageStatus =
  | 'accepted'
  | 'delivered'
  | 'undelivered'
  | 'unreported'
  | 'partly'
  | 'refused'
  | 'unknown'
  | 'not-sent';

export const deliveredStatus = 4;

/** @param wait how far the sender wanted to see it */
export function statusOf(message: MessageOutcome, wait: 'accepted' | 'delivered'): MessageStatus {
  const types = new Set(message.parts.map((part) => part.type));
  if (types.has('unknown')) return 'unknown';
  if (types.has('accepted') && types.size > 1) return 'partly';
  if (types.has('refused')) return 'refused';
  if (!types.has('accepted')) return 'not-sent';
  if (wait === 'accepted') return 'accepted';
  if (message.reports.some((report) => report.status !== deliveredStatus)) return 'undelivered';
  return message.reports.length < message.parts.length ? 'unreported' : 'delivered';
}

/** How many of each, for a summary. */
export function countStatuses(statuses: readonly MessageStatus[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** SPEC: CLI.md, exit status. Not knowing outweighs everything: nobody may repeat the call blindly. */
export function exitStatusOf(statuses: readonly MessageStatus[]): number {
  const isDone = (status: MessageStatus): boolean => status === 'accepted' || status === 'delivered';
  if (statuses.every(isDone)) return exitStatus.done;
  if (statuses.some((status) => status === 'unknown' || status === 'unreported')) return exitStatus.outcomeUnknown;
  const isPartly = statuses.some((status) => isDone(status) || status === 'partly');
  if (isPartly) return exitStatus.partlyDone;
  return statuses.every((status) => status === 'not-sent') ? exitStatus.unreachable : exitStatus.refused;
}
