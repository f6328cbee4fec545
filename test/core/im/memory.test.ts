// What the people's side keeps in memory, after many texts of which nothing more can be learned.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { later } from '../../../src/core/base/time.ts';
import { arrivalCount } from '../../../src/core/im/arrival-memory.ts';
import { unwrittenLimit } from '../../../src/core/im/sending.ts';
import { Bench } from './bench.ts';

setFlagsFromString('--expose-gc');
/** There is no other way to see what nobody holds any more. */
const collectGarbage: () => void = runInNewContext('gc');

/** A text of this length is seen in the heap if it stays. */
const text = (index: number) => `${index} `.padEnd(100, 'x');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** An exchange of which the bench keeps no records: what is left is what the exchange keeps itself. */
function forgetfulBench(): Bench {
  const bench = new Bench({ sendRate: { perSecond: 1_000_000, burst: 1_000_000 } });
  bench.addUser('alice', { suffix: '0001' });
  bench.addUser('bob');
  return bench;
}

function forget(bench: Bench): void {
  bench.outputs.length = 0;
  bench.enqueued.length = 0;
  void bench.store.close();
}

/** One text to a handset up to its report, one from it, one between two users. */
function one(bench: Bench, index: number): void {
  bench.now = later(bench.now, 5);
  // Every second its stamp, every text its handset among a hundred.
  const stamp = String(261_122_000_000 + (index % 1_000_000));
  const handset = `+3584000000${String(index % 100).padStart(2, '0')}`;
  bench.send('alice', handset, text(index), `to-handset-${index}`);
  const { id } = bench.part(0);
  bench.give({ type: 'moved', smscId: 'hel1', messageId: id, status: 'in-flight', possibleDuplicate: false });
  bench.confirm(id, stamp);
  bench.report(handset, stamp, 4);
  bench.arrive(handset, '28820001', text(index));
  bench.send('alice', 'bob', text(index), `to-bob-${index}`);
  forget(bench);
}

describe('the memory of the exchange', () => {
  it('does not grow with the texts that have gone through it', () => {
    const bench = forgetfulBench();
    // Two arrivals each: afterwards everything with a bound is full.
    const warmUp = arrivalCount;
    const measured = 6_000;
    for (let index = 0; index < warmUp; index += 1) one(bench, index);
    const before = heapBytes();
    for (let index = warmUp; index < warmUp + measured; index += 1) one(bench, index);
    const bytesPerText = (heapBytes() - before) / measured;
    expect(bytesPerText).toBeLessThan(40);
  });

  it('takes no more texts than may wait for a disk that is behind, and goes on when it has caught up', () => {
    const bench = forgetfulBench();
    bench.disk = 'behind';
    for (let index = 0; index < unwrittenLimit; index += 1) {
      bench.send('alice', 'bob', 'Hello', `c${index}`);
      forget(bench);
    }
    const refused = bench.send('alice', 'bob', 'Hello', 'late');
    expect(refused.at(-1)).toMatchObject({
      result: { type: 'refused', fault: { code: 'IM_OUTBOX_FULL' }, retryable: true },
    });
    // What it took is one text, however late the disk and however often it is handed in.
    expect(bench.send('alice', 'bob', 'Hello', 'c0')).toMatchObject([{ type: 'answer', result: { type: 'stored' } }]);
    bench.give({ type: 'written', user: 'alice', cid: 'c0' });
    expect(bench.send('alice', 'bob', 'Hello', 'late').at(-1)).toMatchObject({ result: { type: 'stored' } });
  });
});
