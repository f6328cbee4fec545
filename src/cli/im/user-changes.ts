/** Changes and lists the users and tokens of an IM server, running or stopped. The rules are the exchange's in both cases. */
import type { UserChange } from '../../core/im/exchange-io.ts';
import {
  refusedChange,
  type TokenView,
  tokensOf,
  type UserView,
  unknownUser,
  viewUser,
} from '../../gateways/web/user-routes.ts';
import { callControl } from '../../shell/control-client.ts';
import { type ChangedIn, changeStopped, ifRunning, readStopped } from './im-server-state.ts';

/** @throws OperatorError for a refused change (exit status 3), and as `openRoleStore` */
export async function changeUsers(stateDir: string, change: UserChange): Promise<ChangedIn> {
  if ((await ifRunning(stateDir, () => callControl(stateDir, 'POST /users', change))) !== undefined) return 'running';
  await changeStopped(
    stateDir,
    () => ({ type: 'user', ref: '', change }),
    (output) => {
      if (output.type === 'user-answer' && output.fault !== undefined) throw refusedChange(output.fault);
    },
  );
  return 'stopped';
}

/** In order of name. @throws OperatorError as `openStoreForReading` */
export async function listUsers(stateDir: string): Promise<readonly UserView[]> {
  const answer = await ifRunning(stateDir, () => callControl(stateDir, 'GET /users'));
  // The route of the same version: see `userRoutes`.
  if (answer !== undefined) return (answer as { readonly users: readonly UserView[] }).users;
  return readStopped(stateDir, (history) => history.users().map(viewUser));
}

/**
 * The tokens of one user, or of all.
 *
 * @throws OperatorError IM_UNKNOWN_USER (exit status 3), and as `openStoreForReading`
 */
export async function listTokens(stateDir: string, user: string | undefined): Promise<readonly TokenView[]> {
  const query = user === undefined ? '' : `?user=${encodeURIComponent(user)}`;
  const answer = await ifRunning(stateDir, () => callControl(stateDir, `GET /tokens${query}`));
  // As above.
  if (answer !== undefined) return (answer as { readonly tokens: readonly TokenView[] }).tokens;
  return readStopped(stateDir, (history) => {
    if (user !== undefined && history.user(user) === undefined) throw unknownUser();
    return tokensOf(history, user);
  });
}
