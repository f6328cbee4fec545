/** Whether a rehearsal had its bad days: one whose cuts met nothing proves nothing. Pure. */
import type { ImpairCounts } from '../../shell/impair.ts';

export interface CutTimes {
  /** From the first text to the last. */
  readonly trafficMs: number;
  /** Undefined: the link is not cut. */
  readonly cutEveryMs: number | undefined;
  /** Roles that were killed meanwhile. */
  readonly kills: number;
}

/** Share of the cuts that the schedule makes on average; its gaps vary by a fifth. */
const cutShare = 0.75;
/** Share of these that must have met something. */
const feltShare = 0.8;
/** More than heartbeats and statuses, which some forty bytes hold: what a message in a frame takes at least. */
const messageBytes = 128;

/** Cuts that met messages on the way. */
export function feltCount({ bytesMetByCuts }: Pick<ImpairCounts, 'bytesMetByCuts'>): number {
  return bytesMetByCuts.filter((bytes) => bytes >= messageBytes).length;
}

/**
 * Of the cuts that are wanted to meet messages each kill excuses one at most, and only one that found no connection: the
 * role that was killed was not back yet.
 *
 * @returns what is wrong; empty is well
 */
export function cutComplaints(
  counts: Pick<ImpairCounts, 'cuts' | 'cutsUnconnected' | 'bytesMetByCuts'>,
  { trafficMs, cutEveryMs, kills }: CutTimes,
): readonly string[] {
  if (cutEveryMs === undefined) return [];
  const wanted = Math.floor((trafficMs / cutEveryMs) * cutShare);
  if (counts.cuts < wanted) return [`only ${counts.cuts} cuts, ${wanted} at least were wanted`];
  const felt = feltCount(counts);
  const excused = Math.min(kills, counts.cutsUnconnected);
  if (felt >= Math.floor((wanted - excused) * feltShare)) return [];
  return [`only ${felt} of ${counts.cuts} cuts met messages on the way`];
}
