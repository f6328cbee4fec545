import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCommand, anySize, checkRest, comeToRest, run } from './lane-commands.ts';
import { LanePair, longMs } from './lane-pair.ts';

/** More by hand: LANE_RUNS=20000 npx vitest run test/core/sync/lane-pair.test.ts */
const numRuns = Number(process.env['LANE_RUNS'] ?? 250);

describe.each(['resend', 'hold'] as const)('two ends of a lane under %s', (inDoubt) => {
  it.each(['doubt', 'harmless'] as const)(
    'lose nothing, double nothing unmarked and come into step, whatever happens to them (repetition: %s)',
    (repetition) => {
      fc.assert(
        fc.property(anySize, fc.array(anyCommand, { maxLength: 120, size: 'max' }), (size, commands) => {
          const pair = new LanePair({ size, inDoubt, repetition });
          for (const command of commands) run(pair, command);
          comeToRest(pair);
          checkRest(pair);
        }),
        { numRuns },
      );
    },
    60_000,
  );
});

describe('a pair at work', () => {
  it.each([1, 2, 3, 7, 255])('carries 600 messages through a ring of %i without faults', (size) => {
    const pair = new LanePair({ size, inDoubt: 'resend', repetition: 'doubt' });
    for (let i = 0; i < 600; i += 1) pair.enqueue(['a', 'b', 'c'][i % 3] ?? '', longMs);
    comeToRest(pair);
    checkRest(pair);
    expect(pair.checks.endedCount).toBe(600);
  });
});
