/** What the keys do, page by page; `help-page.ts` says it to people. Pure. */
import { plainPainter } from '../../colour.ts';
import { findMatch, moveBy, moveRow, moveToEdge, moveToOtherLane } from './cursor.ts';
import type { Key, KeyName } from './key.ts';
import {
  type Ask,
  type Cursor,
  isSamePlace,
  type Moment,
  type ScreenState,
  shownLayout,
  shownNow,
  shownRings,
  shownSmsc,
  type Taken,
} from './screen-state.ts';
import { lastScroll } from './screen-view.ts';
import { asksForMessages, parseQuery, type SlotQuery } from './slot-query.ts';

/** Longest filter that can be typed, in characters. */
const queryLimit = 200;

/** Events that PgUp and PgDn pass over: a fiftieth of all, at least ten. */
const pageShare = 50;
const leastPage = 10;

/** Lines of a page that are still to be seen on the next, and the frame. */
const scrollOverlap = 4;

const used: SlotQuery = mustParse('used');
const differing: SlotQuery = mustParse('differs');

export function takeKey(state: ScreenState, key: Key): Taken {
  if (isNamed(key, 'interrupt')) return asking(state, { type: 'quit' });
  if (isNamed(key, 'suspend')) return asking(state, { type: 'suspend' });
  if (isNamed(key, 'redraw')) return asking(state, { type: 'redraw' });
  if (state.page.type === 'typing') return typed(state, key, state.page.text);
  if (isText(key, 'q')) return asking(state, { type: 'quit' });
  switch (state.page.type) {
    case 'rings':
      return onRings(state, key);
    case 'slot':
      return onSlot(state, key, state.page.scroll);
    case 'help':
      return onHelp(state, key, state.page.scroll);
    default:
      return state.page satisfies never;
  }
}

// --- the rings ------------------------------------------------------------------------------------------------------

function onRings(state: ScreenState, key: Key): Taken {
  if (key.type === 'text') return textOnRings(state, key.text);
  if (key.name === 'escape') return back(state);
  if (key.name === 'enter') return openSlot(state);
  if (key.name === 'tab') return toSmsc(state, 1);
  if (key.name === 'back-tab') return toSmsc(state, -1);
  if (state.when.type === 'past') {
    const index = sliderIndex(key.name, state.when.moment);
    if (index !== undefined) return asking(state, { type: 'go', index });
  }
  return toCursor(state, movedCursor(state, key.name));
}

function textOnRings(state: ScreenState, text: string): Taken {
  const { cursor, when } = state;
  switch (text) {
    case 'h':
      return toCursor(state, movedCursor(state, 'left'));
    case 'l':
      return toCursor(state, movedCursor(state, 'right'));
    case 'k':
      return toCursor(state, movedCursor(state, 'up'));
    case 'j':
      return toCursor(state, movedCursor(state, 'down'));
    case 'n':
    case 'p':
      if (when.type !== 'past') return toMatch(state, state.query ?? used, text === 'n' ? 1 : -1);
      return asking(state, {
        ...{ type: 'seek', cursor, index: when.moment.index },
        way: text === 'n' ? 'next' : 'previous',
      });
    case 'd':
      return toMatch(state, differing, 1);
    case '/':
      return only({ ...state, page: { type: 'typing', text: state.query?.text ?? '', problem: undefined } });
    case 't':
      if (when.type === 'past') return only({ ...state, when: { type: 'live' } });
      return asking({ ...state, when: { type: 'opening' } }, { type: 'go', index: undefined });
    case 'w':
      return asking(state, {
        ...{ type: 'find-mover', cursor },
        index: when.type === 'past' ? when.moment.index : undefined,
      });
    case '?':
      return only({ ...state, page: { type: 'help', scroll: 0 } });
    default:
      return /^[1-9]$/.test(text) ? toSmscAt(state, Number(text) - 1) : only(state);
  }
}

