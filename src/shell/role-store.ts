/**
 * A role's state directory, taken and opened: the lock, the store in it, and who the store is. What a start writes is on
 * disk before the role does anything.
 */
import type { OperatorError } from '../core/base/errors.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { historyTables } from '../core/im/records.ts';
import {
  endedInOrder,
  openIdentity,
  type StoreIdentity,
  type StoreRole,
  stoppedRecord,
} from '../core/store/identity.ts';
import type { Store } from '../core/store/record.ts';
import { readBootId } from './boot-id.ts';
import { randomBytes } from './hashing.ts';
import { HistoryCheck } from './history-check.ts';
import { checkLmdbFile } from './lmdb-file.ts';
import { type Durability, openStore, storePath } from './lmdb-store.ts';
import { lockStateDir, type StateDirLock } from './state-dir.ts';
import { ownVersion } from './version.ts';

export interface RoleStoreOptions {
  readonly stateDir: string;
  readonly durability: Durability;
  readonly role: StoreRole;
  /** Empty for a role that serves many. */
  readonly smscId: string;
  /** The directory was put back from a backup. */
  readonly restored?: boolean;
  readonly log: (event: LogEvent) => void;
}

export interface RoleStore {
  readonly lock: StateDirLock;
  readonly store: Store;
  readonly identity: StoreIdentity;
  /** Why it is another store since this start, if it is. */
  readonly renewed: 'restored' | 'power-lost' | undefined;
  /** What was not looked at yet because it is history is looked at from now on, piece by piece, until it is closed. */
  checkHistory(onDamage: (error: OperatorError) => void): void;
  /** Notes that the role ended in order, and closes: the store first, then the directory. */
  close(): Promise<void>;
}

/**
 * @throws OperatorError STORE_BUSY (exit status 9), STORE_WRONG_ROLE, STORE_WRONG_SMSC, STORE_FORMAT_UNKNOWN,
 *   STORE_FAILED, STORE_FULL, STORE_READ_ONLY
 */
export async function openRoleStore(options: RoleStoreOptions): Promise<RoleStore> {
  const lock = await lockStateDir(options.stateDir, options.role);
  const { stateDir } = lock;
  const history = options.role === 'im-server' ? historyTables : [];
  let store: Store | undefined;
  try {
    store = await openStore({ stateDir, durability: options.durability, passOver: history });
    // It may be history that ended it: LMDB is killed by a damaged page. So this start looks at everything first.
    const isHistoryNext = history.length > 0 && endedInOrder(store);
    if (history.length > 0 && !isHistoryNext) await checkLmdbFile(storePath(stateDir));
    const owner = { ...options, version: ownVersion(), boot: readBootId(), history };
    const { identity, records, renewed } = openIdentity(store, owner, randomBytes);
    await store.commit(records);
    if (renewed !== undefined)
      options.log(logEvent('warn', 'store.renewed', { why: renewed, store: identity.storeId }));
    const opened = store;
    let check: HistoryCheck | undefined;
    return {
      lock,
      store: opened,
      identity,
      renewed,
      checkHistory: (onDamage) => {
        if (isHistoryNext) check ??= new HistoryCheck({ path: storePath(stateDir), log: options.log, onDamage });
      },
      close: async () => {
        check?.stop();
        // Without it the next start may only be more careful than it needs to be.
        await opened.commit([stoppedRecord(identity)]).catch(() => undefined);
        await opened.close();
        await lock.release();
      },
    };
  } catch (error) {
    await store?.close();
    await lock.release();
    throw error;
  }
}
