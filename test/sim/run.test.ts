import { describe, expect, it } from 'vitest';
import { parseSeeds } from '../../src/cli/sim/seeds.ts';
import { type Fault, planFaults, worldFaultKinds } from '../../src/sim/faults.ts';
import { imServerName } from '../../src/sim/happening.ts';
import { planRun } from '../../src/sim/plan.ts';
import { run } from '../../src/sim/run.ts';
import { shrink } from '../../src/sim/shrink.ts';
import { traceLine } from '../../src/sim/trace.ts';
import { means } from './means.ts';

function traceOf(seed: number): string {
  const lines: string[] = [];
  run(planRun({ seed, lastingMs: 30_000 }), means, (happening, atMs) => lines.push(traceLine(happening, atMs) ?? ''));
  return lines.join('\n');
}

describe('a seed', () => {
  it('tells the same story twice, byte for byte', () => {
    const story = traceOf(3);
    expect(story.split('\n').length).toBeGreaterThan(500);
    expect(story).toContain('FAULT');
    expect(traceOf(3)).toBe(story);
  });

  it('tells another story than the next one', () => {
    expect(traceOf(3)).not.toBe(traceOf(4));
  });
});

describe('faults', () => {
  const sites = [{ smscId: 'hel1', phones: ['+358401110001'] as [string] }];

  it('come in the order of time, within it, and only of the kinds that were asked for', () => {
    const options = { seed: 5, lastingMs: 60_000, everyMs: 500, kinds: ['kill', 'cut'] as const, sites };
    const faults = planFaults(options);
    expect(faults.length).toBeGreaterThan(50);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['kill', 'cut']));
    expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(faults.every(({ atMs }) => atMs <= 60_000)).toBe(true);
  });

  it.each(worldFaultKinds)('of kind %s alone are got over', (kind) => {
    const plan = planRun({ seed: 11, lastingMs: 20_000, kinds: [kind] });
    expect(plan.faults.map((fault) => fault.kind)).toContain(kind);
    expect(run(plan, means).failure).toBeUndefined();
  });

  it('of lost answers make a text arrive twice where the SMSC takes the same packet for a new one, and it is marked', () => {
    const plan = planRun({ seed: 4, lastingMs: 20_000, kinds: ['answers'] });
    expect(plan).toMatchObject({ smscNumbers: 'forgetful', inDoubt: 'resend' });
    const sites = plan.sites.map((site) => ({ ...site, window: 1 }));
    const { failure, doubled } = run({ ...plan, sites }, means);
    expect(failure).toBeUndefined();
    expect(doubled).toBeGreaterThan(0);
    expect(run({ ...plan, sites, smscNumbers: 'strict' }, means).doubled).toBe(0);
  });

  it.each([3, 6, 23])(
    'that empty the disk of a buffer lose no text of a handset where answers wait for the mirror: seed %i',
    (seed) => {
      const plan = planRun({ seed, lastingMs: 20_000, kinds: ['empty-disk', 'refuse', 'slow'] });
      const faults = plan.faults.filter(({ kind, target }) => kind !== 'empty-disk' || target !== imServerName);
      expect(run({ ...plan, faults }, means).excused).toBeGreaterThan(0);
      expect(run({ ...plan, faults, answerAfter: 'mirrored' }, means)).toMatchObject({
        failure: undefined,
        excused: 0,
      });
    },
  );

  it.each([4, 8, 12])('are got over where a full ring puts delivers off: seed %i', (seed) => {
    const plan = planRun({ seed, lastingMs: 20_000, onFull: 'defer' });
    const sites = plan.sites.map((site) => ({ ...site, ringSize: 1 }));
    expect(run({ ...plan, sites }, means).failure).toBeUndefined();
  });

  it('are fewer an hour in a world that lasts longer', () => {
    const { faults } = planRun({ seed: 5, lastingMs: 30 * 24 * 3_600_000 });
    expect(faults.length).toBeGreaterThan(3_000);
    expect(faults.length).toBeLessThan(4_500);
  });

  it('do not change when one of them is left out', () => {
    const plan = planRun({ seed: 5, lastingMs: 30_000 });
    const [, ...rest] = plan.faults;
    expect(run({ ...plan, faults: rest }, means).texts).toEqual(run(plan, means).texts);
  });
});

describe('shrinking', () => {
  const faults = Array.from(
    { length: 40 },
    (_, atMs): Fault => ({ kind: 'refuse', atMs, lengthMs: 0, target: 'hel1' }),
  );
  const has = (list: readonly Fault[], ...atMs: number[]) =>
    atMs.every((at) => list.some((fault) => fault.atMs === at));

  it('ends with the faults that matter, wherever they are', () => {
    expect(shrink(faults, (list) => has(list, 3, 29)).faults.map(({ atMs }) => atMs)).toEqual([3, 29]);
  });

  it('ends with none where it fails without any', () => {
    expect(shrink(faults, () => true)).toEqual({ faults: [], runs: 1 });
  });

  it('stops after so many runs with a list that still fails', () => {
    const { faults: left, runs } = shrink(faults, (list) => has(list, 0, 7, 13, 22, 39), 10);
    expect(runs).toBeLessThanOrEqual(10);
    expect(has(left, 0, 7, 13, 22, 39)).toBe(true);
  });
});

describe('a range of seeds', () => {
  it('is one number or two', () => {
    expect(parseSeeds('7')).toEqual({ ok: true, value: { first: 7, last: 7 } });
    expect(parseSeeds('1-100')).toEqual({ ok: true, value: { first: 1, last: 100 } });
  });

  it.each(['', 'x', '9-1', '1-', '-5', '1-99999999999', '4000000000'])('is not %j', (text) => {
    expect(parseSeeds(text).ok).toBe(false);
  });
});
