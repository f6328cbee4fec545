import { describe, expect, it } from 'vitest';
import { brokenPositions } from '../../../src/cli/ring/store-rules.ts';
import type { StorePosition } from '../../../src/core/ring/digest.ts';
import type { LaneName } from '../../../src/core/ring/status.ts';
import type { RingsOnDisk } from '../../../src/shell/ring-records.ts';

const at = (count: number): StorePosition => ({ run: 'run1', count });

/** A store that got as far as commit `upTo`, with what it noted of the other end's store in each lane. */
function stored(
  role: string,
  upTo: number,
  noted: readonly (readonly [string, LaneName, StorePosition])[],
): RingsOnDisk {
  const lanes = noted.map(([smscId, lane, producerSeen]) => ({
    ...{ smscId, lane, producerSeen, size: 4, slots: [], outbox: new Set<string>() },
  }));
  return { role, lanes, hasBeenAt: ({ count }) => count <= upTo };
}

describe('a store that may have been set back (DESIGN section 4)', () => {
  const dirs = ['im', 'hel1', 'tmp2'];
  const im = stored('im-server', 9, [
    ['hel1', 'mt', at(0)],
    ['hel1', 'mo', at(5)],
    ['tmp2', 'mt', at(0)],
    ['tmp2', 'mo', at(7)],
  ]);
  const hel1 = (upTo: number, seen: number, concluded = 0) =>
    stored('buffer', upTo, [
      ['hel1', 'mt', at(seen)],
      ['hel1', 'mo', at(concluded)],
    ]);
  const tmp2 = (upTo: number) =>
    stored('buffer', upTo, [
      ['tmp2', 'mt', at(9)],
      ['tmp2', 'mo', at(0)],
    ]);
  const found = (...all: readonly RingsOnDisk[]) =>
    brokenPositions(all, all, dirs).map(({ stateDir, side, smscId, lane }) => [stateDir, side, smscId, lane]);

  it('is none where each was where the other end saw it', () => {
    expect(found(im, hel1(5, 9), tmp2(7))).toEqual([]);
  });

  it('is told with its own directory, of several buffers too', () => {
    expect(found(im, hel1(5, 9), tmp2(6))).toEqual([['tmp2', 'buffer', 'tmp2', 'mo']]);
    expect(found(im, hel1(5, 10), tmp2(7))).toEqual([['im', 'im-server', 'hel1', 'mt']]);
  });

  it('is not told again once it has drawn its conclusions from that place', () => {
    expect(found(im, hel1(4, 9), tmp2(7))).toEqual([['hel1', 'buffer', 'hel1', 'mo']]);
    expect(found(im, hel1(4, 9, 5), tmp2(7))).toEqual([]);
  });
});
