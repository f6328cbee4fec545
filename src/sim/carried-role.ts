/**
 * Carries one life of a role in a world: what follows a persist waits until that is on disk, all that waits when a
 * commit begins shares it, and a crash takes everything that was not on disk. The virtual twin of `shell/runner.ts`.
 */
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { isAtOnce, type Machine } from '../core/base/machine.ts';
import { type Instant, later } from '../core/base/time.ts';
import type { Persist, StoreRecord } from '../core/store/record.ts';
import type { Agenda } from './agenda.ts';
import type { Disk } from './disk.ts';
import type { HostClock } from './host-clock.ts';

export type Performed<Output> = Exclude<Output, Persist | LogEvent>;

export interface CarriedRoleOptions<Input, Output> {
  readonly machine: Machine<Input, Output>;
  readonly tick: Input;
  readonly agenda: Agenda;
  readonly now: () => Instant;
  /** The clock of its machine, anchored when it started. */
  readonly clock: HostClock;
  readonly disk: Disk;
  /** How long the next commit takes. */
  readonly commitMs: () => number;
  readonly perform: (output: Performed<Output>) => void;
  /** Sends what was gathered. */
  readonly afterTurn: () => void;
  readonly log: (event: LogEvent) => void;
  /** What a commit brought to the disk. */
  readonly committed: (records: readonly StoreRecord[]) => void;
}

/** First and longest wait before a failed commit is tried again, as in the shell. */
const commitRetryMs = { first: 500, cap: 10_000 } as const;

export class CarriedRole<Input, Output extends { readonly type: string }> {
  readonly #options: CarriedRoleOptions<Input, Output>;
  #queue: Output[] = [];
  /** Outputs from the head of the queue that are on disk. */
  #durable = 0;
  #committing: readonly StoreRecord[] | undefined;
  #isCommitPlanned = false;
  #isAlive = true;
  #isHandling = false;
  /** The process dies behind so many more outputs. */
  #doom: { left: number; readonly die: () => void } | undefined;

  constructor(options: CarriedRoleOptions<Input, Output>) {
    this.#options = options;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  deadline(): Instant | undefined {
    const at = this.#isAlive ? this.#options.machine.deadline() : undefined;
    return at === undefined ? undefined : this.#options.clock.worldTime(at);
  }

  /** Whether all that it decided is carried out: then what it holds is what its disk holds. */
  get isQuiet(): boolean {
    return this.#queue.length === 0 && !this.#isHandling;
  }

  tick(): void {
    this.input(this.#options.tick);
  }

  input(input: Input): void {
    if (!this.#isAlive) return;
    this.#isHandling = true;
    for (const output of this.#options.machine.handle(input, this.#options.clock.hostTime(this.#options.now()))) {
      if (isLog(output)) this.#options.log(output);
      else if (isAtOnce(output)) this.#perform(output as unknown as Performed<Output>);
      else this.#queue.push(output);
      // Killed in the middle of what it had decided.
      if (!this.#isAlive) return;
    }
    this.#isHandling = false;
    this.#carryOut();
  }

  /** Dies behind so many more outputs, in the middle of whatever it does then. */
  dieBehind(outputs: number, die: () => void): void {
    this.#doom = { left: outputs, die };
  }

  /** The process dies. `midCommit`: whether the commit under way made it to the disk, though nobody was told. */
  crash(midCommit: 'written' | 'lost'): void {
    const committing = this.#isAlive && midCommit === 'written' ? this.#committing : undefined;
    this.#isAlive = false;
    this.#queue = [];
    this.#committing = undefined;
    if (committing !== undefined) this.#write(committing);
  }

  /** After its drain; nothing may wait any more. */
  end(): void {
    if (this.#queue.length > 0) throw new Error(`a drained role still has ${this.#queue.length} outputs`);
    this.#isAlive = false;
  }

  #carryOut(): void {
    for (let output = this.#queue[0]; output !== undefined; output = this.#queue[0]) {
      if (isPersist(output) && this.#durable === 0 && output.records.length > 0) break;
      this.#queue.shift();
      this.#durable = Math.max(0, this.#durable - 1);
      // Logs never enter the queue, and persists went the other way: what is left is for the owner.
      if (!isPersist(output)) this.#perform(output as unknown as Performed<Output>);
      if (!this.#isAlive) return;
    }
    this.#options.afterTurn();
    this.#planCommit();
  }

  /** At the end of the turn, so that all inputs of one moment share it. */
  #planCommit(): void {
    if (this.#isCommitPlanned || this.#queue.length === 0) return;
    this.#isCommitPlanned = true;
    this.#options.agenda.add(this.#options.now(), () => this.#commit());
  }

  #perform(output: Performed<Output>): void {
    this.#options.perform(output);
    if (this.#doom === undefined || !this.#isAlive) return;
    this.#doom.left -= 1;
    if (this.#doom.left <= 0) this.#doom.die();
  }

  #write(records: readonly StoreRecord[]): void {
    this.#options.disk.commit(records);
    this.#options.committed(records);
  }

  #commit(): void {
    if (!this.#isAlive) return;
    const count = this.#queue.length;
    const records = this.#queue.flatMap((output) => (isPersist(output) ? output.records : []));
    this.#committing = records;
    const commitMs = this.#options.commitMs();
    this.#options.agenda.add(later(this.#options.now(), commitMs), () =>
      this.#endCommit(records, count, commitRetryMs.first),
    );
  }

  #endCommit(records: readonly StoreRecord[], count: number, retryMs: number): void {
    if (!this.#isAlive) return;
    const { disk, agenda, now } = this.#options;
    if (disk.state !== 'well' && records.length > 0) {
      const code = disk.state === 'full' ? 'STORE_FULL' : 'STORE_READ_ONLY';
      // As of now nothing of it is on its way to the disk.
      this.#committing = undefined;
      this.#options.log(logEvent('error', 'store.commit-failed', { code, retryInMs: retryMs }));
      agenda.add(later(now(), retryMs), () => {
        this.#endCommit(records, count, Math.min(2 * retryMs, commitRetryMs.cap));
      });
      return;
    }
    this.#write(records);
    this.#committing = undefined;
    this.#isCommitPlanned = false;
    this.#durable = count;
    this.#carryOut();
  }
}

function isPersist(output: { readonly type: string }): output is Persist {
  return output.type === 'persist';
}

function isLog(output: { readonly type: string }): output is LogEvent {
  return output.type === 'log';
}
