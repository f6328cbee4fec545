/** One slot in full: both copies of every lane, side by side. */
import type { SlotView } from '../../core/store/ring-view.ts';
import { formatDuration } from '../duration.ts';
import { showNumber, showText } from '../mask.ts';
import { clockText } from '../recording/moment.ts';
import { formatTable, printable } from '../table.ts';
import { hasNoEnd } from './ring-document.ts';
import { type LineOptions, outcomeText, statusText } from './ring-lines.ts';
import { copiesOf, type LanePair, slotAt } from './ring-pairs.ts';

/** The lines of a slot in one lane; undefined if no copy has that slot. */
export function slotDetailLines(smscId: string, pair: LanePair, slot: number, options: LineOptions) {
  const copies = copiesOf(pair).flatMap((ring) => {
    const view = slotAt(ring, slot);
    return view === undefined ? [] : [{ side: ring.side, view }];
  });
  if (copies.length === 0) return undefined;
  const filled = slotFields(
    copies.map(({ view }) => view),
    options,
  );
  const { paint } = options;
  const head = ['', ...copies.map(({ side }) => paint.bold(side))];
  return [
    paint.bold(`${smscId}   ${pair.lane}   slot ${slot}`),
    ...formatTable([head, ...filled], { gap: 3 }).map((line) => `  ${line}`),
  ];
}

/** What is known of a slot, field by field; those of which nothing is known are left out. */
export function slotFields(views: readonly SlotView[], options: DetailOptions): readonly (readonly string[])[] {
  const rows = fields.map(({ name, show }) => [name, ...views.map((view) => show(view, options))]);
  return rows.filter((row) => row.slice(1).some((cell) => cell !== ''));
}

export interface DetailOptions extends LineOptions {
  /** Times as on a clock, where there is no room for dates. */
  readonly times?: 'clock';
}

interface Field {
  readonly name: string;
  readonly show: (view: SlotView, options: DetailOptions) => string;
}

const fields: readonly Field[] = [
  { name: 'status', show: ({ status }, { paint }) => statusText(status, paint) },
  { name: 'sequence number', show: ({ seq }) => (seq === undefined ? '' : String(seq)) },
  { name: 'attempts', show: ({ seq, attempts }) => (seq === undefined ? '' : String(attempts)) },
  { name: 'possible duplicate', show: ({ possibleDuplicate }) => (possibleDuplicate ? 'yes' : '') },
  { name: 'outcome', show: (view) => outcomeText(view) },
  { name: 'last move', show: ({ movedAt }, options) => (movedAt === undefined ? '' : timeText(movedAt, options)) },
  { name: 'message', show: ({ messageId }) => messageId ?? '' },
  { name: 'content hash', show: ({ contentHash }) => contentHash ?? '' },
  { name: 'kind', show: ({ message }) => message?.kind ?? '' },
  { name: 'from', show: ({ message }, { privacy }) => showNumber(message?.from ?? '', privacy) },
  { name: 'to', show: ({ message }, { privacy }) => showNumber(message?.to ?? '', privacy) },
  {
    name: 'text',
    show: ({ message }, { privacy }) => (message === undefined ? '' : printable(showText(message.content, privacy))),
  },
  {
    name: 'part',
    show: ({ message }) =>
      message?.part === undefined
        ? ''
        : `${message.part.index} of ${message.part.count}, reference ${message.part.reference}`,
  },
  {
    name: 'created',
    show: ({ message }, options) => (message === undefined ? '' : timeText(message.createdAt, options)),
  },
  { name: 'valid until', show: ({ message }) => (message === undefined ? '' : untilText(message.validUntil)) },
];

/** ISO 8601 with the offset of this machine. */
export function isoTime(at: number): string {
  const offsetMinutes = -new Date(at).getTimezoneOffset();
  const local = new Date(at + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const digits = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${local}${sign}${digits(offsetMinutes / 60)}:${digits(offsetMinutes % 60)}`;
}

function untilText(at: number): string {
  return hasNoEnd(at) ? 'no limit' : isoTime(at);
}

function timeText(at: number, { now, times }: DetailOptions): string {
  return `${times === 'clock' ? clockText(at) : isoTime(at)} (${formatDuration(now - at)} ago)`;
}
