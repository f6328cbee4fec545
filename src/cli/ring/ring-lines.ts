/** Rings as lines for people: what is on the way, a table of the slots in use, and the map of all slots. */
import { type SlotStatus, statuses, statusTable } from '../../core/ring/status.ts';
import type { LinkView, RingView, SlotView } from '../../core/store/ring-view.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { type Privacy, showNumber, showText } from '../mask.ts';
import { fitText, formatTable, printable } from '../table.ts';
import {
  copiesOf,
  countLane,
  isSelected,
  type LanePair,
  type SlotFilter,
  type SmscRings,
  selectSlots,
} from './ring-pairs.ts';

export interface LineOptions {
  readonly paint: Painter;
  readonly privacy: Privacy;
  /** Milliseconds since 1970, for ages. */
  readonly now: number;
}

/** Cells of a map in one row. */
const mapWidth = 64;

/** Longest text in the table; the whole is in the detail of one slot. */
const textWidth = 40;

/** `hel1   link up   rtt 612 ms   4 on the way` */
export function smscLine(rings: SmscRings, { paint, now }: LineOptions): string {
  const onTheWay = rings.lanes.map((pair) => countLane(pair).onTheWay).filter((count) => count !== undefined);
  const parts = [
    paint.bold(rings.smscId),
    rings.link === undefined ? undefined : linkText(rings.link, paint, now),
    onTheWay.length === 0 ? undefined : `${onTheWay.reduce((sum, count) => sum + count, 0)} on the way`,
  ];
  return parts.filter((part) => part !== undefined).join('   ');
}

/** `mt   42 of 255 used   oldest 61 s   0 in doubt   epoch 7f21…`; two epochs where the ends differ. */
export function laneLine(pair: LanePair, { paint, now }: LineOptions): string {
  const counts = countLane(pair);
  const parts = [
    paint.bold(pair.lane),
    `${counts.used} of ${counts.size} used`,
    counts.oldestAt === undefined ? undefined : `oldest ${formatDuration(now - counts.oldestAt)}`,
    counts.inDoubt === 0 ? '0 in doubt' : paint.magenta(`${counts.inDoubt} in doubt`),
    epochText(pair),
  ];
  return parts.filter((part) => part !== undefined).join('   ');
}

function epochText(pair: LanePair): string {
  const epochs = [...new Set(copiesOf(pair).map((ring) => ring.epoch))];
  if (epochs.every((epoch) => epoch === undefined)) return 'no epoch yet';
  return `epoch ${epochs.map((epoch) => (epoch === undefined ? '(none)' : `${epoch.slice(0, 4)}…`)).join(' and ')}`;
}

/** One line per slot that the filter lets through; nothing if there is none. */
export function tableLines(pair: LanePair, filter: SlotFilter, options: LineOptions): readonly string[] {
  const slots = selectSlots(pair, filter);
  if (slots.length === 0) return [];
  const hasBoth = copiesOf(pair).length === 2;
  const only = copiesOf(pair)[0]?.side ?? '';
  const head = [
    'slot',
    'seq',
    ...(hasBoth ? ['buffer', 'im-server'] : [only]),
    'tries',
    'age',
    'from',
    'to',
    'text',
    '',
  ];
  const rows = slots.map(({ slot, buffer, imServer }) => {
    const shown = latest(buffer, imServer);
    const message = buffer?.message ?? imServer?.message;
    const marks = [shown?.possibleDuplicate === true ? 'possible duplicate' : '', outcomeText(shown)];
    return [
      String(slot),
      String(shown?.seq ?? ''),
      ...(hasBoth ? [statusCell(buffer, options), statusCell(imServer, options)] : [statusCell(shown, options)]),
      String(shown?.attempts ?? 0),
      shown?.movedAt === undefined ? '' : formatDuration(options.now - shown.movedAt),
      showNumber(message?.from ?? '', options.privacy),
      showNumber(message?.to ?? '', options.privacy),
      message === undefined ? '' : fitText(printable(showText(message.content, options.privacy)), textWidth),
      marks.filter((mark) => mark !== '').join(', '),
    ];
  });
  const table = formatTable([head.map((cell) => options.paint.dim(cell)), ...rows], { align: ['right', 'right'] });
  return table.map((line) => `  ${line}`);
}

