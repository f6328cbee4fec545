import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/core/base/errors.ts';
import { ArrivalMemory, arrivalCount } from '../../../src/core/im/arrival-memory.ts';
import { recoverExchange } from '../../../src/core/im/exchange-memory.ts';
import { keys } from '../../../src/core/im/records.ts';
import { messageId } from '../../../src/core/message/message.ts';
import { Bench } from './bench.ts';

const [one, two, three] = ['+358401111111', '+358402222222', '+358403333333'];

describe('history', () => {
  it('lists conversations by their last text, newest first, and no more than asked for', () => {
    const bench = withAlice();
    for (const peer of [three, one, two, three]) bench.send('alice', peer, `to ${peer}`);
    const peers = (limit: number) => bench.history.conversations('alice', { limit }).map(({ peer }) => peer);
    expect(peers(9)).toEqual([three, two, one]);
    expect(peers(2)).toEqual([three, two]);
  });

  it('counts as not read only what came in, up to 99', () => {
    const bench = withAlice();
    bench.send('alice', one, 'out');
    expect(bench.history.conversations('alice', { limit: 1 })).toMatchObject([{ unread: 0 }]);
    bench.arrive(one, '28820001', 'in');
    expect(bench.history.conversations('alice', { limit: 1 })).toMatchObject([{ unread: 1 }]);
    for (let i = 0; i < 120; i += 1) bench.arrive(one, '28820001', 'in');
    expect(bench.history.conversations('alice', { limit: 1 })).toMatchObject([{ unread: 99 }]);
  });

  it('keeps the texts of one user from another', () => {
    const bench = withAlice();
    bench.addUser('bob');
    bench.send('alice', one, 'secret');
    const { id } = bench.lastText('alice', one);
    expect(bench.history.text('bob', id)).toBeUndefined();
    expect(bench.history.conversations('bob', { limit: 9 })).toEqual([]);
    expect(bench.history.changesSince('bob', 0, { limit: 9 })).toEqual([]);
  });

  it('shows each changed text once, in its present state, from a position on', () => {
    const bench = withAlice();
    bench.send('alice', one, 'a');
    const { position } = bench.lastText('alice', one);
    bench.send('alice', one, 'b');
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.history.changesSince('alice', position, { limit: 9 })).toMatchObject([
      { text: 'b', step: 'stored' },
      { text: 'a', step: 'accepted' },
    ]);
    expect(bench.history.position('alice')).toBe(bench.talk('alice', one)[0]?.position);
  });
});

describe('records', () => {
  it('of an unknown format are refused, not guessed', () => {
    const record = [keys.user('alice'), [2, 'alice']] as const;
    expect(() => recoverExchange([record])).toThrow(OperatorError);
    expect(() => recoverExchange([record])).toThrow(expect.objectContaining({ code: 'STORE_FORMAT_UNKNOWN' }));
  });

  it('that are damaged are refused', () => {
    for (const value of [null, 'x', [1], [1, 'alice', 7, '', 'ordinary', 0], [1, 'alice', null, '', 'king', 0]]) {
      expect(() => recoverExchange([[keys.user('alice'), value]])).toThrow(OperatorError);
    }
  });
});

describe('the memory of arrivals', () => {
  it('holds the last 4,096 of each SMSC and forgets the oldest', () => {
    const memory = new ArrivalMemory();
    const id = (n: number) => messageId(String(n));
    memory.remember('tpe1', id(0), 'no-addressee');
    for (let n = 0; n <= arrivalCount; n += 1) memory.remember('hel1', id(n), 'stored');
    expect(memory.resultOf('hel1', id(0))).toBeUndefined();
    expect(memory.resultOf('hel1', id(1))).toBe('stored');
    expect(memory.resultOf('hel1', id(arrivalCount))).toBe('stored');
    expect(memory.resultOf('tpe1', id(0))).toBe('no-addressee');
  });
});

function withAlice(): Bench {
  const bench = new Bench();
  bench.addUser('alice', { suffix: '0001' });
  return bench;
}
