/**
 * A role's state directory, taken and opened: the lock, the store in it, and who the store is. What a start writes is on
 * disk before the role does anything.
 */
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { openIdentity, type StoreIdentity, type StoreRole, stoppedRecord } from '../core/store/identity.ts';
import type { Store } from '../core/store/record.ts';
import { readBootId } from './boot-id.ts';
import { randomBytes } from './hashing.ts';
import { type Durability, openStore } from './lmdb-store.ts';
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
  /** Notes that the role ended in order, and closes: the store first, then the directory. */
  close(): Promise<void>;
}

/**
 * @throws OperatorError STORE_BUSY (exit status 9), STORE_WRONG_ROLE, STORE_WRONG_SMSC, STORE_FORMAT_UNKNOWN,
 *   STORE_FAILED, STORE_FULL, STORE_READ_ONLY
 */
export async function openRoleStore(options: RoleStoreOptions): Promise<RoleStore> {
  const lock = await lockStateDir(options.stateDir, options.role);
  let store: Store | undefined;
  try {
    store = await openStore({ stateDir: lock.stateDir, durability: options.durability });
    const owner = { ...options, version: ownVersion(), boot: readBootId() };
    const { identity, records, renewed } = openIdentity(store, owner, randomBytes);
    await store.commit(records);
    if (renewed !== undefined)
      options.log(logEvent('warn', 'store.renewed', { why: renewed, store: identity.storeId }));
    const opened = store;
    return {
      lock,
      store: opened,
      identity,
      close: async () => {
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
