/**
 * Repeated log events become one line with a count: the first is told at once, those like it within the next five
 * seconds are counted, and the last of them is told when the time is over. Alike are events of one name whose words
 * agree; numbers are measurements and may differ.
 */
import type { LogEvent } from '../core/base/log-event.ts';

export const collapseWithinMs = 5_000;

/** Kinds of events watched at once; what comes beyond is told as it is. */
const kindLimit = 1_000;

interface Repetition {
  last: LogEvent;
  count: number;
}

export class EventCollapser {
  private readonly tell: (event: LogEvent) => void;
  private readonly kinds = new Map<string, Repetition>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(tell: (event: LogEvent) => void) {
    this.tell = tell;
  }

  take(event: LogEvent): void {
    // Who asks for debug wants all of it.
    if (event.level === 'debug') {
      this.tell(event);
      return;
    }
    const kind = kindOf(event);
    const repetition = this.kinds.get(kind);
    if (repetition !== undefined) {
      repetition.last = event;
      repetition.count += 1;
      return;
    }
    if (this.kinds.size < kindLimit) {
      this.kinds.set(kind, { last: event, count: 0 });
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.settle(kind);
      }, collapseWithinMs);
      timer.unref();
      this.timers.add(timer);
    }
    this.tell(event);
  }

  /** Tells what was only counted so far. */
  flush(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const kind of this.kinds.keys()) this.settle(kind);
  }

  private settle(kind: string): void {
    const repetition = this.kinds.get(kind);
    this.kinds.delete(kind);
    if (repetition === undefined || repetition.count === 0) return;
    const { last, count } = repetition;
    this.tell(count === 1 ? last : { ...last, fields: { ...last.fields, repeated: count } });
  }
}

function kindOf({ level, event, fields }: LogEvent): string {
  const words = Object.entries(fields).filter(([, value]) => typeof value !== 'number');
  return JSON.stringify([level, event, words]);
}
