/**
 * `sync replay RECORDING --step`: joins keys, recording and terminal. What is shown is decided in `step-lines.ts`, what a
 * key does in `step-keys.ts`. It reads only.
 */
import type { InputEvent } from '../../../shell/recording/timeline-event.ts';
import type { Painter } from '../../colour.ts';
import type { Privacy } from '../../mask.ts';
import { Terminal } from '../../ring/screen/terminal.ts';
import { bottomText, goTo, type StepAsk, type StepState, takeKey } from './step-keys.ts';
import { stepLines } from './step-lines.ts';
import { StepSource } from './step-source.ts';

/** Until somebody leaves. @throws OperatorError as `StepSource` */
export function runSteps(path: string, options: { readonly paint: Painter; readonly privacy: Privacy }): Promise<void> {
  const source = new StepSource(path);
  const { first, last, side, smscIds } = source;
  let state: StepState = {
    ...{ number: first, first, last, scrolled: 0, typing: undefined, sought: '', notice: undefined },
  };
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      terminal.close();
      resolve();
    };
    const draw = (): void => {
      const page = { step: source.at(state.number), last, side, smscIds, scrolled: state.scrolled };
      terminal.draw(stepLines({ ...page, bottom: bottomText(state) }, { ...options, ...terminal.size }));
    };
    /** The terminal is as it was before anybody reads of a bug. */
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        terminal.close();
        reject(error);
      }
    };
    const perform = (ask: StepAsk): void => {
      switch (ask.type) {
        case 'leave':
          return leave();
        case 'suspend':
          return terminal.suspend();
        case 'redraw':
          return terminal.redraw();
        case 'play':
          return source.play(state.number);
        case 'find-move':
          state = found(state, source.find(state.number, ask.way, hasMoved), `no ${ask.way} move`);
          return;
        case 'find-word':
          state = found(state, source.find(state.number, 'next', has(ask.word)), `no "${ask.word}" behind this`);
          return;
        default:
          ask satisfies never;
      }
    };
    const terminal = new Terminal(
      { input: process.stdin, output: process.stdout },
      {
        onKey: (key) =>
          guarded(() => {
            const { state: next, ask } = takeKey(state, key);
            state = next;
            if (ask !== undefined) perform(ask);
            if (ask?.type !== 'leave') draw();
          }),
        onResize: () => guarded(draw),
        onEnd: resolve,
      },
    );
    guarded(() => {
      terminal.open();
      draw();
    });
  });
}

function found(state: StepState, number: number | undefined, notice: string): StepState {
  return number === undefined ? { ...state, notice } : goTo(state, number);
}

function hasMoved({ moves }: InputEvent): boolean {
  return moves.length > 0;
}

function has(word: string): (event: InputEvent) => boolean {
  return ({ input, log }) => input.includes(word) || log.some(({ event }) => event.includes(word));
}