/**
 * Every slot as one letter, 64 to a row, both copies one below the other.
 *
 * @param filter those that it does not let through are blank; left out, all are shown
 */
export function mapLines(pair: LanePair, { paint }: LineOptions, filter?: SlotFilter): readonly string[] {
  const shown = (view: SlotView) =>
    filter === undefined || isSelected(view, filter) ? letter(view.status, paint) : ' ';
  const copies = copiesOf(pair);
  const sideWidth = Math.max(...copies.map((ring) => ring.side.length));
  return copies.flatMap((ring) =>
    chunk(ring.slots, mapWidth).map((slots, row) => {
      const side = row === 0 ? ring.side : '';
      const first = String(row * mapWidth + 1).padStart(3);
      return `  ${side.padEnd(sideWidth)} ${first} ${slots.map(shown).join('')}`.trimEnd();
    }),
  );
}

/** What the letters of the map mean. */
export function legendLine(paint: Painter): string {
  return statuses.map((status) => `${letter(status, paint)} ${paint.dim(status)}`).join('  ');
}

export function statusText(status: SlotStatus, paint: Painter): string {
  return statusPaint(status, paint)(status);
}

/** `stamp 261122123045` or `error 300`, and by whose word if it was not the answer itself. */
export function outcomeText(view: SlotView | undefined): string {
  const outcome = view?.outcome;
  if (outcome === undefined) return '';
  const by = outcome.by === 'answer' ? '' : ` by ${outcome.by}`;
  if (outcome.status === 'refused')
    return `refused${outcome.errorCode === 0 ? '' : `: error ${outcome.errorCode}`}${by}`;
  if (outcome.status === 'expired') return `expired${by}`;
  return `confirmed${outcome.stamp === '' ? '' : `: stamp ${outcome.stamp}`}${by}`;
}

export function linkText(link: LinkView, paint: Painter, now: number): string {
  if (link.state === 'up')
    return `link ${paint.green('up')}${link.rttMs === undefined ? '' : `   rtt ${Math.round(link.rttMs)} ms`}`;
  const since = `link ${paint.red(link.state)} for ${formatDuration(now - link.since)}`;
  return link.reason === undefined ? since : `${since} (${link.reason})`;
}

function statusCell(view: SlotView | undefined, { paint }: LineOptions): string {
  return view === undefined ? '' : statusText(view.status, paint);
}

/** One slot of a map. */
export function letter(status: SlotStatus, paint: Painter): string {
  return statusPaint(status, paint)(statusTable[status].letter);
}

/** The colour of a status. */
export function statusPaint(status: SlotStatus, paint: Painter): (text: string) => string {
  switch (status) {
    case 'free':
    case 'settled':
      return paint.dim;
    case 'placed':
      return paint.cyan;
    case 'mirrored':
      return paint.blue;
    case 'in-flight':
      return paint.yellow;
    case 'in-doubt':
      return paint.magenta;
    case 'confirmed':
      return paint.green;
    case 'refused':
    case 'expired':
      return paint.red;
  }
}

/** The copy with the higher number; of equal ones the consumer's word about attempts is in both. */
function latest(a: SlotView | undefined, b: SlotView | undefined): SlotView | undefined {
  return (a?.seq ?? 0) >= (b?.seq ?? 0) ? (a ?? b) : b;
}

function chunk(slots: RingView['slots'], size: number): readonly (readonly SlotView[])[] {
  const rows: SlotView[][] = [];
  for (let start = 0; start < slots.length; start += size) rows.push(slots.slice(start, start + size));
  return rows;
}
