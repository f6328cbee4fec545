/** What all parts of a world share: one clock, one agenda, one source of chance, one ear for the log. */
import type { HmacSha256, Sha256 } from '../core/base/hashing.ts';
import type { LogEvent } from '../core/base/log-event.ts';
import type { Random, RandomBytes } from '../core/base/random.ts';
import type { Instant } from '../core/base/time.ts';
import type { ValueCodec } from '../core/base/values.ts';
import type { Agenda } from './agenda.ts';
import type { Happening } from './happening.ts';

/** What the shell has and the core asks for: bytes of values, and hashes. */
export interface WorldMeans {
  readonly codec: ValueCodec;
  readonly sha256: Sha256;
  readonly hmac: HmacSha256;
}

export interface WorldTools {
  readonly means: WorldMeans;
  /** Whether what happened can be asked for later. */
  readonly records: 'kept' | 'watched';
  readonly agenda: Agenda;
  readonly now: () => Instant;
  readonly random: Random;
  readonly randomBytes: RandomBytes;
  /** How long the next commit of any disk takes, in milliseconds. */
  readonly commitMs: () => number;
  readonly log: (who: string, event: LogEvent) => void;
  /** Says what can be seen. */
  readonly tell: (happening: Happening) => void;
}
