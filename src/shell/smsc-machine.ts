/** The machine of the simulated SMSC from what it is told at its start: the same for a process and for a replay of it. */
import { seededRandom } from '../core/base/random.ts';
import type { Instant } from '../core/base/time.ts';
import { FaultySmsc } from '../core/roles/smsc/faulty-smsc.ts';
import type { Scenario } from '../core/roles/smsc/scenario.ts';
import type { SmscSettings } from '../core/roles/smsc/settings.ts';
import { SmscRole } from '../core/roles/smsc/smsc.ts';

export interface SmscStart {
  readonly settings: SmscSettings;
  /** Faults that come on the line; without one there are none. */
  readonly scenario?: Scenario | undefined;
  /** Of the cuts, of the references of long texts, and of the faults that come by chance. */
  readonly seed: number;
}

/** @param now when the process starts */
export function makeSmsc({ settings, scenario, seed }: SmscStart, now: Instant): SmscRole | FaultySmsc {
  const random = seededRandom(seed);
  if (scenario === undefined) return new SmscRole(settings, random, now);
  return new FaultySmsc({ settings, scenario, random, faultRandom: seededRandom(seed + 1) }, now);
}
