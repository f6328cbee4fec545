/** What `cimd2 send` shows: lines for people, and the document of `--json`. */
import { cimdErrorMeaning } from '../../core/codec/error-codes.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import type { MessageOutcome, PartOutcome, ReportOutcome } from './outcome.ts';
import { statusOf } from './outcome.ts';

export interface SendContext {
  readonly to: string;
  readonly coding: 'gsm7' | 'ucs2';
  readonly wait: 'accepted' | 'delivered';
  readonly count: number;
}

/** `✔ accepted    key 261122123045/+358401234567   1 part, gsm7`; several keys each on a line. */
export function partLines(n: number, parts: readonly PartOutcome[], context: SendContext, paint: Painter): string[] {
  const which = context.count === 1 ? '' : `#${n}  `;
  const size = `${parts.length} ${parts.length === 1 ? 'part' : 'parts'}, ${context.coding}`;
  return parts.map((part, i) => {
    const place = parts.length === 1 ? size : `part ${i + 1} of ${parts.length}, ${context.coding}`;
    return `${which}${partLine(part, place, context.to, paint)}`;
  });
}

function partLine(part: PartOutcome, place: string, to: string, paint: Painter): string {
  switch (part.type) {
    case 'accepted':
      return `${paint.green('✔')} accepted    key ${part.stamp ?? '(none)'}/${to}   ${place}`;
    case 'refused':
      return `${paint.red('✖')} refused     ${part.errorCode}, ${part.meaning}   ${place}`;
    case 'unknown':
      return `${paint.yellow('?')} unknown     ${part.reason}   ${place}`;
    case 'not-sent':
      return `${paint.dim('·')} not sent    ${place}`;
  }
}

/** `✔ delivered   2.4 s   status 4, delivery successful` */
export function reportLine(n: number, report: ReportOutcome, context: SendContext, paint: Painter): string {
  const which = context.count === 1 ? '' : `#${n}  `;
  const verdict = report.status === 4 ? `${paint.green('✔')} delivered  ` : `${paint.red('✖')} undelivered`;
  return `${which}${verdict} ${formatDuration(report.afterMs)}   status ${report.status}, ${report.meaning}`;
}

/** One message as it stands in the document. */
export function messageDocument(message: MessageOutcome, context: SendContext): object {
  return {
    status: statusOf(message, context.wait),
    parts: message.parts.map((part) => partDocument(part, context.to)),
    ...(context.wait === 'delivered' ? { reports: message.reports.map(reportDocument) } : {}),
  };
}

function partDocument(part: PartOutcome, to: string): object {
  switch (part.type) {
    case 'accepted':
      return { status: 'accepted', destination: to, stamp: part.stamp ?? null, tookMs: Math.round(part.tookMs) };
    case 'refused':
      return {
        status: 'refused',
        error: part.errorCode,
        meaning: part.meaning,
        // The table's words, where the SMSC's own differ from them.
        ...(part.meaning === cimdErrorMeaning(part.errorCode) ? {} : { usual: cimdErrorMeaning(part.errorCode) }),
        retryable: part.retryable,
      };
    case 'unknown':
      return { status: 'unknown', reason: part.reason };
    case 'not-sent':
      return { status: 'not-sent' };
  }
}

function reportDocument({ status, meaning, error, afterMs }: ReportOutcome): object {
  return { status, meaning, error: error ?? null, afterMs: Math.round(afterMs) };
}
