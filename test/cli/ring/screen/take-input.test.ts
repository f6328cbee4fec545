import { describe, expect, it } from 'vitest';
import { type KeyName, keysOf } from '../../../../src/cli/ring/screen/key.ts';
import type { Moment, ScreenState } from '../../../../src/cli/ring/screen/screen-state.ts';
import { take } from '../../../../src/cli/ring/screen/take-input.ts';
import { press, pressed, sampleNow, sampleSmscs, sampleState } from './sample-rings.ts';

const start = sampleState({ columns: 80, rows: 24 });

function place({ cursor }: ScreenState): string {
  return `${cursor.smscId} ${cursor.lane} ${cursor.slot}`;
}

function moment(index: number): Moment {
  return { index, count: 100, at: sampleNow, side: 'buffer', text: '', rings: sampleSmscs, moved: [] };
}

function travelling(index: number): ScreenState {
  return take(press(start, 't'), { type: 'moment', moment: moment(index) }).state;
}

describe('the cursor', () => {
  it.each([
    [['right'], 'hel1 mt 2'],
    [['left'], 'hel1 mt 255'],
    [['l', 'l', 'h'], 'hel1 mt 2'],
    [['down'], 'hel1 mt 65'],
    [['j', 'k'], 'hel1 mt 1'],
    [['end'], 'hel1 mt 255'],
    [['end', 'home'], 'hel1 mt 1'],
    [['down', 'down', 'down', 'down'], 'hel1 mo 1'],
    [['page-down', 'up'], 'hel1 mt 193'],
    [['end', 'down'], 'hel1 mo 63'],
    [['up'], 'hel1 mt 1'],
    [['tab'], 'tku1 mt 1'],
    [['tab', 'tab'], 'hel1 mt 1'],
    [['back-tab'], 'tku1 mt 1'],
    [['2'], 'tku1 mt 1'],
    [['9'], 'hel1 mt 1'],
    [['right', 'tab', 'end'], 'tku1 mt 16'],
  ])('goes by %j to %s', (keys, where) => {
    expect(place(press(start, ...keys))).toBe(where);
  });

  it('goes from a short row below a long one to its end', () => {
    const short = press(start, 'down', 'down', ...Array<string>(63).fill('right'));
    expect(place(short)).toBe('hel1 mt 192');
    expect(place(press(short, 'down'))).toBe('hel1 mt 255');
  });

  it('finds the next slot in use, and the one before, round and round through both lanes', () => {
    expect(place(press(start, 'n'))).toBe('hel1 mt 31');
    expect(place(press(start, 'p'))).toBe('hel1 mo 252');
    expect(place(press(start, 'p', 'n'))).toBe('hel1 mt 31');
  });

  it('finds the next slot of which the copies differ', () => {
    expect(place(press(start, 'd'))).toBe('hel1 mt 32');
    expect(place(press(start, 'd', 'd'))).toBe('hel1 mt 67');
  });

  it('stays where it is when the rings change, and goes to the first where its SMSC is no more', () => {
    const there = press(start, 'tab', 'right');
    const sources = start.sources;
    expect(place(take(there, { type: 'rings', rings: sampleSmscs, sources }).state)).toBe('tku1 mt 2');
    expect(place(take(there, { type: 'rings', rings: sampleSmscs.slice(0, 1), sources }).state)).toBe('hel1 mt 2');
  });
});

describe('the filter', () => {
  it('is what was typed, and takes the cursor to the first slot that it lets through', () => {
    const state = press(start, '/', ...'in-doubt', 'enter');
    expect(state.query?.conditions).toEqual([{ type: 'status', statuses: ['in-doubt'] }]);
    expect(place(state)).toBe('hel1 mt 32');
    expect(place(press(state, 'n'))).toBe('hel1 mt 32');
  });

  it('is not taken where it makes no sense, with what was probably meant', () => {
    const { page } = press(start, '/', ...'in-dout', 'enter');
    expect(page).toMatchObject({
      type: 'typing',
      text: 'in-dout',
      problem: expect.stringContaining('Did you mean in-doubt?'),
    });
  });

  it('can be corrected, cleared and given up while it is typed', () => {
    expect(press(start, '/', 'a', 'b', 'backspace').page).toMatchObject({ text: 'a' });
    expect(press(start, '/', 'a', 'b', 'clear-line').page).toMatchObject({ text: '' });
    expect(press(start, '/', 'a', 'escape')).toMatchObject({ page: { type: 'rings' }, query: undefined });
    expect(press(start, '/', 'backspace').page.type).toBe('rings');
    expect(press(start, '/', 'q').page).toMatchObject({ type: 'typing', text: 'q' });
  });

  it('goes with Escape, or when nothing is typed', () => {
    const state = press(start, '/', ...'used', 'enter');
    expect(press(state, 'escape').query).toBeUndefined();
    expect(press(state, '/', 'clear-line', 'enter').query).toBeUndefined();
  });

  it('asks for the messages where a phone number is looked for', () => {
    expect(pressed(start, '/', ...'+358401', 'enter').asks).toEqual([{ type: 'read-messages' }]);
    expect(pressed(start, '/', ...'>30s', 'enter').asks).toEqual([]);
  });
});

