/** Bad days with a name, for `link impair --profile`: what each is made of, and how help tells it. */
import { durationText } from './duration.ts';
import { formatBandwidth } from './rate.ts';
import { formatSize } from './size.ts';

export interface ImpairProfile {
  readonly name: string;
  /** Each way. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Each way, for all connections; undefined is no limit. */
  readonly bitsPerSecond: number | undefined;
  readonly queueBytes: number;
  /** Undefined never cuts. */
  readonly cutEveryMs: number | undefined;
  readonly cutForMs: number;
  readonly cutMode: 'reset' | 'stall' | 'half';
}

/** What holds where nothing else is said. */
export const noProfile: ImpairProfile = {
  name: 'none',
  delayMs: 0,
  jitterMs: 0,
  bitsPerSecond: undefined,
  queueBytes: 256 * 1024,
  cutEveryMs: undefined,
  cutForMs: 1_000,
  cutMode: 'reset',
};

export const impairProfiles: readonly ImpairProfile[] = [
  // A geostationary hop and back is 480 to 560 ms before anybody computes anything.
  { ...noProfile, name: 'satellite', delayMs: 280, jitterMs: 10, bitsPerSecond: 1_000_000 },
  // At the edge of a cell: uneven, and gone for a moment at each handover.
  {
    ...noProfile,
    name: 'bad-lte',
    delayMs: 80,
    jitterMs: 60,
    bitsPerSecond: 512_000,
    cutEveryMs: 20_000,
    cutForMs: 3_000,
    cutMode: 'stall',
  },
  // Everybody's line at noon: a little bandwidth, and a queue in front of it.
  { ...noProfile, name: 'congested', delayMs: 40, jitterMs: 30, bitsPerSecond: 64_000, queueBytes: 64 * 1024 },
  // A provider with a bad day: half a minute of nothing, again and again.
  { ...noProfile, name: 'outage', delayMs: 50, jitterMs: 10, cutEveryMs: 90_000, cutForMs: 30_000 },
];

/** As flags, as they would be typed. */
export function describeProfile(profile: ImpairProfile): string {
  const { delayMs, jitterMs, bitsPerSecond, queueBytes, cutEveryMs, cutForMs, cutMode } = profile;
  return [
    `--delay ${durationText(delayMs)}`,
    `--jitter ${durationText(jitterMs)}`,
    ...(bitsPerSecond === undefined
      ? []
      : [`--bandwidth ${formatBandwidth(bitsPerSecond)}`, `--queue ${formatSize(queueBytes)}`]),
    ...(cutEveryMs === undefined
      ? []
      : [`--cut-every ${durationText(cutEveryMs)}`, `--cut-for ${durationText(cutForMs)}`, `--cut-mode ${cutMode}`]),
  ].join(' ');
}
