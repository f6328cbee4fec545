/**
 * Where everything is on a screen of some size: how many cells stand in a row, which lanes are shown, how much room is
 * left below them. Pure; the same for moving the cursor and for drawing.
 */
import type { LaneName } from '../../../core/ring/status.ts';
import { copiesOf, type LanePair, type Side } from '../ring-pairs.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Layout {
  /** Cells of a copy in one row. */
  readonly cellsPerRow: number;
  /** In front of the cells: whose copy, and the number of the first slot. */
  readonly sideNames: Readonly<Record<Side, string>>;
  /** Lanes that are drawn in full, the others only as a line. */
  readonly drawn: readonly LaneName[];
  /** Below every row of cells a row that marks where the copies differ. */
  readonly marks: 'row' | 'none';
  /** Rows of cells that are drawn of a lane, from the one of the cursor on where not all have room. */
  readonly rowsPerLane: number;
  /** Rows below the rings, above the last line. */
  readonly restRows: number;
}

/** Smaller ones get a line that says so. */
export const smallestSize: Size = { columns: 40, rows: 10 };

/** Below 80 columns names are short. */
const narrowColumns = 80;
const longNames = { buffer: 'buffer   ', 'im-server': 'im-server' } as const;
const shortNames = { buffer: 'buf', 'im-server': 'im ' } as const;
/** Name, space, number, space. */
const numberColumns = 5;
const cellStep = 16;
const mostCells = 128;

/** The head, and the line at the bottom. */
const frameRows = 2;
/** The selected slot, and a blank line above it. */
const leastRestRows = 2;

export function layoutFor({ columns, rows }: Size, lanes: readonly LanePair[], selected: LaneName): Layout {
  const sideNames = columns < narrowColumns ? shortNames : longNames;
  const room = columns - sideNames.buffer.length - numberColumns;
  const cellsPerRow = Math.min(mostCells, Math.max(cellStep, Math.floor(room / cellStep) * cellStep));
  const body = rows - frameRows - leastRestRows;
  const heights = (marks: Layout['marks'], drawn: readonly LanePair[]): number =>
    lanes.length + drawn.reduce((sum, pair) => sum + heightOf(pair, cellsPerRow, marks), 0);
  const own = lanes.filter(({ lane }) => lane === selected);
  const common = { cellsPerRow, sideNames };
  for (const [drawn, marks] of [
    [lanes, 'row'],
    [lanes, 'none'],
    [own, 'row'],
    [own, 'none'],
  ] as const) {
    const height = heights(marks, drawn);
    if (height > body) continue;
    const rowsPerLane = Math.max(0, ...drawn.map((pair) => rowsOf(pair, cellsPerRow)));
    const names = drawn.map(({ lane }) => lane);
    return { ...common, drawn: names, marks, rowsPerLane, restRows: body - height + leastRestRows };
  }
  const copies = Math.max(1, ...own.map((pair) => copiesOf(pair).length));
  const rowsPerLane = Math.max(1, Math.floor((body - lanes.length) / copies));
  return { ...common, drawn: own.map(({ lane }) => lane), marks: 'none', rowsPerLane, restRows: leastRestRows };
}

/** Rows of cells that a copy takes. */
export function rowsOf(pair: LanePair, cellsPerRow: number): number {
  return Math.ceil(sizeOf(pair) / cellsPerRow);
}

/** Slots of a lane, 0 before the first contact; the larger of two copies that are not of one size. */
export function sizeOf(pair: LanePair): number {
  return Math.max(0, ...copiesOf(pair).map((ring) => ring.size));
}

function heightOf(pair: LanePair, cellsPerRow: number, marks: Layout['marks']): number {
  const copies = copiesOf(pair).length;
  const markRows = marks === 'row' && copies > 1 ? 1 : 0;
  return rowsOf(pair, cellsPerRow) * (copies + markRows);
}
