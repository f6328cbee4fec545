/** When submits leave, as people write it: `sporadic`, `20/s`, `cycle:200ms`. */
import { fail, ok, type Result } from '../core/base/result.ts';
import type { Pace } from '../core/roles/buffer/pacing.ts';
import { parseDuration } from './duration.ts';
import { parseRate } from './rate.ts';

const shortestCycleMs = 10;
const longestCycleMs = 60_000;

export function parsePace(text: string): Result<Pace> {
  const word = text.trim().toLowerCase();
  if (word === 'sporadic') return ok({ type: 'sporadic' });
  const cycle = /^cycle:(.*)$/.exec(word)?.[1];
  if (cycle !== undefined) {
    const everyMs = parseDuration(cycle);
    if (!everyMs.ok) return everyMs;
    return everyMs.value >= shortestCycleMs && everyMs.value <= longestCycleMs
      ? ok({ type: 'cycle', everyMs: everyMs.value })
      : fail('CONFIG_BAD_VALUE', `"${text}" is out of range; cycles go from 10ms to 1m.`);
  }
  if (!word.includes('/')) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no pace; write it like 20/s, cycle:200ms or sporadic.`);
  }
  const perSecond = parseRate(word);
  return perSecond.ok ? ok({ type: 'rate', perSecond: perSecond.value }) : perSecond;
}
