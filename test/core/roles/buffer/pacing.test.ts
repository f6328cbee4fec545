import { describe, expect, it } from 'vitest';
import { type Instant, instant } from '../../../../src/core/base/time.ts';
import type { Packet } from '../../../../src/core/codec/packet.ts';
import { type Pace, pacingOf } from '../../../../src/core/roles/buffer/pacing.ts';
import { World } from '../../../world/world.ts';

const begin = Date.UTC(2026, 10, 22, 12);

/**
 * An SMSC that answers after `turnMs`, with one turn. `arrivals`: when messages become available, in ms from the begin.
 * `wakeLateMs`: timers fire so late. @returns when the submits left, in ms from the begin
 */
function departures(pace: Pace, arrivals: readonly number[], turnMs: number, wakeLateMs = 0): number[] {
  const pacing = pacingOf(pace);
  const left: number[] = [];
  let freeAt = 0;
  let at = 0;
  while (left.length < arrivals.length) {
    const now = instant(begin + at);
    const ready = () => arrivals.filter((arrival) => arrival <= at).length - left.length;
    const may = at >= freeAt && ready() > 0 ? pacing.leaveAt(now, ready) : undefined;
    if (may !== undefined && may <= now) {
      pacing.left(now);
      left.push(at);
      freeAt = at + turnMs;
    }
    // The next thing that happens: a message comes, an answer comes, the pace's timer fires.
    const nexts = [...arrivals.filter((arrival) => arrival > at), freeAt].filter((next) => next > at);
    if (may !== undefined && may > now) nexts.push(Math.ceil(may - begin) + wakeLateMs);
    at = Math.min(...nexts);
  }
  return left;
}

const together = (count: number, at = 0) => Array.from({ length: count }, () => at);
const gaps = (times: readonly number[]) => times.slice(1).map((at, index) => at - (times[index] ?? 0));

describe('pacing', () => {
  it('sporadic: lets each message go when it comes and the turn is free', () => {
    expect(departures({ type: 'sporadic' }, [3, 4, 500], 10)).toEqual([3, 13, 500]);
  });

  it('a rate: one gap after the other, however many wait', () => {
    const times = departures({ type: 'rate', perSecond: 20 }, together(255), 3);
    expect(new Set(gaps(times))).toEqual(new Set([50]));
  });

  it('a rate: time that was not used is not saved up for a burst', () => {
    const times = departures({ type: 'rate', perSecond: 20 }, [0, ...together(5, 10_000)], 3);
    expect(times).toEqual([0, 10_000, 10_050, 10_100, 10_150, 10_200]);
  });

  it('a rate: what comes late makes no two leave closer than half a gap', () => {
    const arrivals = Array.from({ length: 300 }, (_, index) => index * 50 + ((index * 37) % 60));
    const times = departures({ type: 'rate', perSecond: 20 }, arrivals, 3);
    expect(Math.min(...gaps(times))).toBeGreaterThanOrEqual(25);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(298 * 50);
  });

  it.each([1, 4, 15])('a rate: keeps to its average where every timer is %i ms late', (lateMs) => {
    const times = departures({ type: 'rate', perSecond: 30 }, together(301), 3, lateMs);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(10_000);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(10_005 + lateMs);
  });

  it('a rate: an SMSC slower than it is asked at the speed of its answers, with no burst afterwards', () => {
    const times = departures({ type: 'rate', perSecond: 20 }, together(10), 70);
    expect(new Set(gaps(times))).toEqual(new Set([70]));
  });

  it('cycles: what is there at the begin of a cycle goes out together, what comes later waits', () => {
    const arrivals = [10, 20, 199, 200, 201, 390, 1_030];
    expect(departures({ type: 'cycle', everyMs: 200 }, arrivals, 5)).toEqual([200, 205, 210, 215, 400, 405, 1_200]);
  });

  it('cycles: more than fits one goes on to its end, and what came meanwhile begins with a cycle', () => {
    const times = departures({ type: 'cycle', everyMs: 200 }, [...together(50, 1), 250], 10);
    expect(times.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => 200 + index * 10));
    expect(times[50]).toBe(800);
  });

  it('cycles: a timer that is late does not cost the cycle', () => {
    expect(departures({ type: 'cycle', everyMs: 200 }, [1, 2, 401], 5, 15)).toEqual([215, 220, 615]);
  });

  it('cycles: nothing that was left over by a message that ended lets a later one out of its cycle', () => {
    const pacing = pacingOf({ type: 'cycle', everyMs: 200 });
    const at = (ms: number): Instant => instant(begin + ms);
    expect(pacing.leaveAt(at(200), () => 3)).toBe(at(200));
    pacing.left(at(200));
    // Two of them expired; one came later.
    expect(pacing.leaveAt(at(250), () => 0)).toBe(at(400));
    expect(pacing.leaveAt(at(260), () => 1)).toBe(at(400));
  });
});

describe('pace of the buffer after an outage with 255 messages waiting', () => {
  /** When submits came to the SMSC, from the first one on, and whether each text came once. */
  function afterOutage(pace: Pace) {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { pace } }] });
    const site = world.site();
    const times: number[] = [];
    site.line.toSmsc = (packet: Packet) => {
      if (packet.operation === 3) times.push(world.now);
      return 'pass';
    };
    site.isSmscReachable = false;
    site.cutSmsc();
    const numbers = Array.from({ length: 255 }, (_, index) => `+35840${1_000_000 + index}`);
    for (const number of numbers) world.send('alice', number, 'waiting');
    world.until('all wait at the buffer', () => site.role?.status().mt.used === 255);
    world.pass(20_000);
    expect(times).toEqual([]);
    site.isSmscReachable = true;
    world.until('all are submitted', () => world.eventsOf('submitted').length === 255, 300_000);
    world.pass(60_000);
    for (const number of numbers) expect(world.received(number)).toEqual(['waiting']);
    return times;
  }

  it('sporadic: goes in turn, at the speed of the answers', () => {
    const times = afterOutage({ type: 'sporadic' });
    expect(times).toHaveLength(255);
    // A turn: two ways of the line and 2 ms at the SMSC; now and then a commit that claims the next ones.
    expect(Math.min(...gaps(times))).toBe(4);
    expect(Math.max(...gaps(times))).toBeLessThan(10);
  });

  it('20/s: one every 50 ms from the first to the last', () => {
    const between = gaps(afterOutage({ type: 'rate', perSecond: 20 }));
    expect(between).toHaveLength(254);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(45);
    expect(Math.max(...between)).toBeLessThanOrEqual(55);
    expect(between.reduce((sum, gap) => sum + gap, 0)).toBeGreaterThanOrEqual(254 * 50 - 5);
  });

  it('cycle:2s: all that wait go out from the begin of a cycle', () => {
    const times = afterOutage({ type: 'cycle', everyMs: 2_000 });
    // A line takes 1 ms; the first ones wait for a commit that claims them.
    expect((times[0] ?? 0) % 2_000).toBeLessThan(6);
    expect(Math.max(...gaps(times))).toBeLessThan(10);
  });
});
