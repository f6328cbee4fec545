/**
 * Carries a machine: gives it inputs, time and ticks, and carries out its outputs in order. What follows a `persist`
 * waits until that is on disk while the machine goes on taking inputs; all persists that wait when a commit begins share
 * it. So durability costs latency, not throughput. What is marked `at-once` does not wait. It knows nothing of what the
 * other outputs mean. DESIGN section 8.
 */
import { OperatorError } from '../core/base/errors.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { isAtOnce, type Machine } from '../core/base/machine.ts';
import type { Instant } from '../core/base/time.ts';
import type { Persist, Store, StoreRecord } from '../core/store/record.ts';
import type { Clock } from './clock.ts';

/** The input that every machine with a deadline takes. */
export type Tick = { readonly type: 'tick' };

/** What the runner leaves to its owner. */
export type Performed<Output extends { readonly type: string }> = Exclude<Output, { readonly type: 'persist' | 'log' }>;

export interface MachineRunnerOptions<Input, Output extends { readonly type: string }> {
  readonly machine: Machine<Input | Tick, Output>;
  readonly clock: Clock;
  /** Undefined for a machine that never persists. */
  readonly store: Pick<Store, 'commit'> | undefined;
  /** Carries out one output, in order. May call `input`. */
  readonly perform: (output: Performed<Output>) => void;
  /** Called at once, in front of outputs that wait for the disk. */
  readonly log: (event: LogEvent) => void;
  /**
   * Whether an output may wait a moment for others of its kind: where nothing else waits for the disk, commits begin no
   * closer than {@link gatherMs} after each other. Without it none may.
   */
  readonly isPatient?: (output: Performed<Output>) => boolean;
  /** Milliseconds instead of {@link gatherMs}; asked when a wait begins, for those who know when it costs nothing. */
  readonly patienceMs?: () => number;
  /** Called after outputs were performed, at most once per turn of the event loop or commit: sends batches. */
  readonly afterTurn?: () => void;
  /**
   * An exception of the machine: whether there will be another one in its place. What the machine told before is carried
   * out and on disk first, inputs wait until then. Without it, or where it gives nothing, the runner stops.
   */
  readonly mend?: (error: unknown, input: Input | Tick) => Mend<Input, Output> | undefined;
  /** Is told of every input that the machine took, once it gave its outputs; keeps none of them waiting. */
  readonly witness?: Witness<Input, Output>;
  /** A bug that is not mended, or an exception of `perform` or of the store's own code. The runner has stopped. */
  readonly onBug: (error: unknown) => void;
}

/** Sees what goes into a machine and what comes out; must not throw. */
export interface Witness<Input, Output> {
  handled(input: Input | Tick, now: Instant, outputs: readonly Output[]): void;
  failed(input: Input | Tick, now: Instant, error: unknown): void;
}

/** How a machine begins anew from what is on disk. */
export interface Mend<Input, Output> {
  readonly makeMachine: () => Machine<Input | Tick, Output>;
  /** Of the inputs that came meanwhile, which the new machine takes. */
  readonly isKept: (input: Input | Tick) => boolean;
  /** In front of those. */
  readonly firstInputs: () => readonly Input[];
}

/** Inputs that may wait while a machine is mended; more means that the disk refuses, and nobody can be answered. */
export const waitingInputLimit = 10_000;

/**
 * In one commit after one that failed. While the disk takes nothing more and more waits, and all of it at once might never
 * fit again although there is room: so it goes in pieces until nothing waits.
 */
const recordsAfterFailure = 64;

/** First and longest wait before a failed commit is tried again. */
const commitRetryMs = { first: 500, cap: 10_000 } as const;

/** Much less than any round trip of a link, much more than a commit costs the processor. */
export const gatherMs = 2;

/** setTimeout takes no more than 2^31 - 1 ms; a deadline further away is looked at again after this. */
const longestTimerMs = 3_600_000;

export class MachineRunner<Input, Output extends { readonly type: string }> {
  private readonly options: MachineRunnerOptions<Input, Output>;
  /** INVARIANT: outputs before `next` are carried out; persists before `durable` are on disk. */
  private queue: Output[] = [];
  private next = 0;
  private durable = 0;
  private disk: 'idle' | 'committing' | 'retrying' = 'idle';
  private retryTimer: NodeJS.Timeout | undefined;
  private refusingSince: Instant | undefined;
  /** Outputs in the queue that may not wait for others. */
  private impatientCount = 0;
  /** In one commit. */
  private mostRecords = Infinity;
  private committedAt = -Infinity;
  private gatherTimer: NodeJS.Timeout | undefined;
  private machine: Machine<Input | Tick, Output>;
  private mend: Mend<Input, Output> | undefined;
  private inputs: (Input | Tick)[] = [];
  private isHandling = false;
  private isPerforming = false;
  private isStopped = false;
  /** Something was performed that `afterTurn` has not been told of. */
  private isTurnOpen = false;
  private turnEnd: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerAt: Instant | undefined;
  private idleWaiters: (() => void)[] = [];

