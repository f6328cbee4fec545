/**
 * The state directory of a buffer that another one replaced for good: which messages from handsets have ended nowhere, as
 * far as it knows, and noting what became of them. It is not opened as a role opens it: no start is noted, and it stays
 * the retired store that it is. SPEC: DESIGN section 3.
 */
import { instant } from '../core/base/time.ts';
import { slotOf } from '../core/ring/sequence.ts';
import type { SlotCopy } from '../core/ring/slot.ts';
import type { OutcomeStatus } from '../core/ring/status.ts';
import { isUnfinished } from '../core/ring/status.ts';
import type { HandInResult } from '../core/roles/control-result.ts';
import { noOutboxRecord, type OutboxItem, recoverLane, slotRecord } from '../core/store/lane-records.ts';
import type { Store, StoreReader, StoreRecord } from '../core/store/record.ts';
import { openStore, openStoreForReading } from './lmdb-store.ts';
import { lockStateDir } from './state-dir.ts';

/** In the ring under a number, or waiting outside it. */
export type HeldBack =
  | { readonly type: 'slot'; readonly copy: SlotCopy; readonly bytes: Uint8Array }
  | { readonly type: 'outbox'; readonly item: OutboxItem; readonly bytes: Uint8Array };

/** Reads what it holds; changes nothing. In the order in which it came. */
export async function readHeldBack(stateDir: string, smscId: string): Promise<readonly HeldBack[]> {
  const store = await openStoreForReading(stateDir);
  try {
    return heldBackIn(store, smscId);
  } finally {
    await store.close();
  }
}

export interface RetiredStore {
  readonly held: readonly HeldBack[];
  /** Notes on disk what became of some of them, so that they are not handed in again. */
  settle(results: readonly (readonly [HeldBack, HandInResult])[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws OperatorError STORE_BUSY (9) where its buffer still runs, and as `openStore` */
export async function openRetiredStore(stateDir: string, smscId: string): Promise<RetiredStore> {
  const lock = await lockStateDir(stateDir, 'sync replay');
  let store: Store | undefined;
  try {
    store = await openStore({ stateDir: lock.stateDir, durability: 'disk' });
    const opened = store;
    const held = heldBackIn(opened, smscId);
    const size = recoverLane(opened, smscId, 'mo').state?.size ?? 1;
    return {
      held,
      settle: (results) => opened.commit(results.flatMap((result) => recordOf(smscId, size, ...result))),
      close: async () => {
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

function heldBackIn(store: StoreReader, smscId: string): HeldBack[] {
  const { copies, outbox } = recoverLane(store, smscId, 'mo');
  const unfinished = copies.filter(({ status, bytes }) => isUnfinished(status) && bytes.length > 0);
  return [
    ...unfinished.sort((a, b) => a.seq - b.seq).map((copy) => ({ type: 'slot' as const, copy, bytes: copy.bytes })),
    ...outbox.map((item) => ({ type: 'outbox' as const, item, bytes: item.bytes })),
  ];
}

function recordOf(smscId: string, size: number, held: HeldBack, result: HandInResult): StoreRecord[] {
  if (result === 'unreadable') return [];
  if (held.type === 'outbox') return [noOutboxRecord(smscId, 'mo', held.item.place)];
  // Of one that was known already the IM server does not say how it ended.
  const ended: OutcomeStatus | undefined =
    result === 'stored' ? 'confirmed' : result === 'refused' ? 'refused' : undefined;
  const outcome = ended === undefined ? undefined : { status: ended, stamp: '', errorCode: 0, by: 'operator' as const };
  const settled: SlotCopy = { ...held.copy, status: 'settled', outcome, movedAt: instant(Date.now()) };
  return [slotRecord(smscId, 'mo', slotOf(settled.seq, size), settled)];
}
