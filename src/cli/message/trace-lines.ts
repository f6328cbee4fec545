/**
 * The way of one message, drawn: a line per event with a bar for the time since the one before it, on one axis from the
 * first event to the last, so that the slow leg is the long bar. 80 columns, and no colour says anything alone.
 */
import { numbersText } from '../../core/ring/numbers.ts';
import { formatDuration } from '../duration.ts';
import { clockText, isoText } from '../recording/moment.ts';
import { fitText, formatTable, printable, wrapText } from '../table.ts';
import { clocksText } from './clock-difference.ts';
import { messageFields, placePaint, type ShowOptions, showParty, showTyped, stepText } from './found-lines.ts';
import { type JourneyEvent, type Station, slotFreeWords } from './journey.ts';
import type { KnownMessage } from './known-message.ts';
import type { Trace } from './trace.ts';

/** Characters of the axis. */
const axisWidth = 14;
const lineWidth = 80;
/** Between parts of one line, milliseconds. */
const foldMs = 1;

export function traceLines(trace: Trace, options: ShowOptions): readonly string[] {
  const { paint } = options;
  return [
    ...headLines(trace, options),
    '',
    ...waterfall(trace.events, options),
    '',
    ...slowestLine(trace.events.filter(isShown)),
    ...wrapText(placePaint(trace.where.place, paint)(verdictText(trace)), lineWidth, 2),
    ...(trace.verdict.advice === undefined ? [] : wrapText(`→ ${trace.verdict.advice}`, lineWidth, 2)),
    ...trace.notes.flatMap((note) => wrapText(paint.dim(note), lineWidth, 2)),
  ];
}

/** The schema is `message.trace/1`. */
export function traceDocument(trace: Trace, options: Omit<ShowOptions, 'paint'>): object {
  const { message, where, clock, events, verdict, notes } = trace;
  return {
    schema: 'message.trace/1',
    ...messageFields(message, where, options),
    clock: clock === undefined ? undefined : { bufferAheadMs: clock.aheadMs, uncertainMs: clock.uncertainMs },
    events: events.map(({ at, ...event }, i) => ({
      at: isoText(Math.round(at)),
      ...event,
      sinceLastMs: i === 0 ? undefined : tenth(at - (events[i - 1]?.at ?? at)),
    })),
    verdict: { ...verdict, words: verdictText(trace) },
    notes,
  };
}

/** `The message waits at the IM server: …` */
export function verdictText({ verdict }: Trace): string {
  // What a peer gave as its reason is its own text.
  const words = printable(verdict.words);
  return words.startsWith('part ') ? `${words[0]?.toUpperCase()}${words.slice(1)}.` : `The message ${words}.`;
}

/** An event of its own, for `--follow`. */
export function eventLine(event: JourneyEvent): string {
  return `${clockText(event.at)}  ${stations[event.station].padEnd(9)}  ${eventText(event)}`;
}

function headLines({ message, where, clock }: Trace, options: ShowOptions): readonly string[] {
  const { paint } = options;
  const { id, from, to, text, at, parts } = message;
  const rows = [
    ['message', id],
    ['taken', isoText(at)],
    ['from', `${showParty(from, options)} → ${showParty(to, options)}`],
    ['text', fitText(printable(showTyped(text, options)), lineWidth - 10)],
    ['step', placePaint(where.place, paint)(stepText(message, where))],
    ...keyRows(message, options),
    ...(parts.length > 1 ? [['parts', String(parts.length)]] : []),
    ...(clock === undefined ? [] : [['clocks', clocksText(clock)]]),
  ];
  return formatTable(rows.map(([name, value]) => [paint.dim(name ?? ''), value]));
}

/** With what a status report is matched: 021 and 060. */
function keyRows({ parts, smscId }: KnownMessage, options: ShowOptions): readonly (readonly string[])[] {
  const known = parts.filter(({ stamp }) => stamp !== '');
  const [first] = known;
  if (first === undefined) return [];
  const stamps = [...new Set(known.map(({ stamp }) => stamp))].join(', ');
  const key = `${showParty(first.destination, options)}/${stamps}${smscId === undefined ? '' : ` at ${smscId}`}`;
  return [[known.length > 1 ? 'keys' : 'key', fitText(key, lineWidth - 10)]];
}