  constructor(options: MachineRunnerOptions<Input, Output>) {
    this.options = options;
    this.machine = options.machine;
    this.armTimer();
  }

  /** Outputs not yet carried out. Grows while the disk fails: an owner that reads from a peer stops reading. */
  get waitingCount(): number {
    return this.queue.length - this.next;
  }

  /** Since when commits fail, in milliseconds; 0 while they do not. */
  get diskRefusingMs(): number {
    return this.refusingSince === undefined ? 0 : this.options.clock() - this.refusingSince;
  }

  /** Gives the machine an input now. Ignored after {@link stop}. */
  input(input: Input | Tick): void {
    if (this.isStopped) return;
    this.inputs.push(input);
    if (this.mend !== undefined && this.inputs.length > waitingInputLimit) {
      this.fail(new Error(`${waitingInputLimit} inputs wait for a machine that is mended`));
      return;
    }
    this.takeInputs();
  }

  private takeInputs(): void {
    if (this.isHandling || this.mend !== undefined) return;
    this.isHandling = true;
    try {
      while (this.mend === undefined) {
        const taken = this.inputs.shift();
        if (taken === undefined) break;
        this.handle(taken);
      }
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.isHandling = false;
    }
    this.carryOut();
    this.armTimer();
  }

  /** Resolves when every output is carried out and on disk; may wait for ever while the disk fails. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
      this.settleIdle();
    });
  }

  /** Takes no more inputs and ticks, and carries out nothing more; a commit under way is left to the store. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.gatherTimer);
    clearImmediate(this.turnEnd);
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters = [];
  }

  private handle(input: Input | Tick): void {
    for (const output of this.outputsOf(input)) {
      if (isLog(output)) this.options.log(output);
      else if (isAtOnce(output)) this.perform(output);
      else {
        this.queue.push(output);
        if (this.isImpatient(output)) this.impatientCount += 1;
      }
    }
  }

  /** None where the machine failed: it gives all that follows from an input, or nothing of it. */
  private outputsOf(input: Input | Tick): readonly Output[] {
    const now = this.options.clock();
    let outputs: readonly Output[];
    try {
      outputs = this.machine.handle(input, now);
    } catch (error) {
      this.violated(error, input, now);
      return [];
    }
    this.options.witness?.handled(input, now, outputs);
    return outputs;
  }

  private violated(error: unknown, input: Input | Tick, now: Instant): void {
    this.options.witness?.failed(input, now, error);
    const mend = this.options.mend?.(error, input);
    if (mend === undefined) {
      this.fail(error);
      return;
    }
    this.mend = mend;
    clearTimeout(this.timer);
    this.timerAt = undefined;
    this.idle().then(() => this.beginAnew());
  }

  /** INVARIANT: everything the machine before it told is on disk, so the new one knows all that anybody was told. */
  private beginAnew(): void {
    if (this.isStopped || this.mend === undefined) return;
    const { makeMachine, firstInputs, isKept } = this.mend;
    try {
      this.machine = makeMachine();
      this.inputs = [...firstInputs(), ...this.inputs.filter(isKept)];
    } catch (error) {
      this.fail(error);
      return;
    }
    this.mend = undefined;
    this.takeInputs();
  }

  /** Performs up to the first persist that is not on disk yet. */
  private carryOut(): void {
    if (this.isPerforming || this.isStopped) return;
    this.isPerforming = true;
    try {
      for (let output = this.queue[this.next]; output !== undefined; output = this.queue[this.next]) {
        if (isPersist(output)) {
          // One without records only waits for those in front of it.
          if (this.next >= this.durable && output.records.length > 0) break;
          this.next += 1;
        } else {
          this.next += 1;
          if (this.isImpatient(output)) this.impatientCount -= 1;
          this.perform(output);
          if (this.isStopped) return;
        }
      }
    } catch (error) {
      this.fail(error);
      return;
    } finally {
      this.isPerforming = false;
    }
    this.dropCarriedOut();
    if (this.isTurnOpen || this.next < this.queue.length) this.turnEnd ??= setImmediate(this.endTurn);
    else this.settleIdle();
  }

