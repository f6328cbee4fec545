/**
 * The terminal that the screen is on: keys one by one, its size, and that it is as it was afterwards, whatever ends the
 * process: a key, a signal, an exception. Ctrl-Z stops the process as it does everywhere else. What is on the screen and
 * what a key does are others' business.
 */
import { emitKeypressEvents, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { Screen } from '../../screen.ts';
import { type Key, type Keypress, keysOf } from './key.ts';
import type { Size } from './layout.ts';

export interface TerminalHandlers {
  readonly onKey: (key: Key) => void;
  /** Also when the process was stopped and goes on: everything is to be drawn. */
  readonly onResize: (size: Size) => void;
  /** A signal ended it, or the terminal went away; it is closed already. */
  readonly onEnd: () => void;
}

/** Escape alone is a key, and the beginning of others: so long their rest may take, over a slow line. */
const escapeMs = 100;

const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #screen: Screen;
  readonly #handlers: TerminalHandlers;
  #isOpen = false;

  constructor(
    { input, output }: { readonly input: ReadStream; readonly output: WriteStream },
    handlers: TerminalHandlers,
  ) {
    this.#input = input;
    this.#output = output;
    this.#screen = new Screen(output);
    this.#handlers = handlers;
  }

  get size(): Size {
    return this.#screen.size;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // Only this one option of an interface is read.
    emitKeypressEvents(this.#input, { escapeCodeTimeout: escapeMs } as unknown as Interface);
    this.#input.on('keypress', this.#onKeypress);
    this.#input.on('end', this.#onEnd);
    this.#output.on('resize', this.#onResize);
    this.#output.on('error', this.#onEnd);
    for (const signal of endSignals) process.on(signal, this.#onEnd);
    process.on('SIGCONT', this.#onContinued);
    process.on('exit', this.#onExit);
    this.#take();
  }

  draw(lines: readonly string[]): void {
    this.#screen.draw(lines);
  }

  redraw(): void {
    this.#screen.forget();
    this.#handlers.onResize(this.size);
  }

  /** As the shell expects it: the terminal as it was, and all processes of the job stopped. */
  suspend(): void {
    this.#giveBack();
    process.kill(0, 'SIGTSTP');
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#giveBack();
    this.#input.off('keypress', this.#onKeypress);
    this.#input.off('end', this.#onEnd);
    this.#output.off('resize', this.#onResize);
    this.#output.off('error', this.#onEnd);
    for (const signal of endSignals) process.off(signal, this.#onEnd);
    process.off('SIGCONT', this.#onContinued);
    process.off('exit', this.#onExit);
  }

  #take(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#screen.open();
  }

  #giveBack(): void {
    this.#screen.close();
    // Nothing to give back where the terminal itself is gone.
    if (!this.#input.destroyed) this.#input.setRawMode(false);
    this.#input.pause();
  }

  readonly #onKeypress = (text: string | undefined, keypress: Keypress): void => {
    for (const key of keysOf(keypress, text)) this.#handlers.onKey(key);
  };

  readonly #onResize = (): void => this.#handlers.onResize(this.size);

  readonly #onContinued = (): void => {
    // Somebody else had the terminal meanwhile, whether we gave it back or were stopped without a word.
    this.#giveBack();
    this.#take();
    this.#handlers.onResize(this.size);
  };

  readonly #onEnd = (): void => {
    this.close();
    this.#handlers.onEnd();
  };

  readonly #onExit = (): void => this.close();
}
