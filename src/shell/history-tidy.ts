/**
 * Lets texts go that were kept for long enough: looks when `Retention` wants to look, and hands what it finds to the role,
 * unless the disk is behind. The reading is done here, outside of the role, which a recording could not play back
 * otherwise.
 */
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import type { ForgetInput, Retention } from '../core/im/retention.ts';
import type { Clock } from './clock.ts';

/** Outputs of the role that wait for the disk, at which old texts wait as well. */
const busyCount = 1_000;
const busyMs = 1_000;

export interface HistoryTidyOptions {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly forget: (input: ForgetInput) => void;
  /** Outputs that wait for the disk. */
  readonly waitingCount: () => number;
  readonly log: (event: LogEvent) => void;
}

export class HistoryTidy {
  private readonly options: HistoryTidyOptions;
  private timer: NodeJS.Timeout | undefined;

  /** Begins at once. */
  constructor(options: HistoryTidyOptions) {
    this.options = options;
    this.plan();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private plan(): void {
    const { retention, clock, waitingCount } = this.options;
    const deadline = retention.deadline();
    if (deadline === undefined) return;
    const waitMs = waitingCount() > busyCount ? busyMs : Math.max(1, deadline - clock());
    this.timer = setTimeout(() => this.look(), waitMs);
    this.timer.unref();
  }

  private look(): void {
    const { retention, clock, forget, waitingCount, log } = this.options;
    if (waitingCount() <= busyCount) {
      try {
        for (const input of retention.handle({ type: 'tick' }, clock())) {
          log(logEvent('info', 'im.forgotten', { user: input.user, texts: input.texts.length }));
          forget(input);
        }
      } catch (error) {
        // A record that cannot be read: nobody is kept from chatting by it, and nothing more is deleted.
        const reason = error instanceof Error ? error.message : String(error);
        log(logEvent('error', 'im.forgetting-failed', { reason }));
        return;
      }
    }
    this.plan();
  }
}
