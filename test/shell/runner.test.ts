import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OperatorError } from '../../src/core/base/errors.ts';
import { type LogEvent, logEvent } from '../../src/core/base/log-event.ts';
import type { Machine } from '../../src/core/base/machine.ts';
import { type Instant, instant } from '../../src/core/base/time.ts';
import type { Persist, StoreRecord } from '../../src/core/store/record.ts';
import { gatherMs, MachineRunner, type Mend, type Tick, waitingInputLimit } from '../../src/shell/runner.ts';

type Do = { readonly type: 'do'; readonly name: string; readonly when?: 'at-once' };
type Output = Do | Persist | LogEvent;
/** The machine of these tests returns what it is told to. */
type Input = { readonly type: 'give'; readonly outputs: readonly Output[] } | Tick;

const act = (name: string): Do => ({ type: 'do', name });
const persist = (...keys: readonly string[]): Persist => ({
  type: 'persist',
  records: keys.map((key) => ({ key: [key], value: [1, key] })),
});
const give = (...outputs: readonly Output[]): Input => ({ type: 'give', outputs });

/** A disk whose commits end when the test says so. */
class GatedDisk {
  readonly commits: (readonly StoreRecord[])[] = [];
  private gates: { readonly open: () => void; readonly refuse: (error: unknown) => void }[] = [];

  commit(records: readonly StoreRecord[]): Promise<void> {
    this.commits.push(records);
    return new Promise((open, refuse) => {
      this.gates.push({ open, refuse });
    });
  }

  async finish(): Promise<void> {
    this.gates.shift()?.open();
    await nextTurn();
  }

  async refuse(error: unknown): Promise<void> {
    this.gates.shift()?.refuse(error);
    await nextTurn();
  }

  keys(): readonly string[] {
    return this.commits.map((records) => records.map(({ key }) => key.join('/')).join(' '));
  }
}

interface SetUpOptions {
  readonly machine?: Machine<Input, Output>;
  readonly perform?: (output: Do) => void;
  readonly isPatient?: (output: Do) => boolean;
  readonly patienceMs?: () => number;
  readonly mend?: () => Mend<Input, Output> | undefined;
}

const isPatient = ({ name }: Do) => name.startsWith('patient');

function setUp(options: SetUpOptions = {}) {
  const disk = new GatedDisk();
  const done: string[] = [];
  const logged: LogEvent[] = [];
  const bugs: unknown[] = [];
  const clock = { now: 1_000_000 };
  const machine = options.machine ?? {
    handle: (input: Input) => (input.type === 'give' ? input.outputs : []),
    deadline: () => undefined,
  };
  const runner: MachineRunner<Input, Output> = new MachineRunner<Input, Output>({
    machine,
    clock: () => instant(clock.now),
    store: disk,
    perform: (output) => {
      done.push(output.name);
      options.perform?.(output);
    },
    log: (event) => logged.push(event),
    ...(options.isPatient && { isPatient: options.isPatient }),
    ...(options.mend && { mend: options.mend }),
    ...(options.patienceMs && { patienceMs: options.patienceMs }),
    afterTurn: () => done.push('|'),
    onBug: (error) => bugs.push(error),
  });
  return { runner, disk, done, logged, bugs, clock };
}

const full = new OperatorError({ code: 'STORE_FULL', message: 'The disk is full.', hint: 'Free some room.' });

