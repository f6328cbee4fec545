// The timer of the presence book.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { instant } from '../../src/core/base/time.ts';
import { clientRef } from '../../src/core/im/exchange-io.ts';
import { lostCountsMs } from '../../src/core/im/presence-book.ts';
import { LivePresence } from '../../src/shell/live-presence.ts';

const page = clientRef('web:1');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells by itself that a user is gone whose client was lost, and nothing once it is stopped', () => {
  const changes: string[] = [];
  const presence = new LivePresence(
    () => instant(Date.now()),
    (user) => changes.push(`${user} ${presence.of(user)}`),
  );
  presence.tell(page, 'alice', 'here');
  presence.tell(page, 'alice', 'lost');
  vi.advanceTimersByTime(lostCountsMs - 1);
  expect(changes).toEqual(['alice here']);
  vi.advanceTimersByTime(1);
  expect(changes).toEqual(['alice here', 'alice gone']);
  presence.tell(page, 'bob', 'here');
  presence.tell(page, 'bob', 'lost');
  presence.stop();
  vi.advanceTimersByTime(lostCountsMs);
  expect(changes.slice(2)).toEqual(['bob here']);
});
