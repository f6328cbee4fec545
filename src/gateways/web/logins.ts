/** Who may come in: password, session token, and how often one may try. The one door for page, terminal and API. */
import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { User } from '../../core/im/users.ts';
import { LoginLimit } from './login-limit.ts';
import { HashingQueue, verifyPassword } from './password.ts';
import { makeToken, userOfToken } from './session-token.ts';

/** Hashes at once: beyond the cores they only wait for each other; each takes 32 MiB. */
const hashing = { atOnce: 2, waitingLimit: 32 };
/** Programs send the password with every request; for so long a good one is not hashed again. */
const rememberedMs = 60_000;
const rememberedLimit = 1_000;

export interface LoginsOptions {
  readonly users: Pick<ImHistory, 'user'>;
  /** 32 random bytes, the same over restarts. */
  readonly sessionKey: Uint8Array;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export class Logins {
  readonly #options: LoginsOptions;
  readonly #limit = new LoginLimit();
  readonly #queue = new HashingQueue(hashing);
  readonly #remembered = new Map<string, number>();

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /**
   * @param address of the client, for the limit
   * @returns the user; IM_BAD_PASSWORD for a wrong name or password alike; IM_TOO_MANY_LOGINS
   */
  async byPassword(name: string, password: string, address: string): Promise<Result<User>> {
    const now = this.#options.clock();
    const user = this.#options.users.user(name);
    const memory = user && createHash('sha256').update(`${user.passwordHash}\n${password}`).digest('base64');
    if (user !== undefined && memory !== undefined && now < (this.#remembered.get(memory) ?? 0)) return ok(user);
    if (!this.#limit.take(address, name, now)) return tooMany();
    const isRight = await this.#queue.run(() => verifyPassword(password, user?.passwordHash));
    if (isRight === undefined) return tooMany();
    if (!isRight || user === undefined || memory === undefined) {
      return fail('IM_BAD_PASSWORD', 'The name or the password is wrong.');
    }
    this.#limit.giveBack(address, name, now);
    if (this.#remembered.size >= rememberedLimit) this.#remembered.clear();
    this.#remembered.set(memory, now + rememberedMs);
    return ok(user);
  }

  byToken(token: string): User | undefined {
    const { sessionKey, clock, users } = this.#options;
    return userOfToken(token, sessionKey, clock(), (name) => users.user(name));
  }

  tokenFor(user: User): string {
    return makeToken(user, this.#options.sessionKey, this.#options.clock());
  }
}

function tooMany(): Result<never> {
  return fail('IM_TOO_MANY_LOGINS', 'Too many attempts to log in; wait a minute.');
}
