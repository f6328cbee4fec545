/** What the page knows, without a browser. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error: the page is JavaScript, for browsers
import { Model } from '../../../src/gateways/web/page/model.js';

const text = (position: number) => ({
  ...{ id: `id ${position}`, direction: 'in', peer: 'bob', text: `text ${position}`, at: 0 },
  ...{ order: position, position, step: 'stored', cid: '', parts: 1, marks: [] },
});

describe('the position that the page resumes from', () => {
  it('moves with what comes', () => {
    const model = new Model();
    model.position = 50;
    model.advance(51);
    model.takeStep({ id: 'id 1', peer: 'bob', step: 'failed', marks: [], position: 52 });
    expect(model.position).toBe(52);
  });

  it('does not pass over what was missed, should the connection be cut before that has come', () => {
    const model = new Model();
    model.position = 50;
    model.isResuming = true;
    model.take(text(99));
    model.advance(99);
    expect(model.position).toBe(50);
    model.takeChanges({ texts: [text(60)], position: 60, isComplete: false });
    model.advance(100);
    expect(model.position).toBe(60);
    model.takeChanges({ texts: [text(99)], position: 99, isComplete: true });
    model.advance(101);
    expect(model.position).toBe(101);
    expect(model.textsOf('bob').map(({ order }: { order: number }) => order)).toEqual([60, 99]);
  });
});

describe('those with whom there is a conversation', () => {
  it('are in the order of their last texts, whatever was heard of first', () => {
    const model = new Model();
    model.takeConversations([{ peer: 'bob', last: text(5), unread: 1, readUpTo: 0 }], 5);
    model.takeConversations([{ peer: 'carol', last: { ...text(3), peer: 'carol' }, unread: 0, readUpTo: 3 }]);
    model.take({ ...text(7), peer: 'dave' });
    model.open('eve');
    expect(model.newestFirst).toEqual(['dave', 'bob', 'carol', 'eve']);
    expect(model.listedFrom).toBe(0);
  });
});
