import { describe, expect, it } from 'vitest';
import { dayMs, later, minuteMs, secondMs } from '../../../src/core/base/time.ts';
import { withReached } from '../../../src/core/im/open-text.ts';
import { keys, openTextFrom, trailFrom, trailValue } from '../../../src/core/im/records.ts';
import { pieceMs, Retention } from '../../../src/core/im/retention.ts';
import type { TextView } from '../../../src/core/im/text.ts';
import type { Trail } from '../../../src/core/im/trail.ts';
import { messageId } from '../../../src/core/message/message.ts';
import { Bench, phone } from './bench.ts';

const stamp = '261122140001';

function trail(bench: Bench, user: string, { id }: TextView): Trail | undefined {
  const value = bench.store.get(keys.trail(user, id));
  return value === undefined ? undefined : trailFrom(value);
}

function sent(): Bench {
  const bench = new Bench();
  bench.addUser('alice', { role: 'default' });
  bench.send('alice', phone, 'Is it there?');
  return bench;
}

function sentRecord() {
  const bench = sent();
  return bench.store.get(keys.openText(bench.lastText('alice', phone).id)) ?? null;
}

describe('how a text went', () => {
  it('is with it while it is under way: the SMSC, its short message, its stamp and when it reached each step', () => {
    const bench = sent();
    const storedAt = bench.now;
    bench.now = later(bench.now, secondMs);
    bench.confirm(bench.part(0).id, stamp);
    const view = bench.lastText('alice', phone);
    expect(trail(bench, 'alice', view)).toBeUndefined();
    expect(openTextFrom(bench.store.get(keys.openText(view.id)) ?? null)).toMatchObject({
      smscId: 'hel1',
      parts: [{ messageId: bench.part(0).id, destination: phone, stamp, state: { type: 'accepted' } }],
      reached: [
        { step: 'stored', at: storedAt },
        { step: 'accepted', at: bench.now },
      ],
    });
  });

  it('is kept behind its end, with the key of its report (021 and 060), also over a restart', () => {
    const bench = sent();
    bench.confirm(bench.part(0).id, stamp);
    bench.restart();
    bench.now = later(bench.now, minuteMs);
    bench.report(phone, stamp, 4);
    const view = bench.lastText('alice', phone);
    expect(bench.store.get(keys.openText(view.id))).toBeUndefined();
    expect(trail(bench, 'alice', view)).toMatchObject({
      direction: 'out',
      smscId: 'hel1',
      reports: 'final',
      parts: [{ messageId: bench.part(0).id, destination: phone, stamp, state: { type: 'delivered' } }],
      reached: [{ step: 'stored' }, { step: 'accepted' }, { step: 'delivered', at: bench.now }],
    });
  });

  it('tells of a text that failed at once, and of one nothing was heard of', () => {
    const bench = sent();
    bench.refuse(bench.part(0).id, 300);
    expect(trail(bench, 'alice', bench.lastText('alice', phone))).toMatchObject({
      parts: [{ stamp: '', state: { type: 'failed', reason: { code: '900:300' } } }],
      reached: [{ step: 'stored' }, { step: 'failed' }],
    });
    bench.send('alice', phone, 'And this?');
    bench.confirm(bench.part(1).id, stamp);
    bench.pass(4 * dayMs);
    expect(trail(bench, 'alice', bench.lastText('alice', phone))).toMatchObject({
      parts: [{ stamp, state: { type: 'accepted' } }],
      reached: [{ step: 'stored' }, { step: 'accepted' }, { step: 'unknown' }],
    });
  });

  it('remembers the SMSC that turned it away, and when it began there', () => {
    const bench = new Bench({ routes: [{ prefix: '+358', smscId: 'hel1', fallback: ['hel2'] }] });
    bench.addUser('alice');
    bench.send('alice', phone, 'Is it there?');
    const storedAt = bench.now;
    bench.now = later(bench.now, minuteMs);
    bench.refuse(bench.part(0).id, 10);
    bench.confirm(bench.part(1).id, stamp, false, 'hel2');
    bench.report(phone, stamp, 4, 0, 'hel2');
    expect(trail(bench, 'alice', bench.lastText('alice', phone))).toMatchObject({
      smscId: 'hel2',
      tried: ['hel1'],
      parts: [{ messageId: bench.part(1).id }],
      reached: [{ step: 'stored', at: storedAt }, { step: 'accepted' }, { step: 'delivered' }],
    });
  });

  it('names the short messages that a text from a handset came as', () => {
    const bench = sent();
    const ids = [1, 2].map((index) => messageId(`00000000-0000-7000-8000-0000000000a${index}`));
    for (const [i, id] of ids.entries()) {
      bench.arrive(phone, '2882', `half ${i} `, { id, part: { reference: 7, index: i + 1, count: 2 } });
    }
    const view = bench.lastText('alice', phone);
    expect(trail(bench, 'alice', view)).toEqual({
      direction: 'in',
      smscId: 'hel1',
      arrivedAt: bench.now,
      messageIds: ids,
    });
  });

  it('keeps its first step and the latest ones where there were too many', () => {
    const [first, last] = [later(new Bench().now, 0), later(new Bench().now, dayMs)];
    const open = openTextFrom(sentRecord());
    let long = open;
    for (let i = 0; i < 40; i += 1) long = withReached(long, { step: 'unknown', at: i < 39 ? first : last });
    expect(long.reached).toHaveLength(16);
    expect(long.reached[0]).toEqual(open.reached[0]);
    expect(long.reached.at(-1)).toEqual({ step: 'unknown', at: last });
  });

  it('goes with the text when that was kept for long enough', () => {
    const bench = sent();
    bench.refuse(bench.part(0).id, 300);
    const view = bench.lastText('alice', phone);
    bench.now = later(bench.now, 10 * dayMs);
    const retention = new Retention({ forMs: dayMs, count: undefined }, bench.store);
    for (let i = 0; i < 5; i += 1) {
      for (const piece of retention.handle({ type: 'tick' }, bench.now)) bench.give(piece);
      bench.now = later(bench.now, pieceMs);
    }
    expect(bench.history.text('alice', view.id)).toBeUndefined();
    expect(trail(bench, 'alice', view)).toBeUndefined();
  });

  it('is read as it was written', () => {
    const one: Trail = {
      direction: 'out',
      smscId: 'hel1',
      tried: ['hel2'],
      validUntil: later(new Bench().now, dayMs),
      reports: 'none',
      parts: [
        { messageId: messageId('m1'), destination: phone, stamp, state: { type: 'delivered' } },
        {
          messageId: messageId('m2'),
          destination: phone,
          stamp,
          state: { type: 'lost', reason: { words: 'x', code: 'y' } },
        },
      ],
      reached: [{ step: 'stored', at: later(new Bench().now, 5) }],
    };
    expect(trailFrom(trailValue(one))).toEqual(one);
    expect(() => trailFrom([2, 'out'])).toThrow(expect.objectContaining({ code: 'STORE_FORMAT_UNKNOWN' }));
  });
});
