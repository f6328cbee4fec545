/** Seeds as tests: one file of them per worker. A failure names the command that repeats it. */
import { expect, it } from 'vitest';
import { planRun } from '../../src/sim/plan.ts';
import { type RunResult, run } from '../../src/sim/run.ts';
import { means } from './means.ts';

export const lastingMs = 30_000;

export function runSeed(seed: number): RunResult {
  return run(planRun({ seed, lastingMs }), means);
}

/** In tens, because a test costs more to report than a seed to run. */
export function testSeeds(first: number, last: number): readonly RunResult[] {
  const results: RunResult[] = [];
  const tens = Array.from({ length: Math.ceil((last - first + 1) / 10) }, (_, index) => first + 10 * index);
  it.each(tens)('keeps every promise on bad days: ten seeds from %i', (from) => {
    for (let seed = from; seed < from + 10 && seed <= last; seed += 1) {
      const result = runSeed(seed);
      results.push(result);
      expect(result.failure, `ringbridge sim run --seed ${seed} --for ${lastingMs / 1_000}s --trace`).toBeUndefined();
    }
  });
  return results;
}
