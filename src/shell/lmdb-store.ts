/**
 * The port of a store over LMDB: one file `store.lmdb` in a state directory, one writer (held by `state-dir.ts`), any
 * number of readers in other processes at the same time. Commits run off the event loop. It knows nothing of what the
 * records mean; keys are LMDB's ordered arrays, values MessagePack by `values.ts`.
 */
import { access, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Database, type Key, open as openLmdb, type RangeOptions, type RootDatabaseOptionsWithPath } from 'lmdb';
import { OperatorError } from '../core/base/errors.ts';
import { InvariantError } from '../core/base/invariant.ts';
import type { PlainValue } from '../core/base/values.ts';
import type { EntriesOptions, Store, StoreKey, StoreReader, StoreRecord } from '../core/store/record.ts';
import { type CommitSize, DiskRoom, freeBytesAt } from './disk-room.ts';
import { checkLmdbFile } from './lmdb-file.ts';
import type { KeyRange } from './lmdb-pages.ts';
import { encodeForAMoment, valueCodec } from './values.ts';

/** `disk`: a commit has been flushed to the device. `process`: the system has it, which survives a killed process. */
export type Durability = 'disk' | 'process';

export interface OpenStoreOptions {
  /** Exists already, and is locked by this process. */
  readonly stateDir: string;
  readonly durability: Durability;
  /** Their pages are not looked at before LMDB maps the file; whoever leaves some out looks at them soon after. */
  readonly passOver?: readonly StoreKey[];
}

export function storePath(stateDir: string): string {
  return join(stateDir, 'store.lmdb');
}

/**
 * Opens the store of a state directory for its only writer, and makes it if there is none.
 *
 * @throws OperatorError `STORE_FAILED` for a damaged file, `STORE_FULL`, `STORE_READ_ONLY`
 */
export async function openStore({ stateDir, durability, passOver = [] }: OpenStoreOptions): Promise<Store> {
  const path = storePath(stateDir);
  await checkLmdbFile(path, passOver.map(rangeOf));
  await checkRoomToOpen(path);
  const database = openDatabase({ ...lmdbOptions(path), noSync: durability === 'process' });
  return new LmdbStore(database, path, durability);
}

/**
 * Opens the store of a role that may be running or stopped, to look at; nothing in it can be changed.
 *
 * @param passOver tables that will not be read
 * @throws OperatorError `STORE_MISSING` where there is none, `STORE_FAILED` for a damaged file
 */
export async function openStoreForReading(
  stateDir: string,
  passOver: readonly StoreKey[] = [],
): Promise<StoreReader & { close(): Promise<void> }> {
  const path = storePath(stateDir);
  if ((await checkLmdbFile(path, passOver.map(rangeOf))) === 'empty') throw missing(path);
  const database = openDatabase({ ...lmdbOptions(path), readOnly: true });
  return new LmdbReader(database, path);
}

/** All keys that begin with these words, as the bytes of LMDB's ordering: parts follow each other behind a zero. */
function rangeOf(words: StoreKey): KeyRange {
  const from = Buffer.from(words.join('\u0000'));
  return { from, to: Buffer.concat([from, Uint8Array.of(0), lastPart]) };
}

/** Above every part of a key: no UTF-8 and no number of LMDB's ordering begins with this byte. */
const lastPart = new Uint8Array([0xff]);

class LmdbReader implements StoreReader {
  protected readonly database: Database<Uint8Array>;
  protected readonly path: string;
  private isFresh = false;

  constructor(database: Database<Uint8Array>, path: string) {
    this.database = database;
    this.path = path;
  }

  get(key: StoreKey): PlainValue | undefined {
    this.refresh();
    const bytes = this.database.getBinary([...key]);
    return bytes === undefined ? undefined : this.decode(key, bytes);
  }

