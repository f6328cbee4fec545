import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/core/base/invariant.ts';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { Mending, mendedAtMost, withinMs } from '../../src/shell/mending.ts';

const input = { type: 'link-received' };

function setUp() {
  const clock = { nowMs: 1_000 };
  const logged: LogEvent[] = [];
  return {
    clock,
    logged,
    mending: new Mending(
      (event) => logged.push(event),
      () => clock.nowMs,
    ),
  };
}

describe('Mending', () => {
  it('tells what did not hold, at which input, in which slot and where, and counts it', () => {
    const { mending, logged } = setUp();
    expect(mending.violations()).toEqual({ count: 0 });
    mending.take(new InvariantError('no move', { slot: 9, history: '9 placed' }), input);
    mending.take(new TypeError('undefined is not a function'), input);
    expect(mending.violations()).toEqual({ count: 2, last: 'undefined is not a function' });
    expect(logged.map(({ event, level }) => [event, level])).toEqual([
      ['bug.violated', 'error'],
      ['bug.violated', 'error'],
    ]);
    expect(logged[0]?.fields).toMatchObject({
      ...{ statement: 'no move', slot: 9, history: '9 placed', input: 'link-received', count: 1 },
      at: expect.stringContaining('mending.test.ts'),
    });
  });

  it('ends a role whose bug comes back, and mends one that is rare', () => {
    const { mending, clock } = setUp();
    const takeOne = () => mending.take(new Error('bug'), input);
    for (let count = 0; count < mendedAtMost; count += 1) expect(takeOne()).toBe('mend');
    expect(takeOne()).toBe('stop');
    clock.nowMs += withinMs;
    expect(takeOne()).toBe('mend');
  });
});
