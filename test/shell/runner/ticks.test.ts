/** A machine gets its tick at its deadline, wherever that moves. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Instant, instant } from '../../../src/core/base/time.ts';
import { give, setUp } from './set-up.ts';

describe('ticks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Notes its ticks; its deadline is set from outside. */
  function setUpTicking() {
    const state: { deadline: Instant | undefined; ticks: number[] } = { deadline: undefined, ticks: [] };
    const set = setUp({
      machine: {
        handle: (input, now) => {
          if (input.type === 'tick') {
            state.ticks.push(now);
            state.deadline = undefined;
          }
          return [];
        },
        deadline: () => state.deadline,
      },
    });
    const pass = (durationMs: number) => {
      for (let step = 0; step < durationMs; step += 1) {
        set.clock.now += 1;
        vi.advanceTimersByTime(1);
      }
    };
    return { ...set, state, pass };
  }

  it('come when the deadline is reached, not before', () => {
    const { runner, state, pass } = setUpTicking();
    state.deadline = instant(1_000_100);
    runner.input(give());
    pass(99);
    expect(state.ticks).toEqual([]);
    pass(1);
    expect(state.ticks).toEqual([1_000_100]);
  });

  it('follow a deadline that is moved away or nearer', () => {
    const { runner, state, pass } = setUpTicking();
    state.deadline = instant(1_000_100);
    runner.input(give());
    state.deadline = instant(1_000_200);
    runner.input(give());
    pass(150);
    expect(state.ticks).toEqual([]);
    state.deadline = instant(1_000_160);
    runner.input(give());
    pass(10);
    expect(state.ticks).toEqual([1_000_160]);
    pass(500);
    expect(state.ticks).toEqual([1_000_160]);
  });

  it('come for a deadline that lies in the past when it is set', () => {
    const { runner, state, pass } = setUpTicking();
    state.deadline = instant(5);
    runner.input(give());
    pass(1);
    expect(state.ticks).toEqual([1_000_001]);
  });

  it('come for a deadline further away than a timer can wait', () => {
    const { runner, state, clock } = setUpTicking();
    state.deadline = instant(clock.now + 2 ** 32);
    runner.input(give());
    vi.advanceTimersByTime(3_600_000);
    expect(state.ticks).toEqual([]);
    clock.now += 2 ** 32;
    vi.advanceTimersByTime(3_600_000);
    expect(state.ticks).toEqual([clock.now]);
  });

  it('come no more after stop()', () => {
    const { runner, state, pass } = setUpTicking();
    state.deadline = instant(1_000_100);
    runner.input(give());
    runner.stop();
    pass(200);
    expect(state.ticks).toEqual([]);
  });
});
