/** What waits in the page: the order in which it leaves. The page itself is tried in `page.test.ts`. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript, because browsers read it as it is
import { Outbox } from '../../../src/gateways/web/page/outbox.js';

interface Item {
  readonly cid: string;
  readonly to: string;
  readonly text: string;
}

const textsOf = (items: readonly Item[]) => items.map(({ text }) => text);

describe('the outbox of the page', () => {
  const kept = new Map<string, string>();

  beforeEach(() => {
    kept.clear();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    return () => vi.unstubAllGlobals();
  });

  it('lets the oldest to each address go, and the next when that one is stored or refused for good', () => {
    const outbox = new Outbox('alice');
    const [one, two, three] = ['one', 'two', 'three'].map((text): Item => outbox.add('bob', text));
    outbox.add('carol', 'hello');
    expect(textsOf(outbox.turns)).toEqual(['one', 'hello']);
    outbox.remove(one?.cid);
    expect(outbox.turnTo('bob')).toBe(two);
    outbox.refuse(two?.cid, { words: 'no', code: 'IM_BAD_ADDRESS' });
    expect(outbox.turnTo('bob')).toBe(three);
    outbox.remove(three?.cid);
    expect(outbox.turnTo('bob')).toBeUndefined();
    expect(textsOf(outbox.turns)).toEqual(['hello']);
  });

  it('is what it was after a reload, in its order', () => {
    const outbox = new Outbox('alice');
    for (const text of ['one', 'two']) outbox.add('bob', text);
    expect(textsOf(new Outbox('alice').items)).toEqual(['one', 'two']);
    expect(new Outbox('bob').items).toEqual([]);
  });
});
