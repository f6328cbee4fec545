/**
 * Who a store is: whose role, for which SMSC, its random id, and the runs it has seen. Noted at each start, counted with
 * each commit, so that a peer can tell a store that went back in time. SPEC: DESIGN section 2.
 *
 *   ['store']       [1, role, smsc id, store id]
 *   ['retired']     [1, since when]: another store took over for good; set by the role
 *   ['stopped']     [1, run id]: that run ended in order
 *   ['commits']     [1, commit count]
 *   ['runs', n]     [1, run id, commit count where it began, version of ringbridge, durability, boot]: the last 1,024
 *   ['formats', …]  [1, n]: no record whose key begins with … is of a later format than n; for tables of history
 */
import { toHex } from '../base/bytes.ts';
import { OperatorError } from '../base/errors.ts';
import type { RandomBytes } from '../base/random.ts';
import type { PlainValue } from '../base/values.ts';
import type { StorePosition } from '../ring/digest.ts';
import type { StoreKey, StoreReader, StoreRecord } from './record.ts';

const format = 1;
/** More starts than a role makes between two comparisons with its peer, even one that is started every few seconds. */
const runsKept = 1_024;

export type StoreRole = 'buffer' | 'im-server';

/** Once the IM server said so: this outlives a restart. */
export const retiredKey: StoreKey = ['retired'];

/** Whose store it is, and what is known where it is opened. */
export interface StoreOwner {
  readonly role: StoreRole;
  /** Empty for a store that serves many, the IM server's. */
  readonly smscId: string;
  /** Noted, so that an older ringbridge can say which one can read what it cannot. */
  readonly version?: string;
  /** The operator says that this is a backup. */
  readonly restored?: boolean;
  /** What this run's commits survive: a loss of power, or only the end of the process. */
  readonly durability?: 'disk' | 'process';
  /** Another after each start of the system; undefined where the system has none. */
  readonly boot?: string | undefined;
  /**
   * Tables that only grow, by the words that their keys begin with. They are not read at a start: a record of their own
   * says what format they are of.
   */
  readonly history?: readonly StoreKey[] | undefined;
}

/** Where a run of this store ended. */
type RunEnds = ReadonlyMap<string, number>;

export class StoreIdentity {
  readonly run: string;
  readonly #owner: StoreOwner;
  readonly #ends: RunEnds;
  #storeId: string;
  /** What this turn tells: it counts the turn's own commit, since all that a turn says is said behind that. */
  #position: { readonly run: string; count: number };

  /** @param ends commit count at which each earlier run ended */
  constructor(storeId: string, run: string, count: number, owner: StoreOwner, ends: RunEnds = new Map()) {
    this.#storeId = storeId;
    this.run = run;
    this.#owner = owner;
    this.#ends = ends;
    this.#position = { run, count };
  }

  get storeId(): string {
    return this.#storeId;
  }

  /** Where this store will be when what is said in this turn leaves. */
  position(): StorePosition {
    return this.#position;
  }

