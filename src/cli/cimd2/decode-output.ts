/** Many lines to a stream that may be slower than we are, or go away: nothing piles up, and `| head` is no error. */

/** Written at once when so much has gathered. */
const batchCharacters = 65_536;

export class LineOutput {
  readonly #stream: NodeJS.WritableStream;
  #lines: string[] = [];
  #characters = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.#closed = true;
      this.#wake?.();
    });
    stream.on('drain', () => this.#wake?.());
  }

  /** The reader has gone: nothing more needs to be made. */
  get isClosed(): boolean {
    return this.#closed;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    if (this.#characters >= batchCharacters) this.#write();
  }

  /** Resolves when the stream takes more, or is closed. */
  async written(): Promise<void> {
    this.#write();
    const isFull = 'writableNeedDrain' in this.#stream && this.#stream.writableNeedDrain === true;
    if (!isFull || this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #write(): void {
    if (this.#lines.length === 0) return;
    if (!this.#closed) this.#stream.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#characters = 0;
  }
}
