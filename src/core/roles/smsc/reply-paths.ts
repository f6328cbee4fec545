/**
 * Which account gets the answer of a handset to a sender that asked for a reply path (055), although that sender is no
 * number of an account. SPEC: docs/reference/cimd2.md section 3.2.
 */
import { type HandsetMessage, numberOf } from './handset-message.ts';
import { limits } from './settings.ts';

export class ReplyPaths {
  readonly #users = new Map<string, string>();

  /** The handset has it: its answer to that sender may be used from now on. */
  note({ number, from, user }: Pick<HandsetMessage, 'number' | 'from' | 'user'>): void {
    const key = keyOf(number, from);
    // Set anew, so that the path that was least lately asked for is the first to be given up.
    this.#users.delete(key);
    this.#users.set(key, user);
    const [oldest] = this.#users.size > limits.replyPaths ? this.#users.keys() : [];
    if (oldest !== undefined) this.#users.delete(oldest);
  }

  /** Whose message the handset answers; undefined where nobody asked for it. */
  userFor({ from, to }: { readonly from: string; readonly to: string }): string | undefined {
    return this.#users.get(keyOf(numberOf(from), to));
  }
}

function keyOf(number: string, sender: string): string {
  return `${number} ${numberOf(sender)}`;
}
