import { expect, it } from 'vitest';
import { createEventFeed } from '../../src/shell/event-feed.ts';

it('hands each listener what happens from its beginning on, in order', async () => {
  const feed = createEventFeed<number>();
  feed.publish(0);
  const [a, b] = [feed.listen(), feed.listen()];
  feed.publish(1);
  feed.publish(2);
  expect([await a.next(), await a.next()]).toMatchObject([{ value: 1 }, { value: 2 }]);
  const next = a.next();
  feed.publish(3);
  expect(await next).toEqual({ done: false, value: 3 });
  expect(await b.next()).toEqual({ done: false, value: 1 });
});

it('ends a listener that falls behind, after what it could hold, and lets the others go on', async () => {
  const feed = createEventFeed<number>(2);
  const [slow, quick] = [feed.listen(), feed.listen()];
  for (const event of [1, 2, 3]) {
    feed.publish(event);
    expect(await quick.next()).toEqual({ done: false, value: event });
  }
  expect([await slow.next(), await slow.next(), await slow.next()]).toMatchObject([
    { value: 1 },
    { value: 2 },
    { done: true },
  ]);
  expect(feed.listenerCount).toBe(1);
});

it('ends whoever waits when it is closed, and forgets whoever leaves', async () => {
  const feed = createEventFeed<number>();
  const [left, waiting] = [feed.listen(), feed.listen()];
  await left.return?.();
  expect(feed.listenerCount).toBe(1);
  const next = waiting.next();
  feed.close();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(feed.listenerCount).toBe(0);
});
