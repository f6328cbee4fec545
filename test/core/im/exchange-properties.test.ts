import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { later } from '../../../src/core/base/time.ts';
import type { ExchangeOutput } from '../../../src/core/im/exchange-io.ts';
import type { Step } from '../../../src/core/im/text.ts';
import { messageId } from '../../../src/core/message/message.ts';
import { Bench, phone, told } from './bench.ts';

/** Steps that may follow each step; SPEC: docs/im-protocol.md. */
const mayFollow: Readonly<Record<Step, readonly Step[]>> = {
  stored: ['stored', 'accepted', 'delivered', 'failed', 'unknown'],
  accepted: ['accepted', 'delivered', 'failed', 'unknown'],
  // Where the doubt about one part ends while others are still on their way, the text is stored and no more.
  unknown: ['stored', 'accepted', 'delivered', 'failed', 'unknown'],
  delivered: ['delivered'],
  failed: ['failed'],
};

const index = fc.nat({ max: 8 });
const stamp = fc.nat({ max: 6 }).map((second) => `26112212000${second}`);
const someone = fc.constantFrom('alice', 'bob');
const number = fc.constantFrom(phone, '358401234567', '+358409999999', '+46701234567');

/** What a random world does to the exchange. */
type Command =
  | { readonly type: 'send'; readonly user: string; readonly to: string; readonly length: number; readonly cid: number }
  | { readonly type: 'arrive'; readonly from: string; readonly to: string; readonly id: number }
  | {
      readonly type: 'part';
      readonly from: string;
      readonly id: number;
      readonly index: number;
      readonly reference: number;
    }
  | { readonly type: 'doubt'; readonly index: number }
  | { readonly type: 'retry'; readonly index: number }
  | { readonly type: 'confirm'; readonly index: number; readonly stamp: string; readonly twice: boolean }
  | { readonly type: 'refuse'; readonly index: number; readonly twice: boolean }
  | { readonly type: 'report'; readonly to: string; readonly stamp: string; readonly status: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'restart' };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      user: someone,
      to: fc.oneof(number, someone),
      length: fc.constantFrom(1, 5, 200, 500),
      cid: fc.nat({ max: 20 }),
    }),
  },
  fc.record({
    type: fc.constant('arrive' as const),
    from: number,
    to: fc.constantFrom('2882', '28820001', '28820002'),
    id: fc.nat({ max: 10 }),
  }),
  fc.record({
    type: fc.constant('part' as const),
    from: number,
    id: fc.integer({ min: 100, max: 130 }),
    index: fc.integer({ min: 1, max: 3 }),
    reference: fc.nat({ max: 1 }),
  }),
  fc.record({ type: fc.constant('doubt' as const), index }),
  fc.record({ type: fc.constant('retry' as const), index }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('confirm' as const), index, stamp, twice: fc.boolean() }) },
  fc.record({ type: fc.constant('refuse' as const), index, twice: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('report' as const),
      to: number,
      stamp,
      status: fc.integer({ min: 0, max: 9 }),
    }),
  },
  fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 3_600_000, 90_000_000) }),
  fc.record({ type: fc.constant('restart' as const) }),
);

