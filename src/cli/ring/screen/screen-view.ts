/** How the screen looks: from its state, the lines that stand on it. Pure; every line fits, and there are never too many. */
import type { Painter } from '../../colour.ts';
import { clockText } from '../../recording/moment.ts';
import { smscLine } from '../ring-lines.ts';
import { matchingSlots } from './cursor.ts';
import { helpLines, keyHints } from './help-page.ts';
import { smallestSize } from './layout.ts';
import { ringsLines } from './rings-view.ts';
import { type Moment, type ScreenState, shownLayout, shownNow, shownRings, shownSmsc } from './screen-state.ts';
import { detailLines, slotPageLines, slotSummary } from './slot-page.ts';
import { queryText, type SlotQuery } from './slot-query.ts';
import { cutStyled, spread } from './styled.ts';

/** Of the page of a slot and of the help: the head and the line at the bottom. */
const frameRows = 2;

export function screenLines(state: ScreenState, paint: Painter): readonly string[] {
  const { columns, rows } = state.size;
  if (columns < smallestSize.columns || rows < smallestSize.rows) {
    const least = `${smallestSize.columns} × ${smallestSize.rows}`;
    return [`The screen is ${columns} × ${rows}; it takes ${least}.`, 'q leaves'].map((line) =>
      cutStyled(line, columns),
    );
  }
  const body = bodyLines(state, paint).slice(0, rows - frameRows);
  const blank = Array.from({ length: Math.max(0, rows - frameRows - body.length) }, () => '');
  const lines = [headLine(state, paint), ...body, ...blank, bottomLine(state, paint)];
  return lines.map((line) => cutStyled(line, columns));
}

/** How far a page can be scrolled. */
export function lastScroll(state: ScreenState, paint: Painter): number {
  const { length } = state.page.type === 'help' ? helpLines(state.size.columns, paint) : slotPageLines(state, paint);
  return Math.max(0, length - (state.size.rows - frameRows));
}

function headLine(state: ScreenState, paint: Painter): string {
  const smsc = shownSmsc(state);
  const rings = shownRings(state);
  const options = { paint, privacy: state.privacy, now: shownNow(state) };
  const left = smsc === undefined ? paint.bold('no rings yet') : smscLine(smsc, options);
  const index = rings.findIndex(({ smscId }) => smscId === state.cursor.smscId) + 1;
  const count = rings.length > 1 ? `   SMSC ${index} of ${rings.length}` : '';
  const page = state.page.type === 'slot' ? `${paint.bold(`${state.cursor.lane} slot ${state.cursor.slot}`)}   ` : '';
  return spread(left, `${page}${whenText(state, paint)}${count}`, state.size.columns);
}

function whenText({ when, sources }: ScreenState, paint: Painter): string {
  switch (when.type) {
    case 'live': {
      const stopped = sources.filter((source) => source.state === 'stopped').map(({ role }) => role);
      if (stopped.length === 0) return paint.green('live');
      return paint.yellow(stopped.length === sources.length ? 'stopped' : `${stopped.join(', ')} stopped`);
    }
    case 'opening':
      return paint.yellow('opening recordings');
    case 'past':
      return paint.inverse(` ${clockText(when.moment.at)} `);
    default:
      return when satisfies never;
  }
}

function bodyLines(state: ScreenState, paint: Painter): readonly string[] {
  const { page } = state;
  if (page.type === 'help') return scrolled(helpLines(state.size.columns, paint), page.scroll, state);
  if (page.type === 'slot') return scrolled(slotPageLines(state, paint), page.scroll, state);
  if (shownSmsc(state) === undefined)
    return ['', 'No rings yet: no buffer and IM server have met with these state directories.'];
  return [...ringsLines(state, paint), ...restLines(state, paint)];
}

function scrolled(lines: readonly string[], scroll: number, { size }: ScreenState): readonly string[] {
  const room = size.rows - frameRows;
  const from = Math.max(0, Math.min(scroll, lines.length - room));
  return lines.slice(from, from + room);
}

/** Below the rings, the most important first: what is travelled through, the selected slot, and more of it. */
function restLines(state: ScreenState, paint: Painter): readonly string[] {
  const { when, query, word, size } = state;
  const { restRows } = shownLayout(state);
  const slider = when.type === 'past' ? sliderLines(when.moment, size.columns, paint) : [];
  const filter = query === undefined ? [] : [filterLine(query, state, paint)];
  const mover = word.type === 'mover' ? word.lines : [];
  const summary = [...mover, ...slotSummary(state, paint)];
  const lines = [...slider, ...filter, ...summary];
  const spaced = restRows > lines.length ? ['', ...lines] : lines;
  const more = ['', ...detailLines(state, paint)];
  return restRows >= spaced.length + more.length ? [...spaced, ...more] : spaced.slice(0, restRows);
}

function filterLine(query: SlotQuery, state: ScreenState, paint: Painter): string {
  const found = (shownSmsc(state)?.lanes ?? []).map(
    (pair) => `${pair.lane} ${matchingSlots(pair, query, shownNow(state)).length}`,
  );
  return `${paint.bold('filter')} ${queryText(query)}: ${found.join(', ')}`;
}

function sliderLines({ index, count, at, side, text }: Moment, columns: number, paint: Painter): readonly string[] {
  const right = ` ${(index + 1).toLocaleString('en')} of ${count.toLocaleString('en')}  ${clockText(at)}`;
  const width = Math.max(4, columns - right.length);
  const knob = count < 2 ? 0 : Math.round((index / (count - 1)) * (width - 1));
  const bar = `${'─'.repeat(knob)}${paint.inverse('●')}${'─'.repeat(width - knob - 1)}`;
  return [`${bar}${right}`, `${paint.bold(side)} ${text}`];
}

function bottomLine(state: ScreenState, paint: Painter): string {
  const { page, notice, size, when } = state;
  if (page.type === 'typing') {
    const problem = page.problem === undefined ? '' : `   ${paint.red(page.problem)}`;
    return `/${page.text}${paint.inverse(' ')}${problem}`;
  }
  if (notice !== undefined) return paint.yellow(notice);
  if (page.type !== 'rings') return paint.dim(keyHints(page.type, size.columns));
  return paint.dim(keyHints(when.type === 'past' ? 'past' : 'rings', size.columns));
}
