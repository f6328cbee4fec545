/**
 * One promise, watched. A checker sees everything that happens, keeps what it needs, and says what is wrong with it;
 * undefined is well. SPEC: DESIGN sections 2 to 5; each checker names its own.
 */
import { hourMs, type Instant, minuteMs } from '../../core/base/time.ts';
import type { Happening } from '../happening.ts';
import type { RunPlan } from '../plan.ts';
import type { World } from '../world.ts';

export interface Checker {
  /** Lower case with hyphens: what a failure is known by. */
  readonly name: string;
  /** After everything that happens: cheap. */
  take(happening: Happening, at: Instant): string | undefined;
  /** When all has settled. */
  end(): string | undefined;
}

export interface CheckerSite {
  readonly plan: RunPlan;
  /** Not to be changed. */
  readonly world: World;
  readonly excuses: Excuses;
}

/** How far two machines may differ about a moment: drift since they last heard of each other. */
export const clockToleranceMs = 2_000;

/**
 * Parts wait a day for the others, by the clock of the IM server: where that jumped so far ahead, from wherever it was, a
 * long text may be shown with gaps. SPEC: DESIGN section 6.
 */
export function mayLackParts({ im, now }: World): boolean {
  return im.latestTime() - now - im.leastAheadMs() > 24 * hourMs - minuteMs;
}

/** What the promises do not cover, because a disk was lost or set back. SPEC: DESIGN section 4, column *one disk lost*. */
export interface Excuses {
  /** May be missing, at its handset or with its person. */
  readonly lost: ReadonlySet<string>;
  /** May be there twice without a mark. */
  readonly doubled: ReadonlySet<string>;
  /** Its sender may have been told nothing more. */
  readonly untold: ReadonlySet<string>;
  /** May come behind later ones of its conversation: its first end is forgotten. */
  readonly late: ReadonlySet<string>;
  /** Disks that were lost so far. */
  readonly lostDisks: ReadonlySet<string>;
  /** Disks that were set back so far. */
  readonly setBackDisks: ReadonlySet<string>;
  /** `replaced`: one that was lost or set back lacks what had been settled before. */
  readonly disks: 'kept' | 'replaced';
}
