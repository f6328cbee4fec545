import { describe, expect, it } from 'vitest';
import { instant, later, secondMs } from '../../../src/core/base/time.ts';
import type { TextSight } from '../../../src/core/im/find-texts.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { stepsReached } from '../../../src/core/im/steps-reached.ts';
import { madeAt } from '../../../src/core/im/text.ts';
import type { Trail } from '../../../src/core/im/trail.ts';
import { Bench, phone } from './bench.ts';

const stamp = '261122140001';

function stepsOf(bench: Bench, user: string, peer: string) {
  return historyOf(bench.store).steps(user, bench.lastText(user, peer).id);
}

describe('when a text reached its steps', () => {
  it('is told while it is under way, behind its end, and over a restart', () => {
    const bench = new Bench();
    bench.addUser('alice', { role: 'default' });
    bench.send('alice', phone, 'Hello');
    const [stored, accepted, delivered] = [bench.now, later(bench.now, secondMs), later(bench.now, 60 * secondMs)];
    expect(stepsOf(bench, 'alice', phone)).toEqual([{ step: 'stored', at: stored }]);
    bench.now = accepted;
    bench.confirm(bench.part(0).id, stamp);
    const onTheWay = [
      { step: 'stored', at: stored },
      { step: 'accepted', at: accepted },
    ];
    expect(stepsOf(bench, 'alice', phone)).toEqual(onTheWay);
    bench.restart();
    bench.now = delivered;
    bench.report(phone, stamp, 4);
    bench.restart();
    expect(stepsOf(bench, 'alice', phone)).toEqual([...onTheWay, { step: 'delivered', at: delivered }]);
  });

  it('is the moment at which it came for one from a handset, and at which it was made between users', () => {
    const bench = new Bench();
    bench.addUser('alice', { role: 'default' });
    bench.addUser('bob');
    bench.arrive(phone, '2882', 'Hi');
    expect(stepsOf(bench, 'alice', phone)).toEqual([{ step: 'stored', at: bench.now }]);
    bench.send('alice', 'bob', 'Hi');
    const { id } = bench.lastText('bob', 'alice');
    expect(stepsOf(bench, 'bob', 'alice')).toEqual([{ step: 'stored', at: madeAt(id) }]);
    expect(historyOf(bench.store).steps('carol', id)).toBeUndefined();
  });

  it('is unknown of a text from before it was kept, but for the first step and those since then', () => {
    const bench = new Bench();
    bench.addUser('alice', { role: 'default' });
    bench.send('alice', phone, 'Hello');
    const view = { ...bench.lastText('alice', phone), step: 'delivered' } as const;
    const sight: TextSight = { user: 'alice', view, trail: undefined, state: 'closed', isRead: false };
    const stored = { step: 'stored', at: madeAt(view.id) };
    expect(stepsReached(sight)).toEqual([stored, { step: 'delivered', at: undefined }]);
    const at = instant(view.at + 5_000);
    const trail: Trail = {
      direction: 'out',
      smscId: 'hel1',
      tried: [],
      validUntil: at,
      reports: 'final',
      parts: [],
      reached: [{ step: 'delivered', at }],
    };
    expect(stepsReached({ ...sight, trail })).toEqual([stored, { step: 'delivered', at }]);
  });

  it('is one moment for a text of which no short message was made', () => {
    const bench = new Bench({ routes: [] });
    bench.addUser('alice', { role: 'default' });
    bench.send('alice', phone, 'Nowhere');
    expect(stepsOf(bench, 'alice', phone)).toEqual([{ step: 'failed', at: bench.now }]);
  });
});
