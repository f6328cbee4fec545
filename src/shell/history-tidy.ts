/**
 * Keeps history in order while the role runs: looks when a machine wants to look (`ConversationLister`, `Retention`), and
 * hands what it finds to the role, unless the disk is behind. The reading is done here, outside of the role, which a
 * recording could not play back otherwise.
 */
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import type { Machine } from '../core/base/machine.ts';
import type { Clock } from './clock.ts';

/** Outputs of the role that wait for the disk, at which old texts wait as well. */
const busyCount = 1_000;
const busyMs = 1_000;

export interface HistoryTidyOptions<Found> {
  readonly machine: Machine<{ readonly type: 'tick' }, Found>;
  readonly clock: Clock;
  readonly give: (found: Found) => void;
  /** What the log says of it; undefined for nothing. */
  readonly tell: (found: Found) => LogEvent | undefined;
  /** The event of a log that says that it cannot go on. */
  readonly failed: string;
  /** Outputs that wait for the disk. */
  readonly waitingCount: () => number;
  readonly log: (event: LogEvent) => void;
}

export class HistoryTidy<Found> {
  private readonly options: HistoryTidyOptions<Found>;
  private timer: NodeJS.Timeout | undefined;

  /** Begins at once. */
  constructor(options: HistoryTidyOptions<Found>) {
    this.options = options;
    this.plan();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private plan(): void {
    const { machine, clock, waitingCount } = this.options;
    const deadline = machine.deadline();
    if (deadline === undefined) return;
    const waitMs = waitingCount() > busyCount ? busyMs : Math.max(1, deadline - clock());
    this.timer = setTimeout(() => this.look(), waitMs);
    this.timer.unref();
  }

  private look(): void {
    const { machine, clock, give, tell, failed, waitingCount, log } = this.options;
    if (waitingCount() <= busyCount) {
      try {
        for (const found of machine.handle({ type: 'tick' }, clock())) {
          const event = tell(found);
          if (event !== undefined) log(event);
          give(found);
        }
      } catch (error) {
        // A record that cannot be read: nobody is kept from chatting by it, and nothing more is changed.
        const reason = error instanceof Error ? error.message : String(error);
        log(logEvent('error', failed, { reason }));
        return;
      }
    }
    this.plan();
  }
}