  private perform(output: Output): void {
    // Where nobody is told of its end a turn has none: waiting for it takes the event loop once more around.
    this.isTurnOpen = this.options.afterTurn !== undefined;
    // Logs and persists go other ways; the compiler cannot narrow a type parameter.
    this.options.perform(output as unknown as Performed<Output>);
  }

  /** Inputs of one turn share a commit and a batch, so both wait for its end. */
  private readonly endTurn = (): void => {
    this.turnEnd = undefined;
    if (this.isStopped) return;
    this.beginCommit();
    this.tellAfterTurn();
    this.settleIdle();
  };

  private beginCommit(): void {
    if (this.disk !== 'idle' || this.next === this.queue.length) return;
    const mayWait = this.options.isPatient !== undefined && this.impatientCount === 0;
    if (mayWait && this.gatherTimer !== undefined) return;
    const patienceMs = mayWait ? (this.options.patienceMs?.() ?? gatherMs) : 0;
    const waitMs = this.committedAt + patienceMs - this.options.clock();
    if (mayWait && waitMs > 0) {
      this.gatherTimer = setTimeout(() => {
        this.gatherTimer = undefined;
        this.commitNow();
      }, waitMs);
    } else {
      this.commitNow();
    }
  }

  private commitNow(): void {
    clearTimeout(this.gatherTimer);
    this.gatherTimer = undefined;
    if (this.isStopped || this.disk !== 'idle' || this.next === this.queue.length) return;
    this.committedAt = this.options.clock();
    this.commit(commitRetryMs.first, 0);
  }

