import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKill, planKills } from '../../../src/cli/demo/kills.ts';
import { seededRandom } from '../../../src/core/base/random.ts';

describe('the plan of kills', () => {
  it('is the same for the same seed, and another for another', () => {
    const wishes = [
      { role: 'buffer', count: 5 },
      { role: 'im-server', count: 3 },
    ] as const;
    const plan = (seed: number) => planKills(wishes, 500, seededRandom(seed));
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it('has every kill that was wished for, each while there is more to send', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.integer({ min: 50, max: 5_000 }), fc.integer(), (b, s, count, seed) => {
        const wishes = [
          { role: 'buffer', count: b },
          { role: 'im-server', count: s },
        ] as const;
        const kills = planKills(wishes, count, seededRandom(seed));
        expect(kills.filter(({ role }) => role === 'buffer')).toHaveLength(b);
        expect(kills.filter(({ role }) => role === 'im-server')).toHaveLength(s);
        let gate = 0;
        for (const { afterTexts, gateAt } of kills) {
          expect(afterTexts).toBeGreaterThanOrEqual(gate);
          // The gate holds some texts back, so that the traffic is not over when the kill comes.
          expect(afterTexts).toBeLessThan(gateAt);
          gate = gateAt;
        }
        expect(gate).toBeLessThanOrEqual(count);
      }),
    );
  });
});

describe('a wish for kills', () => {
  it('names a role and how often', () => {
    expect(parseKill('im-server=3')).toEqual({ ok: true, value: { role: 'im-server', count: 3 } });
  });

  it.each(['smsc=1', 'buffer', 'buffer=', 'buffer=-1', 'buffer=1.5', 'buffer=101', 'buffer=1=2', ''])(
    'is refused as %j',
    (text) => {
      expect(parseKill(text)).toMatchObject({ ok: false, fault: { code: 'CONFIG_BAD_VALUE' } });
    },
  );
});