/** Escape undoes what was done last: time travel, the filter, and at last the screen. */
function back(state: ScreenState): Taken {
  if (state.word.type === 'mover') return only({ ...state, word: { type: 'none' } });
  if (state.when.type !== 'live') return only({ ...state, when: { type: 'live' } });
  if (state.query !== undefined) return only({ ...state, query: undefined });
  return asking(state, { type: 'quit' });
}

function movedCursor(state: ScreenState, name: KeyName): Cursor {
  const { cursor } = state;
  const smsc = shownSmsc(state);
  switch (name) {
    case 'left':
      return moveBy(cursor, smsc, -1);
    case 'right':
      return moveBy(cursor, smsc, 1);
    case 'up':
      return moveRow(cursor, smsc, shownLayout(state).cellsPerRow, -1);
    case 'down':
      return moveRow(cursor, smsc, shownLayout(state).cellsPerRow, 1);
    case 'page-up':
    case 'page-down':
      return moveToOtherLane(cursor, smsc);
    case 'home':
      return moveToEdge(cursor, smsc, 'first');
    case 'end':
      return moveToEdge(cursor, smsc, 'last');
    default:
      return cursor;
  }
}

/** Where the slider goes; undefined for a key that moves it not. */
function sliderIndex(name: KeyName, { index, count }: Moment): number | undefined {
  const page = Math.max(leastPage, Math.round(count / pageShare));
  const wanted: Partial<Record<KeyName, number>> = {
    left: index - 1,
    right: index + 1,
    'page-up': index - page,
    'page-down': index + page,
    home: 0,
    end: count - 1,
  };
  const to = wanted[name];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}

function toMatch(state: ScreenState, query: SlotQuery, step: 1 | -1): Taken {
  const found = findMatch(state.cursor, shownSmsc(state), { query, now: shownNow(state), step });
  if (found === undefined) return only({ ...state, notice: `No slot: ${query.text}.` });
  return toCursor(state, found);
}

function toSmsc(state: ScreenState, step: 1 | -1): Taken {
  const rings = shownRings(state);
  const at = rings.findIndex(({ smscId }) => smscId === state.cursor.smscId);
  return toSmscAt(state, (at + step + rings.length) % Math.max(1, rings.length));
}

function toSmscAt(state: ScreenState, index: number): Taken {
  const smsc = shownRings(state)[index];
  if (smsc === undefined) return only(state);
  const lane = smsc.lanes.some((pair) => pair.lane === state.cursor.lane) ? state.cursor.lane : smsc.lanes[0]?.lane;
  const cursor = { ...state.cursor, smscId: smsc.smscId, lane: lane ?? state.cursor.lane };
  // Rings may be of other sizes.
  return toCursor(state, moveBy(cursor, smsc, 0));
}

function toCursor(state: ScreenState, cursor: Cursor): Taken {
  if (isSamePlace(cursor, state.cursor)) return only(state);
  const moved: ScreenState = { ...state, cursor, word: { type: 'none' } };
  return state.page.type === 'slot' ? asking(moved, { type: 'read-history', cursor }) : only(moved);
}

// --- one slot -------------------------------------------------------------------------------------------------------

function openSlot(state: ScreenState): Taken {
  const opened: ScreenState = { ...state, page: { type: 'slot', scroll: 0 }, word: { type: 'none' } };
  const history: Ask = { type: 'read-history', cursor: state.cursor };
  const asks: Ask[] = state.when.type === 'live' ? [{ type: 'read-messages' }, history] : [history];
  return { state: opened, asks };
}

function onSlot(state: ScreenState, key: Key, scroll: number): Taken {
  if (isNamed(key, 'escape') || isNamed(key, 'enter')) {
    return only({ ...state, page: { type: 'rings' }, word: { type: 'none' } });
  }
  if (isText(key, '?')) return only({ ...state, page: { type: 'help', scroll: 0 } });
  if (isNamed(key, 'left') || isText(key, 'p')) return neighbour(state, -1);
  if (isNamed(key, 'right') || isText(key, 'n')) return neighbour(state, 1);
  const to = scrolled(state, key, scroll);
  return only(to === undefined ? state : { ...state, page: { type: 'slot', scroll: to } });
}

