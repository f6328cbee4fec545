/**
 * Seeds that found something, each with what it found. A new kind of fault changes what every seed means: then a line goes,
 * and its words stay in docs/simulation.md.
 */
import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/sim/plan.ts';
import { run } from '../../src/sim/run.ts';
import { means } from './means.ts';

const found: readonly (readonly [seed: number, what: string])[] = [
  [627, 'the IM server forgets the end of one part of a long text'],
  [2433, 'an SMSC with a window sends the next text of a handset before it repeats one that was lost on its way'],
  [2665, 'the IM server forgets a report that came before its stamp was known'],
  [4493, 'the clock of the IM server comes back by a day, and parts of a long text are shown with a gap'],
  [4632, 'the buffer forgets a deliver that left its slot, and whose answer nobody has read'],
  [5467, 'the clock of the IM server jumps beyond a validity, and the history is lost with a disk'],
  [7121, 'the IM server forgets that a text failed, and it goes again'],
  [7769, 'a text in the outbox of an IM server that went back ends as expired'],
  [9489, 'a buffer that lost its power starts twice before its full disk takes anything'],
  [11_112, 'the buffer forgets that the SMSC refused a text, and it comes behind the next'],
  [18198, 'the clock of a buffer jumps by more than the two days for which it recognises a deliver'],
];

describe('the bridge on days that were hard once', () => {
  it.each(found)('keeps every promise in seed %i: %s', (seed) => {
    const { failure } = run(planRun({ seed, lastingMs: 30_000 }), means);
    expect(failure).toBeUndefined();
  });
});
