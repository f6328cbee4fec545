/**
 * A terminal with one line at the bottom to type on, and everything else above it: what is printed while somebody types
 * does not tear the line apart. What the lines mean is the owner's business.
 */
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';

export interface BottomLineOptions {
  /** Asked anew each time the line is drawn. */
  readonly prompt: () => string;
  /** The prompt is drawn again when it is done. */
  readonly onLine: (line: string) => void | Promise<void>;
  /** Ctrl-D, Ctrl-C, or the terminal went away; not called behind {@link BottomLine.close}. */
  readonly onEnd: () => void;
}

export class BottomLine {
  readonly #terminal: Interface;
  readonly #options: BottomLineOptions;
  #isClosed = false;

  constructor(options: BottomLineOptions) {
    this.#options = options;
    this.#terminal = createInterface({ input: process.stdin, output: process.stdout });
    this.#terminal.on('line', async (line) => {
      await options.onLine(line);
      if (!this.#isClosed) this.#draw();
    });
    this.#terminal.on('close', options.onEnd);
  }

  /** Above the line; what was typed so far stays on it. */
  print(line: string): void {
    clearLine(process.stdout, 0);
    cursorTo(process.stdout, 0);
    process.stdout.write(`${line}\n`);
    if (!this.#isClosed) this.#draw();
  }

  close(): void {
    this.#isClosed = true;
    this.#terminal.removeAllListeners('close');
    this.#terminal.close();
  }

  #draw(): void {
    this.#terminal.setPrompt(this.#options.prompt());
    this.#terminal.prompt(true);
  }
}
