import { describe, expect, it } from 'vitest';
import { type Instant, instant } from '../../../../src/core/base/time.ts';
import { type Packet, parameterOf } from '../../../../src/core/codec/packet.ts';
import { Throttle } from '../../../../src/core/roles/buffer/throttle.ts';
import { defaultSessionSettings } from '../../../../src/core/roles/smsc/settings.ts';
import { refusalOf } from '../../../../src/sim/smsc-line.ts';
import { World } from '../../../world/world.ts';

const begin = Date.UTC(2026, 10, 22, 12);
const at = (ms: number): Instant => instant(begin + ms);

/** So many submits, one every `gapMs`, each accepted after `answerMs`. @returns the time of the last answer */
function goWell(throttle: Throttle, count: number, gapMs: number, answerMs: number, from = 0): number {
  let now = from;
  for (let index = 0; index < count; index += 1) {
    throttle.left(at(now));
    throttle.waited(answerMs, at(now + answerMs));
    throttle.accepted(at(now + answerMs));
    now += gapMs;
  }
  return now;
}

describe('throttle', () => {
  it('limits nothing while the SMSC is content', () => {
    const throttle = new Throttle();
    const now = goWell(throttle, 100, 10, 5);
    expect(throttle.perSecond).toBeUndefined();
    expect(throttle.leaveAt).toBeLessThanOrEqual(at(now));
  });

  it('stops for a second at a refusal, longer with each in a row up to 30 s, and begins again at a second', () => {
    const throttle = new Throttle();
    let now = goWell(throttle, 100, 10, 5);
    const pauses: number[] = [];
    for (let index = 0; index < 7; index += 1) {
      throttle.refused(at(now));
      const until = throttle.leaveAt;
      pauses.push(until - at(now));
      now = until - begin;
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    throttle.accepted(at(now));
    throttle.refused(at(now + 100));
    expect(throttle.isPaused(at(now + 1_099))).toBe(true);
    expect(throttle.isPaused(at(now + 1_100))).toBe(false);
  });

  it('halves the rate once for all refusals in a row, and for those that were under way together', () => {
    const throttle = new Throttle();
    const now = goWell(throttle, 200, 10, 5);
    throttle.refused(at(now));
    for (const ms of [1, 2, 3]) throttle.refused(at(now + ms));
    throttle.refused(at(now + 2_000));
    expect(throttle.perSecond).toBeCloseTo(50, 0);
  });

  it('rises step by step while answers are good, and forgets the limit at twice what was too much', () => {
    const throttle = new Throttle();
    let now = goWell(throttle, 200, 10, 5);
    throttle.refused(at(now));
    const rates: number[] = [];
    now += 1_000;
    const from = now;
    while (throttle.perSecond !== undefined) {
      rates.push(throttle.perSecond);
      now = Math.max(now, throttle.leaveAt - begin);
      throttle.left(at(now));
      now += 5;
      throttle.waited(5, at(now));
      throttle.accepted(at(now));
      expect(rates.length).toBeLessThan(10_000);
    }
    expect(rates.every((rate, index) => index === 0 || rate > (rates[index - 1] ?? 0))).toBe(true);
    expect(now - from).toBeGreaterThan(40_000);
    expect(now - from).toBeLessThan(50_000);
  });

  it('learns nothing from time in which nothing left', () => {
    const throttle = new Throttle();
    const now = goWell(throttle, 200, 10, 5);
    throttle.refused(at(now));
    throttle.accepted(at(now + 3_600_000));
    expect(throttle.perSecond).toBeLessThan(60);
  });

  it('slows down for answers that take long all at once, to one per answer at worst, and once per answer', () => {
    const throttle = new Throttle();
    let now = goWell(throttle, 200, 10, 5);
    throttle.waited(2_000, at(now));
    throttle.waited(2_000, at(now + 1));
    expect(throttle.perSecond).toBeCloseTo(50, 0);
    for (let index = 0; index < 8; index += 1) {
      now += 60_000;
      throttle.waited(60_000, at(now));
    }
    expect(throttle.perSecond).toBeGreaterThanOrEqual(0.1);
    expect(throttle.perSecond).toBeLessThan(1);
  });

  it('takes an SMSC that is always slow as it is', () => {
    const throttle = new Throttle();
    goWell(throttle, 50, 5_000, 4_900);
    expect(throttle.perSecond).toBeUndefined();
  });
});

describe('the buffer and an SMSC that takes 20 a second', () => {
  /** Refuses with 900:10 what exceeds `limit` in any second. */
  function limitedWorld(limit: () => number) {
    const world = World.running({
      sites: [
        { smscId: 'hel1', smsc: { session: { ...defaultSessionSettings, greeting: undefined, numbers: 'lenient' } } },
      ],
    });
    const taken: number[] = [];
    const asked: number[] = [];
    world.site().line.toSmsc = (packet: Packet) => {
      if (packet.operation !== 3) return 'pass';
      asked.push(world.now);
      if (taken.filter((time) => time > world.now - 1_000).length >= limit()) return refusalOf(packet, 10);
      taken.push(world.now);
      return 'pass';
    };
    return { world, taken, asked };
  }

  it('settles below the limit, is refused seldom, and submits each message once', () => {
    const { world, taken, asked } = limitedWorld(() => 20);
    const numbers = Array.from({ length: 400 }, (_, index) => `+35840${1_000_000 + index}`);
    for (const number of numbers) world.send('alice', number, 'crowd');
    const from = world.now;
    world.until('all are submitted', () => taken.length === 400, 600_000);
    world.pass(120_000);
    for (const number of numbers) expect(world.received(number)).toEqual(['crowd']);
    // 20 s would be perfect.
    expect((taken.at(-1) ?? 0) - from).toBeLessThan(60_000);
    expect(asked.length - taken.length).toBeLessThan(20);
  });

  it('returns to full speed when the limit is gone', () => {
    let limit = 4;
    const { world, taken } = limitedWorld(() => limit);
    for (let index = 0; index < 20; index += 1) world.send('alice', `+35840${1_000_000 + index}`, 'crowd');
    world.until('all are submitted', () => taken.length === 20, 600_000);
    expect(world.site().role?.status().slowedToPerSecond).toBeLessThan(8);
    limit = Infinity;
    for (let index = 0; index < 600; index += 1) {
      world.send('alice', `+35841${1_000_000 + index}`, 'free');
      world.pass(100);
    }
    expect(world.site().role?.status().slowedToPerSecond).toBeUndefined();
    expect(world.logged('submit.slowed-down').length).toBeGreaterThan(0);
    expect(world.logged('submit.full-speed').length).toBe(world.logged('submit.slowed-down').length);
  });

  it('gives no message whose fate it does not know a new number within its session', () => {
    const { world } = limitedWorld(() => 20);
    const numbersOf = new Map<string, Set<number>>();
    const refused = new Set<string>();
    const { toSmsc } = world.site().line;
    const lost = new Set<number>();
    world.site().line.toSmsc = (packet: Packet) => {
      const handling = toSmsc(packet);
      if (packet.operation !== 3) return handling;
      const to = parameterOf(packet, 21) ?? '';
      if (handling !== 'pass') refused.add(to);
      else if (!refused.has(to)) numbersOf.set(to, (numbersOf.get(to) ?? new Set()).add(packet.packetNumber));
      return handling;
    };
    world.site().line.fromSmsc = (packet: Packet) => {
      const { operation, packetNumber } = packet;
      if (operation !== 53 || lost.has(packetNumber) || packetNumber % 20 !== 1 || lost.size === 3) return 'pass';
      lost.add(packetNumber);
      return 'lose';
    };
    for (let index = 0; index < 100; index += 1) world.send('alice', `+35840${1_000_000 + index}`, 'crowd');
    world.until('all are submitted', () => world.eventsOf('submitted').length === 100, 900_000);
    expect(lost.size).toBe(3);
    for (const numbers of numbersOf.values()) expect(numbers.size).toBe(1);
  });
});
