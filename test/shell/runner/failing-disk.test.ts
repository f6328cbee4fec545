/** Commits that are refused: tried again, in pieces, and nothing lost. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { act, full, give, persist, setUp } from './set-up.ts';

describe('with a disk that fails', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tries again with growing waits up to 10 s, says so, and loses neither records nor order', async () => {
    const { runner, disk, done, logged } = setUp();
    runner.input(give(persist('k1'), act('a')));
    await nextTurn();
    for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      const tries = disk.commits.length;
      await disk.refuse(full);
      expect(logged.at(-1)).toMatchObject({
        level: 'error',
        event: 'store.commit-failed',
        fields: { code: 'STORE_FULL', retryInMs: waitMs },
      });
      vi.advanceTimersByTime(waitMs - 1);
      expect(disk.commits.length).toBe(tries);
      vi.advanceTimersByTime(1);
      expect(disk.commits.length).toBe(tries + 1);
    }
    expect(done).toEqual([]);
    await disk.finish();
    expect(done).toEqual(['a', '|']);
    expect(logged.at(-1)).toMatchObject({ event: 'store.commit-recovered', fields: { failures: 7 } });
  });

  it('writes what has gathered in pieces, or one commit might want more room than there ever will be', async () => {
    const { runner, disk, done } = setUp();
    for (let at = 0; at < 100; at += 1) runner.input(give(persist(`k${at}`), act(`a${at}`)));
    await nextTurn();
    expect(disk.commits.at(-1)).toHaveLength(100);
    await disk.refuse(full);
    vi.advanceTimersByTime(500);
    expect(disk.commits.at(-1)).toHaveLength(64);
    await disk.finish();
    expect(done.filter((name) => name !== '|')).toHaveLength(64);
    expect(disk.commits.at(-1)).toHaveLength(36);
    await disk.finish();
    expect(done.filter((name) => name !== '|')).toHaveLength(100);
    for (let at = 100; at < 200; at += 1) runner.input(give(persist(`k${at}`)));
    await nextTurn();
    expect(disk.commits.at(-1)).toHaveLength(100);
  });

  it('goes on taking inputs, and the next try carries all that waits', async () => {
    const { runner, disk, done } = setUp();
    runner.input(give(persist('k1'), act('a')));
    await nextTurn();
    await disk.refuse(full);
    runner.input(give(persist('k2'), act('b')));
    await nextTurn();
    expect(disk.keys()).toEqual(['k1']);
    vi.advanceTimersByTime(500);
    expect(disk.keys()).toEqual(['k1', 'k1 k2']);
    await disk.finish();
    expect(done).toEqual(['a', 'b', '|']);
  });

  it('takes any other failure of a commit for a bug', async () => {
    const { runner, disk, bugs, done } = setUp();
    const bug = new TypeError('no such key');
    runner.input(give(persist('k'), act('a')));
    await nextTurn();
    await disk.refuse(bug);
    expect(bugs).toEqual([bug]);
    expect(done).toEqual([]);
  });
});
