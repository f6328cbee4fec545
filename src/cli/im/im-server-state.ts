/**
 * The state of an IM server, for commands that read or change what people have there: of a running one through its control
 * socket, of a stopped one in its store, by the rules of the exchange in both cases.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { Exchange } from '../../core/im/exchange.ts';
import { defaultExchangeSettings, type ExchangeInput, type ExchangeOutput } from '../../core/im/exchange-io.ts';
import { recoverExchange } from '../../core/im/exchange-memory.ts';
import { historyOf, type ImHistory } from '../../core/im/history.ts';
import { historyTables, livePrefix } from '../../core/im/records.ts';
import { systemClock } from '../../shell/clock.ts';
import { callControl } from '../../shell/control-client.ts';
import { randomBytes } from '../../shell/hashing.ts';
import { openStoreForReading } from '../../shell/lmdb-store.ts';
import { openRoleStore } from '../../shell/role-store.ts';

/** Where a change was carried out. */
export type ChangedIn = 'running' | 'stopped';

/** Undefined where no role runs on this directory; nothing was asked then. */
export async function ifRunning(stateDir: string, ask: () => Promise<unknown>): Promise<unknown> {
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

/** @throws OperatorError as `openStoreForReading`, STORE_WRONG_ROLE */
export async function readStopped<T>(stateDir: string, read: (history: ImHistory) => T): Promise<T> {
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    const identity = store.get(['store']);
    if (Array.isArray(identity) && identity[1] !== 'im-server') throw wrongRole(stateDir, String(identity[1]));
    return read(historyOf(store));
  } finally {
    await store.close();
  }
}

/**
 * Gives a stopped server one input.
 *
 * @param inputOf what to give it, by what is in its store
 * @param check looks at what it says before anything is kept, and may throw
 * @throws OperatorError as `openRoleStore`
 */
export async function changeStopped(
  stateDir: string,
  inputOf: (history: ImHistory) => ExchangeInput,
  check: (output: ExchangeOutput) => void = () => undefined,
): Promise<void> {
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
    const exchange = new Exchange({ settings: defaultExchangeSettings, memory, store: home.store, randomBytes });
    const outputs = exchange.handle(inputOf(historyOf(home.store)), systemClock()());
    for (const output of outputs) check(output);
    for (const output of outputs) {
      if (output.type === 'persist') await home.store.commit([...output.records, home.identity.countCommit()]);
    }
  } finally {
    await home.close();
  }
}

function wrongRole(stateDir: string, role: string): OperatorError {
  return new OperatorError({
    code: 'STORE_WRONG_ROLE',
    message: `${stateDir} is the state directory of a role that has no users: ${role}.`,
    hint: 'Give the --state-dir of the IM server.',
  });
}
