import { describe, expect, it } from 'vitest';
import { cutComplaints } from '../../../src/cli/demo/cut-complaints.ts';

/** 40 s with a cut every 3 s: ten are wanted at least, and eight of them to meet messages. */
const times = { trafficMs: 40_000, cutEveryMs: 3_000, kills: 0 };

function counts(felt: number, { cuts = 12, unconnected = 0 } = {}) {
  const bytesMetByCuts = Array.from({ length: cuts }, (_, index) => (index < felt ? 128 : 127));
  return { cuts, cutsUnconnected: unconnected, bytesMetByCuts };
}

describe('the cuts of a rehearsal', () => {
  it('are enough where ten came and eight met messages', () => {
    expect(cutComplaints(counts(8, { cuts: 10 }), times)).toEqual([]);
    expect(cutComplaints(counts(7, { cuts: 10 }), times)).toEqual(['only 7 of 10 cuts met messages on the way']);
    expect(cutComplaints(counts(9, { cuts: 9 }), times)).toEqual(['only 9 cuts, 10 at least were wanted']);
  });

  it('are excused by a kill only where they found nobody', () => {
    const [killed, missed] = [{ ...times, kills: 2 }, ['only 7 of 12 cuts met messages on the way']];
    expect(cutComplaints(counts(7), killed)).toEqual(missed);
    expect(cutComplaints(counts(7, { unconnected: 5 }), times)).toEqual(missed);
    expect(cutComplaints(counts(7, { unconnected: 1 }), killed)).toEqual([]);
    expect(cutComplaints(counts(6, { unconnected: 1 }), killed)).toHaveLength(1);
    expect(cutComplaints(counts(6, { unconnected: 5 }), killed)).toEqual([]);
    expect(cutComplaints(counts(5, { unconnected: 5 }), killed)).toHaveLength(1);
  });

  it('are not asked for where the link is not cut', () => {
    expect(cutComplaints(counts(0, { cuts: 0 }), { ...times, cutEveryMs: undefined })).toEqual([]);
  });
});
