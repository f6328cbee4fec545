/** `--seeds 1-100`: which seeds to run. */
import { fail, ok, type Result } from '../../core/base/result.ts';

export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** The generator takes 32 bits. */
const largestSeed = 2 ** 31;

/** `7`, or `1-100` with both ends. */
export function parseSeeds(text: string): Result<SeedRange> {
  const found = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text.trim());
  const first = Number(found?.[1] ?? Number.NaN);
  const last = Number(found?.[2] ?? first);
  if (Number.isNaN(first) || last < first || last >= largestSeed) {
    return fail('USAGE_BAD_VALUE', `"${text}" is no range of seeds; write it like 7 or 1-100, below ${largestSeed}.`);
  }
  return ok({ first, last });
}
