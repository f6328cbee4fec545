/** How close commits follow one another where what waits for them is patient. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gatherMs } from '../../../src/shell/runner.ts';
import { act, give, isPatient, persist, setUp } from './set-up.ts';

describe('gathering', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins commits no closer than the moment of gathering where only patient outputs wait', async () => {
    const { runner, disk, done, clock } = setUp({ isPatient });
    runner.input(give(persist('a'), act('patient a')));
    await nextTurn();
    await disk.finish();
    expect(done).toEqual(['patient a', '|']);
    runner.input(give(persist('b'), act('patient b')));
    await nextTurn();
    clock.now += gatherMs - 1;
    runner.input(give(persist('c'), act('patient c')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a']);
    clock.now += 1;
    vi.advanceTimersByTime(gatherMs);
    expect(disk.keys()).toEqual(['a', 'b c']);
    clock.now += gatherMs;
    await disk.finish();
    runner.input(give(persist('d'), act('patient d')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a', 'b c', 'd']);
  });

  it('waits as long as it is told when the wait begins, and not for what must not wait', async () => {
    let patienceMs = 5;
    const { runner, disk, clock } = setUp({ isPatient, patienceMs: () => patienceMs });
    runner.input(give(persist('a'), act('patient a')));
    await nextTurn();
    await disk.finish();
    runner.input(give(persist('b'), act('patient b')));
    await nextTurn();
    patienceMs = 100;
    clock.now += 4;
    vi.advanceTimersByTime(4);
    runner.input(give(persist('c'), act('patient c')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a']);
    clock.now += 1;
    vi.advanceTimersByTime(1);
    expect(disk.keys()).toEqual(['a', 'b c']);
    await disk.finish();
    runner.input(give(persist('d'), act('patient d')));
    await nextTurn();
    runner.input(give(persist('e'), act('hurried e')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a', 'b c', 'd e']);
  });

  it('begins a commit at once as soon as something waits that is not patient', async () => {
    const { runner, disk, done } = setUp({ isPatient });
    runner.input(give(persist('a'), act('hurried a')));
    await nextTurn();
    runner.input(give(persist('b'), act('patient b')));
    await disk.finish();
    expect(disk.keys()).toEqual(['a']);
    runner.input(give(persist('c'), act('hurried c')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a', 'b c']);
    await disk.finish();
    vi.advanceTimersByTime(gatherMs);
    expect(disk.keys()).toEqual(['a', 'b c']);
    expect(done).toEqual(['hurried a', '|', 'patient b', 'hurried c', '|']);
    runner.input(give(persist('d'), act('patient d')));
    await nextTurn();
    expect(disk.keys()).toEqual(['a', 'b c']);
  });
});
