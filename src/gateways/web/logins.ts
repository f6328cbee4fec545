/**
 * Who may come in, and what they may do then: password, session, token of a script; and how often one may try. The one
 * door for page, terminal, API and whatever else lets people in.
 */
import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { instant } from '../../core/base/time.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { Scope, User } from '../../core/im/users.ts';
import { hashToken, isAccessToken } from './access-token.ts';
import { LoginLimit } from './login-limit.ts';
import { HashingQueue, verifyPassword } from './password.ts';
import { makeToken, userOfSession } from './session-token.ts';

/** Hashes at once: beyond the cores they only wait for each other; each takes 32 MiB. */
const hashing = { atOnce: 2, waitingLimit: 32 };
/** Programs send the password with every request; for so long a good one is not hashed again. */
const rememberedMs = 60_000;
const rememberedLimit = 1_000;

export interface LoginsOptions {
  readonly users: Pick<ImHistory, 'user' | 'userOfToken'>;
  /** 32 random bytes, the same over restarts. */
  readonly sessionKey: Uint8Array;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Somebody who came in. */
export interface Login {
  readonly user: User;
  readonly scopes: readonly Scope[];
  /** The token of a script it came with; for `attached`, so that revoking it ends this session. */
  readonly tokenId: string | undefined;
  /** Milliseconds since 1970: when the token is over; undefined where it is not. */
  readonly expiresAt: number | undefined;
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

  /**
   * A token of a script, or the one of a session.
   *
   * @param address of the client, for the limit
   * @returns who came in; IM_BAD_TOKEN for any that is not in force; IM_TOO_MANY_LOGINS
   */
  byBearer(token: string, address: string): Result<Login> {
    const now = this.#options.clock();
    if (!this.#limit.mayShow(address, now)) return tooMany();
    const login = isAccessToken(token)
      ? this.#options.users.userOfToken(hashToken(token), instant(now))
      : this.#sessionOf(token);
    if (login !== undefined) return ok(login);
    this.#limit.wasWrong(address, now);
    return fail('IM_BAD_TOKEN', 'The token is not in force here: unknown, revoked, or over.');
  }

  /**
   * The header `authorization` of a request: `Basic` with name and password, or `Bearer` with a token.
   *
   * @returns who came in; IM_BAD_PASSWORD (also without the header), IM_BAD_TOKEN, IM_TOO_MANY_LOGINS
   */
  async byAuthorization(header: string | undefined, address: string): Promise<Result<Login>> {
    const [scheme = '', credentials = ''] = (header ?? '').trim().split(/ +/);
    if (scheme.toLowerCase() === 'bearer') return this.byBearer(credentials, address);
    const [name = '', ...password] = Buffer.from(credentials, 'base64').toString().split(':');
    if (scheme.toLowerCase() !== 'basic' || password.length === 0) {
      return fail('IM_BAD_PASSWORD', 'Give a user and a password (HTTP basic authentication), or a token (bearer).');
    }
    const user = await this.byPassword(name, password.join(':'), address);
    return user.ok ? ok(loginOf(user.value)) : user;
  }

  #sessionOf(token: string): Login | undefined {
    const user = this.byToken(token);
    return user && loginOf(user);
  }

  /** The session that a cookie proves. */
  byToken(token: string): User | undefined {
    const { sessionKey, clock, users } = this.#options;
    return userOfSession(token, sessionKey, clock(), (name) => users.user(name));
  }

  tokenFor(user: User): string {
    return makeToken(user, this.#options.sessionKey, this.#options.clock());
  }
}

/** After a password everything is allowed that the user may do. */
function loginOf(user: User): Login {
  return { user, scopes: user.scopes, tokenId: undefined, expiresAt: undefined };
}

function tooMany(): Result<never> {
  return fail('IM_TOO_MANY_LOGINS', 'Too many attempts to log in; wait a minute.');
}
