/**
 * A screen of lines: the terminal's alternate one, of which only what changed is written again. What the lines say is the
 * caller's business; the terminal is put back on any way out of the process that can still run code.
 */
import type { WriteStream } from 'node:tty';

const enter = '\x1b[?1049h\x1b[?25l\x1b[2J';
const leave = '\x1b[?25h\x1b[?1049l';

export class Screen {
  readonly #stream: Pick<WriteStream, 'write' | 'columns' | 'rows'>;
  readonly #restore = (): void => this.close();
  #shown: readonly string[] = [];
  #size = '';
  #isOpen = false;

  constructor(stream: Pick<WriteStream, 'write' | 'columns' | 'rows'>) {
    this.#stream = stream;
  }

  /** 80 × 24 where the terminal does not say. */
  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#stream.columns || 80, rows: this.#stream.rows || 24 };
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.forget();
    process.on('exit', this.#restore);
    this.#stream.write(enter);
  }

  /** Everything is written anew next time: something else may have written there. */
  forget(): void {
    this.#shown = [];
    this.#size = '';
  }

  /** @param lines fit the width already; what goes beyond the height is not shown */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const { columns, rows } = this.size;
    const size = `${columns}x${rows}`;
    const isNew = size !== this.#size;
    this.#size = size;
    const next = lines.slice(0, rows);
    const changes = Array.from({ length: Math.max(next.length, this.#shown.length) }, (_, row) => row)
      .filter((row) => isNew || next[row] !== this.#shown[row])
      .map((row) => `\x1b[${row + 1};1H${next[row] ?? ''}\x1b[K`);
    this.#shown = next;
    if (changes.length > 0) this.#stream.write(`${isNew ? '\x1b[2J' : ''}${changes.join('')}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#restore);
    this.#stream.write(leave);
  }
}
