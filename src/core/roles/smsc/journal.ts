/**
 * What the simulated SMSC gives out while it handles one input, in order, with the totals that go with it. Every room
 * writes here; only the role reads.
 */
import { type LogLevel, logEvent } from '../../base/log-event.ts';
import type { SmscEvent, SmscOutput } from './smsc-io.ts';
import { Tally } from './tally.ts';

export class Journal {
  readonly tally = new Tally();
  #outputs: SmscOutput[] = [];

  push(output: SmscOutput): void {
    this.#outputs.push(output);
  }

  /** For tests and people: whole numbers and texts. */
  event(event: SmscEvent): void {
    this.#outputs.push({ type: 'event', event });
  }

  /** For the log: no texts, no whole numbers. */
  log(level: LogLevel, event: string, fields: Parameters<typeof logEvent>[2]): void {
    this.#outputs.push(logEvent(level, event, fields));
  }

  /** All since the last time. */
  take(): readonly SmscOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
