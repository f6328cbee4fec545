/**
 * Changes and lists the users and tokens of an IM server: of a running one through its control socket, of a stopped one in its
 * store. The rules are the exchange's in both cases.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { Exchange } from '../../core/im/exchange.ts';
import { defaultExchangeSettings, type UserChange } from '../../core/im/exchange-io.ts';
import { recoverExchange } from '../../core/im/exchange-memory.ts';
import { historyOf, type ImHistory } from '../../core/im/history.ts';
import { historyTables, livePrefix } from '../../core/im/records.ts';
import { type WebhookView, webhooksOf } from '../../gateways/http/webhook-views.ts';
import {
  refusedChange,
  type TokenView,
  tokensOf,
  type UserView,
  unknownUser,
  viewUser,
} from '../../gateways/web/user-routes.ts';
import { systemClock } from '../../shell/clock.ts';
import { callControl } from '../../shell/control-client.ts';
import { randomBytes } from '../../shell/hashing.ts';
import { openStoreForReading } from '../../shell/lmdb-store.ts';
import { openRoleStore } from '../../shell/role-store.ts';

/** Where a change was carried out. */
export type ChangedIn = 'running' | 'stopped';

/** @throws OperatorError for a refused change (exit status 3), and as `openRoleStore` */
export async function changeUsers(stateDir: string, change: UserChange): Promise<ChangedIn> {
  if ((await ifRunning(stateDir, () => callControl(stateDir, 'POST /users', change))) !== undefined) return 'running';
  // Lines of a log would be of no use to somebody who adds a user.
  const home = await openRoleStore({
    stateDir,
    durability: 'disk',
    role: 'im-server',
    smscId: '',
    log: () => undefined,
  });
  try {
    const memory = recoverExchange(home.store.entries(livePrefix));
    const exchange = new Exchange({ settings: defaultExchangeSettings, memory, randomBytes });
    for (const output of exchange.handle({ type: 'user', ref: '', change }, systemClock()())) {
      if (output.type === 'user-answer' && output.fault !== undefined) throw refusedChange(output.fault);
      if (output.type === 'persist') await home.store.commit([...output.records, home.identity.countCommit()]);
    }
    return 'stopped';
  } finally {
    await home.close();
  }
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

/**
 * The webhooks of one user, or of all.
 *
 * @throws OperatorError as `listTokens`
 */
export async function listWebhooks(stateDir: string, user: string | undefined): Promise<readonly WebhookView[]> {
  const query = user === undefined ? '' : `?user=${encodeURIComponent(user)}`;
  const answer = await ifRunning(stateDir, () => callControl(stateDir, `GET /webhooks${query}`));
  // As above.
  if (answer !== undefined) return (answer as { readonly webhooks: readonly WebhookView[] }).webhooks;
  return readStopped(stateDir, (history) => {
    if (user !== undefined && history.user(user) === undefined) throw unknownUser();
    return webhooksOf(history, user);
  });
}

async function readStopped<T>(stateDir: string, read: (history: ImHistory) => T): Promise<T> {
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    const identity = store.get(['store']);
    if (Array.isArray(identity) && identity[1] !== 'im-server') throw wrongRole(stateDir, String(identity[1]));
    return read(historyOf(store));
  } finally {
    await store.close();
  }
}

/** Undefined where no role runs on this directory; nothing was asked then. */
async function ifRunning(stateDir: string, ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    if (error.code === 'CONTROL_UNREACHABLE') return undefined;
    if (error.code !== 'CONTROL_BAD_REQUEST') throw error;
    // A role without users says only that it does not know the request.
    const holder = Object(await callControl(stateDir, 'GET /who'));
    throw holder.role === 'im-server' ? error : wrongRole(stateDir, String(holder.role));
  }
}

function wrongRole(stateDir: string, role: string): OperatorError {
  return new OperatorError({
    code: 'STORE_WRONG_ROLE',
    message: `${stateDir} is the state directory of a role that has no users: ${role}.`,
    hint: 'Give the --state-dir of the IM server.',
  });
}
