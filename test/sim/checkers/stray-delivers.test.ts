import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { FaultKind } from '../../../src/core/roles/smsc/scenario.ts';
import { StrayDelivers } from '../../../src/sim/checkers/stray-delivers.ts';
import type { Happening } from '../../../src/sim/happening.ts';
import { planRun, type RunPlan } from '../../../src/sim/plan.ts';

const from = '+358401110001';
const to = '28820001';

function planWith(window: number, partCount = 1): RunPlan {
  const plan = planRun({ seed: 2, lastingMs: 1_000, textCount: 1 });
  const [site] = plan.sites;
  const [writing] = plan.writings;
  if (site === undefined || writing === undefined) throw new Error('an empty plan');
  const first = { ...writing, way: 'mo', text: 'first', partCount } as const;
  return { ...plan, sites: [{ ...site, smscId: 'hel1', window }], writings: [first, { ...first, text: 'second' }] };
}

function writes(text: string): Happening {
  return { type: 'injected', smscId: 'hel1', from, to, text };
}

function meets(kind: FaultKind, packet: string, at: number): Happening {
  return { type: 'smsc', smscId: 'hel1', event: { type: 'fault', at: instant(at), kind, packet } };
}

function isOffered(stamp: string, at: number, attempt = 1): Happening {
  const event = { type: 'deliver-offered', at: instant(at), from, to, stamp, attempt } as const;
  return { type: 'smsc', smscId: 'hel1', event };
}

function straysOf(plan: RunPlan, ...happenings: readonly Happening[]): string[] {
  const strays = new StrayDelivers(plan);
  for (const happening of happenings) strays.take(happening);
  return ['first', 'second'].filter((text) => strays.has(text));
}

describe('a text of a handset may come behind the next one of its conversation (5.3)', () => {
  it('where its deliver was lost when it first left, in a window', () => {
    const happenings = [
      ...[writes('first'), meets('swallow-deliver', '20:000', 5), isOffered('01', 5)],
      ...[writes('second'), isOffered('02', 6), isOffered('01', 9, 2)],
    ];
    expect(straysOf(planWith(4), ...happenings)).toEqual(['first']);
    expect(straysOf(planWith(1), ...happenings)).toEqual([]);
  });

  it('where one part of it was damaged', () => {
    const happenings = [writes('first'), isOffered('01', 5), meets('wrong-checksum', '20:002', 5), isOffered('02', 5)];
    expect(straysOf(planWith(4, 2), ...happenings)).toEqual(['first']);
  });

  it('not where it is repeated only, a report or an answer was hit, or a fault that takes nothing away', () => {
    const happenings = [
      ...[writes('first'), isOffered('01', 5), meets('swallow-deliver', '20:000', 7), isOffered('01', 7, 2)],
      ...[writes('second'), meets('swallow-deliver', '23:002', 8), meets('duplicate-deliver', '20:004', 8)],
      isOffered('02', 8),
    ];
    expect(straysOf(planWith(4), ...happenings)).toEqual([]);
  });
});
