/** A machine that met a bug gives way to a new one. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/core/base/machine.ts';
import { waitingInputLimit } from '../../../src/shell/runner.ts';
import { act, give, type Input, type Output, persist, setUp } from './set-up.ts';

describe('a machine that fails and is mended', () => {
  /** Fails at an input without outputs. */
  const machineNamed = (name: string): Machine<Input, Output> => ({
    handle: (input) => {
      if (input.type === 'give' && input.outputs.length === 0) throw new Error('bug');
      return input.type === 'give' ? [...input.outputs, act(`by ${name}`)] : [];
    },
    deadline: () => undefined,
  });
  const setUpMended = () => {
    const made: string[] = [];
    const parts = setUp({
      machine: machineNamed('the first'),
      mend: () => ({
        makeMachine: () => {
          made.push('made');
          return machineNamed('the second');
        },
        isKept: (input) => input.type !== 'tick',
        firstInputs: () => [give(act('begin'))],
      }),
    });
    return { ...parts, made };
  };

  it('gives way to a new one only when all that it told is on disk', async () => {
    const { runner, disk, done, made, bugs } = setUpMended();
    runner.input(give(persist('k'), act('promised')));
    runner.input(give());
    await nextTurn();
    expect([made, done]).toEqual([[], []]);
    await disk.finish();
    expect(made).toEqual(['made']);
    const names = done.filter((name) => name !== '|');
    expect(names).toEqual(['promised', 'by the first', 'begin', 'by the second']);
    expect(bugs).toEqual([]);
  });

  it('lets what comes meanwhile wait for the new one, behind its beginning', async () => {
    const { runner, disk, done } = setUpMended();
    runner.input(give(persist('k')));
    runner.input(give());
    runner.input(give(act('later')));
    await nextTurn();
    await disk.finish();
    const names = done.filter((name) => name !== '|');
    expect(names).toEqual(['by the first', 'begin', 'by the second', 'later', 'by the second']);
  });

  it('stops where more waits than there is room for', async () => {
    const { runner, bugs } = setUpMended();
    runner.input(give(persist('k')));
    runner.input(give());
    for (let count = 0; count <= waitingInputLimit; count += 1) runner.input(give(act('waits')));
    expect(bugs).toHaveLength(1);
  });
});
