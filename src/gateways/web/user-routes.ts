/**
 * The control routes about users and their tokens, for whoever may open the control socket of a running IM server. Passwords and
 * tokens come as hashes, made by the asking side, so that neither crosses even this socket. What a request may say is in
 * `user-change.ts`.
 */
import { type ErrorCode, errorCodes, OperatorError } from '../../core/base/errors.ts';
import type { UserChange } from '../../core/im/exchange-io.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { UserToken } from '../../core/im/tokens.ts';
import type { User } from '../../core/im/users.ts';
import { parseUserChange } from './user-change.ts';

/** What the operator may see of a user: all but the hash. */
export interface UserView {
  readonly name: string;
  readonly suffix?: string;
  readonly number?: string;
  readonly role: User['role'];
  readonly scopes: User['scopes'];
  readonly smscId?: string;
  readonly blocked: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

export function viewUser({ name, suffix, number, role, scopes, smscId, blocked, createdAt }: User): UserView {
  return {
    name,
    ...(suffix === undefined ? {} : { suffix }),
    ...(number === undefined ? {} : { number }),
    role,
    scopes,
    ...(smscId === undefined ? {} : { smscId }),
    blocked,
    createdAt: new Date(createdAt).toISOString(),
  };
}

/** What the operator may see of a token: all but the hash, so that nobody can try tokens against it. */
export interface TokenView {
  readonly id: string;
  readonly user: string;
  readonly scopes: UserToken['scopes'];
  readonly label: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; left out where it is of use until it is revoked. */
  readonly expiresAt?: string;
}

export function viewToken({ id, user, scopes, label, createdAt, expiresAt }: UserToken): TokenView {
  const until = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() };
  return { id, user, scopes, label, createdAt: new Date(createdAt).toISOString(), ...until };
}

/** Every token of a user, or of all users. */
export function tokensOf(history: Pick<ImHistory, 'users' | 'tokens'>, user: string | undefined): readonly TokenView[] {
  const names = user === undefined ? history.users().map(({ name }) => name) : [user];
  return names.flatMap((name) => history.tokens(name).map(viewToken));
}

/** The error for a change that was refused: a definite no, with exit status 3. */
export function refusedChange(fault: { readonly code: string; readonly message: string }): OperatorError {
  const code: ErrorCode = errorCodes.find((known) => known === fault.code) ?? 'IM_BAD_REQUEST';
  return new OperatorError({
    code,
    message: fault.message,
    hint: hints[code] ?? 'Run `ringbridge im-server users --help`.',
    exitStatus: code === 'IM_BAD_NAME' || code === 'IM_BAD_REQUEST' ? 2 : 3,
  });
}

const hints: Partial<Record<ErrorCode, string>> = {
  IM_USER_EXISTS: 'Choose another name, suffix or number; `ringbridge im-server users list` shows those in use.',
  IM_UNKNOWN_USER: '`ringbridge im-server users list` shows who there is.',
  IM_BAD_NAME: 'Names look like alice or bob.smith, suffixes like 0001, numbers like +358401234567.',
  IM_BAD_ADDRESS: 'Give a number like +358401234567, or the name of a user.',
  IM_UNKNOWN_TOKEN: '`ringbridge im-server users token list` shows the ids.',
  IM_SCOPE_MISSING: '`ringbridge im-server users set NAME --admin` gives the scope admin.',
  IM_LIMIT_REACHED: 'Remove what is not used any more.',
};

type ChangeUsers = (change: UserChange) => Promise<{ readonly code: string; readonly message: string } | undefined>;

/** @param change carries a change out, and resolves when it is on disk or refused */
export function userRoutes(
  change: ChangeUsers,
  world: { readonly history: Pick<ImHistory, 'user' | 'users' | 'tokens'> },
) {
  return {
    'GET /users': async () => ({ schema: 'im.users/1', users: world.history.users().map(viewUser) }),
    'GET /tokens': async (_body: unknown, query: URLSearchParams) => {
      const user = query.get('user') ?? undefined;
      if (user !== undefined && world.history.user(user) === undefined) throw unknownUser();
      return { schema: 'im.tokens/1', tokens: tokensOf(world.history, user) };
    },
    'POST /users': async (body: unknown) => {
      const wanted = parseUserChange(body);
      const fault = await change(wanted);
      if (fault !== undefined) throw refusedChange(fault);
      return { schema: 'im.user-changed/1', change: wanted.type, name: wanted.name };
    },
  } as const;
}

export function unknownUser(): OperatorError {
  return refusedChange({ code: 'IM_UNKNOWN_USER', message: 'There is no user of this name.' });
}
