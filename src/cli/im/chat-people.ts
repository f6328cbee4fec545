/**
 * Who of those that a chat shows is there, and which numbers are out of reach, as the server tells of them. Here it becomes
 * words; whom the server is asked about, and when a word is due, is for `chat-machine.ts` to say.
 */
import type { ShownPeople } from '../../gateways/web/presence.ts';

export class ChatPeople {
  readonly #words = new Map<string, string>();
  readonly #troubles = new Map<string, string>();

  take({ connected, away, numbers }: ShownPeople): void {
    this.forget();
    for (const name of connected) this.#words.set(name, 'here now');
    for (const name of away) this.#words.set(name, 'away just now');
    for (const { number, words } of numbers) this.#troubles.set(number, words);
  }

  /** Not connected: nothing is known of anybody. */
  forget(): void {
    this.#words.clear();
    this.#troubles.clear();
  }

  /** `here now`, `away just now`; undefined where there is nothing to say. */
  wordsOf(peer: string): string | undefined {
    return this.#words.get(peer);
  }

  /** What is out of order on the way to a number, as a sentence; undefined where nothing is. */
  troubleOf(peer: string): string | undefined {
    return this.#troubles.get(peer);
  }
}
