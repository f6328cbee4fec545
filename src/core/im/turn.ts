/**
 * Collects what one input of the exchange leads to, and puts it in the one order that is safe: the records, then what
 * goes into outboxes in the same commit, then what is told to anybody. SPEC: DESIGN section 2 rule 1.
 */
import type { LogEvent } from '../base/log-event.ts';
import type { PlainValue } from '../base/values.ts';
import type { ExchangeOutput, ImRecord } from './exchange-io.ts';
import type { ImKey } from './records.ts';

type Enqueue = Extract<ExchangeOutput, { type: 'enqueue' }>;
type Told = Exclude<ExchangeOutput, { type: 'persist' } | { type: 'enqueue' } | { type: 'log' }>;

export class Turn {
  readonly #records: ImRecord[] = [];
  readonly #enqueued: Enqueue[] = [];
  readonly #told: Told[] = [];
  readonly #logged: LogEvent[] = [];

  put(key: ImKey, value: PlainValue): void {
    this.#records.push({ key, value });
  }

  delete(key: ImKey): void {
    this.#records.push({ key, value: undefined });
  }

  enqueue(output: Omit<Enqueue, 'type'>): void {
    this.#enqueued.push({ type: 'enqueue', ...output });
  }

  tell(output: Told): void {
    this.#told.push(output);
  }

  log(event: LogEvent): void {
    this.#logged.push(event);
  }

  outputs(): readonly ExchangeOutput[] {
    const persist: readonly ExchangeOutput[] =
      this.#records.length === 0 ? [] : [{ type: 'persist', records: this.#records }];
    return [...this.#logged, ...persist, ...this.#enqueued, ...this.#told];
  }
}
