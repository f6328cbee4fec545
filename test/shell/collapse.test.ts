import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogEvent, logEvent } from '../../src/core/base/log-event.ts';
import { collapseWithinMs, EventCollapser } from '../../src/shell/collapse.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const told: LogEvent[] = [];
  return { told, collapser: new EventCollapser((event) => told.push(event)) };
}

const timeout = (waitedMs: number, smsc = 'hel1'): LogEvent => logEvent('warn', 'session.timeout', { smsc, waitedMs });

describe('EventCollapser', () => {
  it('tells the first at once, and the last of those like it with a count', () => {
    const { told, collapser } = setUp();
    for (let waitedMs = 1; waitedMs <= 100; waitedMs += 1) collapser.take(timeout(waitedMs));
    expect(told).toEqual([timeout(1)]);
    vi.advanceTimersByTime(collapseWithinMs);
    expect(told).toEqual([
      timeout(1),
      logEvent('warn', 'session.timeout', { smsc: 'hel1', waitedMs: 100, repeated: 99 }),
    ]);
    collapser.take(timeout(200));
    expect(told.length).toBe(3);
  });

  it('tells nothing more of what came once, and tells a single repetition as it is', () => {
    const { told, collapser } = setUp();
    collapser.take(timeout(1));
    collapser.take(timeout(2, 'ber1'));
    collapser.take(timeout(3, 'ber1'));
    vi.advanceTimersByTime(collapseWithinMs * 2);
    expect(told).toEqual([timeout(1), timeout(2, 'ber1'), timeout(3, 'ber1')]);
  });

  it('keeps apart what differs in name, level or words', () => {
    const { told, collapser } = setUp();
    const events = [
      timeout(1),
      timeout(1, 'ber1'),
      logEvent('error', 'session.timeout', { smsc: 'hel1' }),
      logEvent('warn', 'x'),
    ];
    for (const event of events) collapser.take(event);
    expect(told).toEqual(events);
  });

  it('leaves debug as it is', () => {
    const { told, collapser } = setUp();
    for (let index = 0; index < 3; index += 1) collapser.take(logEvent('debug', 'x'));
    expect(told.length).toBe(3);
  });

  it('tells what it counted when the process ends', () => {
    const { told, collapser } = setUp();
    for (let waitedMs = 1; waitedMs <= 3; waitedMs += 1) collapser.take(timeout(waitedMs));
    collapser.flush();
    expect(told.at(-1)?.fields).toEqual({ smsc: 'hel1', waitedMs: 3, repeated: 2 });
    vi.advanceTimersByTime(collapseWithinMs);
    expect(told.length).toBe(2);
  });

  it('watches a bounded number of kinds, and tells the others as they are', () => {
    const { told, collapser } = setUp();
    for (let round = 0; round < 2; round += 1) {
      for (let kind = 0; kind < 1_500; kind += 1) collapser.take(timeout(1, `smsc${kind}`));
    }
    expect(told.length).toBe(1_500 + 500);
  });
});
