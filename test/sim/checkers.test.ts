/** That a run fails where a promise does not hold, and says so; defects of the product are `npm run sabotage`. */
import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../src/cli/colour.ts';
import { resultDocument, resultLines } from '../../src/cli/sim/result-lines.ts';
import { hourMs } from '../../src/core/base/time.ts';
import { imServerName } from '../../src/sim/happening.ts';
import { planRun, siteTable } from '../../src/sim/plan.ts';
import { run } from '../../src/sim/run.ts';
import { means } from './means.ts';

const plan = planRun({ seed: 2, lastingMs: 5_000, textCount: 3, kinds: ['cut'] });

describe('a run', () => {
  it('fails for a text that nobody delivers', () => {
    const [first] = plan.writings;
    if (first === undefined) throw new Error('nobody writes');
    const never = { ...first, atMs: 10_000_000, text: 'to nowhere' };
    const { failure } = run({ ...plan, writings: [never] }, means);
    expect(failure).toMatchObject({ checker: 'arrival' });
    expect(failure?.complaint).toContain('to nowhere');
  });

  it('fails for a text that is told as failed, and nothing at the SMSC says why', () => {
    const [first] = plan.writings;
    if (first === undefined) throw new Error('nobody writes');
    const unrouted = { ...first, way: 'mt' as const, phone: '+999000001', text: 'to nowhere' };
    const { failure } = run({ ...plan, writings: [unrouted] }, means);
    expect(failure).toMatchObject({ checker: 'steps' });
    expect(failure?.complaint).toContain('"to nowhere"');
  });

  it('takes a text for a number that nobody has as failed', () => {
    const [first] = plan.writings;
    if (first === undefined) throw new Error('nobody writes');
    const phone = siteTable.find(({ smscId }) => smscId === first.smscId)?.nobodys ?? '';
    const nobodys = { ...first, way: 'mt' as const, addressee: 'nobody' as const, phone };
    const steps: { readonly id: string; readonly step: string }[] = [];
    const { failure } = run({ ...plan, reports: 'final', writings: [nobodys] }, means, (happening) => {
      if (happening.type === 'shown' && happening.event.type === 'step') steps.push(happening.event);
    });
    expect(failure).toBeUndefined();
    // When all is judged people write on.
    expect(steps.findLast(({ id }) => id === steps[0]?.id)?.step).toBe('failed');
  });

  it('fails where a handset has a text twice, and nothing was in doubt', () => {
    const [first] = plan.writings.filter(({ way }) => way === 'mt');
    if (first === undefined) throw new Error('nobody writes');
    const { failure } = run({ ...plan, inDoubt: 'resend', faults: [], writings: [first, first] }, means);
    expect(failure).toMatchObject({ checker: 'doubles' });
  });

  it('fails where texts come in another order than the one they should have', () => {
    const [first] = plan.writings.filter(({ way }) => way === 'mt');
    if (first === undefined) throw new Error('nobody writes');
    const writings = [
      { ...first, text: 'first', atMs: 2_000 },
      { ...first, text: 'second', atMs: 1_000 },
    ];
    const { failure } = run({ ...plan, inDoubt: 'resend', faults: [], writings }, means);
    expect(failure).toMatchObject({ checker: 'order' });
  });

  it('takes the parts of a long text for it where the clock of the IM server jumped by more than a day, from behind', () => {
    const [first] = plan.writings;
    const [site] = plan.sites;
    if (first === undefined || site === undefined) throw new Error('nobody writes');
    const long = { ...first, way: 'mo' as const, atMs: 3_000, text: `to person${' long'.repeat(70)}`, partCount: 3 };
    const clock = { kind: 'clock', lengthMs: 50, target: imServerName, rate: 1 } as const;
    // One slot: each part waits until the one before it is settled.
    const slow = { ...plan, linkDelayMs: 300, sites: [{ ...site, ringSize: 1 }], writings: [long] };
    const jump = { ...clock, atMs: 3_400, aheadMs: 0 };
    const shown: string[] = [];
    const { failure } = run(
      { ...slow, faults: [{ ...clock, atMs: 500, aheadMs: -31 * hourMs }, jump] },
      means,
      (happening) => {
        if (happening.type === 'shown' && happening.event.type === 'message') shown.push(happening.event.text.text);
      },
    );
    expect(failure).toBeUndefined();
    expect(shown[0]).toContain('[…]');
  });

  it('that failed is told with its checker and the command that repeats it', () => {
    const failure = { checker: 'arrival', complaint: '"x" never reached bob', atMs: 1_500 };
    const result = { ...run({ ...plan, faults: [], writings: [] }, means), failure };
    const report = { plan, result, command: 'ringbridge sim run --seed 2 --trace', shrunk: plan.faults.slice(0, 1) };
    const text = resultLines(report, plainPainter).join('\n');
    expect(text).toContain('✖ seed 2');
    expect(text).toContain('arrival fails at 1.500 s: "x" never reached bob');
    expect(text).toContain(`fails with 1 of ${plan.faults.length} faults`);
    expect(text).toContain('ringbridge sim run --seed 2 --trace');
    expect(resultDocument(report)).toMatchObject({ ok: false, seed: 2, failure });
  });
});
