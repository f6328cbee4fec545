/**
 * The users of a rehearsal at their terminals: one client each, which comes back by itself after a cut or a kill and hands
 * in again, under the same id, what was not stored.
 */
import type { TextView } from '../../core/im/text.ts';
import type { ImClient } from '../im/im-client.ts';
import { signIn } from './signed-in.ts';
import type { World } from './world.ts';

export class Terminals {
  readonly #clients = new Map<string, ImClient>();
  /** Last known state per user and cid. */
  readonly #sent = new Map<string, TextView | undefined>();
  readonly #refusals: string[] = [];

  /** Resolves when all are logged in. @throws OperatorError as `ImClient` */
  static async open(world: World): Promise<Terminals> {
    const terminals = new Terminals();
    await Promise.all(world.users.map(({ name, password }) => terminals.#open(world.imUrl, name, password)));
    return terminals;
  }

  submit(user: string, cid: string, to: string, text: string): void {
    this.#sent.set(`${user} ${cid}`, undefined);
    this.#clients.get(user)?.submit(cid, to, text);
  }

  /** What the IM server would not take, in words. */
  get refusals(): readonly string[] {
    return this.#refusals;
  }

  get unstoredCount(): number {
    return [...this.#clients.values()].reduce((sum, client) => sum + client.unstoredCount, 0);
  }

  /** Texts of which more is to become known. Under `hold` nothing more comes of one in doubt. */
  openStepCount(inDoubt: 'resend' | 'hold'): number {
    return [...this.#sent.values()].filter((text) => {
      const step = text?.step ?? 'stored';
      return step === 'stored' || step === 'accepted' || (step === 'unknown' && inDoubt === 'resend');
    }).length;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #open(url: URL, user: string, password: string): Promise<void> {
    const { client, ready } = signIn(
      { url, user, password },
      {
        text: (text) => {
          if (text.direction === 'out') this.#sent.set(`${user} ${text.cid}`, text);
        },
        refused: ({ cid, code, message }) => this.#refusals.push(`${user} ${cid} was refused: ${code} ${message}`),
      },
    );
    this.#clients.set(user, client);
    return ready;
  }
}
