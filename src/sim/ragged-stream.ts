/** Bytes as a network hands them on: pieces are joined with what follows within moments, and cut wherever it likes. */
import { concatBytes } from '../core/base/bytes.ts';
import type { Random } from '../core/base/random.ts';
import { later } from '../core/base/time.ts';
import type { Agenda } from './agenda.ts';
import type { WorldTools } from './world-tools.ts';

const longestHoldMs = 4;
const mostPieces = 4;

export class RaggedStream {
  readonly #agenda: Agenda;
  readonly #now: WorldTools['now'];
  readonly #random: Random;
  readonly #send: (bytes: Uint8Array) => void;
  #held: Uint8Array[] = [];

  /** @param random of its own, so that it changes nothing else of a world */
  constructor({ agenda, now }: Pick<WorldTools, 'agenda' | 'now'>, random: Random, send: (bytes: Uint8Array) => void) {
    this.#agenda = agenda;
    this.#now = now;
    this.#random = random;
    this.#send = send;
  }

  write(bytes: Uint8Array): void {
    this.#held.push(bytes);
    if (this.#held.length > 1) return;
    this.#agenda.add(later(this.#now(), Math.floor(longestHoldMs * this.#random())), () => this.flush());
  }

  /** Before a farewell. */
  flush(): void {
    let rest = concatBytes(...this.#held);
    this.#held = [];
    for (let piece = 1; piece < mostPieces && rest.length > 1; piece += 1) {
      const at = 1 + Math.floor((rest.length - 1) * this.#random());
      this.#send(rest.subarray(0, at));
      rest = rest.subarray(at);
    }
    if (rest.length > 0) this.#send(rest);
  }
}
