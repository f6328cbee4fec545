import { describe, expect, it } from 'vitest';
import { type ArrivedText, judgeArrivals, type SentText } from '../../../src/cli/demo/tally.ts';

function sent(...texts: readonly string[]): readonly SentText[] {
  return texts.map((text) => ({ text, conversation: text[0] ?? '' }));
}

function arrived(...texts: readonly string[]): readonly ArrivedText[] {
  return texts.map((text) => ({
    text: text.replace('!', ''),
    conversation: text[0] ?? '',
    mark: text.endsWith('!') ? 'marked' : 'unmarked',
  }));
}

describe('judging what arrived', () => {
  it('has nothing to say where everything came once and in order', () => {
    expect(judgeArrivals(sent('a1', 'b1', 'a2'), arrived('b1', 'a1', 'a2'))).toEqual({
      tally: { sent: 3, arrived: 3, lost: 0, doubled: 0, doubledMarked: 0 },
      order: 'ordered',
      strangerCount: 0,
      complaints: [],
    });
  });

  it('counts a text that never came, and names it', () => {
    const { tally, complaints } = judgeArrivals(sent('a1', 'a2', 'a3'), arrived('a1', 'a3'));
    expect(tally).toMatchObject({ arrived: 2, lost: 1 });
    expect(complaints).toEqual(['lost: "a2" (a)']);
  });

  it('counts a second copy as doubled, unless it was announced by a mark', () => {
    const { tally, order } = judgeArrivals(sent('a1', 'a2', 'a3'), arrived('a1', 'a1', 'a2!', 'a2!', 'a2!', 'a3'));
    expect(tally).toEqual({ sent: 3, arrived: 3, lost: 0, doubled: 1, doubledMarked: 2 });
    expect(order).toBe('ordered');
  });

  it('sees that a later text came first in its conversation, whatever other conversations did', () => {
    expect(judgeArrivals(sent('a1', 'b1', 'a2'), arrived('a2', 'b1', 'a1')).order).toBe('disordered');
  });

  it('judges order by first copies: a late second one disturbs nothing', () => {
    expect(judgeArrivals(sent('a1', 'a2'), arrived('a1!', 'a2', 'a1!')).order).toBe('ordered');
  });

  it('takes a text that was damaged, or came to another, as lost and as strange', () => {
    const judged = judgeArrivals(sent('a1', 'a2'), [
      { text: 'a1?', conversation: 'a', mark: 'unmarked' },
      { text: 'a2', conversation: 'b', mark: 'unmarked' },
    ]);
    expect(judged).toMatchObject({ tally: { arrived: 0, lost: 2 }, strangerCount: 2 });
  });

  it('does not list more complaints than anybody reads', () => {
    const many = sent(...Array.from({ length: 500 }, (_, n) => `a${n}`));
    const { tally, complaints } = judgeArrivals(many, []);
    expect(tally.lost).toBe(500);
    expect(complaints.length).toBeLessThanOrEqual(20);
  });
});
