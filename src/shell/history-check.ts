/**
 * Looks at the pages of a store that a start left out, while the role runs: a few at a time, so that nobody waits for it,
 * from the first record to the last. Decision 0012. What a start does look at, and what a page has to be, is in
 * `lmdb-pages.ts`.
 */
import { closeSync, openSync } from 'node:fs';
import { OperatorError } from '../core/base/errors.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { damaged, lookAtNewest } from './lmdb-file.ts';
import { walkPiece } from './lmdb-pages.ts';

/** About a millisecond of reading. */
const leavesPerPiece = 16;
const leastPauseMs = 10;
/** So many times as long as a piece took is the pause behind it: a twentieth of a processor at most. */
const restFactor = 19;
/**
 * Pages that a commit writes over while they are read look damaged, too, but not so often in a row, and never while no
 * commit comes.
 */
const suspectLooks = 50;

export interface HistoryCheckOptions {
  /** Of the file. */
  readonly path: string;
  readonly log: (event: LogEvent) => void;
  /** The last that is heard of it. */
  readonly onDamage: (error: OperatorError) => void;
}

export class HistoryCheck {
  private readonly options: HistoryCheckOptions;
  private readonly file: number;
  private behind: Buffer | undefined;
  private suspicion: { readonly damage: string; readonly looks: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private state: 'looking' | 'ended' = 'looking';

  /** Begins at once. */
  constructor(options: HistoryCheckOptions) {
    this.options = options;
    this.file = openSync(options.path, 'r');
    this.plan(leastPauseMs);
  }

  stop(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.timer);
    closeSync(this.file);
  }

  private plan(pauseMs: number): void {
    this.timer = setTimeout(() => this.look(), pauseMs);
    this.timer.unref();
  }

  private look(): void {
    const begin = performance.now();
    try {
      const piece = this.lookAtPiece();
      if (piece === 'go-on') return this.plan(Math.max(leastPauseMs, restFactor * (performance.now() - begin)));
      this.stop();
      if (piece === 'end') this.options.log(logEvent('info', 'store.history-checked', { path: this.options.path }));
      else this.tell(damaged(this.options.path, piece.damage));
    } catch (cause) {
      this.stop();
      this.tell(cause instanceof OperatorError ? cause : damaged(this.options.path, 'it cannot be read', cause));
    }
  }

  private lookAtPiece(): 'go-on' | 'end' | { readonly damage: string } {
    const { path } = this.options;
    const seen = lookAtNewest(this.file, path);
    const { damage, next } = walkPiece(seen, this.behind, leavesPerPiece);
    if (damage === undefined) {
      this.suspicion = undefined;
      this.behind = next;
      return next === undefined ? 'end' : 'go-on';
    }
    const looks = this.suspicion?.damage === damage ? this.suspicion.looks + 1 : 1;
    this.suspicion = { damage, looks };
    const isStanding = lookAtNewest(this.file, path).transaction === seen.transaction;
    return isStanding || looks >= suspectLooks ? { damage } : 'go-on';
  }

  private tell(error: OperatorError): void {
    this.options.log(logEvent('error', 'store.damaged', { code: error.code, reason: error.message }));
    this.options.onDamage(error);
  }
}
