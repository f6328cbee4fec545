import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { SendBudget } from '../../../src/core/im/send-budget.ts';

describe('the texts that a user may hand in', () => {
  it('are so many at once, and come back with time', () => {
    const budget = new SendBudget({ perSecond: 2, burst: 3 });
    const taken = [0, 0, 0, 0, 499, 500, 500].map((ms) => budget.take('alice', instant(ms)));
    expect(taken).toEqual([true, true, true, false, false, true, false]);
  });

  it('are counted for nobody who has not sent for long, removed or not', () => {
    const budget = new SendBudget({ perSecond: 10, burst: 100 });
    for (let user = 0; user < 10_000; user += 1) budget.take(`u${user}`, instant(user * 100));
    expect(budget.size).toBeLessThan(300);
  });

  it('stay counted while they are not back, whoever else comes', () => {
    const budget = new SendBudget({ perSecond: 1, burst: 1_000 });
    for (let count = 0; count < 1_000; count += 1) budget.take('alice', instant(0));
    for (let user = 0; user < 2_000; user += 1) budget.take(`u${user}`, instant(0));
    expect(budget.take('alice', instant(0))).toBe(false);
    expect(budget.size).toBe(2_001);
  });
});
