import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../../src/core/base/time.ts';
import { Bench, phone, told } from './bench.ts';

const routes = [{ prefix: '+358', smscId: 'hel1', fallback: ['hel2', 'hel3'] }];

describe('a text that its SMSC turns away', () => {
  it.each([4, 6, 9, 10, 300, 323, 324])('with %s goes on through the next SMSC of its route, unseen', (code) => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    const outputs = bench.refuse(bench.part(0).id, code);
    expect(told(outputs)).toEqual([]);
    expect(bench.enqueued.map(({ smscId }) => smscId)).toEqual(['hel1', 'hel2']);
    expect(bench.part(1)).toMatchObject({ to: phone, from: '0001', content: { text: 'Hello' } });
    expect(bench.part(1).id).not.toBe(bench.part(0).id);
    expect(bench.part(1).validUntil).toBe(bench.part(0).validUntil);
    expect(outputs).toContainEqual(
      expect.objectContaining({ event: 'im.fallback', fields: expect.objectContaining({ why: `900:${code}` }) }),
    );
    bench.confirm(bench.part(1).id, '261122120000', false, 'hel2');
    bench.report(phone, '261122120000', 4, 0, 'hel2');
    expect(bench.talk('alice', phone)).toMatchObject([{ step: 'delivered' }]);
  });

  it.each([302, 305, 306, 1])('with %s fails: the reason lies in the text', (code) => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.refuse(bench.part(0).id, code);
    expect(bench.enqueued).toHaveLength(1);
    expect(bench.lastText('alice', phone).step).toBe('failed');
  });

  it('fails when all were tried, each once, also over a restart', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    for (const index of [0, 1, 2]) {
      bench.restart();
      bench.refuse(bench.part(index).id, 10);
    }
    expect(bench.enqueued.map(({ smscId }) => smscId)).toEqual(['hel1', 'hel2', 'hel3']);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'failed', reason: { code: '900:10' } });
  });

  it('never goes on when it may have been sent before', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.refuse(bench.part(0).id, 10, true);
    expect(bench.enqueued).toHaveLength(1);
    expect(bench.lastText('alice', phone).step).toBe('unknown');
  });

  it('never goes on when it expired', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    const outcome = { status: 'expired', stamp: '', errorCode: 0, by: 'answer' } as const;
    bench.give({ type: 'outcome', smscId: 'hel1', messageId: bench.part(0).id, outcome, possibleDuplicate: false });
    expect(bench.enqueued).toHaveLength(1);
  });

  it('goes on only when every part was turned away, and has not failed before that', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'x'.repeat(300));
    expect(told(bench.refuse(bench.part(0).id, 10))).toEqual([]);
    expect(bench.enqueued).toHaveLength(2);
    expect(bench.lastText('alice', phone).step).toBe('stored');
    bench.refuse(bench.part(1).id, 10);
    expect(bench.enqueued.slice(2).map(({ smscId }) => smscId)).toEqual(['hel2', 'hel2']);
    expect(bench.part(2).part).toMatchObject({ index: 1, count: 2 });
  });

  it('keeps its SMSC and fails once one part was taken', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'x'.repeat(300));
    bench.refuse(bench.part(0).id, 10);
    bench.confirm(bench.part(1).id, '261122120000');
    expect(bench.enqueued).toHaveLength(2);
    expect(bench.lastText('alice', phone).step).toBe('failed');
  });
});

describe('a text while the link of its SMSC is down', () => {
  it('leaves through the fallback that is up, once it is down for long; before that it waits', () => {
    const bench = withAlice();
    link(bench, 'hel1', 'down');
    link(bench, 'hel3', 'up');
    bench.send('alice', phone, 'one');
    bench.pass(2 * minuteMs);
    const outputs = bench.send('alice', phone, 'two');
    expect(outputs).toContainEqual(expect.objectContaining({ event: 'im.fallback' }));
    link(bench, 'hel1', 'up');
    bench.send('alice', phone, 'three');
    expect(bench.enqueued.map(({ smscId }) => smscId)).toEqual(['hel1', 'hel3', 'hel1']);
  });

  it('waits where no fallback is up either', () => {
    const bench = withAlice();
    link(bench, 'hel1', 'down');
    link(bench, 'hel2', 'down');
    bench.pass(hourMs);
    bench.send('alice', phone, 'one');
    expect(bench.enqueued.map(({ smscId }) => smscId)).toEqual(['hel1']);
  });
});

describe('the SMSC of a user', () => {
  it('comes after every prefix but the empty one, and is passed over where it is not there any more', () => {
    const table = [
      { prefix: '', smscId: 'rest' },
      { prefix: '+358', smscId: 'hel1' },
    ];
    const bench = new Bench({ routes: table, smscIds: ['rest', 'hel1', 'hel2'] });
    bench.addUser('alice', { smscId: 'hel2' });
    bench.addUser('bob', { smscId: 'gone' });
    bench.send('alice', phone, 'a');
    bench.send('alice', '+46701234567', 'b');
    bench.send('bob', '+46701234567', 'c');
    expect(bench.enqueued.map(({ smscId }) => smscId)).toEqual(['hel1', 'hel2', 'rest']);
  });
});

function withAlice(): Bench {
  const bench = new Bench({ routes });
  bench.addUser('alice', { suffix: '0001' });
  return bench;
}

function link(bench: Bench, smscId: string, state: 'up' | 'down'): void {
  bench.give({ type: 'link', smscId, state });
}