  /** Counts one commit, the last thing a turn does; the record travels in that commit. */
  countCommit(): StoreRecord {
    this.#position.count += 1;
    return { key: ['commits'], value: [format, this.#position.count] };
  }

  /** What was told is not changed by later turns. */
  endTurn(): void {
    this.#position = { ...this.#position };
  }

  /**
   * Whether this store was ever there, as far as it remembers. If not, it went back in time since it told so.
   * SPEC: DESIGN section 4, producer that went back.
   */
  hasBeenAt(position: StorePosition): boolean {
    return isWithin(position, position.run === this.run ? this.#position.count : this.#ends.get(position.run));
  }

  /** All that it knows, as it is between two turns; {@link identityFromValue} makes an equal one. */
  toValue(): PlainValue {
    const { role, smscId } = this.#owner;
    const ends = [...this.#ends].map(([run, end]) => [run, end]);
    return [format, role, smscId, this.#storeId, this.run, this.#position.count, ends];
  }

  /** From now on another store: what its peer knows of the old one does not hold for it. */
  renew(randomBytes: RandomBytes): StoreRecord {
    this.#storeId = newId(randomBytes);
    return storeRecord(this.#owner, this.#storeId);
  }
}

/** Undefined for anything that is no identity of this version. */
export function identityFromValue(value: PlainValue): StoreIdentity | undefined {
  if (!isList(value)) return undefined;
  const [found, role, smscId, storeId, run, count, ends] = value;
  if (found !== format || (role !== 'buffer' && role !== 'im-server') || typeof smscId !== 'string') return undefined;
  if (typeof storeId !== 'string' || typeof run !== 'string' || typeof count !== 'number') return undefined;
  const known = new Map<string, number>();
  for (const end of isList(ends) ? ends : []) {
    const [endedRun, at]: readonly PlainValue[] = isList(end) ? end : [];
    if (typeof endedRun === 'string' && typeof at === 'number') known.set(endedRun, at);
  }
  return new StoreIdentity(storeId, run, count, { role, smscId }, known);
}

export interface OpenedIdentity {
  readonly identity: StoreIdentity;
  /** Why this is another store now, if it is: its peer must not rely on what it told before. */
  readonly renewed: 'restored' | 'power-lost' | undefined;
  /** To be on disk before anything else is done. */
  readonly records: readonly StoreRecord[];
}

function newId(randomBytes: RandomBytes): string {
  return toHex(randomBytes(16)).toLowerCase();
}

function storeRecord({ role, smscId }: StoreOwner, id: string): StoreRecord {
  return { key: ['store'], value: [format, role, smscId, id] };
}

/**
 * Opens or makes the identity of a store. One that may have gone back in time becomes another store, in the commit that
 * notes this start. SPEC: DESIGN section 4, restored stores.
 *
 * @throws OperatorError STORE_WRONG_ROLE, STORE_WRONG_SMSC, STORE_FORMAT_UNKNOWN
 */
export function openIdentity(store: StoreReader, owner: StoreOwner, randomBytes: RandomBytes): OpenedIdentity {
  const history = owner.history ?? [];
  checkTableFormats(store, history);
  checkFormats(store, [[]], history);
  const known = store.get(['store']);
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
  const renewed = renewalOf(store, owner);
  const storeId = typeof knownId === 'string' && renewed === undefined ? knownId : newId(randomBytes);
  const count = countOf(store.get(['commits']));
  const run = newId(randomBytes);
  const runs = [...store.entries(['runs'])];
  const number = Number(runs.at(-1)?.[0][1] ?? 0) + 1;
  const forgotten = runs.slice(0, Math.max(0, runs.length + 1 - runsKept)).map(([key]) => ({ key, value: undefined }));
  return {
    identity: new StoreIdentity(storeId, run, count, owner, runEnds(runs, count)),
    renewed,
    records: [
      storeRecord(owner, storeId),
      {
        key: ['runs', number],
        value: [format, run, count, owner.version ?? '', owner.durability ?? '', owner.boot ?? ''],
      },
      ...(renewed === undefined ? [] : [{ key: retiredKey, value: undefined }]),
      ...history.map((table) => ({ key: formatKey(table), value: [format, format] })),
      ...forgotten,
    ],
  };
}

/** What the end of a run notes, last of all. */
export function stoppedRecord({ run }: StoreIdentity): StoreRecord {
  return { key: ['stopped'], value: [format, run] };
}

/** What only survived the process is not to be trusted after a start of the system, unless the run had ended in order. */
function renewalOf(store: StoreReader, { restored, boot }: StoreOwner): OpenedIdentity['renewed'] {
  if (restored === true && store.get(['store']) !== undefined) return 'restored';
  // Under another id it would be taken for a new one, and only its operator may want that.
  if (store.get(retiredKey) !== undefined) return undefined;
  const [last] = store.entries(['runs'], { reverse: true, limit: 1 });
  const [, run, , , durability, bootThen]: readonly PlainValue[] = isList(last?.[1]) ? last[1] : [];
  const isSameBoot = boot !== undefined && boot === bootThen;
  return durability === 'process' && !hasStopped(store, run) && !isSameBoot ? 'power-lost' : undefined;
}

/** Whether the run before this one noted its end; also where there was none. */
export function endedInOrder(store: StoreReader): boolean {
  const [last] = store.entries(['runs'], { reverse: true, limit: 1 });
  return last === undefined || hasStopped(store, isList(last[1]) ? last[1][1] : undefined);
}

function hasStopped(store: StoreReader, run: PlainValue | undefined): boolean {
  const stopped = store.get(['stopped']);
  return isList(stopped) && stopped[1] === run;
}

/**
 * Every record begins with its format number; one that this version does not know is refused before anything is done.
 *
 * @param prefixes of the keys that are looked at; all if left out
 * @param passOver tables among them that are not
 * @throws OperatorError STORE_FORMAT_UNKNOWN
 */
export function checkFormats(
  store: StoreReader,
  prefixes: readonly StoreKey[] = [[]],
  passOver: readonly StoreKey[] = [],
): void {
  for (const prefix of prefixes) {
    for (const [key, value] of entriesBeside(store, prefix, passOver)) {
      const found = isList(value) ? value[0] : undefined;
      if (found !== format) throw unknownFormat(store, `Record ${key.slice(0, 3).join('/')}`, found);
    }
  }
}

/** By the record of each table, or where there is none yet by all its records. Whoever writes a later format raises it. */
function checkTableFormats(store: StoreReader, tables: readonly StoreKey[]): void {
  for (const table of tables) {
    const value = store.get(formatKey(table));
    if (value === undefined) checkFormats(store, [table]);
    const found = isList(value) ? value[1] : format;
    if (found !== format) throw unknownFormat(store, `Table ${table.join('/')}`, found);
  }
}

function formatKey(table: StoreKey): StoreKey {
  return ['formats', ...table];
}

/** Above every part of a key of ours. */
const behindAll = '\u{10ffff}';

function* entriesBeside(
  store: StoreReader,
  prefix: StoreKey,
  passOver: readonly StoreKey[],
): Generator<readonly [StoreKey, PlainValue]> {
  let after: StoreKey | undefined;
  for (;;) {
    let table: StoreKey | undefined;
    for (const entry of store.entries(prefix, after === undefined ? {} : { after })) {
      table = passOver.find((words) => words.every((word, at) => entry[0][at] === word));
      if (table !== undefined) break;
      yield entry;
    }
    if (table === undefined) return;
    after = [...table, behindAll];
  }
}

function unknownFormat(store: StoreReader, what: string, found: PlainValue | undefined): OperatorError {
  const isOlder = typeof found === 'number' && found < format;
  return new OperatorError({
    code: 'STORE_FORMAT_UNKNOWN',
    message: `${what} has format ${String(found)}; this version reads format ${format}. Nothing was changed.`,
    hint: isOlder ? adviceForOlder(lastVersion(store)) : adviceForNewer(lastVersion(store)),
  });
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

/** Each run ended where the next began, the last where the store is now. */
function runEnds(runs: readonly (readonly [StoreKey, PlainValue])[], count: number): RunEnds {
  const begun = runs.flatMap(([, value]) => {
    const [, run, start]: readonly PlainValue[] = isList(value) ? value : [];
    return typeof run === 'string' && typeof start === 'number' ? [{ run, start }] : [];
  });
  return new Map(begun.map(({ run }, at) => [run, begun[at + 1]?.start ?? count]));
}

/** As {@link StoreIdentity.hasBeenAt}, of a store that is only read: as far as its records say. */
export function placesOf(store: StoreReader): (position: StorePosition) => boolean {
  const ends = runEnds([...store.entries(['runs'])], countOf(store.get(['commits'])));
  return (position) => isWithin(position, ends.get(position.run));
}

/** @param end commit count at which that run ended; undefined for a run that the store does not know */
function isWithin({ run, count }: StorePosition, end: number | undefined): boolean {
  return run === '' || (end !== undefined && count <= end);
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
