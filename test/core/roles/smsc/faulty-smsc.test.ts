import { describe, expect, it } from 'vitest';
import type { Fault, FaultAction } from '../../../../src/core/roles/smsc/scenario.ts';
import { FaultyLine, fault } from './faulty-line.ts';

const submit = { operations: [3] };
const submitAnswer = { operations: [53] };
const deliver = { operations: [20] };

/** One submit under that fault, and what came back. */
function submitUnder(...faults: readonly Fault[]): { readonly line: FaultyLine; readonly came: readonly string[] } {
  const line = new FaultyLine(faults);
  const connection = line.bound();
  line.submit(connection, 3);
  return { line, came: line.came(connection) };
}

/** One deliver under that fault, and what came. */
function deliverUnder(action: FaultAction): { readonly line: FaultyLine; readonly came: readonly string[] } {
  const line = new FaultyLine([fault(action, { ...deliver, times: 1 })]);
  const connection = line.bound();
  line.inject('hello');
  return { line, came: line.came(connection) };
}

describe('faults of what comes in', () => {
  it('nack: asks for the same number again, and carries nothing out before (section 4.4)', () => {
    const line = new FaultyLine([fault({ kind: 'nack' }, { ...submit, measure: { type: 'first', first: 1 } })]);
    const connection = line.bound();
    line.submit(connection, 3);
    expect(line.came(connection)).toEqual(['99:003']);
    expect(line.smsc.counts().submitsAccepted).toBe(0);
    line.submit(connection, 3);
    expect(line.came(connection)).toEqual(['53:003']);
    expect(line.smsc.counts().submitsAccepted).toBe(1);
  });

  it('lost: says nothing and carries nothing out', () => {
    const { line, came } = submitUnder(fault({ kind: 'lost' }, submit));
    expect(came).toEqual([]);
    expect(line.smsc.counts().submitsAccepted).toBe(0);
  });

  it('cut: resets the connection and carries nothing out', () => {
    const { line, came } = submitUnder(fault({ kind: 'cut' }, submit));
    expect(came).toEqual(['reset']);
    expect(line.smsc.counts()).toMatchObject({ submitsAccepted: 0, sessions: 0 });
  });

  it('cut: takes what stood in front of it in the same read, and nothing behind it', () => {
    const line = new FaultyLine([fault({ kind: 'cut' }, { ...submit, measure: { type: 'nth', nth: 2 } })]);
    const connection = line.bound('app', [[19, '10']]);
    for (const number of [3, 5, 7]) line.submit(connection, number);
    expect(line.came(connection)).toEqual(['53:003', 'reset']);
    expect(line.smsc.counts().submitsAccepted).toBe(1);
  });

  it('general-error: answers 98, and the numbers go on', () => {
    const line = new FaultyLine([fault({ kind: 'general-error' }, { ...submit, times: 1 })]);
    const connection = line.bound();
    line.submit(connection, 3);
    line.submit(connection, 5);
    expect(line.came(connection)).toEqual(['98:003 900:1', '53:005']);
    expect(line.smsc.counts().submitsAccepted).toBe(1);
  });

  it('refuse: answers with the error code, and the numbers go on', () => {
    const line = new FaultyLine([fault({ kind: 'refuse', errorCode: 10 }, { ...submit, times: 1 })]);
    const connection = line.bound();
    line.submit(connection, 3);
    line.submit(connection, 5);
    expect(line.came(connection)).toEqual(['53:003 900:10', '53:005']);
  });

  it('refuse: does not count a repetition that is answered from memory', () => {
    const refusal = fault({ kind: 'refuse', errorCode: 10 }, { ...submit, measure: { type: 'nth', nth: 2 } });
    const line = new FaultyLine([refusal]);
    const connection = line.bound();
    line.submit(connection, 3);
    line.submit(connection, 3);
    line.submit(connection, 5);
    expect(line.came(connection)).toEqual(['53:003', '53:003', '53:005 900:10']);
    expect(line.smsc.faultCounts()).toEqual({ refuse: 1 });
  });

  it('refuse: refuses a login with its code where the login is named', () => {
    const line = new FaultyLine([fault({ kind: 'refuse', errorCode: 103 }, { operations: [1], times: 1 })]);
    const connection = line.connect();
    line.send(connection, 1, 1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    line.send(connection, 1, 3, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    expect(line.came(connection)).toEqual(['51:001 900:103', '51:003']);
  });
});

describe('faults of what goes out', () => {
  it('no-answer: carries the request out and stays silent; the same number brings the answer (section 4.2)', () => {
    const { line, came } = submitUnder(fault({ kind: 'no-answer' }, { ...submitAnswer, times: 1 }));
    expect(came).toEqual([]);
    expect(line.smsc.counts().submitsAccepted).toBe(1);
    line.submit(1, 3);
    expect(line.came(1)).toEqual(['53:003']);
    expect(line.smsc.counts().submitsAccepted).toBe(1);
  });

  it('answer-lost: carries the request out and resets', () => {
    const { line, came } = submitUnder(fault({ kind: 'answer-lost' }, submitAnswer));
    expect(came).toEqual(['reset']);
    expect(line.smsc.counts()).toMatchObject({ submitsAccepted: 1, sessions: 0 });
  });

  it('slow-answer: what is behind the answer waits, and keeps its order', () => {
    const slow = fault({ kind: 'slow-answer', delayMs: 3_000 }, { ...submitAnswer, times: 1 });
    const line = new FaultyLine([slow]);
    const connection = line.bound('app', [[19, '10']]);
    line.submit(connection, 3);
    line.submit(connection, 5);
    line.send(connection, 40, 7);
    line.pass(2_999);
    expect(line.came(connection)).toEqual([]);
    line.pass(1);
    expect(line.came(connection)).toEqual(['53:003', '53:005', '90:007']);
    line.send(connection, 40, 9);
    expect(line.came(connection)).toEqual(['90:009']);
  });

  it('slow-answer: holds up only its own connection', () => {
    const slow = fault({ kind: 'slow-answer', delayMs: 3_000 }, { ...submitAnswer, account: 'other' });
    const line = new FaultyLine([slow]);
    const [quick, held] = [line.bound(), line.bound('other')];
    line.submit(held, 3);
    line.submit(quick, 3);
    expect([line.came(quick), line.came(held)]).toEqual([['53:003'], []]);
  });

  it('slow-answer: a farewell waits behind it', () => {
    const line = new FaultyLine([fault({ kind: 'slow-answer', delayMs: 3_000 }, submitAnswer)]);
    const connection = line.bound();
    line.submit(connection, 3);
    line.input({ type: 'shut-down' });
    expect(line.came(connection)).toEqual([]);
    line.pass(3_000);
    expect(line.came(connection)).toEqual(['53:003', 'end']);
  });

  it('duplicate-answer and duplicate-deliver: leave twice under one number', () => {
    expect(submitUnder(fault({ kind: 'duplicate-answer' }, submitAnswer)).came).toEqual(['53:003', '53:003']);
    expect(deliverUnder({ kind: 'duplicate-deliver' }).came).toEqual(['20:000', '20:000']);
  });

  it('swallow-deliver: does not leave, and is repeated in time (section 5.3)', () => {
    const { line, came } = deliverUnder({ kind: 'swallow-deliver' });
    expect(came).toEqual([]);
    line.pass(60_000);
    expect(line.came(1)).toEqual(['20:000']);
  });

  it('wrong-checksum: the packet is there and cannot be taken (section 1.5)', () => {
    expect(submitUnder(fault({ kind: 'wrong-checksum' }, submitAnswer)).came).toEqual(['bad 53:003']);
    expect(deliverUnder({ kind: 'wrong-checksum' }).came).toEqual(['bad 20:000']);
  });

  it('wrong-number: the packet keeps the parity of its sender (section 4.1)', () => {
    expect(submitUnder(fault({ kind: 'wrong-number' }, submitAnswer)).came).toEqual(['53:131']);
    expect(deliverUnder({ kind: 'wrong-number' }).came).toEqual(['20:128']);
  });

  it('cut-in-packet: half leaves, then the connection ends, and the request was carried out', () => {
    const { line, came } = submitUnder(fault({ kind: 'cut-in-packet' }, submitAnswer));
    expect(came).toEqual(['piece', 'end']);
    expect(line.smsc.counts()).toMatchObject({ submitsAccepted: 1, sessions: 0 });
  });

  it.each(['text', 'nul', 'bytes'] as const)('garbage: %s stands in front of the packet (section 1.3)', (noise) => {
    const [came = ''] = submitUnder(fault({ kind: 'garbage', noise }, submitAnswer)).came;
    expect(came).toMatch(/^noise \d+, 53:003$/);
  });

  it('unknown-operation: a request that does not exist comes first', () => {
    expect(submitUnder(fault({ kind: 'unknown-operation' }, submitAnswer)).came).toEqual(['30:254', '53:003']);
  });
});

describe('the greeting (section 6.2)', () => {
  const greeted = (greeting: 'none' | 'pieces' | 'late'): readonly string[] => {
    const line = new FaultyLine([fault({ kind: 'greeting', greeting })], 'hi\n');
    const connection = line.connect();
    line.send(connection, 1, 1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    return line.came(connection);
  };

  it('is left out, comes byte by byte, or in one write with the first packet', () => {
    expect(greeted('none')).toEqual(['51:001']);
    expect(greeted('pieces')).toEqual(['noise 1', 'noise 1', 'noise 1', '51:001']);
    expect(greeted('late')).toEqual(['noise 3, 51:001']);
  });
});

describe('restart', () => {
  it('resets all, takes nobody for a while, and keeps what waits', () => {
    const restart = fault(
      { kind: 'restart', forMs: 5_000 },
      { measure: { type: 'every-time', everyMs: 10_000 }, times: 1 },
    );
    const line = new FaultyLine([restart]);
    const [one, other] = [line.bound(), line.bound('other')];
    line.inject('hello');
    expect(line.came(one)).toEqual(['20:000']);
    line.pass(10_000);
    expect([line.came(one), line.came(other)]).toEqual([['reset'], ['reset']]);
    const early = line.connect();
    expect(line.came(early)).toEqual(['reset']);
    line.pass(5_000);
    const back = line.connect();
    line.send(back, 1, 1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    line.pass(300);
    expect(line.came(back)).toEqual(['51:001', '20:000']);
    expect(line.events.filter(({ type }) => type === 'fault')).toMatchObject([{ kind: 'restart', packet: '' }]);
  });
});

describe('which packets meet a fault', () => {
  /** Ten submits, each answered or not: the numbers that met it. */
  const met = (more: Partial<Fault>, everyMs = 0): readonly number[] => {
    const line = new FaultyLine([fault({ kind: 'lost' }, { ...submit, ...more })]);
    const connection = line.bound('app', [[19, '100']]);
    const numbers: number[] = [];
    let number = 3;
    for (let nth = 1; nth <= 10; nth += 1) {
      line.submit(connection, number);
      if (line.came(connection).length === 0) numbers.push(nth);
      else number += 2;
      line.pass(everyMs);
    }
    return numbers;
  };

  it('by count: nth, every, first, and at most so often', () => {
    expect(met({ measure: { type: 'nth', nth: 4 } })).toEqual([4]);
    expect(met({ measure: { type: 'every', every: 3 } })).toEqual([3, 6, 9]);
    expect(met({ measure: { type: 'first', first: 2 } })).toEqual([1, 2]);
    expect(met({ times: 3 })).toEqual([1, 2, 3]);
    expect(met({ measure: { type: 'every', every: 2 }, times: 2 })).toEqual([2, 4]);
  });

  it('by time: from, until and the first of each period; packets before do not count', () => {
    // The first submit is sent 300 ms after the start, one a second.
    expect(met({ fromMs: 2_000, untilMs: 5_000 }, 1_000)).toEqual([3, 4, 5]);
    expect(met({ fromMs: 2_000, measure: { type: 'nth', nth: 2 } }, 1_000)).toEqual([4]);
    expect(met({ measure: { type: 'every-time', everyMs: 3_000 } }, 1_000)).toEqual([4, 7, 10]);
  });

  it('by chance: the same seed, the same packets', () => {
    const chance = { measure: { type: 'probability', probability: 0.5 } } as const;
    const once = met(chance);
    expect(once.length).toBeGreaterThan(1);
    expect(once.length).toBeLessThan(9);
    expect(met(chance)).toEqual(once);
  });

  it('by operation: the login only where it is named', () => {
    const line = new FaultyLine([fault({ kind: 'lost' })]);
    const connection = line.bound();
    line.send(connection, 40, 3);
    line.submit(connection, 3);
    expect(line.came(connection)).toEqual([]);
    expect(line.smsc.counts().logins).toBe(1);
    expect(line.smsc.faultCounts()).toEqual({ lost: 2 });
  });

  it('by account and by number, whole or its beginning', () => {
    const line = new FaultyLine([
      fault({ kind: 'refuse', errorCode: 300 }, { account: 'other' }),
      fault({ kind: 'refuse', errorCode: 301 }, { number: '639171234567' }),
      fault({ kind: 'refuse', errorCode: 302 }, { number: '+3584*' }),
    ]);
    const [one, other] = [line.bound(), line.bound('other')];
    line.submit(one, 3);
    line.submit(one, 5, '+6391712345678');
    line.submit(one, 7, '+358401');
    line.submit(other, 3, '+358401');
    expect(line.came(one)).toEqual(['53:003 900:301', '53:005', '53:007 900:302']);
    expect(line.came(other)).toEqual(['53:003 900:300']);
  });

  it('of several faults the first that is due is met, and the others do not count that packet', () => {
    const line = new FaultyLine([
      fault({ kind: 'refuse', errorCode: 10 }, { ...submit, measure: { type: 'nth', nth: 2 } }),
      fault({ kind: 'refuse', errorCode: 9 }, { ...submit, measure: { type: 'nth', nth: 2 } }),
    ]);
    const connection = line.bound();
    for (const number of [3, 5, 7]) line.submit(connection, number);
    expect(line.came(connection)).toEqual(['53:003', '53:005 900:10', '53:007 900:9']);
  });

  it('tells of each fault with kind and packet', () => {
    const { line } = submitUnder(fault({ kind: 'no-answer' }, submitAnswer));
    expect(line.events.filter(({ type }) => type === 'fault')).toMatchObject([{ kind: 'no-answer', packet: '53:003' }]);
  });
});
