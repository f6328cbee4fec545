import { describe, expect, it } from 'vitest';
import { SendLine } from '../../../src/cli/im/send-line.ts';

const phone = '+358401234567';
const text = (cid: string, to = phone) => ({ cid, to, text: cid });

describe('texts that are not stored yet', () => {
  it('leave one after the other for each address, whatever its spelling', () => {
    const line = new SendLine();
    expect([line.add(text('a1')), line.add(text('a2', '00358 40 1234567')), line.add(text('b1', 'bob'))]).toEqual([
      true,
      false,
      true,
    ]);
    expect(line.turns().map(({ cid }) => cid)).toEqual(['a1', 'b1']);
    expect([line.turnOf('a1')?.cid, line.turnOf('a2')?.cid]).toEqual(['a1', undefined]);
    expect(line.settle('a1')?.cid).toBe('a2');
    expect(line.settle('b1')).toBeUndefined();
    expect(line.turns().map(({ cid }) => cid)).toEqual(['a2']);
    expect(line.size).toBe(1);
  });

  it('keep their turns when a later one turns out to be stored', () => {
    const line = new SendLine();
    for (const cid of ['a1', 'a2', 'a3']) line.add(text(cid));
    expect(line.settle('a2')).toBeUndefined();
    expect(line.settle('a2')).toBeUndefined();
    expect(line.settle('a1')?.cid).toBe('a3');
  });

  it('are there once under one cid', () => {
    const line = new SendLine();
    expect([line.add(text('a1')), line.add(text('a1', 'bob'))]).toEqual([true, false]);
    expect(line.size).toBe(1);
    expect(line.settle('a1')).toBeUndefined();
    expect(line.size).toBe(0);
  });
});