describe('MachineRunner', () => {
  it('performs at once, in front of what waits for the disk, what is marked so', async () => {
    const { runner, disk, done } = setUp();
    const atOnce = { ...act('at once'), when: 'at-once' } as const;
    runner.input(give(persist('a'), act('later'), atOnce));
    expect(done).toEqual(['at once']);
    await nextTurn();
    await disk.finish();
    expect(done).toEqual(['at once', '|', 'later', '|']);
  });

  it('performs outputs in order, and holds back what follows a persist until it is on disk', async () => {
    const { runner, disk, done } = setUp();
    runner.input(give(act('a'), persist('k'), act('b')));
    expect(done).toEqual(['a']);
    await nextTurn();
    expect(disk.keys()).toEqual(['k']);
    expect(done).toEqual(['a', '|']);
    await disk.finish();
    expect(done).toEqual(['a', '|', 'b', '|']);
  });

  it('goes on taking inputs during a commit, and puts all that waits into the next one', async () => {
    const { runner, disk, done } = setUp();
    runner.input(give(persist('k1'), act('a')));
    await nextTurn();
    runner.input(give(act('b'), persist('k2'), act('c')));
    await nextTurn();
    runner.input(give(persist('k3'), act('d')));
    await nextTurn();
    expect(disk.keys()).toEqual(['k1']);
    expect(done).toEqual([]);
    await disk.finish();
    expect(disk.keys()).toEqual(['k1', 'k2 k3']);
    expect(done).toEqual(['a', 'b', '|']);
    await disk.finish();
    expect(done).toEqual(['a', 'b', '|', 'c', 'd', '|']);
  });

  it('shares a commit and a batch between the inputs of one turn', async () => {
    const { runner, disk, done } = setUp();
    for (const name of ['a', 'b', 'c']) runner.input(give(act(name), persist(name), act(name.toUpperCase())));
    await nextTurn();
    expect(disk.keys()).toEqual(['a b c']);
    await disk.finish();
    expect(done).toEqual(['a', '|', 'A', 'b', 'B', 'c', 'C', '|']);
  });

  it('writes only the last record of each key', async () => {
    const { runner, disk } = setUp();
    const write = (key: string, value: number): Persist => ({
      type: 'persist',
      records: [{ key: [key], value: [value] }],
    });
    runner.input(give(write('a', 1), write('b', 2), write('a', 3)));
    await nextTurn();
    expect(disk.commits).toEqual([
      [
        { key: ['a'], value: [3] },
        { key: ['b'], value: [2] },
      ],
    ]);
  });

  it('writes the records of all keys that differ, in whatever part', async () => {
    const part = fc.constantFrom<string | number>('1', 1, 'a', 'ab', 'b', 2, '');
    const key = fc.tuple(part, part, fc.constantFrom('1', 1)).map((parts) => parts.slice(Number(parts[0] === 'a')));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(key, { maxLength: 4 }), { minLength: 2, maxLength: 8 }), async (writes) => {
        const { runner, disk } = setUp();
        const last = new Map<string, number>();
        let count = 0;
        const persists = writes.map((keys): Persist => {
          const records = keys.map((one) => {
            count += 1;
            last.set(JSON.stringify(one), count);
            return { key: one, value: [count] };
          });
          return { type: 'persist', records };
        });
        runner.input(give({ type: 'persist', records: [{ key: ['first'], value: [0] }] }, ...persists));
        await nextTurn();
        const written = disk.commits.flat().map(({ key: one, value }) => [JSON.stringify(one), value] as const);
        expect(new Map(written.slice(1))).toEqual(new Map([...last].map(([text, number]) => [text, [number]])));
        expect(written).toHaveLength(last.size + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('waits with a persist without records for those in front of it, and commits nothing for it', async () => {
    const { runner, disk, done } = setUp();
    runner.input(give(persist(), act('a'), persist('k'), persist(), act('b')));
    expect(done).toEqual(['a']);
    await nextTurn();
    await disk.finish();
    expect(disk.keys()).toEqual(['k']);
    expect(done).toEqual(['a', '|', 'b', '|']);
  });

  it('logs at once, even behind a persist', () => {
    const { runner, logged } = setUp();
    runner.input(give(persist('k'), logEvent('info', 'test.event')));
    expect(logged).toEqual([logEvent('info', 'test.event')]);
  });

  it('queues inputs that come while outputs are performed, behind what is there', async () => {
    const { runner, done } = setUp({
      perform: ({ name }) => {
        if (name === 'a') runner.input(give(act('c')));
      },
    });
    runner.input(give(act('a'), act('b')));
    await nextTurn();
    expect(done).toEqual(['a', 'b', 'c', '|']);
  });

  it('finishes one output before it performs the next, also one that came meanwhile', () => {
    const steps: string[] = [];
    const { runner } = setUp({
      perform: ({ name }) => {
        steps.push(`begin ${name}`);
        if (name === 'a') runner.input(give(act('c')));
        steps.push(`end ${name}`);
      },
    });
    runner.input(give(act('a'), act('b')));
    expect(steps).toEqual(['begin a', 'end a', 'begin b', 'end b', 'begin c', 'end c']);
  });

  it('performs the same outputs in the same order however the disk and the inputs interleave', async () => {
    const step = fc.oneof(
      fc.constant('finish' as const),
      fc.array(fc.oneof(fc.constant('persist' as const), fc.constant('do' as const)), { maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { runner, disk, done } = setUp();
        const expected: string[] = [];
        let count = 0;
        for (const taken of steps) {
          if (taken === 'finish') {
            await disk.finish();
            continue;
          }
          const outputs = taken.map((kind) => {
            count += 1;
            if (kind === 'do') expected.push(`n${count}`);
            return kind === 'do' ? act(`n${count}`) : persist(`k${count}`);
          });
          runner.input(give(...outputs));
          const onDisk = new Set(disk.commits.flat().map(({ key }) => key[0]));
          for (const name of done.filter((name) => name !== '|')) {
            const number = Number(name.slice(1));
            for (let before = 1; before < number; before += 1) {
              expect(expected.includes(`n${before}`) || onDisk.has(`k${before}`)).toBe(true);
            }
          }
        }
        while (runner.waitingCount > 0) {
          await nextTurn();
          await disk.finish();
        }
        expect(done.filter((name) => name !== '|')).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('carries a long queue without losing its place', async () => {
    const { runner, disk, done } = setUp();
    const names = Array.from({ length: 5_000 }, (_, index) => `n${index}`);
    runner.input(
      give(...names.flatMap((name, index) => (index % 1_500 === 1_499 ? [act(name), persist(name)] : [act(name)]))),
    );
    for (let round = 0; round < 5; round += 1) {
      runner.input(give(act(`later${round}`)));
      await nextTurn();
      await disk.finish();
    }
    const later = [0, 1, 2, 3, 4].map((round) => `later${round}`);
    expect(done.filter((name) => name !== '|')).toEqual([...names, ...later]);
  });

  describe('gathering', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('begins commits no closer than the moment of gathering where only patient outputs wait', async () => {
      const { runner, disk, done, clock } = setUp({ isPatient });
      runner.input(give(persist('a'), act('patient a')));
      await nextTurn();
      await disk.finish();
      expect(done).toEqual(['patient a', '|']);
      runner.input(give(persist('b'), act('patient b')));
      await nextTurn();
      clock.now += gatherMs - 1;
      runner.input(give(persist('c'), act('patient c')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a']);
      clock.now += 1;
      vi.advanceTimersByTime(gatherMs);
      expect(disk.keys()).toEqual(['a', 'b c']);
      clock.now += gatherMs;
      await disk.finish();
      runner.input(give(persist('d'), act('patient d')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a', 'b c', 'd']);
    });

    it('waits as long as it is told when the wait begins, and not for what must not wait', async () => {
      let patienceMs = 5;
      const { runner, disk, clock } = setUp({ isPatient, patienceMs: () => patienceMs });
      runner.input(give(persist('a'), act('patient a')));
      await nextTurn();
      await disk.finish();
      runner.input(give(persist('b'), act('patient b')));
      await nextTurn();
      patienceMs = 100;
      clock.now += 4;
      vi.advanceTimersByTime(4);
      runner.input(give(persist('c'), act('patient c')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a']);
      clock.now += 1;
      vi.advanceTimersByTime(1);
      expect(disk.keys()).toEqual(['a', 'b c']);
      await disk.finish();
      runner.input(give(persist('d'), act('patient d')));
      await nextTurn();
      runner.input(give(persist('e'), act('hurried e')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a', 'b c', 'd e']);
    });

    it('begins a commit at once as soon as something waits that is not patient', async () => {
      const { runner, disk, done } = setUp({ isPatient });
      runner.input(give(persist('a'), act('hurried a')));
      await nextTurn();
      runner.input(give(persist('b'), act('patient b')));
      await disk.finish();
      expect(disk.keys()).toEqual(['a']);
      runner.input(give(persist('c'), act('hurried c')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a', 'b c']);
      await disk.finish();
      vi.advanceTimersByTime(gatherMs);
      expect(disk.keys()).toEqual(['a', 'b c']);
      expect(done).toEqual(['hurried a', '|', 'patient b', 'hurried c', '|']);
      runner.input(give(persist('d'), act('patient d')));
      await nextTurn();
      expect(disk.keys()).toEqual(['a', 'b c']);
    });
  });

  describe('idle()', () => {
    it('resolves when everything is performed and on disk', async () => {
      const { runner, disk } = setUp();
      let isIdle = false;
      runner.input(give(act('a'), persist('k')));
      const idle = runner.idle().then(() => {
        isIdle = true;
      });
      await nextTurn();
      await nextTurn();
      expect(isIdle).toBe(false);
      await disk.finish();
      expect(isIdle).toBe(true);
      await idle;
    });

    it('resolves at once when there is nothing to do', async () => {
      const { runner } = setUp();
      await runner.idle();
      expect(runner.waitingCount).toBe(0);
    });
  });

  describe('with a disk that fails', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('tries again with growing waits up to 10 s, says so, and loses neither records nor order', async () => {
      const { runner, disk, done, logged } = setUp();
      runner.input(give(persist('k1'), act('a')));
      await nextTurn();
      for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
        const tries = disk.commits.length;
        await disk.refuse(full);
        expect(logged.at(-1)).toMatchObject({
          level: 'error',
          event: 'store.commit-failed',
          fields: { code: 'STORE_FULL', retryInMs: waitMs },
        });
        vi.advanceTimersByTime(waitMs - 1);
        expect(disk.commits.length).toBe(tries);
        vi.advanceTimersByTime(1);
        expect(disk.commits.length).toBe(tries + 1);
      }
      expect(done).toEqual([]);
      await disk.finish();
      expect(done).toEqual(['a', '|']);
      expect(logged.at(-1)).toMatchObject({ event: 'store.commit-recovered', fields: { failures: 7 } });
    });

    it('writes what has gathered in pieces, or one commit might want more room than there ever will be', async () => {
      const { runner, disk, done } = setUp();
      for (let at = 0; at < 100; at += 1) runner.input(give(persist(`k${at}`), act(`a${at}`)));
      await nextTurn();
      expect(disk.commits.at(-1)).toHaveLength(100);
      await disk.refuse(full);
      vi.advanceTimersByTime(500);
      expect(disk.commits.at(-1)).toHaveLength(64);
      await disk.finish();
      expect(done.filter((name) => name !== '|')).toHaveLength(64);
      expect(disk.commits.at(-1)).toHaveLength(36);
      await disk.finish();
      expect(done.filter((name) => name !== '|')).toHaveLength(100);
      for (let at = 100; at < 200; at += 1) runner.input(give(persist(`k${at}`)));
      await nextTurn();
      expect(disk.commits.at(-1)).toHaveLength(100);
    });

    it('goes on taking inputs, and the next try carries all that waits', async () => {
      const { runner, disk, done } = setUp();
      runner.input(give(persist('k1'), act('a')));
      await nextTurn();
      await disk.refuse(full);
      runner.input(give(persist('k2'), act('b')));
      await nextTurn();
      expect(disk.keys()).toEqual(['k1']);
      vi.advanceTimersByTime(500);
      expect(disk.keys()).toEqual(['k1', 'k1 k2']);
      await disk.finish();
      expect(done).toEqual(['a', 'b', '|']);
    });

    it('takes any other failure of a commit for a bug', async () => {
      const { runner, disk, bugs, done } = setUp();
      const bug = new TypeError('no such key');
      runner.input(give(persist('k'), act('a')));
      await nextTurn();
      await disk.refuse(bug);
      expect(bugs).toEqual([bug]);
      expect(done).toEqual([]);
    });
  });

  describe('ticks', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** Notes its ticks; its deadline is set from outside. */
    function setUpTicking() {
      const state: { deadline: Instant | undefined; ticks: number[] } = { deadline: undefined, ticks: [] };
      const set = setUp({
        machine: {
          handle: (input, now) => {
            if (input.type === 'tick') {
              state.ticks.push(now);
              state.deadline = undefined;
            }
            return [];
          },
          deadline: () => state.deadline,
        },
      });
      const pass = (durationMs: number) => {
        for (let step = 0; step < durationMs; step += 1) {
          set.clock.now += 1;
          vi.advanceTimersByTime(1);
        }
      };
      return { ...set, state, pass };
    }

    it('come when the deadline is reached, not before', () => {
      const { runner, state, pass } = setUpTicking();
      state.deadline = instant(1_000_100);
      runner.input(give());
      pass(99);
      expect(state.ticks).toEqual([]);
      pass(1);
      expect(state.ticks).toEqual([1_000_100]);
    });

    it('follow a deadline that is moved away or nearer', () => {
      const { runner, state, pass } = setUpTicking();
      state.deadline = instant(1_000_100);
      runner.input(give());
      state.deadline = instant(1_000_200);
      runner.input(give());
      pass(150);
      expect(state.ticks).toEqual([]);
      state.deadline = instant(1_000_160);
      runner.input(give());
      pass(10);
      expect(state.ticks).toEqual([1_000_160]);
      pass(500);
      expect(state.ticks).toEqual([1_000_160]);
    });

    it('come for a deadline that lies in the past when it is set', () => {
      const { runner, state, pass } = setUpTicking();
      state.deadline = instant(5);
      runner.input(give());
      pass(1);
      expect(state.ticks).toEqual([1_000_001]);
    });

    it('come for a deadline further away than a timer can wait', () => {
      const { runner, state, clock } = setUpTicking();
      state.deadline = instant(clock.now + 2 ** 32);
      runner.input(give());
      vi.advanceTimersByTime(3_600_000);
      expect(state.ticks).toEqual([]);
      clock.now += 2 ** 32;
      vi.advanceTimersByTime(3_600_000);
      expect(state.ticks).toEqual([clock.now]);
    });

    it('come no more after stop()', () => {
      const { runner, state, pass } = setUpTicking();
      state.deadline = instant(1_000_100);
      runner.input(give());
      runner.stop();
      pass(200);
      expect(state.ticks).toEqual([]);
    });
  });

  it('hands an exception of the machine to onBug, and does nothing more', async () => {
    const bug = new Error('bug');
    const { runner, bugs, done } = setUp({
      machine: {
        handle: (input) => {
          if (input.type === 'give' && input.outputs.length === 0) throw bug;
          return input.type === 'give' ? input.outputs : [];
        },
        deadline: () => undefined,
      },
    });
    runner.input(give());
    runner.input(give(act('a')));
    await nextTurn();
    expect(bugs).toEqual([bug]);
    expect(done).toEqual([]);
  });

  it('hands an exception of perform to onBug', () => {
    const bug = new Error('bug');
    const { runner, bugs } = setUp({
      perform: () => {
        throw bug;
      },
    });
    runner.input(give(act('a'), act('b')));
    expect(bugs).toEqual([bug]);
  });

  describe('a machine that fails and is mended', () => {
    /** Fails at an input without outputs. */
    const machineNamed = (name: string): Machine<Input, Output> => ({
      handle: (input) => {
        if (input.type === 'give' && input.outputs.length === 0) throw new Error('bug');
        return input.type === 'give' ? [...input.outputs, act(`by ${name}`)] : [];
      },
      deadline: () => undefined,
    });
    const setUpMended = () => {
      const made: string[] = [];
      const parts = setUp({
        machine: machineNamed('the first'),
        mend: () => ({
          makeMachine: () => {
            made.push('made');
            return machineNamed('the second');
          },
          isKept: (input) => input.type !== 'tick',
          firstInputs: () => [give(act('begin'))],
        }),
      });
      return { ...parts, made };
    };

    it('gives way to a new one only when all that it told is on disk', async () => {
      const { runner, disk, done, made, bugs } = setUpMended();
      runner.input(give(persist('k'), act('promised')));
      runner.input(give());
      await nextTurn();
      expect([made, done]).toEqual([[], []]);
      await disk.finish();
      expect(made).toEqual(['made']);
      const names = done.filter((name) => name !== '|');
      expect(names).toEqual(['promised', 'by the first', 'begin', 'by the second']);
      expect(bugs).toEqual([]);
    });

    it('lets what comes meanwhile wait for the new one, behind its beginning', async () => {
      const { runner, disk, done } = setUpMended();
      runner.input(give(persist('k')));
      runner.input(give());
      runner.input(give(act('later')));
      await nextTurn();
      await disk.finish();
      const names = done.filter((name) => name !== '|');
      expect(names).toEqual(['by the first', 'begin', 'by the second', 'later', 'by the second']);
    });

    it('stops where more waits than there is room for', async () => {
      const { runner, bugs } = setUpMended();
      runner.input(give(persist('k')));
      runner.input(give());
      for (let count = 0; count <= waitingInputLimit; count += 1) runner.input(give(act('waits')));
      expect(bugs).toHaveLength(1);
    });
  });
});

describe('a commit of many records', () => {
  it('holds the last record of each key, however many keys end alike', async () => {
    const part = fc.oneof(fc.constantFrom('1', 'a', ''), fc.constantFrom(1, 2));
    const key = fc.tuple(part, part, fc.constantFrom('1', 1)).map((parts) => parts.slice(Number(parts[0] === 'a')));
    await fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 2, maxLength: 80, size: 'max' }), async (keys) => {
        const commits: (readonly StoreRecord[])[] = [];
        const records = keys.map((key, value) => ({ key, value: [1, value] }));
        const runner = new MachineRunner<Input, Output>({
          machine: { handle: (input) => (input.type === 'give' ? input.outputs : []), deadline: () => undefined },
          ...{ clock: () => instant(0), perform: () => undefined, log: () => undefined, onBug: () => undefined },
          store: { commit: async (records) => void commits.push(records) },
        });
        runner.input(give({ type: 'persist', records }));
        await runner.idle();
        runner.stop();
        const last = new Map(records.map((record) => [JSON.stringify(record.key), record.value]));
        const written = commits.flat().map(({ key, value }) => [JSON.stringify(key), value]);
        expect(written).toHaveLength(last.size);
        for (const [text, value] of written) expect(last.get(String(text))).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });
});