  *entries(prefix: StoreKey, options: EntriesOptions = {}): Iterable<readonly [StoreKey, PlainValue]> {
    this.refresh();
    const { limit, reverse = false, after } = options;
    const low = { key: [...prefix], inclusive: true };
    const high = { key: [...prefix, lastPart], inclusive: false };
    const [first, last] = reverse ? [high, low] : [low, high];
    const range: RangeOptions = { end: last.key, inclusiveEnd: last.inclusive, reverse };
    if (after !== undefined) Object.assign(range, { start: [...after], exclusiveStart: true });
    else if (prefix.length > 0 || reverse) range.start = first.key;
    if (prefix.length === 0 && reverse) delete range.end;
    if (limit !== undefined) range.limit = limit;
    for (const { key, value } of this.database.getRange(range)) {
      const parts = keyParts(key);
      yield [parts, this.decode(parts, value)];
    }
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** LMDB would show a state up to a moment old. Everything that is read in one turn of the event loop fits together. */
  private refresh(): void {
    if (this.isFresh) return;
    this.isFresh = true;
    this.database.resetReadTxn();
    setImmediate(() => {
      this.isFresh = false;
    });
  }

  private decode(key: StoreKey, bytes: Uint8Array): PlainValue {
    const value = valueCodec.decode(bytes);
    if (value === undefined) {
      throw new OperatorError({
        code: 'STORE_FAILED',
        message: `The record ${JSON.stringify(key)} in ${this.path} is damaged.`,
        hint: 'Keep a copy of the state directory, move it away and start anew: what the other end mirrors of the rings is rebuilt.',
      });
    }
    return value;
  }
}

class LmdbStore extends LmdbReader implements Store {
  private readonly durability: Durability;
  private readonly room: DiskRoom;
  private lastCommit: Promise<unknown> = Promise.resolve();

  constructor(database: Database<Uint8Array>, path: string, durability: Durability) {
    super(database, path);
    this.durability = durability;
    this.room = roomOf(path);
  }

  async commit(records: readonly StoreRecord[]): Promise<void> {
    if (records.length === 0) return;
    // Everything that can throw comes before the batch: LMDB would commit the part of it that was already written.
    const writes = records.map(({ key, value }) => {
      if (!isGoodKey(key)) {
        throw new InvariantError(`a store key is a short list of numbers and strings: ${JSON.stringify(key)}`);
      }
      return { key: [...key], bytes: value === undefined ? undefined : encodeForAMoment(value) };
    });
    const committed = this.write(writes);
    this.lastCommit = committed.catch(() => undefined);
    await committed;
  }

  private async write(writes: readonly { readonly key: Key; readonly bytes: Uint8Array | undefined }[]): Promise<void> {
    const valueBytes = writes.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    await takeRoom(this.room, { recordCount: writes.length, valueBytes }, this.path);
    try {
      await this.database.batch(() => {
        for (const { key, bytes } of writes) {
          if (bytes === undefined) this.database.remove(key);
          else this.database.put(key, bytes);
        }
      });
    } catch (error) {
      this.room.distrust();
      const cause = await causeOfCommit(error);
      // LMDB calls a write that was cut short an input/output error, and that is what a full disk looks like to it.
      if (numberOf(cause) === inputOutputError)
        await takeRoom(this.room, { recordCount: writes.length, valueBytes }, this.path);
      throw storeError(cause, this.path);
    }
  }

