/** Who is here, in a process: the presence book with a clock and a timer, and somebody to tell of changes. */
import type { ClientRef } from '../core/im/exchange-io.ts';
import { PresenceBook, type PresenceInput, type ToldPresence, type UserPresence } from '../core/im/presence-book.ts';
import type { Clock } from './clock.ts';

export class LivePresence {
  readonly #book = new PresenceBook();
  readonly #clock: Clock;
  readonly #changed: (user: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed is called when it is otherwise with that user than before */
  constructor(clock: Clock, changed: (user: string) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  of(user: string): UserPresence {
    return this.#book.of(user);
  }

  tell(client: ClientRef, user: string, presence: ToldPresence): void {
    this.#input({ type: 'told', client, user, presence });
  }

  /** Looks whose time is over; happens by itself. */
  look(): void {
    this.#input({ type: 'tick' });
  }

  /** Nobody is told any more of whose time is over. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #input(input: PresenceInput): void {
    const outputs = this.#book.handle(input, this.#clock());
    this.#arm();
    for (const { user } of outputs) this.#changed(user);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = this.#book.deadline();
    if (deadline === undefined) return;
    this.#timer = setTimeout(() => this.look(), Math.max(1, deadline - this.#clock()));
    this.#timer.unref();
  }
}
