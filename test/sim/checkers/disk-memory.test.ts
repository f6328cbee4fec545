import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { Redelivery } from '../../../src/core/roles/buffer/redelivery.ts';
import { candidates, isForNumber, isPartOf, isSameReport } from '../../../src/sim/checkers/disk-memory.ts';
import { MemoryStore } from '../../../src/sim/memory-store.ts';
import { planRun, type Writing } from '../../../src/sim/plan.ts';

const [drawn] = planRun({ seed: 2, lastingMs: 1_000, textCount: 1 }).writings;
if (drawn === undefined) throw new Error('nobody writes');
const writing: Writing = {
  ...drawn,
  ...{ way: 'mo', smscId: 'hel1', user: 'bob', phone: '+358401110001', text: 'to person 1', partCount: 1 },
};

function deliverOf(content: string, from = '+358401110001', to = '28820002') {
  const parameters = [
    { code: 21, value: to },
    { code: 23, value: from },
    { code: 60, value: '261122200000' },
    { code: 33, value: content },
  ];
  return Redelivery.identityOf({ operation: 20, packetNumber: packetNumber(0), parameters });
}

describe('what a disk knows besides its slots', () => {
  it('is each deliver that its buffer would recognise', () => {
    const store = new MemoryStore();
    store.write(new Redelivery(store).add(deliverOf('to person 1'), 'id', instant(1)));
    expect(candidates(store)).toEqual([deliverOf('to person 1')]);
  });

  it('tells whose deliver it is, by handset, user and text', () => {
    expect(isPartOf(deliverOf('to person 1'), writing)).toBe(true);
    expect(isPartOf(deliverOf('to person 10'), writing)).toBe(false);
    expect(isPartOf(deliverOf('to person 1', '+358401110002'), writing)).toBe(false);
    expect(isPartOf(deliverOf('to person 1', '+358401110001', '28820001'), writing)).toBe(false);
  });

  it('tells the pieces of a long text', () => {
    const long: Writing = { ...writing, text: `to person 1${' long'.repeat(70)}`, partCount: 3 };
    expect(isPartOf(deliverOf(`to person 1${' long'.repeat(20)}`), long)).toBe(true);
    expect(isPartOf(deliverOf('long long'), long)).toBe(true);
    expect(isPartOf(deliverOf('to person 2'), long)).toBe(false);
  });

  it('tells a report by its SMSC, number and stamp, whatever the spelling of the number (8.4)', () => {
    const report = { smscId: 'hel1', number: '358401110001', stamp: '01' };
    expect(isForNumber(report, writing)).toBe(true);
    expect(isForNumber({ ...report, smscId: 'tpe1' }, writing)).toBe(false);
    expect(isSameReport(report, { ...report, number: '+358401110001' })).toBe(true);
    expect(isSameReport(report, { ...report, stamp: '02' })).toBe(false);
  });
});
