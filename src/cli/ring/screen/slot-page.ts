/** One slot on the screen: in a few lines below the rings, or as a page with both copies and its history. Pure. */
import type { SlotView } from '../../../core/store/ring-view.ts';
import type { Painter } from '../../colour.ts';
import { formatDuration } from '../../duration.ts';
import { showNumber, showText } from '../../mask.ts';
import { displayWidth, fitText, printable } from '../../table.ts';
import { outcomeText, statusText } from '../ring-lines.ts';
import type { Side } from '../ring-pairs.ts';
import { slotFields } from '../slot-detail.ts';
import { pairAt, pairUnder } from './cursor.ts';
import { isSamePlace, type ScreenState, shownNow, shownSmsc } from './screen-state.ts';
import { joinFitting } from './styled.ts';

/** The widest name of a field, and a gap. */
const nameColumns = 20;
const gap = 3;
/** A message's id, and what a clock says. */
const widestCell = 40;

/** Two lines: what the slot is at both ends, and whose message is in it. */
export function slotSummary(state: ScreenState, paint: Painter): readonly string[] {
  const { cursor, privacy } = state;
  const copies = copiesUnder(state);
  const [first] = copies;
  const newest = copies.map(({ view }) => view).reduce<SlotView | undefined>(later, undefined);
  if (first === undefined || newest === undefined) return [`${cursor.lane} slot ${cursor.slot}: no such slot`, ''];
  const parts = [
    paint.bold(`${cursor.lane} slot ${cursor.slot}`),
    newest.seq === undefined ? undefined : `number ${newest.seq}`,
    newest.movedAt === undefined ? undefined : `${formatDuration(shownNow(state) - newest.movedAt)} ago`,
    ...statusTexts(copies, paint),
    newest.attempts > 0 ? `attempt ${newest.attempts}` : undefined,
  ];
  const message = copies.find(({ view }) => view.seq === newest.seq && view.message !== undefined)?.view.message;
  const words =
    message === undefined
      ? [outcomeText(newest)]
      : [
          message.from === '' ? '' : `from ${showNumber(message.from, privacy)}`,
          message.to === '' ? '' : `to ${showNumber(message.to, privacy)}`,
          printable(showText(message.content, privacy)),
          outcomeText(newest),
        ];
  const { columns } = state.size;
  return [
    joinFitting(
      parts.filter((part) => part !== undefined),
      columns,
    ),
    joinFitting(
      words.filter((word) => word !== ''),
      columns,
    ),
  ];
}

/** Everything that is known of it, as many lines as that takes. */
export function slotPageLines(state: ScreenState, paint: Painter): readonly string[] {
  return [...detailLines(state, paint), '', paint.bold('history'), ...historyLines(state)];
}

export function detailLines(state: ScreenState, paint: Painter): readonly string[] {
  const copies = copiesUnder(state);
  const options = { paint, privacy: state.privacy, now: shownNow(state), times: 'clock' } as const;
  const rows = slotFields(
    copies.map(({ view }) => view),
    options,
  );
  const share = Math.floor((state.size.columns - nameColumns - gap) / Math.max(1, copies.length)) - gap;
  const room = Math.max(10, Math.min(share, widestCell));
  const head = row(
    '',
    copies.map(({ side }) => paint.bold(side)),
    room,
  );
  return [head, ...rows.map(([name = '', ...cells]) => row(name, sameMarked(cells, room, paint), room))];
}

/** What both copies say alike is said once: with a sign where there is room for one, else in as much room as it takes. */
function sameMarked([first = '', ...others]: readonly string[], room: number, paint: Painter): readonly string[] {
  if (others.length === 0 || others.some((cell) => cell !== first)) return [first, ...others];
  return displayWidth(first) > room ? [first] : [first, ...others.map(() => paint.dim('the same'))];
}

function row(name: string, cells: readonly string[], room: number): string {
  const label = `  ${name.padEnd(nameColumns)}`;
  if (cells.length === 1) return label + cells.join('');
  const fitted = cells.map((cell) => (displayWidth(cell) > room ? fitText(cell, room) : cell));
  return (
    label +
    fitted
      .map((cell) => cell + ' '.repeat(Math.max(0, room + gap - displayWidth(cell))))
      .join('')
      .trimEnd()
  );
}

function historyLines({ word, cursor }: ScreenState): readonly string[] {
  if (word.type !== 'history' || !isSamePlace(word.of, cursor)) return ['  …'];
  return word.lines.map((line) => `  ${line}`);
}

interface Copy {
  readonly side: Side;
  readonly view: SlotView;
}

function copiesUnder(state: ScreenState): readonly Copy[] {
  const { cursor } = state;
  const pair = pairUnder(cursor, shownSmsc(state));
  if (pair === undefined) return [];
  const { buffer, imServer } = pairAt(pair, cursor.slot);
  return [
    ...(buffer === undefined ? [] : [{ side: 'buffer', view: buffer } as const]),
    ...(imServer === undefined ? [] : [{ side: 'im-server', view: imServer } as const]),
  ];
}

function later(a: SlotView | undefined, b: SlotView): SlotView {
  if (a === undefined) return b;
  if (a.seq !== b.seq) return (a.seq ?? 0) > (b.seq ?? 0) ? a : b;
  return (a.movedAt ?? 0) >= (b.movedAt ?? 0) ? a : b;
}

function statusTexts(copies: readonly Copy[], paint: Painter): readonly string[] {
  const [first, other] = copies;
  if (first !== undefined && other !== undefined && first.view.status === other.view.status) {
    return [`both ${statusText(first.view.status, paint)}`];
  }
  return copies.map(({ side, view }) => `${side} ${statusText(view.status, paint)}`);
}
