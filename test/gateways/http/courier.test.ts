import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { type TextView, textId } from '../../../src/core/im/text.ts';
import { Courier, type Delivery, deadAfterMs, refusalLimit, type Verdict } from '../../../src/gateways/http/courier.ts';
import { parkedLimit, type Webhook } from '../../../src/gateways/http/webhook.ts';

const taken: Verdict = { type: 'taken' };
const refused: Verdict = { type: 'refused', why: 'answered 404' };
const trouble: Verdict = { type: 'trouble', why: 'ECONNREFUSED', retryAfterMs: undefined };

describe('the courier of a webhook', () => {
  it('tells a conversation in order, one at a time, and others meanwhile', () => {
    const { courier } = courierWith([text(1, 'a'), text(2, 'a'), text(3, 'b')]);
    const first = courier.next(0);
    expect(numbers(first)).toEqual([1, 3]);
    expect(courier.next(0)).toEqual([]);
    courier.finish(one(first, 1), taken, 1);
    expect(numbers(courier.next(1))).toEqual([2]);
  });

  it('moves its position only behind what is taken, so that a restart loses none', () => {
    const { courier } = courierWith([text(1, 'a'), text(2, 'b'), text(5, 'c')]);
    const first = courier.next(0);
    courier.finish(one(first, 2), taken, 1);
    courier.finish(one(first, 5), taken, 1);
    expect(courier.hook.position).toBe(0);
    courier.finish(one(first, 1), taken, 2);
    expect(courier.hook.position).toBe(5);
  });

  it('waits longer and longer while the target is in trouble, with one call at a time, and then goes on with all', () => {
    const { courier } = courierWith([text(1, 'a'), text(2, 'b'), text(3, 'c')]);
    let now = 0;
    for (const delivery of courier.next(now)) courier.finish(delivery, trouble, now);
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const at = courier.deadline() ?? Number.NaN;
      waits.push(at - now);
      now = at;
      expect(courier.next(now - 1)).toEqual([]);
      const probe = courier.next(now);
      expect(probe).toHaveLength(1);
      for (const delivery of probe) courier.finish(delivery, trouble, now);
    }
    expect(waits.at(-1)).toBe(900_000);
    expect(waits.every((wait, index) => wait >= (waits[index - 1] ?? 0))).toBe(true);
    now = courier.deadline() ?? Number.NaN;
    const [probe] = courier.next(now);
    if (probe !== undefined) courier.finish(probe, taken, now);
    for (let left = 2; left > 0; ) {
      now = Math.max(now, courier.deadline() ?? now);
      const more = courier.next(now);
      left -= more.length;
      for (const delivery of more) courier.finish(delivery, taken, now);
    }
    expect(courier.hook).toMatchObject({ position: 3, state: 'active', parked: [] });
  });

  it('is as patient as the target asks for', () => {
    const { courier } = courierWith([text(1, 'a')]);
    const [delivery] = courier.next(0);
    if (delivery !== undefined) courier.finish(delivery, { ...trouble, retryAfterMs: 60_000 }, 0);
    expect(courier.deadline()).toBe(60_000);
  });

  it('parks a message that is refused again and again, and tells the next', () => {
    const { courier } = courierWith([text(1, 'a'), text(2, 'a')]);
    const now = exhaust(courier, (position) => (position === 1 ? refused : taken), refusalLimit + 1);
    expect(courier.hook).toMatchObject({
      position: 2,
      state: 'active',
      parked: [{ messageId: id(1), position: 1, why: 'answered 404' }],
    });
    // Once more by hand, and now it is taken.
    courier.renew({ ...courier.hook }, [text(1, 'a')]);
    const again = courier.next(now);
    expect(numbers(again)).toEqual([1]);
    courier.finish(one(again, 1), taken, now);
    expect(courier.hook.parked).toEqual([]);
  });

  it('parks a message that only brings trouble where others get through', () => {
    const { courier } = courierWith(Array.from({ length: 40 }, (_, n) => text(n + 1, `peer${n}`)));
    exhaust(courier, (position) => (position === 1 ? trouble : taken), 200);
    expect(courier.hook).toMatchObject({ position: 40, state: 'active', parked: [{ position: 1 }] });
  });

  it('is parked as a whole when the target takes nothing for a day, and goes on where it was', () => {
    const { courier } = courierWith([text(1, 'a')]);
    const now = exhaust(courier, () => trouble, 1_000);
    expect(now).toBeGreaterThanOrEqual(deadAfterMs);
    expect(courier.hook).toMatchObject({ position: 0, state: 'parked', parked: [] });
    expect([courier.deadline(), courier.wants(), courier.next(now)]).toEqual([undefined, undefined, []]);
    courier.renew({ ...courier.hook, state: 'active', why: '' }, []);
    expect(numbers(courier.next(now))).toEqual([1]);
  });

  it('is parked at once by a target that is gone, and when too much is parked', () => {
    const gone = courierWith([text(1, 'a')]).courier;
    const [delivery] = gone.next(0);
    if (delivery !== undefined) gone.finish(delivery, { type: 'gone', why: 'answered 410' }, 0);
    expect(gone.hook).toMatchObject({ state: 'parked', why: 'answered 410' });
    const full = courierWith(Array.from({ length: parkedLimit }, (_, n) => text(n + 1, `p${n}`))).courier;
    exhaust(full, () => refused, 10_000);
    expect(full.hook.state).toBe('parked');
    expect(full.hook.parked).toHaveLength(parkedLimit);
  });
});

/** Lets time pass from deadline to deadline until nothing is waiting or so many calls were made. @returns the time */
function exhaust(courier: Courier, verdict: (position: number) => Verdict, callLimit: number): number {
  let now = 0;
  for (let calls = 0; calls < callLimit; ) {
    const started = courier.next(now);
    for (const delivery of started) courier.finish(delivery, verdict(delivery.text.position), now);
    calls += started.length;
    const next = courier.deadline();
    if (started.length === 0) {
      if (next === undefined) return now;
      now = Math.max(next, now + 1);
    }
  }
  return now;
}

function courierWith(texts: readonly TextView[]): { readonly courier: Courier } {
  const courier = new Courier(hook, () => 0.5);
  courier.load(texts);
  return { courier };
}

const hook: Webhook = {
  ...{ user: 'alice', userSince: 0, name: 'orders', url: 'https://example.org/', secret: 'whsec_', reach: 'public' },
  ...{ createdAt: 0, position: 0, state: 'active', why: '', parked: [] },
};

function text(position: number, peer: string): TextView {
  return {
    ...{ id: textId(id(position)), direction: 'in', peer, text: `text ${position}`, at: instant(0), order: position },
    ...{ position, step: 'stored', reason: undefined, cid: '', parts: 1, marks: [] },
  };
}

function id(position: number): string {
  return `00000000-0000-7000-8000-${String(position).padStart(12, '0')}`;
}

function numbers(deliveries: readonly Delivery[]): readonly number[] {
  return deliveries.map((delivery) => delivery.text.position);
}

function one(deliveries: readonly Delivery[], position: number): Delivery {
  const found = deliveries.find((delivery) => delivery.text.position === position);
  if (found === undefined) throw new Error(`${position} was not started`);
  return found;
}
