/** What is written where one input persists many records. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { StoreRecord } from '../../../src/core/store/record.ts';
import { MachineRunner } from '../../../src/shell/runner.ts';
import { give, type Input, type Output } from './set-up.ts';

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