describe('the exchange under any commands', () => {
  it('never lets a step go backwards, tells each text once, and ends every arrival once', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const bench = withPeople();
        const steps = new Map<string, Step>();
        const positions = new Map<string, number>();
        const received = new Set<string>();
        for (const one of commands) {
          const before = bench.enqueued.length;
          const outputs = run(bench, one);
          for (const event of told(outputs)) {
            if (event.type === 'message') {
              expect(received.has(`${event.text.direction} ${event.text.id}`)).toBe(false);
              received.add(`${event.text.direction} ${event.text.id}`);
              steps.set(event.text.id, event.text.step);
            }
            if (event.type === 'step') {
              const last = steps.get(event.id) ?? 'stored';
              expect(mayFollow[last]).toContain(event.step);
              expect(event.position).toBeGreaterThan(positions.get(event.id) ?? 0);
              positions.set(event.id, event.position);
              steps.set(event.id, event.step);
            }
          }
          const isArrival = one.type === 'arrive' || one.type === 'part' || one.type === 'report';
          expect(outputs.filter(({ type }) => type === 'arrival')).toHaveLength(isArrival ? 1 : 0);
          expect(isPersistFirst(outputs)).toBe(true);
          // Every short message that leaves has a text that is written in the same turn.
          for (const { message } of bench.enqueued.slice(before)) {
            const id = message.textId;
            const isKept = outputs.some(
              (output) =>
                output.type === 'persist' && output.records.some(({ key }) => key[2] === 'text' && key[3] === id),
            );
            expect(isKept).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('hands a send in once and stores an arrival once, however often they come', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const bench = withPeople();
        for (const one of commands) run(bench, one);
        for (const user of ['alice', 'bob']) {
          const views = bench.history.changesSince(user, 0, { limit: 1_000 });
          expect(new Set(views.map(({ id }) => id)).size).toBe(views.length);
          const cids = views.filter(({ direction }) => direction === 'out').map(({ cid }) => cid);
          expect(new Set(cids).size).toBe(cids.length);
        }
        const whole = commands.filter(({ type }) => type === 'arrive');
        const ids = new Set(whole.map((one) => (one.type === 'arrive' ? one.id : 0)));
        const stored = ['alice', 'bob'].flatMap((user) =>
          bench.history.changesSince(user, 0, { limit: 1_000 }).filter(({ text }) => text.startsWith('arrived ')),
        );
        expect(stored.length).toBeLessThanOrEqual(ids.size);
      }),
      { numRuns: 100 },
    );
  });

  it('goes on after a restart as if there had been none', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.array(command, { maxLength: 10 }), (first, second) => {
        const [steady, restarted] = [withPeople(), withPeople()];
        for (const one of first.filter(({ type }) => type !== 'restart')) {
          run(steady, one);
          run(restarted, one);
        }
        restarted.restart();
        for (const user of ['alice', 'bob']) restarted.attach(user);
        for (const one of second.filter(({ type }) => type !== 'restart')) {
          expect(facts(run(restarted, one))).toEqual(facts(run(steady, one)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('forgets everything about texts when they are over: nothing grows', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const bench = withPeople();
        for (const one of commands) run(bench, one);
        for (const [i] of bench.enqueued.entries()) bench.refuse(bench.part(i).id, 1);
        bench.pass(90 * 3_600_000);
        // Texts joined with a gap at the end of their day may have led to an answer that nobody was meant by.
        for (const [i] of bench.enqueued.entries()) bench.refuse(bench.part(i).id, 1);
        const left = ['text', 'report', 'part'].flatMap((kind) => [...bench.store.entries(['im', 'live', kind])]);
        expect(left).toEqual([]);
        expect(bench.exchange.deadline()).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});

function withPeople(): Bench {
  const bench = new Bench();
  bench.addUser('alice', { suffix: '0001' });
  bench.addUser('bob', { suffix: '0002' });
  for (const user of ['alice', 'bob']) bench.attach(user);
  return bench;
}

function run(bench: Bench, one: Command): readonly ExchangeOutput[] {
  // No two at the same instant: the order of parts that came together is not kept over a restart.
  bench.now = later(bench.now, 1);
  switch (one.type) {
    case 'send':
      return bench.send(one.user, one.to, 'x'.repeat(one.length), `cid ${one.cid}`);
    case 'arrive':
      return bench.arrive(one.from, one.to, `arrived ${one.id}`, { id: idOf(one.id) });
    case 'part': {
      const part = { reference: one.reference, index: one.index, count: 3 };
      return bench.arrive(one.from, '28820001', `part ${one.index}`, { id: idOf(one.id), part });
    }
    case 'pass': {
      const before = bench.outputs.length;
      bench.pass(one.ms);
      return bench.outputs.slice(before);
    }
    case 'restart':
      bench.restart();
      for (const user of ['alice', 'bob']) bench.attach(user);
      return [];
    case 'report':
      return bench.report(one.to, one.stamp, one.status);
    default: {
      const found = bench.enqueued[one.index];
      if (found === undefined) return [];
      const id = found.message.id;
      if (one.type === 'confirm') return bench.confirm(id, one.stamp, one.twice);
      if (one.type === 'refuse') return bench.refuse(id, 300, one.twice);
      const moved = one.type === 'doubt' ? ({ status: 'in-doubt' } as const) : ({ status: 'mirrored' } as const);
      const possibleDuplicate = one.type === 'retry';
      return bench.give({ type: 'moved', smscId: found.smscId, messageId: id, ...moved, possibleDuplicate });
    }
  }
}

function idOf(number: number) {
  return messageId(`01932f00-0000-7000-8000-${String(number).padStart(12, '0')}`);
}

function isPersistFirst(outputs: readonly ExchangeOutput[]): boolean {
  const relevant = outputs.filter(({ type }) => type !== 'log').map(({ type }) => type);
  // Several turns may follow each other where time passes; in each the records come first.
  return relevant.every((type, i) => type !== 'persist' || relevant[i - 1] !== 'enqueue');
}

/** What outputs say, without the ids that chance chose. */
function facts(outputs: readonly ExchangeOutput[]): readonly unknown[] {
  return outputs.flatMap((output): readonly unknown[] => {
    if (output.type === 'enqueue')
      return [[output.type, output.message.to, output.message.content, output.message.part?.index]];
    if (output.type === 'arrival') return [[output.type, output.result]];
    if (output.type === 'answer') return [[output.type, output.cid, output.result.type]];
    if (output.type !== 'deliver') return [];
    const { event } = output;
    if (event.type === 'message')
      return [[event.type, event.text.peer, event.text.text, event.text.marks, event.text.position]];
    if (event.type === 'step') return [[event.type, event.peer, event.step, event.reason, event.marks, event.position]];
    return [[event.type]];
  });
}
