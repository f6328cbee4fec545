/**
 * The rings of a state directory as the records of its store say, one by one, also where they are wrong: for whoever
 * checks them. Of a running role it reads what is on disk, which is a moment older than what the role holds.
 */
import type { PlainValue } from '../core/base/values.ts';
import { historyTables } from '../core/im/records.ts';
import { isEpoch, type StorePosition } from '../core/ring/digest.ts';
import { isRingSize } from '../core/ring/sequence.ts';
import { type LaneName, laneNames } from '../core/ring/status.ts';
import { placesOf } from '../core/store/identity.ts';
import { laneKey, type SlotRecords, slotRecordsOf } from '../core/store/lane-records.ts';
import { openStoreForReading } from './lmdb-store.ts';

export interface LaneOnDisk {
  readonly smscId: string;
  readonly lane: LaneName;
  /** Undefined where the lane has no epoch, and with it no size. */
  readonly size: number | 'damaged' | undefined;
  /** Where the producer's store was when the consumer heard of it last; undefined where nothing is noted, or damaged. */
  readonly producerSeen: StorePosition | undefined;
  readonly slots: readonly SlotRecords[];
  /** Ids of messages that wait for room. */
  readonly outbox: ReadonlySet<string>;
}

export interface RingsOnDisk {
  readonly role: string;
  readonly lanes: readonly LaneOnDisk[];
  /** Whether this store was ever there, as far as it remembers. */
  readonly hasBeenAt: (position: StorePosition) => boolean;
}

/** @throws OperatorError STORE_MISSING, STORE_FAILED, STORE_FORMAT_UNKNOWN */
export async function readRingRecords(stateDir: string): Promise<RingsOnDisk> {
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    const identity = store.get(['store']);
    const role = Array.isArray(identity) ? String(identity[1]) : '';
    const smscIds = new Set<string>();
    for (const [key] of store.entries(['ring'])) if (typeof key[1] === 'string') smscIds.add(key[1]);
    const lanes = [...smscIds].flatMap((smscId) =>
      laneNames.map((lane): LaneOnDisk => {
        const state = store.get(laneKey(smscId, lane, 'state'));
        const told = Array.isArray(state) && isRingSize(state[2]) && isEpoch(state[1]) ? state[2] : 'damaged';
        const size = state === undefined ? undefined : told;
        const outbox = new Set<string>();
        for (const [, value] of store.entries(laneKey(smscId, lane, 'outbox'))) {
          if (Array.isArray(value)) outbox.add(String(value[1]));
        }
        const slots = [...slotRecordsOf(store, smscId, lane)];
        return { smscId, lane, size, producerSeen: positionIn(state), slots, outbox };
      }),
    );
    return { role, lanes, hasBeenAt: placesOf(store) };
  } finally {
    await store.close();
  }
}

function positionIn(state: PlainValue | undefined): StorePosition | undefined {
  const [, , , , run, count]: readonly PlainValue[] = Array.isArray(state) ? state : [];
  return typeof run === 'string' && typeof count === 'number' ? { run, count } : undefined;
}