/** With a filter the next slot that it lets through. */
function neighbour(state: ScreenState, step: 1 | -1): Taken {
  const top: ScreenState = { ...state, page: { type: 'slot', scroll: 0 } };
  const moved =
    state.query === undefined
      ? toCursor(top, moveBy(state.cursor, shownSmsc(state), step))
      : toMatch(top, state.query, step);
  return state.when.type === 'live' ? { ...moved, asks: [{ type: 'read-messages' }, ...moved.asks] } : moved;
}

function onHelp(state: ScreenState, key: Key, scroll: number): Taken {
  const to = scrolled(state, key, scroll);
  return only({ ...state, page: to === undefined ? { type: 'rings' } : { type: 'help', scroll: to } });
}

/** Undefined for a key that scrolls not. */
function scrolled(state: ScreenState, key: Key, scroll: number): number | undefined {
  const page = state.size.rows - scrollOverlap;
  const last = lastScroll(state, plainPainter);
  const to: Readonly<Record<string, number>> = {
    ...{ up: scroll - 1, down: scroll + 1, k: scroll - 1, j: scroll + 1 },
    ...{ 'page-up': scroll - page, 'page-down': scroll + page, ' ': scroll + page, home: 0, end: last },
  };
  const wanted = to[key.type === 'text' ? key.text : key.name];
  return wanted === undefined ? undefined : Math.max(0, Math.min(last, wanted));
}

// --- the filter -----------------------------------------------------------------------------------------------------

function typed(state: ScreenState, key: Key, text: string): Taken {
  const going = (now: string): Taken =>
    only({ ...state, page: { type: 'typing', text: [...now].slice(0, queryLimit).join(''), problem: undefined } });
  if (key.type === 'text') return going(text + key.text);
  switch (key.name) {
    case 'escape':
      return only({ ...state, page: { type: 'rings' } });
    case 'backspace':
      return text === '' ? only({ ...state, page: { type: 'rings' } }) : going([...text].slice(0, -1).join(''));
    case 'clear-line':
      return going('');
    case 'enter':
      return filtered(state, text);
    default:
      return only(state);
  }
}

function filtered(state: ScreenState, text: string): Taken {
  const query = parseQuery(text);
  if (!query.ok) return only({ ...state, page: { type: 'typing', text, problem: query.fault.message } });
  if (query.value.conditions.length === 0) return only({ ...state, query: undefined, page: { type: 'rings' } });
  const filtering: ScreenState = { ...state, query: query.value, page: { type: 'rings' } };
  const before = moveBy(filtering.cursor, shownSmsc(filtering), 0);
  const now = shownNow(filtering);
  const found = findMatch({ ...before, slot: before.slot - 1 }, shownSmsc(filtering), {
    query: query.value,
    now,
    step: 1,
  });
  const { state: shown, asks } = found === undefined ? only(filtering) : toCursor(filtering, found);
  return { state: shown, asks: asksForMessages(query.value) ? [...asks, { type: 'read-messages' }] : asks };
}

function isNamed(key: Key, name: KeyName): boolean {
  return key.type === 'named' && key.name === name;
}

function isText(key: Key, text: string): boolean {
  return key.type === 'text' && key.text === text;
}

function only(state: ScreenState): Taken {
  return { state, asks: [] };
}

function asking(state: ScreenState, ask: Ask): Taken {
  return { state, asks: [ask] };
}

/** Of words that are in the table. */
function mustParse(text: string): SlotQuery {
  const query = parseQuery(text);
  return query.ok ? query.value : { text, conditions: [] };
}
