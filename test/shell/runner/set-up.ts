/** A runner with a machine that returns what it is told to, and a disk whose commits end when the test says so. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OperatorError } from '../../../src/core/base/errors.ts';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import type { Machine } from '../../../src/core/base/machine.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { Persist, StoreRecord } from '../../../src/core/store/record.ts';
import { MachineRunner, type Mend, type Tick } from '../../../src/shell/runner.ts';

export type Do = { readonly type: 'do'; readonly name: string; readonly when?: 'at-once' };
export type Output = Do | Persist | LogEvent;
/** The machine of these tests returns what it is told to. */
export type Input = { readonly type: 'give'; readonly outputs: readonly Output[] } | Tick;

export const act = (name: string): Do => ({ type: 'do', name });
export const persist = (...keys: readonly string[]): Persist => ({
  type: 'persist',
  records: keys.map((key) => ({ key: [key], value: [1, key] })),
});
export const give = (...outputs: readonly Output[]): Input => ({ type: 'give', outputs });

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

export const isPatient = ({ name }: Do) => name.startsWith('patient');

export function setUp(options: SetUpOptions = {}) {
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

export const full = new OperatorError({ code: 'STORE_FULL', message: 'The disk is full.', hint: 'Free some room.' });
