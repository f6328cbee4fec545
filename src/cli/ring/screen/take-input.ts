/** What becomes of the screen when something comes: a key, another size, rings, an answer of the driver. Pure. */
import { takeKey } from './screen-keys.ts';
import {
  type Cursor,
  isSamePlace,
  type Moment,
  type ScreenInput,
  type ScreenState,
  type SlotWord,
  shownRings,
  type Taken,
  type When,
} from './screen-state.ts';

export function take(state: ScreenState, input: ScreenInput): Taken {
  switch (input.type) {
    case 'key':
      return takeKey({ ...state, notice: undefined }, input.key);
    case 'resized':
      return only({ ...state, size: input.size });
    case 'rings':
      return only(withCursor({ ...state, live: input.rings, sources: input.sources }));
    case 'clock':
      return only({ ...state, now: input.now });
    case 'moment':
      return only(withCursor({ ...state, when: whenAt(state.when, input.moment) }));
    case 'word':
      return only(isOfCursor(input.word, state.cursor) ? { ...state, word: input.word } : state);
    case 'failed':
      return only({
        ...state,
        notice: input.text,
        when: state.when.type === 'opening' ? { type: 'live' } : state.when,
      });
    default:
      return input satisfies never;
  }
}

function only(state: ScreenState): Taken {
  return { state, asks: [] };
}

/** A moment that comes when nobody travels any more is not shown. */
function whenAt(when: When, moment: Moment): When {
  if (when.type === 'live') return when;
  return { type: 'past', moment };
}

function isOfCursor(word: SlotWord, cursor: Cursor): boolean {
  return word.type === 'none' || isSamePlace(word.of, cursor);
}

/** The cursor stays where it is as long as there is such a place. */
function withCursor(state: ScreenState): ScreenState {
  const rings = shownRings(state);
  const { cursor } = state;
  const smsc = rings.find(({ smscId }) => smscId === cursor.smscId) ?? rings[0];
  if (smsc === undefined) return state;
  const lane = smsc.lanes.some((pair) => pair.lane === cursor.lane) ? cursor.lane : (smsc.lanes[0]?.lane ?? 'mt');
  if (smsc.smscId === cursor.smscId && lane === cursor.lane) return state;
  return { ...state, cursor: { smscId: smsc.smscId, lane, slot: cursor.slot }, word: { type: 'none' } };
}
