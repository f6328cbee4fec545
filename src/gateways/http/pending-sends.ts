/** Texts that programs handed in and wait for: each resolves when the exchange answers, or when the time is over. */
import { type ClientRef, clientRef, type SendRequest, type SendResult } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';

/** How long a program waits for the store. */
const answerTimeoutMs = 30_000;
/** Requests that may wait at once. */
const waitingLimit = 2_000;

export class PendingSends {
  readonly #world: ImWorld;
  readonly #waiting = new Map<ClientRef, (result: SendResult) => void>();
  #lastNumber = 0;

  constructor(world: ImWorld) {
    this.#world = world;
  }

  /** @returns the answer; `late`: nothing is known yet; `full`: too many wait, nothing was handed in */
  send(request: Omit<SendRequest, 'client'>): Promise<SendResult | 'late' | 'full'> {
    if (this.#waiting.size >= waitingLimit) return Promise.resolve('full');
    return new Promise((resolve) => {
      this.#lastNumber += 1;
      const client = clientRef(`http:send-${this.#lastNumber}`);
      const timer = setTimeout(() => {
        this.#waiting.delete(client);
        resolve('late');
      }, answerTimeoutMs);
      this.#waiting.set(client, (result) => {
        clearTimeout(timer);
        this.#waiting.delete(client);
        resolve(result);
      });
      const storedAs = this.#world.history.textOfCid(request.user, request.cid);
      this.#world.input({ type: 'send', request: { client, ...request }, storedAs });
    });
  }

  answer(client: ClientRef, result: SendResult): void {
    this.#waiting.get(client)?.(result);
  }
}
