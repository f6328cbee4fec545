import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/base/random.ts';
import { instant } from '../../../src/core/base/time.ts';
import { type CutOutput, CutSchedule, DelayLine } from '../../../src/core/roles/impair.ts';

interface Seen {
  readonly at: number;
  readonly output: CutOutput;
}

function runFor(schedule: CutSchedule, untilMs: number): readonly Seen[] {
  const seen: Seen[] = [];
  schedule.handle({ type: 'start' }, instant(0));
  for (let at = schedule.deadline(); at !== undefined && at <= untilMs; at = schedule.deadline()) {
    for (const output of schedule.handle({ type: 'tick' }, at)) seen.push({ at, output });
  }
  return seen;
}

describe('the schedule of cuts', () => {
  it('makes the same cuts for the same seed and others for another', () => {
    const settings = { everyMs: 5_000, forMs: 1_000 };
    const first = runFor(new CutSchedule(settings, seededRandom(1)), 60_000);
    expect(runFor(new CutSchedule(settings, seededRandom(1)), 60_000)).toEqual(first);
    expect(runFor(new CutSchedule(settings, seededRandom(2)), 60_000)).not.toEqual(first);
  });

  it('begins a cut about every so often, each as long as asked', () => {
    const seen = runFor(new CutSchedule({ everyMs: 3_000, forMs: 1_000 }, seededRandom(7)), 300_000);
    const begins = seen.filter(({ output }) => output.type === 'cut-begins');
    const ends = seen.filter(({ output }) => output.type === 'cut-ends');
    expect(begins.length).toBeGreaterThanOrEqual(90);
    expect(begins.length).toBeLessThanOrEqual(110);
    for (const [index, end] of ends.entries()) expect(end.at - (begins[index]?.at ?? 0)).toBeCloseTo(1_000, 6);
    for (let index = 1; index < begins.length; index += 1) {
      const gapMs = (begins[index]?.at ?? 0) - (begins[index - 1]?.at ?? 0);
      expect(gapMs).toBeGreaterThanOrEqual(2_400);
      expect(gapMs).toBeLessThanOrEqual(3_600);
    }
  });

  it('does not make up for cuts that a sleeping process missed', () => {
    const schedule = new CutSchedule({ everyMs: 1_000, forMs: 100 }, seededRandom(1));
    schedule.handle({ type: 'start' }, instant(0));
    expect(schedule.handle({ type: 'tick' }, instant(3_600_000))).toEqual([{ type: 'cut-begins', number: 1 }]);
    expect(schedule.isCut).toBe(true);
  });
});

describe('a delayed direction', () => {
  it('keeps the order whatever the jitter', () => {
    const line = new DelayLine(100, 90, seededRandom(3));
    let last = 0;
    for (let at = 0; at < 2_000; at += 1) {
      const releaseAt = line.releaseAt(instant(at));
      expect(releaseAt).toBeGreaterThanOrEqual(last);
      expect(releaseAt - at).toBeGreaterThanOrEqual(10);
      expect(releaseAt - at).toBeLessThanOrEqual(190);
      last = releaseAt;
    }
  });

  it('passes at once without delay', () => {
    expect(new DelayLine(0, 0, seededRandom(1)).releaseAt(instant(17))).toBe(17);
  });
});
