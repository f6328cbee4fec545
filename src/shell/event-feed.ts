/**
 * Hands events to whoever listens at the moment, for streams of a control socket. A listener that does not keep up is
 * ended, so that the process never holds more than a bounded part for it; there is no history.
 */

export interface EventFeed<T> {
  publish(event: T): void;
  /** Events from now on, until the listener returns or falls behind. */
  listen(): AsyncIterableIterator<T>;
  /** Ends all listeners. */
  close(): void;
  readonly listenerCount: number;
}

/** @param limit events a listener may be behind before it is ended */
export function createEventFeed<T>(limit = 10_000): EventFeed<T> {
  const listeners = new Set<Listener<T>>();
  return {
    publish: (event) => {
      for (const listener of listeners) listener.push(event);
    },
    listen: () => {
      const listener: Listener<T> = new Listener<T>(limit, () => listeners.delete(listener));
      listeners.add(listener);
      return listener;
    },
    close: () => {
      for (const listener of [...listeners]) listener.end();
    },
    get listenerCount() {
      return listeners.size;
    },
  };
}

class Listener<T> implements AsyncIterableIterator<T> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  #events: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void) | undefined;
  #isEnded = false;

  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting({ done: false, value: event });
    else if (this.#events.length < this.#limit) this.#events.push(event);
    else this.end();
  }

  async next(): Promise<IteratorResult<T>> {
    const event = this.#events.shift();
    if (event !== undefined) return { done: false, value: event };
    if (this.#isEnded) return { done: true, value: undefined };
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.#events = [];
    this.end();
    return { done: true, value: undefined };
  }

  end(): void {
    this.#isEnded = true;
    this.#onEnd();
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = undefined;
  }
}
