/**
 * A terminal with one line at the bottom to type on, and everything else above it: what is printed while somebody types
 * does not tear the line apart. What the lines mean is the owner's business.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';

export interface BottomLineOptions {
  /** Asked anew each time the line is drawn. */
  readonly prompt: () => string;
  /** The prompt is drawn again when it is done. */
  readonly onLine: (line: string) => void | Promise<void>;
  /** Ctrl-D, Ctrl-C, or the terminal went away; not called behind {@link BottomLine.close}. */
  readonly onEnd: () => void;
  /** Ctrl-C, with what was typed so far, which goes. Without it Ctrl-C ends. */
  readonly onInterrupt?: (typed: string) => void;
  /** Earlier lines, newest first. */
  readonly history?: readonly string[];
  readonly historyLimit?: number;
  /** What Tab offers, and the end of the line that it takes the place of. */
  readonly completer?: (line: string) => [string[], string];
}

export class BottomLine {
  readonly #terminal: Interface;
  readonly #options: BottomLineOptions;
  #isClosed = false;

  constructor(options: BottomLineOptions) {
    this.#options = options;
    const { completer, history, historyLimit } = options;
    this.#terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      ...(completer === undefined ? {} : { completer }),
      ...(history === undefined ? {} : { history: [...history] }),
      ...(historyLimit === undefined ? {} : { historySize: historyLimit }),
    });
    if (options.onInterrupt !== undefined) this.#terminal.on('SIGINT', () => this.#interrupted());
    this.#terminal.on('line', async (line) => {
      await options.onLine(line);
      if (!this.#isClosed) this.#draw();
    });
    this.#terminal.on('close', options.onEnd);
  }

  /** Above the line; what was typed so far stays on it, also where it takes several rows. */
  print(line: string): void {
    const { rows } = this.#terminal.getCursorPos();
    moveCursor(process.stdout, 0, -rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    // Drawing begins so many rows higher as the cursor was below the first row of what is typed.
    process.stdout.write(this.#isClosed ? `${line}\n` : `${line}\n${'\n'.repeat(rows)}`);
    if (!this.#isClosed) this.#draw();
  }

  /** Draws the line, where nothing was printed yet. */
  prompt(): void {
    this.#draw();
  }

  close(): void {
    this.#isClosed = true;
    // Readline has listeners of its own there, which let go of the terminal.
    this.#terminal.off('close', this.#options.onEnd);
    this.#terminal.close();
  }

  #interrupted(): void {
    const typed = this.#terminal.line;
    // Ctrl-E and Ctrl-U: all of the line goes.
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#options.onInterrupt?.(typed);
    if (!this.#isClosed) this.#draw();
  }

  #draw(): void {
    this.#terminal.setPrompt(this.#options.prompt());
    this.#terminal.prompt(true);
  }
}
