/** The rings as cells: a letter for every slot, both copies one below the other, and what is marked in them. Pure. */
import { type SlotStatus, statusTable } from '../../../core/ring/status.ts';
import type { RingView } from '../../../core/store/ring-view.ts';
import type { Painter } from '../../colour.ts';
import { laneLine, statusPaint } from '../ring-lines.ts';
import { copiesOf, type LanePair } from '../ring-pairs.ts';
import { differingSlots, matchingSlots } from './cursor.ts';
import { type Layout, rowsOf } from './layout.ts';
import { type ScreenState, shownLayout, shownNow, shownSmsc } from './screen-state.ts';
import { paintRuns } from './styled.ts';

interface CellStyle {
  readonly status: SlotStatus;
  readonly isSelected: boolean;
  readonly isDifferent: boolean;
}

/** What is marked in a lane, by slot. */
interface Marks {
  readonly different: ReadonlySet<number>;
  /** Undefined: no filter. */
  readonly matching: ReadonlySet<number> | undefined;
  /** By the event that is looked at. */
  readonly moved: ReadonlySet<number>;
  readonly selected: number | undefined;
}

export function ringsLines(state: ScreenState, paint: Painter): readonly string[] {
  const smsc = shownSmsc(state);
  const layout = shownLayout(state);
  return (smsc?.lanes ?? []).flatMap((pair) => {
    const marks = marksOf(pair, state);
    const head = laneHead(pair, marks.different.size, state, paint);
    return layout.drawn.includes(pair.lane) ? [head, ...cellLines(pair, marks, layout, paint)] : [head];
  });
}

function marksOf(pair: LanePair, state: ScreenState): Marks {
  const { cursor, query, when } = state;
  const moved = when.type === 'past' ? when.moment.moved : [];
  return {
    different: new Set(differingSlots(pair)),
    matching: query === undefined ? undefined : new Set(matchingSlots(pair, query, shownNow(state))),
    moved: new Set(
      moved.filter((place) => place.smscId === cursor.smscId && place.lane === pair.lane).map(({ slot }) => slot),
    ),
    selected: cursor.lane === pair.lane ? cursor.slot : undefined,
  };
}

function laneHead(pair: LanePair, differing: number, state: ScreenState, paint: Painter): string {
  const line = laneLine(pair, { paint, privacy: state.privacy, now: shownNow(state) });
  return copiesOf(pair).length < 2 ? line : `${line}   ${differing} differ`;
}

function cellLines(pair: LanePair, marks: Marks, layout: Layout, paint: Painter): readonly string[] {
  const { cellsPerRow, rowsPerLane } = layout;
  const rows = rowsOf(pair, cellsPerRow);
  const selectedRow = Math.floor(((marks.selected ?? 1) - 1) / cellsPerRow);
  const first = Math.max(0, Math.min(selectedRow, rows - rowsPerLane));
  return Array.from({ length: Math.min(rows, rowsPerLane) }, (_, i) => first + i).flatMap((row) => {
    const from = row * cellsPerRow + 1;
    const copies = copiesOf(pair);
    const lines = copies.map((ring, i) => {
      const number = i === 0 ? String(from).padStart(3) : '   ';
      return `${layout.sideNames[ring.side]} ${paint.dim(number)} ${cells(ring, from, marks, layout, paint)}`;
    });
    return layout.marks === 'row' && copies.length > 1 ? [...lines, markLine(pair, from, marks, layout)] : lines;
  });
}

function cells(ring: RingView, from: number, marks: Marks, layout: Layout, paint: Painter): string {
  const shown = ring.slots.slice(from - 1, from - 1 + layout.cellsPerRow).map(({ slot, status }) => ({
    text: marks.matching?.has(slot) === false ? ' ' : statusTable[status].letter,
    style: { status, isSelected: slot === marks.selected, isDifferent: marks.different.has(slot) },
  }));
  return paintRuns(shown, isSameStyle, (text, style) => paintCells(text, style, paint));
}

function isSameStyle(a: CellStyle, b: CellStyle): boolean {
  return a.status === b.status && a.isSelected === b.isSelected && a.isDifferent === b.isDifferent;
}

function paintCells(text: string, { status, isSelected, isDifferent }: CellStyle, paint: Painter): string {
  const coloured = statusPaint(status, paint)(text);
  const marked = isDifferent ? paint.underline(coloured) : coloured;
  return isSelected ? paint.inverse(marked) : marked;
}

/** `*` under what the event moved, `^` under what differs. */
function markLine(pair: LanePair, from: number, { different, moved }: Marks, layout: Layout): string {
  const size = Math.max(...copiesOf(pair).map((ring) => ring.size));
  const margin = ' '.repeat(layout.sideNames.buffer.length + 5);
  const marked = Array.from({ length: Math.min(layout.cellsPerRow, size - from + 1) }, (_, i) => {
    if (moved.has(from + i)) return '*';
    return different.has(from + i) ? '^' : ' ';
  });
  return `${margin}${marked.join('')}`.trimEnd();
}
