import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { waitForDrain } from '../../src/shell/drain.ts';

const never = new Promise<void>(() => undefined);

describe('a drain', () => {
  it('ends without a disk that has been refusing for too long, and says so', async () => {
    const events: LogEvent[] = [];
    const runner = { idle: () => never, diskRefusingMs: 60 };
    await waitForDrain(never, runner, (event) => events.push(event), 50);
    expect(events.map(({ event }) => event)).toEqual(['role.drained-without-disk']);
  });

  it('waits for all of it to be on disk while the disk works', async () => {
    const events: LogEvent[] = [];
    const order: string[] = [];
    const idle = async () => {
      order.push('idle');
    };
    await waitForDrain(Promise.resolve(), { idle, diskRefusingMs: 0 }, (event) => events.push(event), 50);
    expect(order).toEqual(['idle']);
    expect(events).toEqual([]);
  });
});
