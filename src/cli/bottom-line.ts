/**
 * A terminal with one line at the bottom to type on, and everything else above it: what is printed while somebody types
 * does not tear the line apart. What the lines mean is the owner's business.
 */
import { clearLine, clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { displayWidth, wrapText } from './table.ts';

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
  /** What was typed goes from the screen once it is entered; its owner shows what became of it. */
  readonly entered?: 'stays' | 'goes';
  /** Columns by which the further rows of a printed line are moved in; 0. */
  readonly indent?: number;
}

/** Printed lines that are remembered, to be written anew; no screen is higher. */
const rememberedLines = 300;

export class BottomLine {
  readonly #terminal: Interface;
  readonly #options: BottomLineOptions;
  #isClosed = false;
  /** What was printed since the screen was last of this size, oldest first. */
  #printed: { readonly key: string | undefined; readonly rowCount: number }[] = [];
  readonly #forgetPrinted = (): void => {
    // A terminal may break lines elsewhere now.
    this.#printed = [];
  };

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
    process.stdout.on('resize', this.#forgetPrinted);
    this.#terminal.on('line', async (line) => {
      if (options.entered === 'goes') this.#clearEntered(line);
      else this.#forgetPrinted();
      await options.onLine(line);
      if (!this.#isClosed) this.#draw();
    });
    this.#terminal.on('close', options.onEnd);
  }

  /**
   * Above the line; what was typed so far stays on it, also where it takes several rows.
   *
   * @param key by which it can be written anew ({@link rewrite})
   */
  print(line: string, key?: string): void {
    const broken = this.#break(line);
    const rows = this.#isClosed ? 0 : this.#clearLine();
    // Drawing begins so many rows higher as the cursor was below the first row of what is typed.
    process.stdout.write(this.#isClosed ? `${broken.join('\n')}\n` : `${broken.join('\n')}\n${'\n'.repeat(rows)}`);
    this.#printed.push({ key, rowCount: broken.length });
    if (this.#printed.length > rememberedLines) this.#printed.shift();
    if (!this.#isClosed) this.#draw();
  }

  /**
   * Writes the last line with this key anew, where it stands.
   *
   * @returns whether it is still on the screen and takes as many rows as before; otherwise nothing was done
   */
  rewrite(key: string, line: string): boolean {
    const index = this.#printed.findLastIndex((printed) => printed.key === key);
    const found = this.#printed[index];
    const broken = this.#break(line);
    if (found === undefined || found.rowCount !== broken.length || this.#isClosed) return false;
    const { rows, cols } = this.#terminal.getCursorPos();
    const below = this.#printed.slice(index).reduce((sum, { rowCount }) => sum + rowCount, 0);
    if (below + rows >= process.stdout.rows) return false;
    moveCursor(process.stdout, 0, -(rows + below));
    for (const row of broken) {
      cursorTo(process.stdout, 0);
      clearLine(process.stdout, 0);
      process.stdout.write(row);
      moveCursor(process.stdout, 0, 1);
    }
    moveCursor(process.stdout, 0, rows + below - broken.length);
    cursorTo(process.stdout, cols);
    return true;
  }

  /** Draws the line, where nothing was printed yet. */
  prompt(): void {
    this.#draw();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Nothing will be entered on it any more.
    if (this.#options.entered === 'goes') this.#clearLine();
    process.stdout.off('resize', this.#forgetPrinted);
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

  /** Some terminals do not say, and then it is 0. */
  get #columns(): number {
    return process.stdout.columns || 80;
  }

  /** Rows of at most the width of the screen, so that it is known how many a line takes. */
  #break(line: string): readonly string[] {
    return wrapText(line, this.#columns, this.#options.indent ?? 0);
  }

  /** @returns how many rows the cursor was below the first */
  #clearLine(): number {
    const { rows } = this.#terminal.getCursorPos();
    moveCursor(process.stdout, 0, -rows);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    return rows;
  }

  /** The cursor stands below it. */
  #clearEntered(line: string): void {
    const width = displayWidth(this.#terminal.getPrompt() + line);
    moveCursor(process.stdout, 0, -(Math.floor(width / this.#columns) + 1));
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }

  #draw(): void {
    this.#terminal.setPrompt(this.#options.prompt());
    this.#terminal.prompt(true);
  }
}
