import { describe, expect, it } from 'vitest';
import { bottomText, goTo, type StepState, stepKeysLine, takeKey } from '../../../src/cli/recording/step/step-keys.ts';
import type { Key, KeyName } from '../../../src/cli/ring/screen/key.ts';

const start: StepState = {
  ...{ number: 10, first: 5, last: 400, scrolled: 3, typing: undefined, sought: '', notice: undefined },
};
const named = (name: KeyName): Key => ({ type: 'named', name });
const typed = (text: string): readonly Key[] => [...text].map((char) => ({ type: 'text', text: char }));
const press = (state: StepState, ...keys: readonly Key[]) => {
  let taken: ReturnType<typeof takeKey> = { state };
  for (const key of keys) taken = takeKey(taken.state, key);
  return taken;
};

describe('a key of the stepper', () => {
  it.each([
    ['space', typed(' '), 11],
    ['→', [named('right')], 11],
    ['←', [named('left')], 9],
    ['page down', [named('page-down')], 110],
    ['page up', [named('page-up')], 5],
    ['home', [named('home')], 5],
    ['end', [named('end')], 400],
    ['g 3 0 enter', [...typed('g30'), named('enter')], 30],
    ['g 9 9 9 enter', [...typed('g999'), named('enter')], 400],
    ['g 3 escape', [...typed('g3'), named('escape')], 10],
    ['g 3 backspace 7 enter', [...typed('g3'), named('backspace'), ...typed('7'), named('enter')], 7],
  ])('%s goes to the input that it means, and to the top of it', (_name, keys, number) => {
    expect(press(start, ...keys).state).toMatchObject({ number, typing: undefined });
    if (number !== start.number) expect(press(start, ...keys).state.scrolled).toBe(0);
  });

  it.each([
    ['n', typed('n'), { type: 'find-move', way: 'next' }],
    ['p', typed('p'), { type: 'find-move', way: 'previous' }],
    ['s', typed('s'), { type: 'play' }],
    ['q', typed('q'), { type: 'leave' }],
    ['Ctrl-C, also while typing', [...typed('/li'), named('interrupt')], { type: 'leave' }],
    ['Ctrl-Z', [named('suspend')], { type: 'suspend' }],
    ['/ and a word', [...typed('/link'), named('enter')], { type: 'find-word', word: 'link' }],
  ])('%s asks for what it means', (_name, keys, ask) => {
    expect(press(start, ...keys).ask).toEqual(ask);
  });

  it('looks for the last word again where none is typed', () => {
    const { state } = press(start, ...typed('/link'), named('enter'));
    expect(press(state, ...typed('/'), named('enter')).ask).toEqual({ type: 'find-word', word: 'link' });
  });

  it('says what it cannot do, until the next key', () => {
    const { state } = press(start, ...typed('gx'), named('enter'));
    expect(bottomText(state)).toBe('"x" is no number of an input');
    expect(bottomText(press(state, named('down')).state)).toBe(stepKeysLine);
    expect(goTo(start, 401)).toMatchObject({ number: 400, notice: 'this is the last input' });
  });

  it('fits the keys into 80 columns', () => {
    expect(stepKeysLine.length).toBeLessThanOrEqual(80);
  });
});
