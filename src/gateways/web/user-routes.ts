/**
 * The control routes about users, for whoever may open the control socket of a running IM server. Passwords come as
 * hashes: `password.ts` is used by the asking side, so that no password crosses even this socket.
 */
import { type ErrorCode, errorCodes, OperatorError } from '../../core/base/errors.ts';
import type { UserChange } from '../../core/im/exchange-io.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { User } from '../../core/im/users.ts';

/** What everybody may see of a user: all but the hash. */
export interface UserView {
  readonly name: string;
  readonly suffix?: string;
  readonly role: User['role'];
  /** ISO 8601. */
  readonly createdAt: string;
}

export function viewUser({ name, suffix, role, createdAt }: User): UserView {
  return { name, ...(suffix === undefined ? {} : { suffix }), role, createdAt: new Date(createdAt).toISOString() };
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
  IM_USER_EXISTS: 'Choose another name or suffix; `ringbridge im-server users list` shows those in use.',
  IM_UNKNOWN_USER: '`ringbridge im-server users list` shows who there is.',
  IM_BAD_NAME: 'Names look like alice or bob.smith, suffixes like 0001.',
};

type ChangeUsers = (change: UserChange) => Promise<{ readonly code: string; readonly message: string } | undefined>;

/** @param change carries a change out, and resolves when it is on disk or refused */
export function userRoutes(change: ChangeUsers, world: { readonly history: Pick<ImHistory, 'users'> }) {
  return {
    'GET /users': async () => ({ schema: 'im.users/1', users: world.history.users().map(viewUser) }),
    'POST /users': async (body: unknown) => {
      const wanted = parseUserChange(body);
      const fault = await change(wanted);
      if (fault !== undefined) throw refusedChange(fault);
      return { schema: 'im.user-changed/1', change: wanted.type, name: wanted.name };
    },
  } as const;
}

/** @throws OperatorError IM_BAD_REQUEST for what is no change of a user */
export function parseUserChange(body: unknown): UserChange {
  const fields = typeof body === 'object' && body !== null ? new Map<string, unknown>(Object.entries(body)) : undefined;
  const [type, name, hash] = [fields?.get('type'), fields?.get('name'), fields?.get('passwordHash')];
  const [suffix, role] = [fields?.get('suffix'), fields?.get('role') ?? 'ordinary'];
  if (typeof name === 'string') {
    if (type === 'remove') return { type, name };
    if (type === 'password' && typeof hash === 'string') return { type, name, passwordHash: hash };
    const isSuffix = suffix === undefined || typeof suffix === 'string';
    if (type === 'add' && typeof hash === 'string' && isSuffix && (role === 'default' || role === 'ordinary')) {
      return { type, name, suffix, passwordHash: hash, role };
    }
  }
  throw new OperatorError({
    code: 'IM_BAD_REQUEST',
    message: 'The request is no change of a user.',
    hint: 'Use the ringbridge of the same version as the IM server.',
  });
}
