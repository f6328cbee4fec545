/**
 * What the demo's screen shows, from what is known at a moment: a pure function. Numbers and texts are in full: they were
 * made up here, or typed by the one who looks.
 */
import type { LinkView, RingView, SlotView } from '../../core/store/ring-view.ts';
import type { ImpairCounts } from '../../shell/impair.ts';
import type { Painter } from '../colour.ts';
import { letter } from '../ring/ring-lines.ts';
import { countLane, type LanePair } from '../ring/ring-pairs.ts';
import { displayWidth, fitText, printable } from '../table.ts';

export interface DemoView {
  readonly invitation: Invitation;
  readonly link: LinkView | undefined;
  readonly cuts: ImpairCounts | undefined;
  readonly lanes: readonly LanePair[];
  /** Oldest first. */
  readonly messages: readonly MessageLine[];
  readonly handsets: readonly HandsetLine[];
}

/** What a newcomer can do. */
export interface Invitation {
  readonly url: string;
  readonly users: readonly { readonly name: string; readonly password: string }[];
  /** Lines to paste into another terminal. */
  readonly commands: readonly string[];
}

export interface MessageLine {
  /** `15:04:05` */
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** In words, with what it looks like. */
  readonly step: string;
  readonly mood: 'waiting' | 'good' | 'bad' | 'unknown';
}

export interface HandsetLine {
  readonly number: string;
  readonly received: number;
  readonly last: string;
}

export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Painter;
}

const labelWidth = 9;
const sideWidth = 9;
const longestMap = 64;
/** Message lines are the ones that give way on a low terminal. */
const fewestMessages = 3;

export function viewLines(view: DemoView, options: ViewOptions): readonly string[] {
  const { paint, columns, rows } = options;
  const head = [headLine(options), ...invitationLines(view.invitation, options), ''];
  const link = [linkLine(view, options), ...view.lanes.flatMap((pair) => laneLines(pair, options)), legend(paint), ''];
  const handsets = view.handsets.map((handset) => handsetLine(handset, options));
  const room = Math.max(fewestMessages, rows - head.length - link.length - handsets.length - 1);
  const messages = view.messages.slice(-room).map((message) => messageLine(message, options));
  return [...head, ...link, ...messages, ...blank(room - messages.length), '', ...handsets]
    .slice(0, rows)
    .map((line) => (displayWidth(line) > columns ? fitText(line.replace(/\x1b\[[0-9;]*m/g, ''), columns) : line));
}

export function invitationText({ url, users, commands }: Invitation): readonly string[] {
  const [first, ...others] = users;
  return [
    `open  ${url}   as ${first?.name}, password ${first?.password}`,
    ...others.map(({ name, password }) => `      or in another browser as ${name}, password ${password}`),
    ...commands.map((command, index) => `${index === 0 ? 'type' : '    '}  ${command}`),
  ];
}

function headLine({ columns, paint }: ViewOptions): string {
  const title = 'ringbridge demo: every role is a process of its own';
  const end = 'Ctrl-C ends all';
  const gap = ' '.repeat(Math.max(2, columns - title.length - end.length));
  return `${paint.bold(title.slice(0, 15))}${title.slice(15)}${gap}${paint.dim(end)}`;
}

function invitationLines(invitation: Invitation, { paint }: ViewOptions): readonly string[] {
  return invitationText(invitation).map((line) => line.replace(/^(open|type)/, (word) => paint.cyan(word)));
}

function linkLine({ link, cuts }: DemoView, { paint }: ViewOptions): string {
  const state =
    link?.state === 'up'
      ? paint.green(`link up${link.rttMs === undefined ? '' : `, ${link.rttMs} ms`}`)
      : paint.red(`link ${link?.state ?? 'unknown'}`);
  const line = link?.state === 'up' ? '────' : paint.red('─ ✕ ─');
  return `SMSC ══ buffer ${line} ${state} ${line} IM server   ${cutText(cuts, paint)}`;
}

function cutText(cuts: ImpairCounts | undefined, paint: Painter): string {
  if (cuts === undefined) return '';
  const soFar = `(${cuts.cuts} so far)`;
  if (cuts.changesInMs === undefined) return paint.dim('no cuts');
  const seconds = Math.ceil(cuts.changesInMs / 1_000);
  return cuts.state === 'cut'
    ? `${paint.red(`cut, ${seconds} s more`)} ${paint.dim(soFar)}`
    : `next cut in ${seconds} s ${paint.dim(soFar)}`;
}

function laneLines(pair: LanePair, options: ViewOptions): readonly string[] {
  const { paint, columns } = options;
  const counts = countLane(pair);
  const width = Math.min(longestMap, columns - sideWidth - 4);
  const copies = pair.lane === 'mt' ? [pair.imServer, pair.buffer] : [pair.buffer, pair.imServer];
  const from = windowStart(copies, width);
  const until = Math.min(from + width, counts.size);
  const way = pair.lane === 'mt' ? 'people → handsets' : 'handsets → people';
  const doubt = counts.inDoubt === 0 ? '' : paint.magenta(`   ${counts.inDoubt} in doubt`);
  return [
    `${paint.bold(pair.lane)}  ${way}   ${String(counts.used).padStart(3)} of ${counts.size} used${doubt}   ${paint.dim(`slots ${from + 1}–${until}`)}`,
    ...copies.map((ring) => {
      const side = ring?.side ?? '';
      return `  ${side.padEnd(sideWidth)} ${slotsText(ring, from, until, paint)}`;
    }),
  ];
}

/** The part of the ring where the newest message is, the same for both copies. */
function windowStart(copies: readonly (RingView | undefined)[], width: number): number {
  let newest: SlotView | undefined;
  for (const ring of copies) {
    for (const slot of ring?.slots ?? []) if ((slot.seq ?? 0) > (newest?.seq ?? 0)) newest = slot;
  }
  return Math.floor(((newest?.slot ?? 1) - 1) / width) * width;
}

function slotsText(ring: RingView | undefined, from: number, until: number, paint: Painter): string {
  if (ring === undefined) return paint.red('not running');
  return ring.slots
    .slice(from, until)
    .map(({ status }) => letter(status, paint))
    .join('');
}

function legend(paint: Painter): string {
  const shown = ['placed', 'mirrored', 'in-flight', 'confirmed', 'settled', 'in-doubt'] as const;
  return `  ${shown.map((status) => `${letter(status, paint)} ${paint.dim(status)}`).join('  ')}`;
}

function messageLine(message: MessageLine, { columns, paint }: ViewOptions): string {
  const { time, from, to, step, mood } = message;
  const way = `${from} → ${to}`;
  const room = Math.max(8, columns - time.length - way.length - step.length - 8);
  const text = fitText(`"${printable(message.text)}"`, room);
  const shown = { waiting: paint.yellow, good: paint.green, bad: paint.red, unknown: paint.magenta }[mood](step);
  const gap = ' '.repeat(Math.max(1, room - displayWidth(text) + 2));
  return `${paint.dim(time)}  ${way}  ${text}${gap}${shown}`;
}

function handsetLine({ number, received, last }: HandsetLine, { columns, paint }: ViewOptions): string {
  const label = `${'handset'.padEnd(labelWidth)}${number.padEnd(14)} ${String(received).padStart(4)} received`;
  const text = last === '' ? '' : `, last "${printable(last)}"`;
  return `${paint.bold(label)}${fitText(text, Math.max(4, columns - label.length))}`;
}

function blank(count: number): readonly string[] {
  return Array.from({ length: Math.max(0, count) }, () => '');
}