  override async close(): Promise<void> {
    await this.lastCommit;
    await super.close();
    // A clean stop is as good as `disk`, so that the next start may trust what it finds.
    if (this.durability === 'process') await flushFile(this.path);
  }
}

/**
 * `eventTurnBatching: false` keeps the rejection of a failed commit in our hands; by default it also comes as an
 * unhandled rejection, which ends the process. `overlappingSync: false`: the flush comes before the commit is told.
 */
function lmdbOptions(path: string) {
  return {
    path,
    noSubdir: true,
    encoding: 'binary' as const,
    eventTurnBatching: false,
    overlappingSync: false,
    permissionsMode: 0o600,
  };
}

/**
 * LMDB writes into its lock file through memory, so that a disk with no room for a new one kills the process.
 *
 * @throws OperatorError STORE_FULL, STORE_READ_ONLY
 */
async function checkRoomToOpen(path: string): Promise<void> {
  const hasLockFile = await access(`${path}-lock`).then(
    () => true,
    () => false,
  );
  if (!hasLockFile) await takeRoom(roomOf(dirname(path)), { recordCount: 0, valueBytes: 0 }, path);
}

function roomOf(path: string): DiskRoom {
  return new DiskRoom(
    () => freeBytesAt(path),
    () => performance.now(),
  );
}

async function takeRoom(room: DiskRoom, size: CommitSize, path: string): Promise<void> {
  let verdict: 'fits' | 'full';
  try {
    verdict = await room.take(size);
  } catch (error) {
    throw storeError(error, path);
  }
  if (verdict === 'full') throw full(undefined, path);
}

function openDatabase(options: RootDatabaseOptionsWithPath & { readonly path: string }): Database<Uint8Array> {
  try {
    return openLmdb<Uint8Array>(options);
  } catch (error) {
    throw storeError(error, options.path);
  }
}

/** LMDB gives a key of one part as that part. */
function keyParts(key: unknown): StoreKey {
  // Only keys that passed isGoodKey are in the store, so each part is a string or a number.
  return (Array.isArray(key) ? key : [key]) as StoreKey;
}

/** LMDB's ordering escapes control characters in short strings only, so none are allowed. */
function isGoodKey(key: StoreKey): boolean {
  let size = 0;
  for (const part of key) {
    if (typeof part === 'number') {
      if (Number.isNaN(part)) return false;
      size += 10;
    } else {
      if (hasControlCharacter(part)) return false;
      size += 3 * part.length + 2;
    }
  }
  return size > 0 && size <= 1_900;
}

/** A loop: it is asked of every part of every key that is written, and an expression costs three times as much. */
function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 0x20) return true;
  return false;
}

/** LMDB rejects with "Commit failed"; the cause is in a promise of its own, which must be awaited in any case. */
async function causeOfCommit(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

/** Numbers of errno and of LMDB, by what the operator can do about them. */
const fullNumbers: readonly unknown[] = [28 /* ENOSPC */, 122 /* EDQUOT */, 27 /* EFBIG */, -30_792 /* MDB_MAP_FULL */];
const inputOutputError = 5;
const readOnlyNumbers: readonly unknown[] = [30 /* EROFS */, 13 /* EACCES */, 1 /* EPERM */];

/** LMDB gives the number as `code`, Node its negative as `errno`. */
function numberOf(cause: unknown): unknown {
  if (cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number') return -cause.errno;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function full(cause: unknown, path: string): OperatorError {
  return new OperatorError({
    code: 'STORE_FULL',
    message: `There is no room on the disk of ${path}. Nothing was written.`,
    hint: 'Free some room on that disk; the role then goes on by itself.',
    retryable: true,
    cause,
  });
}

function storeError(cause: unknown, path: string): OperatorError {
  const number = numberOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (fullNumbers.includes(number)) return full(cause, path);
  if (readOnlyNumbers.includes(number)) {
    return new OperatorError({
      code: 'STORE_READ_ONLY',
      message: `${path} cannot be written: ${text}. Nothing was written.`,
      hint: 'Make the disk writable again, or give the user of this process the right to write there.',
      retryable: true,
      cause,
    });
  }
  return new OperatorError({
    code: 'STORE_FAILED',
    message: `${path} failed: ${text}.`,
    hint: 'Look at the system log for trouble with that disk.',
    retryable: true,
    cause,
  });
}

function missing(path: string): OperatorError {
  return new OperatorError({
    code: 'STORE_MISSING',
    message: `There is no store at ${path}.`,
    hint: 'Check --state-dir; a role makes its store when it is first started.',
  });
}

async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