const stations: Readonly<Record<Station, string>> = {
  client: 'client',
  'im-server': 'IM server',
  buffer: 'buffer',
  smsc: 'SMSC',
  handset: 'handset',
};

function waterfall(all: readonly JourneyEvent[], { paint }: ShowOptions): readonly string[] {
  const events = folded(all.filter(isShown));
  const [start, end] = [events[0]?.at ?? 0, events.at(-1)?.at ?? 0];
  const column = (at: number): number => (end > start ? Math.round(((at - start) / (end - start)) * axisWidth) : 0);
  return events.flatMap((event, i) => {
    const before = events[i - 1];
    const since = before === undefined ? '' : spanText(event.at - before.at);
    const [from, to] = [column(before?.at ?? start), column(event.at)];
    const bar = `${' '.repeat(from)}${to > from ? '━'.repeat(to - from) : '╵'}`.padEnd(axisWidth + 1);
    const mark = event.basis === 'latest' ? '≤' : ' ';
    const head = `${clockText(event.at)}${mark}${since.padStart(8)} ${bar} `;
    const text = `${stations[event.station].padEnd(9)} ${partsText(event.parts)}${event.words}`;
    const indent = ' '.repeat(head.length);
    const rest = lineWidth - head.length + 1;
    const [first = '', ...more] = wrapText(text, rest, 10);
    const detail = event.detail === undefined ? [] : [`${indent}${' '.repeat(10)}${paint.dim(event.detail)}`];
    return [`${paint.dim(head)}${first}`, ...more.map((line) => `${indent}${line}`), ...detail];
  });
}

/** That a slot is free again is no part of the message's way any more. */
function isShown({ what, words }: JourneyEvent): boolean {
  return what !== 'settled' || words !== slotFreeWords;
}

interface FoldedEvent extends JourneyEvent {
  readonly parts: readonly number[];
}

/** What happened to several parts at once is one line. */
function folded(events: readonly JourneyEvent[]): readonly FoldedEvent[] {
  const lines: FoldedEvent[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    const isSame =
      last !== undefined &&
      event.part !== undefined &&
      last.words === event.words &&
      last.station === event.station &&
      event.at - last.at <= foldMs;
    const parts = event.part === undefined ? [] : [event.part];
    if (isSame) lines[lines.length - 1] = { ...last, parts: [...last.parts, ...parts] };
    else lines.push({ ...event, parts });
  }
  return lines;
}

function partsText(parts: readonly number[]): string {
  if (parts.length === 0) return '';
  return `${parts.length === 1 ? 'part' : 'parts'} ${numbersText(parts)}: `;
}

function eventText({ words, part, detail }: JourneyEvent): string {
  return `${partsText(part === undefined ? [] : [part])}${words}${detail === undefined ? '' : ` (${detail})`}`;
}

/** Which leg took longest, where one stands out. */
function slowestLine(events: readonly JourneyEvent[]): readonly string[] {
  const legs = events.slice(1).map((event, i) => ({ from: events[i], to: event, ms: event.at - (events[i]?.at ?? 0) }));
  const whole = (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0);
  const [slowest] = legs.sort((a, b) => b.ms - a.ms);
  if (slowest?.from === undefined || legs.length < 3 || whole <= 0) return [];
  const share = Math.round((100 * slowest.ms) / whole);
  const between = `${stations[slowest.from.station]} → ${stations[slowest.to.station]}`;
  return wrapText(
    `Slowest: ${formatDuration(slowest.ms)} of ${formatDuration(whole)} (${share} %), ${between}: "${slowest.from.words}" to "${slowest.to.words}".`,
    lineWidth,
    2,
  );
}

/** Clocks are read to the millisecond; less than one is one of those that it may be off by. */
function spanText(ms: number): string {
  return ms < 0 ? `−${formatDuration(-ms)}` : formatDuration(ms);
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
