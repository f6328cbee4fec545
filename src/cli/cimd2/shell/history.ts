/** The lines that were typed in `cimd2 shell`, kept between runs for whoever typed them; never one with a password. */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultStateDir } from '../../default-state-dir.ts';
import { mayHoldPassword } from './shell-lines.ts';

/** Lines; the file is cut to so many when a shell begins. */
export const historyLimit = 1_000;

export class History {
  readonly #file: string;
  #last: string | undefined;
  #isKept = true;

  constructor(file: string = join(defaultStateDir('cimd2-shell'), 'history')) {
    this.#file = file;
  }

  /** Newest first, as readline has it. A file that is not there yet, or cannot be read, is empty. */
  load(): readonly string[] {
    const lines = this.#read();
    if (lines.length > historyLimit) this.#try(() => writeFileSync(this.#file, toText(lines), { mode: 0o600 }));
    const kept = lines.slice(-historyLimit);
    this.#last = kept.at(-1);
    return kept.toReversed();
  }

  add(line: string): void {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed === this.#last || trimmed.length > 4_096 || mayHoldPassword(trimmed)) return;
    this.#last = trimmed;
    this.#try(() => {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${trimmed}\n`, { mode: 0o600 });
      // Also where the file was made by something else.
      chmodSync(this.#file, 0o600);
    });
  }

  /** False after a line could not be written: then nothing is kept any more. */
  get isKept(): boolean {
    return this.#isKept;
  }

  #read(): readonly string[] {
    try {
      return readFileSync(this.#file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return [];
    }
  }

  #try(write: () => void): void {
    if (!this.#isKept) return;
    try {
      write();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#isKept = false;
    }
  }
}

function toText(lines: readonly string[]): string {
  return `${lines.slice(-historyLimit).join('\n')}\n`;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
