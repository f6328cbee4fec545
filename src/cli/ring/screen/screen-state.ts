/**
 * The screen of `ring inspect` as a value: what is shown, where the cursor is, what was asked for. `screen-keys.ts` says
 * what a key makes of it, `screen-view.ts` how it looks; reading rings and recordings is the driver's business, which is
 * asked by what `take-input.ts` returns.
 */
import type { LaneName } from '../../../core/ring/status.ts';
import type { SlotView } from '../../../core/store/ring-view.ts';
import type { Privacy } from '../../mask.ts';
import { copiesOf, type SmscRings } from '../ring-pairs.ts';
import type { RingsOfDir } from '../ring-source.ts';
import type { Key } from './key.ts';
import { layoutFor, type Size } from './layout.ts';
import { asksForMessages, type SlotQuery } from './slot-query.ts';

/** Where the cursor is. */
export interface Cursor {
  readonly smscId: string;
  readonly lane: LaneName;
  /** 1–255. */
  readonly slot: number;
}

/** One event of the recordings, with the rings as they were behind it. */
export interface Moment {
  /** 0–count - 1. */
  readonly index: number;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whose recording it is in. */
  readonly side: string;
  /** What happened, in words; no numbers of people and no texts. */
  readonly text: string;
  readonly rings: readonly SmscRings[];
  /** Slots that this event moved. */
  readonly moved: readonly Cursor[];
}

/** Which rings are shown. */
export type When =
  | { readonly type: 'live' }
  | { readonly type: 'opening' }
  | { readonly type: 'past'; readonly moment: Moment };

export type Page =
  | { readonly type: 'rings' }
  | { readonly type: 'slot'; readonly scroll: number }
  | { readonly type: 'help'; readonly scroll: number }
  | { readonly type: 'typing'; readonly text: string; readonly problem: string | undefined };

/** Read for the slot under the cursor. */
export type SlotWord =
  | { readonly type: 'none' }
  /** Its history, the earliest first, or why there is none. */
  | { readonly type: 'history'; readonly of: Cursor; readonly lines: readonly string[] }
  /** What made the last move. */
  | { readonly type: 'mover'; readonly of: Cursor; readonly lines: readonly string[] };

export interface Source {
  readonly role: RingsOfDir['role'];
  readonly state: RingsOfDir['state'];
}

export interface ScreenState {
  readonly size: Size;
  readonly privacy: Privacy;
  /** Milliseconds since 1970, for ages. */
  readonly now: number;
  readonly live: readonly SmscRings[];
  readonly sources: readonly Source[];
  readonly when: When;
  readonly cursor: Cursor;
  readonly query: SlotQuery | undefined;
  readonly page: Page;
  readonly word: SlotWord;
  /** Something that could not be done; until the next key. */
  readonly notice: string | undefined;
}

export type ScreenInput =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'resized'; readonly size: Size }
  | { readonly type: 'rings'; readonly rings: readonly SmscRings[]; readonly sources: readonly Source[] }
  | { readonly type: 'clock'; readonly now: number }
  | { readonly type: 'moment'; readonly moment: Moment }
  | { readonly type: 'word'; readonly word: SlotWord }
  /** Could not be done, and why. */
  | { readonly type: 'failed'; readonly text: string };

/** What the driver is asked for. */
export type Ask =
  | { readonly type: 'quit' }
  | { readonly type: 'suspend' }
  | { readonly type: 'redraw' }
  /** The rings with their messages, once. */
  | { readonly type: 'read-messages' }
  /** A moment of the recordings; from the end, `undefined`. */
  | { readonly type: 'go'; readonly index: number | undefined }
  /** The nearest moment behind or before that index which moved this slot. */
  | { readonly type: 'seek'; readonly cursor: Cursor; readonly index: number; readonly way: 'next' | 'previous' }
  | { readonly type: 'read-history'; readonly cursor: Cursor }
  /** `index`: at that moment of the recordings; undefined: now. */
  | { readonly type: 'find-mover'; readonly cursor: Cursor; readonly index: number | undefined };

export interface Taken {
  readonly state: ScreenState;
  readonly asks: readonly Ask[];
}

export function startState({ size, now, privacy }: Pick<ScreenState, 'size' | 'now' | 'privacy'>): ScreenState {
  return {
    ...{ size, now, privacy, live: [], sources: [], when: { type: 'live' }, query: undefined, page: { type: 'rings' } },
    ...{ cursor: { smscId: '', lane: 'mt', slot: 1 }, word: { type: 'none' }, notice: undefined },
  };
}

/** The rings that are shown. */
export function shownRings({ live, when }: ScreenState): readonly SmscRings[] {
  return when.type === 'past' ? when.moment.rings : live;
}

export function shownSmsc(state: ScreenState): SmscRings | undefined {
  return shownRings(state).find(({ smscId }) => smscId === state.cursor.smscId);
}

/** The time by which ages are told. */
export function shownNow({ now, when }: ScreenState): number {
  return when.type === 'past' ? when.moment.at : now;
}

export function shownLayout(state: ScreenState) {
  return layoutFor(state.size, shownSmsc(state)?.lanes ?? [], state.cursor.lane);
}

export function isSamePlace(a: Cursor, b: Cursor): boolean {
  return a.smscId === b.smscId && a.lane === b.lane && a.slot === b.slot;
}

/** Something is shown, or filtered by, that the roles' news do not carry and that was not read yet. */
export function lacksMessages(state: ScreenState): boolean {
  const { when, page, query, cursor } = state;
  if (when.type !== 'live') return false;
  const pair = shownSmsc(state)?.lanes.find(({ lane }) => lane === cursor.lane);
  const copies = pair === undefined ? [] : copiesOf(pair);
  const isUnknown = ({ seq, messageId }: SlotView): boolean => seq !== undefined && messageId === undefined;
  if (query !== undefined && asksForMessages(query)) return copies.some(({ slots }) => slots.some(isUnknown));
  return (
    page.type === 'slot' &&
    copies.some(({ slots }) => slots.some((slot) => slot.slot === cursor.slot && isUnknown(slot)))
  );
}
