/**
 * Carries one life of a role in a world: what follows a persist waits until that is on disk, all that waits when a
 * commit begins shares it, and a crash takes everything that was not on disk. The virtual twin of `shell/runner.ts`.
 */
import type { LogEvent } from '../core/base/log-event.ts';
import { isAtOnce, type Machine } from '../core/base/machine.ts';
import { type Instant, later } from '../core/base/time.ts';
import type { Persist, StoreRecord } from '../core/store/record.ts';
import type { Agenda } from './agenda.ts';
import type { MemoryStore } from './memory-store.ts';

export type Performed<Output> = Exclude<Output, Persist | LogEvent>;

export interface CarriedRoleOptions<Input, Output> {
  readonly machine: Machine<Input, Output>;
  readonly tick: Input;
  readonly agenda: Agenda;
  readonly now: () => Instant;
  readonly store: MemoryStore;
  /** How long the next commit takes. */
  readonly commitMs: () => number;
  readonly perform: (output: Performed<Output>) => void;
  /** Sends what was gathered. */
  readonly afterTurn: () => void;
  readonly log: (event: LogEvent) => void;
}

export class CarriedRole<Input, Output extends { readonly type: string }> {
  readonly #options: CarriedRoleOptions<Input, Output>;
  #queue: Output[] = [];
  /** Outputs from the head of the queue that are on disk. */
  #durable = 0;
  #committing: readonly StoreRecord[] | undefined;
  #isCommitPlanned = false;
  #isAlive = true;

  constructor(options: CarriedRoleOptions<Input, Output>) {
    this.#options = options;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  deadline(): Instant | undefined {
    return this.#isAlive ? this.#options.machine.deadline() : undefined;
  }

  tick(): void {
    this.input(this.#options.tick);
  }

  input(input: Input): void {
    if (!this.#isAlive) return;
    for (const output of this.#options.machine.handle(input, this.#options.now())) {
      if (isLog(output)) this.#options.log(output);
      else if (isAtOnce(output)) this.#options.perform(output as unknown as Performed<Output>);
      else this.#queue.push(output);
    }
    this.#carryOut();
  }

  /** The process dies. `midCommit`: whether the commit under way made it to the disk, though nobody was told. */
  crash(midCommit: 'written' | 'lost'): void {
    this.#isAlive = false;
    if (midCommit === 'written' && this.#committing !== undefined) this.#options.store.write(this.#committing);
    this.#queue = [];
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
      if (!isPersist(output)) this.#options.perform(output as unknown as Performed<Output>);
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

  #commit(): void {
    if (!this.#isAlive) return;
    const count = this.#queue.length;
    const records = this.#queue.flatMap((output) => (isPersist(output) ? output.records : []));
    this.#committing = records;
    this.#options.agenda.add(later(this.#options.now(), this.#options.commitMs()), () => {
      if (!this.#isAlive) return;
      this.#options.store.write(records);
      this.#committing = undefined;
      this.#isCommitPlanned = false;
      this.#durable = count;
      this.#carryOut();
    });
  }
}

function isPersist(output: { readonly type: string }): output is Persist {
  return output.type === 'persist';
}

function isLog(output: { readonly type: string }): output is LogEvent {
  return output.type === 'log';
}
