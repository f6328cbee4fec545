/**
 * The shortest list of faults for which the same checker still fails: halves, then quarters and so on are left out, until
 * no single one can be (delta debugging). What people write stays as it is.
 */
import type { Fault } from './faults.ts';

export interface Shrunk {
  readonly faults: readonly Fault[];
  readonly runs: number;
}

/**
 * @param fails whether the same checker fails with these faults only
 * @param mostRuns ends the search; what was found until then is still failing
 */
export function shrink(faults: readonly Fault[], fails: (faults: readonly Fault[]) => boolean, mostRuns = 500): Shrunk {
  let runs = 0;
  const check = (list: readonly Fault[]): boolean => {
    runs += 1;
    return fails(list);
  };
  if (check([])) return { faults: [], runs };
  let left = faults;
  let pieces = 2;
  while (left.length > 1 && runs < mostRuns) {
    const size = Math.ceil(left.length / pieces);
    let found: readonly Fault[] | undefined;
    for (let from = 0; from < left.length && found === undefined && runs < mostRuns; from += size) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)];
      if (check(rest)) found = rest;
    }
    if (found !== undefined) {
      left = found;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) {
      break;
    } else {
      pieces = Math.min(left.length, pieces * 2);
    }
  }
  return { faults: left, runs };
}
