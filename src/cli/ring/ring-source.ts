/** Reads the rings of several state directories, and remembers which directory each came from. */
import { OperatorError } from '../../core/base/errors.ts';
import type { LinkView, RingView } from '../../core/store/ring-view.ts';
import { type RingsRead, readRings } from '../../shell/ring-reader.ts';

export interface RingsOfDir extends RingsRead {
  readonly stateDir: string;
}

export interface AllRings {
  readonly dirs: readonly RingsOfDir[];
  readonly rings: readonly RingView[];
  readonly links: readonly LinkView[];
}

/** @throws OperatorError of `readRings`; CONFIG_BAD_VALUE where two directories hold the same end of the same ring */
export async function readAllRings(stateDirs: readonly string[]): Promise<AllRings> {
  const dirs = await Promise.all(
    stateDirs.map(async (stateDir): Promise<RingsOfDir> => ({ ...(await readRings(stateDir)), stateDir })),
  );
  refuseTwins(dirs);
  return { dirs, rings: dirs.flatMap((dir) => dir.rings), links: dirs.flatMap((dir) => dir.links) };
}

/** Two copies of one end cannot be put side by side: which of them is the one in use? */
function refuseTwins(dirs: readonly RingsOfDir[]): void {
  const seen = new Map<string, string>();
  for (const { stateDir, rings } of dirs) {
    for (const { smscId, side, lane } of rings) {
      const key = `${smscId} ${side} ${lane}`;
      const other = seen.get(key);
      if (other !== undefined && other !== stateDir) {
        throw new OperatorError({
          code: 'CONFIG_BAD_VALUE',
          message: `${other} and ${stateDir} both hold the ${side}'s end of ${smscId}.`,
          hint: 'Look at them one at a time, with one --state-dir each.',
        });
      }
      seen.set(key, stateDir);
    }
  }
}
