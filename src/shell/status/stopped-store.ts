/** What the store of a stopped role says of how it ended and what waits in it. Reads only. */
import { historyTables } from '../../core/im/records.ts';
import { checkFormats, endedInOrder, retiredKey } from '../../core/store/identity.ts';
import { laneKey } from '../../core/store/lane-records.ts';
import { openStoreForReading } from '../lmdb-store.ts';

export interface StoppedStore {
  /** `in-order`: after a drain. `killed`: the process ended before it could note that. */
  readonly ended: 'in-order' | 'killed';
  readonly isRetired: boolean;
  /** Of ringbridge, as the last run noted it; empty where it did not. */
  readonly version: string;
  /** Messages that wait for a slot, by SMSC. */
  readonly outboxes: Readonly<Record<string, number>>;
}

/** @throws OperatorError STORE_MISSING, STORE_FAILED, STORE_FORMAT_UNKNOWN */
export async function readStoppedStore(stateDir: string, smscIds: readonly string[]): Promise<StoppedStore> {
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    checkFormats(store, [['store'], ['runs'], ['stopped']]);
    const [last] = store.entries(['runs'], { reverse: true, limit: 1 });
    const version = Array.isArray(last?.[1]) ? last[1][3] : undefined;
    const outboxes = smscIds.map((smscId) => [smscId, [...store.entries(laneKey(smscId, 'mt', 'outbox'))].length]);
    return {
      ended: endedInOrder(store) ? 'in-order' : 'killed',
      isRetired: store.get(retiredKey) !== undefined,
      version: typeof version === 'string' ? version : '',
      outboxes: Object.fromEntries(outboxes),
    };
  } finally {
    await store.close();
  }
}
