/**
 * The rings of a state directory, whether its role runs (asked over the control socket) or not (read from the store,
 * which is opened for reading only). Changes nothing.
 */

import { OperatorError } from '../core/base/errors.ts';
import type { PlainValue } from '../core/base/values.ts';
import { historyTables } from '../core/im/records.ts';
import type { LaneName } from '../core/ring/status.ts';
import { laneNames } from '../core/ring/status.ts';
import { recoverBufferStores } from '../core/roles/im-server/smsc-lanes.ts';
import { MessageBytes } from '../core/roles/message-bytes.ts';
import { ringView } from '../core/roles/ring-views.ts';
import { checkFormats, retiredKey } from '../core/store/identity.ts';
import { recoverLane } from '../core/store/lane-records.ts';
import type { StoreReader } from '../core/store/record.ts';
import type { BufferStores, LinkView, RingView, StoreView } from '../core/store/ring-view.ts';
import { callControl } from './control-client.ts';
import { readCopiedRings } from './copied-rings.ts';
import { sha256 } from './hashing.ts';
import { openStoreForReading } from './lmdb-store.ts';
import { valueCodec } from './values.ts';

export interface RingsRead {
  readonly role: 'buffer' | 'im-server';
  /** `running`: as the role holds them now; `stopped`: as its store was left; `copied`: as a bundle shows them. */
  readonly state: 'running' | 'stopped' | 'copied';
  readonly rings: readonly RingView[];
  /** Empty where the role is stopped. */
  readonly links: readonly LinkView[];
  /** Undefined where a role of another version does not say. */
  readonly store?: StoreView;
  /** Of a running buffer: what becomes of a message in doubt. */
  readonly inDoubt?: 'resend' | 'hold';
  /** Of an IM server. */
  readonly bufferStores?: readonly BufferStores[];
}

/**
 * @param moves also what happened in each slot lately, as far as a running role remembers it
 * @throws OperatorError STORE_MISSING, STORE_FAILED, STORE_WRONG_ROLE, STORE_FORMAT_UNKNOWN
 */
export async function readRings(stateDir: string, moves: 'with' | 'without' = 'without'): Promise<RingsRead> {
  try {
    const answer = await callControl(stateDir, moves === 'with' ? 'GET /rings?moves=yes' : 'GET /rings');
    // The role is of this machine and its answer of our own making; a document of another version has another schema.
    const document = answer as { schema?: string } & Omit<RingsRead, 'state'>;
    if (document.schema === 'rings/1') return { ...document, state: 'running' };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'CONTROL_UNREACHABLE') throw error;
  }
  const copied = await readCopiedRings(stateDir);
  if (copied !== undefined) return copied;
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    checkFormats(store, [['store'], ['ring']]);
    const role = roleOf(store, stateDir);
    const rings = ringsOf(store, role);
    const own = storeViewOf(store);
    return { role, state: 'stopped', links: [], rings, ...own, bufferStores: bufferStoresOf(store, rings) };
  } finally {
    await store.close();
  }
}

function roleOf(store: StoreReader, stateDir: string): 'buffer' | 'im-server' {
  const [, role] = identityOf(store);
  if (role === 'buffer' || role === 'im-server') return role;
  throw new OperatorError({
    code: 'STORE_WRONG_ROLE',
    message: `${stateDir} holds no rings.`,
    hint: 'Give the --state-dir of a buffer or of an IM server.',
  });
}

/** The record in which a store says who it is. */
function identityOf(store: StoreReader): readonly PlainValue[] {
  const value = store.get(['store']);
  return Array.isArray(value) ? value : [];
}

function storeViewOf(store: StoreReader): { readonly store?: StoreView } {
  const [, , , id] = identityOf(store);
  const isRetired = store.get(retiredKey) !== undefined;
  return typeof id === 'string' ? { store: { id, isRetired } } : {};
}

function bufferStoresOf(store: StoreReader, rings: readonly RingView[]): BufferStores[] {
  const smscIds = [...new Set(rings.map(({ smscId }) => smscId))];
  return smscIds.flatMap((smscId) => recoverBufferStores(store, smscId) ?? []);
}

function ringsOf(store: StoreReader, side: 'buffer' | 'im-server'): RingView[] {
  const messages = new MessageBytes(valueCodec, sha256);
  const [, , ownSmscId]: readonly PlainValue[] = identityOf(store);
  // A buffer has its two rings from the start, even if nothing is in them yet.
  const smscIds = new Set<string>(typeof ownSmscId === 'string' && ownSmscId !== '' ? [ownSmscId] : []);
  for (const [key] of store.entries(['ring'])) if (typeof key[1] === 'string') smscIds.add(key[1]);
  return [...smscIds].flatMap((smscId) =>
    laneNames.map((lane: LaneName) => {
      const { state, copies } = recoverLane(store, smscId, lane);
      const decode = (bytes: Uint8Array) => messages.decode(bytes);
      const { epoch, size = 0, mirrorStore } = state ?? {};
      return ringView({ smscId, side, lane, epoch, size, mirrorStore, copies, decode });
    }),
  );
}
