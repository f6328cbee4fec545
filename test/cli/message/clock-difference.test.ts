import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockDifference, type NotedMoves } from '../../../src/cli/message/clock-difference.ts';
import type { LaneName, SlotStatus } from '../../../src/core/ring/status.ts';

type Step = readonly [side: 'im-server' | 'buffer', status: SlotStatus];

const ways: Readonly<Record<LaneName, readonly Step[]>> = {
  mt: [
    ['im-server', 'placed'],
    ['buffer', 'mirrored'],
    ['im-server', 'mirrored'],
    ['buffer', 'confirmed'],
    ['im-server', 'confirmed'],
    ['im-server', 'settled'],
    ['buffer', 'settled'],
  ],
  mo: [
    ['buffer', 'placed'],
    ['im-server', 'mirrored'],
    ['buffer', 'mirrored'],
    ['im-server', 'confirmed'],
    ['buffer', 'confirmed'],
    ['buffer', 'settled'],
    ['im-server', 'settled'],
  ],
};

/** A message whose legs took so long, as two ends noted it whose clocks differ. */
function noted(messageId: string, lane: LaneName, legsMs: readonly number[], aheadMs: number): readonly NotedMoves[] {
  let at = 1_000_000;
  const moves = ways[lane].map(([side, status], i) => {
    at += legsMs[i] ?? 0;
    return { side, status, attempts: 0, at: side === 'buffer' ? at + aheadMs : at };
  });
  return (['im-server', 'buffer'] as const).map((side) => ({
    ...{ messageId, lane, side, moves: moves.filter((move) => move.side === side) },
  }));
}

describe('the difference of two clocks', () => {
  it('is within what is said of it, whatever the legs took and however far the clocks are apart', () => {
    const legs = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 7, maxLength: 7 });
    const message = fc.record({ lane: fc.constantFrom<LaneName>('mt', 'mo'), legs });
    const aheadMs = fc.integer({ min: -1e7, max: 1e7 });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), aheadMs, (all, ahead) => {
        const found = clockDifference(all.flatMap(({ lane, legs: ms }, i) => noted(`m${i}`, lane, ms, ahead)));
        expect(Math.abs((found?.aheadMs ?? Number.NaN) - ahead)).toBeLessThanOrEqual(found?.uncertainMs ?? 0);
      }),
    );
  });

  it('is told the better the more messages passed: the quickest bounds it', () => {
    const slow = noted('slow', 'mt', [0, 400, 400, 5, 400, 0, 400], 250);
    const quick = noted('quick', 'mo', [0, 10, 10, 5, 10, 0, 10], 250);
    expect(clockDifference(slow)).toEqual({ aheadMs: 250, uncertainMs: 400 });
    expect(clockDifference([...slow, ...quick])).toEqual({ aheadMs: 250, uncertainMs: 10 });
  });

  it('is not known from one end, from messages that went one way only, or where a clock was set meanwhile', () => {
    const [imServer, buffer] = noted('m', 'mt', [0, 100, 100, 0, 100, 0, 100], 0);
    if (imServer === undefined || buffer === undefined) throw new Error('both ends noted it');
    expect(clockDifference([imServer])).toBeUndefined();
    const oneWay = { ...imServer, moves: imServer.moves.slice(0, 1) };
    expect(clockDifference([oneWay, { ...buffer, moves: buffer.moves.slice(0, 1) }])).toBeUndefined();
    const later = noted('n', 'mt', [0, 100, 100, 0, 100, 0, 100], 3_600_000);
    expect(clockDifference([imServer, buffer, ...later])).toBeUndefined();
  });

  it('takes no later attempt for the first time that a message was there', () => {
    const [imServer, buffer] = noted('m', 'mt', [0, 100, 100, 0, 100, 0, 100], 0);
    if (imServer === undefined || buffer === undefined) throw new Error('both ends noted it');
    const retried = { status: 'mirrored', attempts: 1, at: 9_000_000 } as const;
    const without = buffer.moves.filter(({ status }) => status !== 'mirrored');
    const found = clockDifference([imServer, { ...buffer, moves: [retried, ...without] }]);
    expect(found?.uncertainMs).toBeLessThan(1_000);
  });
});
