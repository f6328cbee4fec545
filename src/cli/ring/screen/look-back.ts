/** Answers what the screen asks about the past, from the recordings. */
import type { Recordings } from './recordings.ts';
import type { Ask, ScreenInput, ScreenState } from './screen-state.ts';

export type LookBack = Extract<Ask, { readonly type: 'go' | 'seek' | 'read-history' | 'find-mover' }>;

export function lookBack(recordings: Recordings, ask: LookBack, { when }: ScreenState): ScreenInput {
  const here = when.type === 'past' ? when.moment.index : undefined;
  switch (ask.type) {
    case 'go':
      return momentAt(recordings, ask.index ?? recordings.count - 1);
    case 'seek': {
      const { lane, slot } = ask.cursor;
      const index = recordings.seek(ask.cursor, ask.index, ask.way);
      if (index === undefined) return failed(`No ${ask.way} move of ${lane} slot ${slot} is recorded.`);
      return momentAt(recordings, index);
    }
    case 'read-history': {
      const lines = recordings.history(ask.cursor, here);
      const said = lines.length === 0 ? ['no move of this slot is recorded'] : lines;
      return { type: 'word', word: { type: 'history', of: ask.cursor, lines: said } };
    }
    case 'find-mover': {
      const lines = recordings.mover(ask.cursor, ask.index);
      if (lines.length === 0) return failed(`No move of ${ask.cursor.lane} slot ${ask.cursor.slot} is recorded.`);
      return { type: 'word', word: { type: 'mover', of: ask.cursor, lines } };
    }
    default:
      return ask satisfies never;
  }
}

function momentAt(recordings: Recordings, index: number): ScreenInput {
  const moment = recordings.moment(index);
  return moment === undefined ? failed('The recordings do not reach there any more.') : { type: 'moment', moment };
}

function failed(text: string): ScreenInput {
  return { type: 'failed', text };
}