  private tellAfterTurn(): void {
    if (!this.isTurnOpen) return;
    this.isTurnOpen = false;
    try {
      this.options.afterTurn?.();
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param retryMs how long to wait if it fails */
  private commit(retryMs: number, failureCount: number): void {
    const { store } = this.options;
    if (store === undefined) {
      this.fail(new Error('a machine without a store persists'));
      return;
    }
    this.disk = 'committing';
    const end = commitEnd(this.queue, this.next, this.mostRecords);
    const count = end - this.next;
    const records = lastOfEachKey(this.queue, this.next, end);
    store.commit(records).then(
      () => this.committed(count, failureCount),
      (error: unknown) => this.commitFailed(error, retryMs, failureCount),
    );
  }

  /** INVARIANT: nothing was performed or dropped meanwhile, since the queue begins with a persist of that commit. */
  private committed(count: number, failureCount: number): void {
    if (this.isStopped) return;
    this.refusingSince = undefined;
    this.disk = 'idle';
    this.durable = this.next + count;
    if (this.durable === this.queue.length) this.mostRecords = Infinity;
    if (failureCount > 0) this.options.log(logEvent('info', 'store.commit-recovered', { failures: failureCount }));
    this.carryOut();
    if (this.isStopped) return;
    this.beginCommit();
    this.tellAfterTurn();
    this.settleIdle();
  }

  private commitFailed(error: unknown, retryMs: number, failureCount: number): void {
    if (this.isStopped) return;
    if (!(error instanceof OperatorError)) {
      this.fail(error);
      return;
    }
    this.disk = 'retrying';
    this.mostRecords = recordsAfterFailure;
    this.refusingSince ??= this.options.clock();
    this.options.log(
      logEvent('error', 'store.commit-failed', {
        code: error.code,
        reason: error.message,
        remedy: error.hint,
        retryInMs: retryMs,
        waiting: this.waitingCount,
      }),
    );
    this.retryTimer = setTimeout(
      () => this.commit(Math.min(retryMs * 2, commitRetryMs.cap), failureCount + 1),
      retryMs,
    );
  }

  private dropCarriedOut(): void {
    if (this.next === this.queue.length) {
      this.queue = [];
    } else if (this.next >= 1024 && this.next * 2 >= this.queue.length) {
      this.queue = this.queue.slice(this.next);
    } else {
      return;
    }
    this.durable = Math.max(0, this.durable - this.next);
    this.next = 0;
  }

  /** One timer, moved only when the deadline comes nearer: most inputs push it away, and it looks again when it fires. */
  private armTimer(): void {
    if (this.isStopped || this.mend !== undefined) return;
    const deadline = this.deadline();
    if (deadline === undefined || (this.timerAt !== undefined && this.timerAt <= deadline)) return;
    clearTimeout(this.timer);
    const waitMs = Math.min(Math.max(deadline - this.options.clock(), 1), longestTimerMs);
    this.timerAt = deadline;
    this.timer = setTimeout(this.timerFired, waitMs);
  }

  private readonly timerFired = (): void => {
    this.timerAt = undefined;
    const deadline = this.deadline();
    if (deadline !== undefined && deadline <= this.options.clock()) this.input({ type: 'tick' });
    else this.armTimer();
  };

  private deadline(): Instant | undefined {
    try {
      return this.machine.deadline();
    } catch (error) {
      this.violated(error, { type: 'tick' }, this.options.clock());
      return undefined;
    }
  }

  private isImpatient(output: Output): boolean {
    if (isPersist(output)) return false;
    // Logs never enter the queue, and persists went the other way.
    return this.options.isPatient?.(output as unknown as Performed<Output>) !== true;
  }

  private settleIdle(): void {
    if (this.idleWaiters.length === 0 || this.disk !== 'idle' || this.isTurnOpen) return;
    if (this.isHandling || this.isPerforming || this.next < this.queue.length) return;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  private fail(error: unknown): void {
    this.stop();
    this.options.onBug(error);
  }
}

function isPersist(output: { readonly type: string }): output is Persist {
  return output.type === 'persist';
}

function isLog(output: { readonly type: string }): output is LogEvent {
  return output.type === 'log';
}

/** Where a commit of at most so many records ends that begins at `start`; it holds one persist at least. */
function commitEnd(queue: readonly { readonly type: string }[], start: number, mostRecords: number): number {
  if (mostRecords === Infinity) return queue.length;
  let count = 0;
  for (let index = start; index < queue.length; index += 1) {
    const output = queue[index];
    if (output === undefined || !isPersist(output)) continue;
    if (count > 0 && count + output.records.length > mostRecords) return index;
    count += output.records.length;
  }
  return queue.length;
}

/** The records of all persists from `start` to `end`; of several with one key only the last is worth writing. */
function lastOfEachKey(
  queue: readonly { readonly type: string }[],
  start: number,
  end: number,
): readonly StoreRecord[] {
  const only = queue[start];
  if (end === start + 1 && only !== undefined && isPersist(only) && only.records.length <= 1) {
    return only.records;
  }
  const records: StoreRecord[] = [];
  const places = new KeyPlaces(records);
  for (let index = start; index < end; index += 1) {
    const output = queue[index];
    if (output === undefined || !isPersist(output)) continue;
    for (const record of output.records) {
      const before = places.take(record.key);
      if (before === undefined) records.push(record);
      else records[before] = record;
    }
  }
  return records;
}

/** Keys that end alike and are more than this are found by their text; fewer are compared, which costs less. */
const crowd = 8;

/** Where in a growing list of records each key is. */
class KeyPlaces {
  private readonly records: readonly StoreRecord[];
  /** A few keys end alike, but for the words of long texts. */
  private readonly byEnd = new Map<string | number | undefined, number[] | Map<string, number>>();

  constructor(records: readonly StoreRecord[]) {
    this.records = records;
  }

  /** @returns where this key is; undefined if it will be the next of the list */
  take(key: StoreRecord['key']): number | undefined {
    const next = this.records.length;
    const end = key.at(-1);
    const places = this.byEnd.get(end);
    if (places === undefined) {
      this.byEnd.set(end, [next]);
      return undefined;
    }
    if (places instanceof Map) {
      const text = textOf(key);
      const before = places.get(text);
      if (before === undefined) places.set(text, next);
      return before;
    }
    const before = places.find((place) => isSameKey(this.records[place]?.key, key));
    if (before === undefined) places.push(next);
    if (places.length > crowd) {
      const texts = places.map((place): [string, number] => [textOf(this.records[place]?.key ?? key), place]);
      this.byEnd.set(end, new Map(texts));
    }
    return before;
  }
}

/** Strings in keys hold no control characters, and numbers are not taken for strings. */
function textOf(key: StoreRecord['key']): string {
  return key.map((part) => (typeof part === 'number' ? `\u0001${part}` : part)).join('\u0000');
}

function isSameKey(one: StoreRecord['key'] | undefined, other: StoreRecord['key']): boolean {
  if (one?.length !== other.length) return false;
  for (let part = 0; part < other.length; part += 1) if (one[part] !== other[part]) return false;
  return true;
}
