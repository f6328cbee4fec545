/** What keys do to the stepper: the next state, and what of the recording is asked for. Pure. */
import type { Key } from '../../ring/screen/key.ts';

export interface StepState {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly scrolled: number;
  /** What is being typed: a number to go to, or a word to find. */
  readonly typing: { readonly for: 'go' | 'find'; readonly text: string } | undefined;
  /** What was looked for last. */
  readonly sought: string;
  /** About the last key; undefined shows the keys. */
  readonly notice: string | undefined;
}

export type StepAsk =
  | { readonly type: 'leave' | 'suspend' | 'redraw' | 'play' }
  | { readonly type: 'find-move'; readonly way: 'next' | 'previous' }
  /** An input whose type, or what was logged at it, has this word in it. */
  | { readonly type: 'find-word'; readonly word: string };

export interface StepTaken {
  readonly state: StepState;
  readonly ask?: StepAsk;
}

export const stepKeysLine = 'space next  ← back  n p move  g go to  / find  s play  ↑↓ scroll  q quit';

/** Inputs that the page keys pass. */
const pageInputs = 100;

export function takeKey(state: StepState, key: Key): StepTaken {
  if (key.type === 'named' && key.name === 'interrupt') return { state, ask: { type: 'leave' } };
  if (key.type === 'named' && key.name === 'suspend') return { state, ask: { type: 'suspend' } };
  if (key.type === 'named' && key.name === 'redraw') return { state, ask: { type: 'redraw' } };
  const plain = { ...state, notice: undefined };
  return state.typing === undefined ? takeCommand(plain, key) : takeTyped(plain, state.typing, key);
}

/** Another input, within the recording. */
export function goTo(state: StepState, number: number): StepState {
  const reached = Math.min(Math.max(number, state.first), state.last);
  const notice =
    number > state.last ? 'this is the last input' : number < state.first ? 'this is the first input' : state.notice;
  return { ...state, number: reached, scrolled: 0, notice };
}

function takeCommand(state: StepState, key: Key): StepTaken {
  const { number, first, last } = state;
  const word = key.type === 'named' ? key.name : key.text;
  switch (word) {
    case ' ':
    case 'right':
    case 'enter':
      return { state: goTo(state, number + 1) };
    case 'left':
    case 'backspace':
      return { state: goTo(state, number - 1) };
    case 'page-down':
      return { state: goTo(state, Math.min(last, number + pageInputs)) };
    case 'page-up':
      return { state: goTo(state, Math.max(first, number - pageInputs)) };
    case 'home':
      return { state: goTo(state, first) };
    case 'end':
      return { state: goTo(state, last) };
    case 'down':
      return { state: { ...state, scrolled: state.scrolled + 1 } };
    case 'up':
      return { state: { ...state, scrolled: Math.max(0, state.scrolled - 1) } };
    case 'n':
      return { state, ask: { type: 'find-move', way: 'next' } };
    case 'p':
      return { state, ask: { type: 'find-move', way: 'previous' } };
    case 's':
      return { state, ask: { type: 'play' } };
    case 'g':
      return { state: { ...state, typing: { for: 'go', text: '' } } };
    case '/':
      return { state: { ...state, typing: { for: 'find', text: '' } } };
    case 'q':
    case 'escape':
      return { state, ask: { type: 'leave' } };
    default:
      return { state };
  }
}

function takeTyped(state: StepState, typing: NonNullable<StepState['typing']>, key: Key): StepTaken {
  const typed = (text: string): StepTaken => ({ state: { ...state, typing: { ...typing, text } } });
  if (key.type === 'text') return typed(`${typing.text}${key.text}`.slice(0, 60));
  if (key.name === 'backspace') return typed(typing.text.slice(0, -1));
  if (key.name === 'clear-line') return typed('');
  const closed = { ...state, typing: undefined };
  if (key.name !== 'enter') return { state: key.name === 'escape' ? closed : state };
  if (typing.for === 'find') {
    const word = typing.text === '' ? state.sought : typing.text;
    return word === '' ? { state: closed } : { state: { ...closed, sought: word }, ask: { type: 'find-word', word } };
  }
  if (/^\d+$/.test(typing.text)) return { state: goTo(closed, Number(typing.text)) };
  return { state: { ...closed, notice: `"${typing.text}" is no number of an input` } };
}

/** What stands in the last line of the screen. */
export function bottomText({ typing, notice, sought }: StepState): string {
  if (typing?.for === 'go') return `go to input: ${typing.text}_`;
  if (typing?.for === 'find') return `find an input or event${sought === '' ? '' : ` [${sought}]`}: ${typing.text}_`;
  return notice ?? stepKeysLine;
}
