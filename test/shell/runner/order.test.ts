/** What a runner carries out when, and what it writes: what follows a persist waits for the disk, nothing else does. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logEvent } from '../../../src/core/base/log-event.ts';
import type { Persist } from '../../../src/core/store/record.ts';
import { act, give, persist, setUp } from './set-up.ts';

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
});