describe('a slot', () => {
  it('is opened with its messages and its history, and left as it was found', () => {
    const { state, asks } = pressed(start, 'n', 'enter');
    expect(state.page).toEqual({ type: 'slot', scroll: 0 });
    expect(asks).toEqual([
      { type: 'read-messages' },
      { type: 'read-history', cursor: { smscId: 'hel1', lane: 'mt', slot: 31 } },
    ]);
    expect(press(state, 'escape').page.type).toBe('rings');
  });

  it('gives way to its neighbour, with a filter to the next that it lets through', () => {
    expect(place(press(start, 'enter', 'right'))).toBe('hel1 mt 2');
    expect(place(press(start, '/', ...'differs', 'enter', 'enter', 'right'))).toBe('hel1 mt 67');
  });

  it('scrolls no further than there is something', () => {
    const small = sampleState({ columns: 80, rows: 12 });
    const end = press(small, 'n', 'enter', 'end');
    expect(press(end, 'down').page).toEqual(end.page);
    expect(press(end, 'home', 'up').page).toEqual({ type: 'slot', scroll: 0 });
    expect(end.page).not.toEqual({ type: 'slot', scroll: 0 });
  });

  it('shows only a history of its own', () => {
    const opened = press(start, 'enter');
    const of = { smscId: 'hel1', lane: 'mt', slot: 9 } as const;
    expect(take(opened, { type: 'word', word: { type: 'history', of, lines: ['x'] } }).state.word.type).toBe('none');
    const own = { ...of, slot: 1 };
    expect(take(opened, { type: 'word', word: { type: 'history', of: own, lines: ['x'] } }).state.word.type).toBe(
      'history',
    );
  });
});

describe('time travel', () => {
  it('begins at the end of the recordings, and ends where it began', () => {
    const { state, asks } = pressed(start, 't');
    expect(state.when.type).toBe('opening');
    expect(asks).toEqual([{ type: 'go', index: undefined }]);
    expect(press(travelling(99), 't').when.type).toBe('live');
    expect(press(travelling(99), 'escape').when.type).toBe('live');
  });

  it.each([
    ['left', 49],
    ['right', 51],
    ['page-up', 40],
    ['page-down', 60],
    ['home', 0],
    ['end', 99],
  ])('goes by %s from 50 to %i', (key, index) => {
    expect(pressed(travelling(50), key).asks).toEqual([{ type: 'go', index }]);
  });

  it('goes no further than there is something', () => {
    expect(pressed(travelling(0), 'left').asks).toEqual([{ type: 'go', index: 0 }]);
    expect(pressed(travelling(99), 'page-down').asks).toEqual([{ type: 'go', index: 99 }]);
  });

  it('looks for moves of the slot under the cursor, which other keys move', () => {
    const { asks } = pressed(travelling(50), 'l', 'n');
    const cursor = { smscId: 'hel1', lane: 'mt', slot: 2 };
    expect(asks).toEqual([{ type: 'seek', cursor, index: 50, way: 'next' }]);
    expect(pressed(travelling(50), 'p').asks).toMatchObject([{ way: 'previous' }]);
  });

  it('goes back to what is live where there is no recording, and says why', () => {
    const state = take(press(start, 't'), { type: 'failed', text: 'no recording' }).state;
    expect(state).toMatchObject({ when: { type: 'live' }, notice: 'no recording' });
    expect(press(state, 'right').notice).toBeUndefined();
  });

  it('is not begun again by a moment that comes too late', () => {
    const left = press(start, 't', 'escape');
    expect(take(left, { type: 'moment', moment: moment(5) }).state.when.type).toBe('live');
  });
});

describe('leaving', () => {
  it.each([['q'], ['interrupt']])('is what %s asks for, on every page', (key) => {
    for (const page of [start, press(start, 'enter'), press(start, '?'), travelling(3)]) {
      expect(pressed(page, key).asks).toEqual([{ type: 'quit' }]);
    }
  });

  it('takes Escape as often as something was begun', () => {
    const state = press(start, '/', ...'used', 'enter', 'enter');
    const { asks } = pressed(state, 'escape', 'escape', 'escape');
    expect(asks).toEqual([{ type: 'quit' }]);
    expect(pressed(state, 'escape', 'escape').asks).toEqual([]);
  });
});

describe('keys of a terminal', () => {
  const named = (name: KeyName) => ({ type: 'named', name });
  it.each([
    [{ name: 'left' }, undefined, [named('left')]],
    [{ name: 'c', ctrl: true }, '\u0003', [named('interrupt')]],
    [{ name: 'tab', shift: true }, undefined, [named('back-tab')]],
    [{ name: 'q' }, 'q', [{ type: 'text', text: 'q' }]],
    [{ sequence: 'ä' }, 'ä', [{ type: 'text', text: 'ä' }]],
    [{ name: 'escape', meta: true, sequence: '\u001b' }, undefined, [named('escape')]],
    [{ name: 't', meta: true, sequence: '\u001bt' }, undefined, [named('escape'), { type: 'text', text: 't' }]],
    [{ name: 'return', meta: true, sequence: '\u001b\r' }, undefined, [named('escape'), named('enter')]],
    [{ name: 'f5', sequence: '\u001b[15~' }, undefined, []],
    [{ name: 'a', ctrl: true }, '\u0001', []],
  ] as const)('know %j with %j', (keypress, text, keys) => {
    expect(keysOf(keypress, text)).toEqual(keys);
  });
});
