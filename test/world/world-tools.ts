/** What all parts of a world share: one clock, one agenda, one source of chance, one ear for the log. */
import type { LogEvent } from '../../src/core/base/log-event.ts';
import type { Random, RandomBytes } from '../../src/core/base/random.ts';
import type { Instant } from '../../src/core/base/time.ts';
import type { Agenda } from './agenda.ts';

export interface WorldTools {
  readonly agenda: Agenda;
  readonly now: () => Instant;
  readonly random: Random;
  readonly randomBytes: RandomBytes;
  /** How long the next commit of any disk takes, in milliseconds. */
  readonly commitMs: () => number;
  readonly log: (who: string, event: LogEvent) => void;
}
