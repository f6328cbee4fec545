import { describe, expect, it } from 'vitest';
import { hourMs, later, minuteMs } from '../../../src/core/base/time.ts';
import { formatSmscTime } from '../../../src/core/codec/smsc-time.ts';
import type { MessageId } from '../../../src/core/message/message.ts';
import { Bench, phone } from './bench.ts';

const other = '+358407654321';
/** The SMSC's clock is two hours and four seconds ahead of ours. */
const stampAt = (bench: Bench, agoMs = 0) => formatSmscTime(later(bench.now, 4_000 - agoMs), 120);

describe('a status report as evidence in doubt (DESIGN 11)', () => {
  it('resolves the one message that was with the SMSC at its stamp, and tells its step', () => {
    const bench = inDoubt();
    const outputs = report(bench, 20_000);
    expect(outputs.at(-1)).toMatchObject({ type: 'arrival' });
    expect(resolved(outputs)).toEqual([bench.part(1).id]);
    const outcome = { status: 'confirmed', stamp: '', errorCode: 0, by: 'report' } as const;
    bench.give({ type: 'outcome', smscId: 'hel1', messageId: bench.part(1).id, outcome, possibleDuplicate: false });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'delivered', marks: ['by-report'] });
    expect([...bench.store.entries(['im', 'live', 'report'])]).toEqual([]);
  });

  it('that is temporary resolves it too, and the final one finds it by its stamp, also over a restart', () => {
    const bench = inDoubt();
    const stamp = stampAt(bench, 20_000);
    expect(resolved(bench.report(phone, stamp, 1))).toHaveLength(1);
    const outcome = { status: 'confirmed', stamp: '', errorCode: 0, by: 'report' } as const;
    bench.give({ type: 'outcome', smscId: 'hel1', messageId: bench.part(1).id, outcome, possibleDuplicate: false });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', reason: { code: '061:1 062:0' } });
    bench.restart();
    bench.report(phone, stamp, 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it.each([
    ['before it was submitted', 35_000],
    ['after its session ended', 5_000],
  ])('with a stamp %s moves nothing and is a hint', (_, agoMs) => {
    const bench = inDoubt();
    const outputs = report(bench, agoMs);
    expect(resolved(outputs)).toEqual([]);
    expect(outputs).toContainEqual(expect.objectContaining({ event: 'im.report-hint' }));
    expect(bench.lastText('alice', phone).step).toBe('unknown');
  });

  it('moves nothing when another message to the number is unsettled', () => {
    const bench = inDoubt();
    bench.send('bob', phone, 'Me too');
    expect(resolved(report(bench, 20_000))).toEqual([]);
  });

  it('moves nothing when two messages to the number are in doubt', () => {
    const bench = inDoubt();
    bench.send('bob', phone, 'Me too');
    move(bench, bench.part(2).id, 'in-flight');
    move(bench, bench.part(2).id, 'in-doubt');
    expect(resolved(report(bench, 20_000))).toEqual([]);
  });

  it('moves nothing where the clock of the SMSC is not known, after a restart, or across a cut link', () => {
    const noClock = inDoubt({ isClockKnown: false });
    expect(resolved(report(noClock, 20_000))).toEqual([]);
    const restarted = inDoubt();
    restarted.restart();
    expect(resolved(report(restarted, 20_000))).toEqual([]);
    const cut = inDoubt({ isCut: true });
    expect(resolved(report(cut, 20_000))).toEqual([]);
  });

  it('moves nothing when the message is being tried again', () => {
    const bench = inDoubt();
    const id = bench.part(1).id;
    bench.give({ type: 'moved', smscId: 'hel1', messageId: id, status: 'mirrored', possibleDuplicate: true });
    expect(resolved(report(bench, 20_000))).toEqual([]);
  });

  it('is not needed where the stamp is known', () => {
    const bench = inDoubt();
    bench.report(other, bench.lastStamp, 4);
    expect(bench.lastText('alice', other).step).toBe('delivered');
    expect(bench.lastText('alice', phone).step).toBe('unknown');
  });
});

describe('reports that come before the stamp is known', () => {
  it('are applied in their order: a temporary one does not end the waiting for the final one', () => {
    const bench = withPeople();
    bench.send('alice', phone, 'Hello');
    bench.report(phone, '261122120000', 1);
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', reason: { code: '061:1 062:0' } });
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('are all applied when several came', () => {
    const bench = withPeople();
    bench.send('alice', phone, 'Hello');
    bench.report(phone, '261122120000', 1);
    bench.report(phone, '261122120000', 4);
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.lastText('alice', phone).step).toBe('delivered');
    expect([...bench.store.entries(['im', 'live', 'report'])]).toEqual([]);
  });

  it('are kept as long as a message to that number is unsettled, over restarts, and an hour more (DESIGN 11)', () => {
    const bench = withPeople();
    bench.send('alice', phone, 'Hello');
    bench.report(phone, '261122120000', 4);
    for (let day = 0; day < 3; day += 1) {
      bench.pass(24 * hourMs);
      bench.restart();
    }
    expect([...bench.store.entries(['im', 'live', 'report'])]).toHaveLength(1);
    bench.pass(minuteMs);
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('go after an hour where no message to that number is unsettled', () => {
    const bench = withPeople();
    bench.send('alice', other, 'Hello');
    bench.report(phone, '261122120000', 4);
    bench.pass(59 * minuteMs);
    expect([...bench.store.entries(['im', 'live', 'report'])]).toHaveLength(1);
    bench.pass(3 * minuteMs);
    expect([...bench.store.entries(['im', 'live', 'report'])]).toEqual([]);
  });
});

class DoubtBench extends Bench {
  lastStamp = '';
}

function withPeople(): DoubtBench {
  const bench = new DoubtBench();
  bench.addUser('alice');
  bench.addUser('bob');
  return bench;
}

/** One text answered just now; another submitted 30 s ago and in doubt since 10 s. */
function inDoubt({ isClockKnown = true, isCut = false } = {}): DoubtBench {
  const bench = withPeople();
  bench.give({ type: 'link', smscId: 'hel1', state: 'up' });
  bench.send('alice', other, 'Hello');
  bench.lastStamp = stampAt(bench);
  if (isClockKnown) bench.confirm(bench.part(0).id, bench.lastStamp);
  bench.send('alice', phone, 'Hello');
  move(bench, bench.part(1).id, 'in-flight');
  if (isCut) bench.give({ type: 'link', smscId: 'hel1', state: 'down' });
  bench.pass(20_000);
  move(bench, bench.part(1).id, 'in-doubt');
  bench.pass(10_000);
  return bench;
}

function move(bench: Bench, messageId: MessageId, status: 'in-flight' | 'in-doubt'): void {
  bench.give({ type: 'moved', smscId: 'hel1', messageId, status, possibleDuplicate: false });
}

function report(bench: Bench, agoMs: number) {
  return bench.report(phone, stampAt(bench, agoMs), 4);
}

function resolved(outputs: ReturnType<Bench['give']>): readonly string[] {
  return outputs.flatMap((output) => (output.type === 'resolve' ? [output.messageId] : []));
}
