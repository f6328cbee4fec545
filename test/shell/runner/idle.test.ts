/** When everything is carried out and on disk. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { act, give, persist, setUp } from './set-up.ts';

describe('idle()', () => {
  it('resolves when everything is performed and on disk', async () => {
    const { runner, disk } = setUp();
    let isIdle = false;
    runner.input(give(act('a'), persist('k')));
    const idle = runner.idle().then(() => {
      isIdle = true;
    });
    await nextTurn();
    await nextTurn();
    expect(isIdle).toBe(false);
    await disk.finish();
    expect(isIdle).toBe(true);
    await idle;
  });

  it('resolves at once when there is nothing to do', async () => {
    const { runner } = setUp();
    await runner.idle();
    expect(runner.waitingCount).toBe(0);
  });
});
