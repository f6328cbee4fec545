/** What becomes of an exception where nobody mends the machine. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { act, give, setUp } from './set-up.ts';

describe('an exception', () => {
  it('hands an exception of the machine to onBug, and does nothing more', async () => {
    const bug = new Error('bug');
    const { runner, bugs, done } = setUp({
      machine: {
        handle: (input) => {
          if (input.type === 'give' && input.outputs.length === 0) throw bug;
          return input.type === 'give' ? input.outputs : [];
        },
        deadline: () => undefined,
      },
    });
    runner.input(give());
    runner.input(give(act('a')));
    await nextTurn();
    expect(bugs).toEqual([bug]);
    expect(done).toEqual([]);
  });

  it('hands an exception of perform to onBug', () => {
    const bug = new Error('bug');
    const { runner, bugs } = setUp({
      perform: () => {
        throw bug;
      },
    });
    runner.input(give(act('a'), act('b')));
    expect(bugs).toEqual([bug]);
  });
});
