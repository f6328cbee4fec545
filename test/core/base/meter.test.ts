import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Meter, meterWindowMs } from '../../../src/core/base/meter.ts';
import { instant } from '../../../src/core/base/time.ts';

const start = 1_700_000_000_000;
const at = (ms: number) => instant(start + ms);

describe('Meter', () => {
  it('tells the rate of a steady flow, from its first second on', () => {
    const meter = new Meter();
    for (let ms = 0; ms < 30_000; ms += 50) {
      meter.add(at(ms));
      if (ms > 2_000) expect(meter.perSecond(at(ms), 10_000)).toBeCloseTo(20, -0.5);
    }
    expect(meter.view(at(29_999)).total).toBe(600);
  });

  it('falls to nothing when nothing comes any more, and keeps the total', () => {
    const meter = new Meter();
    meter.add(at(0), 500);
    expect(meter.perSecond(at(500), 10_000)).toBe(500);
    expect(meter.perSecond(at(9_000), 10_000)).toBeGreaterThan(0);
    expect(meter.view(at(11_000))).toEqual({ total: 500, perSecond: 0 });
    expect(meter.perSecond(at(70_000), meterWindowMs)).toBe(0);
  });

  it('forgets what is older than its window however long nobody asked', () => {
    const meter = new Meter();
    meter.add(at(0), 7);
    meter.add(at(3 * meterWindowMs), 1);
    expect(meter.perSecond(at(3 * meterWindowMs + 999), meterWindowMs) * 60).toBeLessThanOrEqual(60);
    expect(meter.total).toBe(8);
  });

  it('agrees with a list of all that came', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 20_000 }), (steps, wait) => {
        const meter = new Meter();
        let now = 0;
        const times = steps.map((step) => {
          now += step;
          meter.add(at(now));
          return start + now;
        });
        const asked = at(now + wait);
        const first = (Math.floor(asked / 1_000) - 9) * 1_000;
        const counted = times.filter((time) => time >= first).length;
        const spanMs = Math.max(asked - Math.max(first, times[0] ?? 0), 1_000);
        expect(meter.perSecond(asked, 10_000)).toBeCloseTo((counted * 1_000) / spanMs, 9);
      }),
    );
  });
});
