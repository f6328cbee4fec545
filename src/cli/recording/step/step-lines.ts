/**
 * One step of a recording as lines of a screen: the input decoded, what moved and why, what was said, what was logged,
 * and how full the rings are behind it. Pure; numbers and texts are masked unless they are to be shown.
 */
import type { Entry } from '../../../core/link/entries.ts';
import { type Carried, readFrame, type TimelineEvent } from '../../../shell/recording/timeline-event.ts';
import type { Painter } from '../../colour.ts';
import type { Privacy } from '../../mask.ts';
import { moveText, shownPacket } from '../../ring/history-lines.ts';
import { laneLine } from '../../ring/ring-lines.ts';
import { pairRings } from '../../ring/ring-pairs.ts';
import { cutStyled, spread } from '../../ring/screen/styled.ts';
import { causeText } from '../cause-words.ts';
import { clockText } from '../moment.ts';
import type { Step } from './step-source.ts';

export interface StepPage {
  readonly step: Step;
  readonly last: number;
  readonly side: string;
  readonly smscIds: readonly string[];
  /** What is being typed, or what the last key had to say; else the keys. */
  readonly bottom: string;
  /** Lines that are scrolled away. */
  readonly scrolled: number;
}

export interface StepLineOptions {
  readonly paint: Painter;
  readonly privacy: Privacy;
  readonly columns: number;
  readonly rows: number;
}

/** Head, a line below it, the rings, the bottom. */
const frameRows = 3;
const labelColumns = 9;

/** As many as the screen has rows, none wider. */
export function stepLines(page: StepPage, options: StepLineOptions): readonly string[] {
  const { columns, rows, paint } = options;
  const rings = ringLines(page, options);
  const body = bodyLines(page, options);
  const room = Math.max(1, rows - frameRows - rings.length);
  const from = Math.min(page.scrolled, Math.max(0, body.length - room));
  const shown = body.slice(from, from + room);
  const below = body.length - from - shown.length;
  const rest = below > 0 ? [...shown.slice(0, -1), paint.dim(`… ${below + 1} more lines, ↓ scrolls`)] : shown;
  const blank = Array.from({ length: room - rest.length }, () => '');
  const lines = [headLine(page, options), paint.dim('─'.repeat(columns)), ...rest, ...blank, ...rings];
  return [...lines, page.bottom].map((line) => cutStyled(line, columns));
}

function headLine({ step, last, side, smscIds }: StepPage, { paint, columns }: StepLineOptions): string {
  const [event] = step.events;
  const number = `input ${step.number.toLocaleString('en')} of ${last.toLocaleString('en')}`;
  const name = event?.type === 'input' || event?.type === 'bug' ? event.input : '';
  const left = `${paint.bold(`${side} ${smscIds.join(', ')}`.trim())}   ${number}   ${paint.cyan(name)}`;
  return spread(left, event === undefined ? '' : clockText(event.at), columns);
}

/** Everything of the step, however long. */
function bodyLines(page: StepPage, options: StepLineOptions): readonly string[] {
  const lines = page.step.events.flatMap((event) => eventLines(event, page, options));
  return lines.length > 0 ? lines : ['this input is not in the recording any more'];
}

function eventLines(event: TimelineEvent, page: StepPage, options: StepLineOptions): readonly string[] {
  const { paint } = options;
  switch (event.type) {
    case 'input':
      return inputLines(event, page, options);
    case 'bug':
      return [label('bug', paint.red(event.statement), paint)];
    case 'life':
      return [label('start', `ringbridge ${event.version}`, paint)];
    case 'break':
      return [label('gap', `${event.why}: ${event.dropped ?? 'some'} entries are missing behind this`, paint)];
    case 'link':
      return [
        label(
          'link',
          `${event.link.state}${event.link.rttMs === undefined ? '' : `, rtt ${event.link.rttMs} ms`}`,
          paint,
        ),
      ];
    case 'end':
      return [label('end', 'the role ended in order', paint)];
    default:
      return event satisfies never;
  }
}

