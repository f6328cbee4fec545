/** What `cimd2 send` shows: lines for people, and the documents of `--json`. */
import { cimdErrorMeaning, retryClass } from '../../core/codec/error-codes.ts';
import { refusalSection, refusalWords } from '../cimd2/refusal-words.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import type { WireCoding } from './compose.ts';
import type { MessageOutcome, PartOutcome, RepeatOutcome, ReportOutcome } from './outcome.ts';
import { statusOf } from './outcome.ts';

/** How one message is told of. */
export interface SendContext {
  /** In front of its lines: empty for the only one, `#3` of many, `line 7` of a batch. */
  readonly label: string;
  readonly coding: WireCoding;
  readonly wait: 'accepted' | 'delivered';
  /** Whether lines and documents have to say for whom. */
  readonly destinations: 'one' | 'several';
}

/** `✔ accepted    key 261122123045/+358401234567   1 part, gsm7`; several keys each on a line. */
export function partLines({ to, parts }: MessageOutcome, context: SendContext, paint: Painter): string[] {
  const size = `${parts.length} ${parts.length === 1 ? 'part' : 'parts'}, ${context.coding}`;
  return parts.map((part, i) => {
    const place = parts.length === 1 ? size : `part ${i + 1} of ${parts.length}, ${context.coding}`;
    const whom = context.destinations === 'one' || part.type === 'accepted' ? '' : `${to}   `;
    return `${labelOf(context)}${partLine(part, to, paint)}   ${whom}${place}`;
  });
}

function partLine(part: PartOutcome, to: string, paint: Painter): string {
  switch (part.type) {
    case 'accepted':
      return `${paint.green('✔')} accepted    key ${part.stamp ?? '(none)'}/${to}`;
    case 'refused':
      return `${paint.red('✖')} refused     ${refusalWords(part.errorCode, part.meaning)}`;
    case 'unknown':
      return `${paint.yellow('?')} unknown     ${part.reason}`;
    case 'not-sent':
      return `${paint.dim('·')} not sent `;
  }
}

/** `↻ repeated    the same answer, from memory   2 ms` */
export function repeatLine(repeat: RepeatOutcome, context: SendContext, paint: Painter): string {
  return repeat.type === 'same'
    ? `${labelOf(context)}${paint.green('↻')} repeated    the same answer, from memory   ${formatDuration(repeat.tookMs)}`
    : `${labelOf(context)}${paint.red('✖')} repeated    ${repeat.detail} (section 4.2 wants the first answer again)`;
}

/** `✔ delivered   2.4 s   status 4, delivery successful` */
export function reportLine(to: string, report: ReportOutcome, context: SendContext, paint: Painter): string {
  const verdict = report.status === 4 ? `${paint.green('✔')} delivered  ` : `${paint.red('✖')} undelivered`;
  const whom = context.destinations === 'one' ? '' : `   ${to}`;
  return `${labelOf(context)}${verdict} ${formatDuration(report.afterMs)}   status ${report.status}, ${report.meaning}${whom}`;
}

function labelOf({ label }: SendContext): string {
  return label === '' ? '' : `${label}  `;
}

/** One message as it stands in the document. */
export function messageDocument(message: MessageOutcome, context: SendContext): object {
  return {
    ...(context.destinations === 'one' ? {} : { to: message.to }),
    status: statusOf(message, context.wait),
    parts: message.parts.map((part) => partDocument(part, message.to)),
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
        retry: retryClass(part.errorCode),
        section: refusalSection(part.errorCode),
      };
    case 'unknown':
      return { status: 'unknown', reason: part.reason };
    case 'not-sent':
      return { status: 'not-sent' };
  }
}

export function reportDocument({ status, meaning, error, afterMs }: ReportOutcome): object {
  return { status, meaning, error: error ?? null, afterMs: Math.round(afterMs) };
}

export function repeatDocument(repeat: RepeatOutcome): object {
  return repeat.type === 'same'
    ? { status: 'same', tookMs: Math.round(repeat.tookMs) }
    : { status: repeat.type, detail: repeat.detail };
}
