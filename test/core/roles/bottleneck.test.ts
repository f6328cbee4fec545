import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/base/random.ts';
import { instant } from '../../../src/core/base/time.ts';
import { Bottleneck } from '../../../src/core/roles/bottleneck.ts';
import { DelayLine } from '../../../src/core/roles/impair.ts';

describe('the narrow place of a link', () => {
  it('lets bytes through at its speed, one after the other', () => {
    // 8 bytes a millisecond.
    const narrow = new Bottleneck(64_000);
    expect(narrow.pass(8, instant(0))).toBe(1);
    expect(narrow.pass(800, instant(0))).toBe(101);
    expect(narrow.pass(8, instant(50))).toBe(102);
    expect(narrow.pass(8, instant(1_000))).toBe(1_001);
  });

  it('forgets what was on its way when that is gone', () => {
    const narrow = new Bottleneck(64_000);
    narrow.pass(80_000, instant(0));
    narrow.clear();
    expect(narrow.pass(8, instant(10))).toBe(11);
  });

  it('is never faster than its speed over any stretch, keeps the order, and wastes no time while something waits', () => {
    const piece = fc.record({ gapMs: fc.integer({ min: 0, max: 300 }), bytes: fc.integer({ min: 1, max: 1_500 }) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 60 }), (pieces) => {
        const narrow = new Bottleneck(64_000);
        let now = 0;
        const passed = pieces.map(({ gapMs, bytes }) => {
          now += gapMs;
          return { now, bytes, at: narrow.pass(bytes, instant(now)) };
        });
        for (const [index, { at, bytes, now: cameAt }] of passed.entries()) {
          const before = passed[index - 1]?.at ?? 0;
          expect(at - Math.max(before, cameAt)).toBeCloseTo(bytes / 8, 6);
        }
      }),
    );
  });

  it('comes before the delay: a full link takes longer, and jitter changes no order', () => {
    const [narrow, line] = [new Bottleneck(64_000), new DelayLine(280, 10, seededRandom(1))];
    let last = 0;
    for (let count = 0; count < 100; count += 1) {
      const through = narrow.pass(80, instant(0));
      const at = line.releaseAt(through);
      expect(at).toBeGreaterThanOrEqual(last);
      expect(at - 10 * (count + 1)).toBeGreaterThanOrEqual(270 - 1e-6);
      expect(at - 10 * (count + 1)).toBeLessThanOrEqual(290 + 1e-6);
      last = at;
    }
  });
});
