/**
 * Who a store is: whose role, for which SMSC, its random id, and the runs it has seen. Noted at each start, counted with
 * each commit, so that a peer can tell a store that went back in time. SPEC: DESIGN section 2.
 *
 *   ['store']       [1, role, smsc id, store id]
 *   ['commits']     [1, commit count]
 *   ['runs', n]     [1, run id, commit count where it began, version of ringbridge]: the last 64 runs
 */
import { toHex } from '../base/bytes.ts';
import { OperatorError } from '../base/errors.ts';
import type { RandomBytes } from '../base/random.ts';
import type { PlainValue } from '../base/values.ts';
import type { StorePosition } from '../ring/digest.ts';
import type { StoreKey, StoreReader, StoreRecord } from './record.ts';

const format = 1;
const runsKept = 64;

export type StoreRole = 'buffer' | 'im-server';

export class StoreIdentity {
  readonly storeId: string;
  readonly run: string;
  #count: number;

  constructor(storeId: string, run: string, count: number) {
    this.storeId = storeId;
    this.run = run;
    this.#count = count;
  }

  position(): StorePosition {
    return { run: this.run, count: this.#count };
  }

  /** Counts one commit; the record travels in that commit. */
  countCommit(): StoreRecord {
    this.#count += 1;
    return { key: ['commits'], value: [format, this.#count] };
  }
}

export interface OpenedIdentity {
  readonly identity: StoreIdentity;
  /** To be on disk before anything else is done. */
  readonly records: readonly StoreRecord[];
}

/**
 * Opens or makes the identity of a store.
 *
 * @param owner `smscId` is empty for a store that serves many (the IM server's); `version` is noted, so that an older
 *   ringbridge can say which one can read what it cannot
 * @throws OperatorError STORE_WRONG_ROLE, STORE_WRONG_SMSC, STORE_FORMAT_UNKNOWN
 */
export function openIdentity(
  store: StoreReader,
  owner: { readonly role: StoreRole; readonly smscId: string; readonly version?: string },
  randomBytes: RandomBytes,
): OpenedIdentity {
  checkFormats(store);
  const known = store.get(['store']);
  const newId = () => toHex(randomBytes(16)).toLowerCase();
  const [, role, smscId, knownId]: readonly PlainValue[] = isList(known) ? known : [];
  if (typeof role === 'string' && role !== owner.role) {
    throw new OperatorError({
      code: 'STORE_WRONG_ROLE',
      message: `This state directory belongs to ${article(role)}, not to ${article(owner.role)}.`,
      hint: 'Give each role a --state-dir of its own.',
    });
  }
  if (typeof smscId === 'string' && smscId !== owner.smscId) {
    throw new OperatorError({
      code: 'STORE_WRONG_SMSC',
      message: `This state directory belongs to SMSC id ${smscId}, not to ${owner.smscId}.`,
      hint: `Start with --smsc-id ${smscId}, or give another --state-dir.`,
    });
  }
  const storeId = typeof knownId === 'string' ? knownId : newId();
  const count = countOf(store.get(['commits']));
  const run = newId();
  const runs = [...store.entries(['runs'])];
  const number = Number(runs.at(-1)?.[0][1] ?? 0) + 1;
  const forgotten = runs.slice(0, Math.max(0, runs.length + 1 - runsKept)).map(([key]) => ({ key, value: undefined }));
  return {
    identity: new StoreIdentity(storeId, run, count),
    records: [
      { key: ['store'], value: [format, owner.role, owner.smscId, storeId] },
      { key: ['runs', number], value: [format, run, count, owner.version ?? ''] },
      ...forgotten,
    ],
  };
}

/**
 * Every record begins with its format number; one that this version does not know is refused before anything is done.
 *
 * @param prefixes of the keys that are looked at; all if left out
 * @throws OperatorError STORE_FORMAT_UNKNOWN
 */
export function checkFormats(store: StoreReader, prefixes: readonly StoreKey[] = [[]]): void {
  for (const prefix of prefixes) {
    for (const [key, value] of store.entries(prefix)) {
      const found = isList(value) ? value[0] : undefined;
      if (found === format) continue;
      const isOlder = typeof found === 'number' && found < format;
      throw new OperatorError({
        code: 'STORE_FORMAT_UNKNOWN',
        message: `Record ${key.slice(0, 3).join('/')} has format ${String(found)}; this version reads format ${format}. Nothing was changed.`,
        hint: isOlder ? adviceForOlder(lastVersion(store)) : adviceForNewer(lastVersion(store)),
      });
    }
  }
}

function adviceForNewer(writer: string): string {
  const version =
    writer === ''
      ? 'the newer ringbridge that wrote it'
      : `ringbridge ${writer}, which ran on this store last, or a newer one`;
  return `Start ${version}; or give another --state-dir.`;
}

/** There has been no older format yet that this version could migrate; whoever changes the format adds that here. */
function adviceForOlder(writer: string): string {
  const version =
    writer === '' ? 'the older ringbridge that wrote it' : `ringbridge ${writer}, which ran on this store last`;
  return `Start ${version} until its rings are empty (ring inspect) and stop it, then begin with an empty --state-dir; what the other end mirrors of the rings is rebuilt.`;
}

/** Of the run that was noted last; empty where it is not told. */
function lastVersion(store: StoreReader): string {
  const [last] = store.entries(['runs'], { reverse: true, limit: 1 });
  const version = isList(last?.[1]) ? last[1][3] : undefined;
  return typeof version === 'string' ? version : '';
}

function countOf(value: PlainValue | undefined): number {
  const count = isList(value) ? value[1] : 0;
  return typeof count === 'number' ? count : 0;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function article(role: string): string {
  return role === 'im-server' ? 'an IM server' : `a ${role}`;
}
