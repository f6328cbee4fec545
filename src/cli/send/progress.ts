/** How far a batch is, as one line at the bottom of a terminal; nothing anywhere else. */
import { formatDuration } from '../duration.ts';

/** No work shorter than this has a bar, and no bar moves more often than ten times a second. */
const delayMs = 500;
const redrawMs = 100;
const barWidth = 24;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  readonly #startedAt = performance.now();
  #drawnAt = 0;
  #isShown = false;
  #done = 0;
  #troubled = 0;

  /** @param stream a terminal: stderr */
  constructor(stream: NodeJS.WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  count(how: 'well' | 'troubled'): void {
    this.#done += 1;
    if (how === 'troubled') this.#troubled += 1;
    const now = performance.now();
    if (now - this.#startedAt < delayMs || now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#isShown = true;
    this.#stream.write(`\r\u001b[2K${this.#line(now)}`);
  }

  /** Before anything else is written to the terminal, and at the end. */
  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K');
    this.#isShown = false;
  }

  #line(now: number): string {
    const share = this.#done / this.#total;
    const filled = Math.round(share * barWidth);
    const elapsedMs = now - this.#startedAt;
    const perSecond = (this.#done * 1_000) / elapsedMs;
    const leftMs = ((this.#total - this.#done) * 1_000) / perSecond;
    const trouble = this.#troubled === 0 ? '' : `   ${this.#troubled} not accepted`;
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    return `${bar} ${this.#done} of ${this.#total}   ${perSecond.toFixed(1)}/s   ${formatDuration(leftMs)} left${trouble}`;
  }
}