function inputLines(
  event: Extract<TimelineEvent, { readonly type: 'input' }>,
  { step, smscIds }: StepPage,
  options: StepLineOptions,
): readonly string[] {
  const { paint } = options;
  const several = (name: string, lines: readonly string[]): readonly string[] =>
    lines.map((line, index) => label(index === 0 ? name : '', line, paint));
  const moves = event.moves.map((move) => {
    const where = smscIds.length > 1 ? `${move.smscId} ${move.lane}` : move.lane;
    const seq = move.after?.seq ?? move.before?.seq;
    return `${where} slot ${move.slot}, number ${seq}   ${moveText(move, paint)}   ${paint.dim(causeText(event, move))}`;
  });
  const epochs = event.epochs.map(
    ({ lane, epoch, size }) => `${lane} ring of ${size}, epoch ${epoch.slice(0, 4) || 'none'}`,
  );
  const said = event.sent?.flatMap((carried) => carriedLines(carried, 'out', options));
  const unsaid = step.said === 'known' ? 'cannot be played here' : 'not played yet: s plays up to here';
  return [
    ...several(
      'in',
      event.received.flatMap((carried) => carriedLines(carried, 'in', options)),
    ),
    ...several('moved', [...epochs, ...moves]),
    ...several('said', said === undefined ? [paint.dim(unsaid)] : said),
    ...several(
      'log',
      event.log.map((logged) => `${logged.event}  ${paint.dim(fieldsText(logged.fields))}`),
    ),
    ...(event.difference === undefined ? [] : [label('differs', paint.red(event.difference.text), paint)]),
  ];
}

function carriedLines(
  carried: Carried,
  direction: 'in' | 'out',
  { paint, privacy }: StepLineOptions,
): readonly string[] {
  if (carried.over === 'smsc') {
    return carried.packets.map((bytes) => {
      const { wire, meaning } = shownPacket({ direction, bytes }, privacy);
      return `${meaning}  ${paint.dim(wire)}`;
    });
  }
  const frame = readFrame(carried.bytes);
  switch (frame.type) {
    case 'entries':
      return frame.entries.map(entryText);
    case 'login':
      return [`${frame.login.type} of the link`];
    case 'unreadable':
      return [carried.bytes.length === 0 ? 'a frame that was not kept' : `no frame: ${frame.fault.message}`];
    default:
      return frame satisfies never;
  }
}

function entryText(entry: Entry): string {
  switch (entry.type) {
    case 'digest':
      return `digest of ${entry.lane}, ${entry.occasion}: ${entry.digest.slots.length} of ${entry.digest.size} slots, highest number ${entry.digest.lastSeq}`;
    case 'place':
      return `place ${entry.lane} number ${entry.seq}`;
    case 'status':
    case 'reconstruct':
      return `${entry.type} ${entry.lane} number ${entry.state.seq}: ${entry.state.status}, attempt ${entry.state.attempts}`;
    case 'settled':
      return `settled ${entry.lane} number ${entry.seq}`;
    case 'resolve':
      return `resolve ${entry.lane} number ${entry.seq} as ${entry.as}`;
    case 'heartbeat':
    case 'session':
      return entry.type;
    default:
      return entry satisfies never;
  }
}

/** Of the rings of one end; an SMSC has none. */
function ringLines({ step }: StepPage, { paint, privacy }: StepLineOptions): readonly string[] {
  const { moment } = step;
  if (moment === undefined) return [];
  const smscs = pairRings(moment.rings, [], { smscId: undefined, side: 'both', lane: undefined });
  return smscs.flatMap(({ lanes }) => lanes.map((pair) => laneLine(pair, { paint, privacy, now: moment.at })));
}

function label(name: string, text: string, paint: Painter): string {
  return `${paint.dim(name.padEnd(labelColumns))}${text}`;
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
