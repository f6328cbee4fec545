/**
 * Looks at an LMDB file before LMDB maps it: a file that is no store, is shorter than it says, or has a page that is not
 * what it has to be would crash the process instead of giving an error. What it costs is told in docs/decisions.
 */
import { fstatSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { OperatorError } from '../core/base/errors.ts';
import { findStandingDamage, type KeyRange, type LmdbFile, type TreeHeader } from './lmdb-pages.ts';

/** Layout of a meta page as LMDB writes it (mdb.c, MDB_meta behind a page header), in bytes from the page's start. */
const meta = {
  kindAt: 18,
  magicAt: 24,
  versionAt: 28,
  addressAt: 32,
  pageSizeAt: 48,
  freePagesAt: 48,
  recordsAt: 96,
  lastPageAt: 144,
  transactionAt: 152,
  endAt: 160,
} as const;
/** Within a tree's part of it (MDB_db). */
const tree = {
  flagsAt: 4,
  depthAt: 6,
  branchesAt: 8,
  leavesAt: 16,
  overflowAt: 24,
  entriesAt: 32,
  rootAt: 40,
} as const;
const noRoot = 0xffff_ffff_ffff_ffffn;
const kindOfMeta = 8;
const magic = 0xbeefc0de;
const version = 2;
/** Among the flags of the tree of free pages: the file is mapped where it says, which we never ask for. */
const isMappedAtAddress = 1;
/** Records have keys of bytes and one value each. */
const recordsFlags = 0;

/**
 * @param passOver keys whose pages are not looked at
 * @throws OperatorError `STORE_FAILED` for a file that LMDB must not open, `STORE_READ_ONLY` for one that this user may not
 */
export async function checkLmdbFile(path: string, passOver: readonly KeyRange[] = []): Promise<'empty' | 'present'> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (isForbidden(error)) throw forbidden(path, error);
    throw damaged(path, 'it cannot be read', error);
  });
  if (file === undefined) return 'empty';
  try {
    if (fstatSync(file.fd).size === 0) return 'empty';
    const damage = findStandingDamage(() => lookAtNewest(file.fd, path), passOver);
    if (damage !== undefined) throw damaged(path, damage);
    return 'present';
  } finally {
    await file.close();
  }
}

/** Pages behind the end that may be listed as free. */
const sparePages = 4_096;

/**
 * The file as the newest of its two meta pages has it.
 *
 * @throws OperatorError `STORE_FAILED` where there is no such page
 */
export function lookAtNewest(fd: number, path: string): LmdbFile {
  const pages = Buffer.alloc(65_536 + meta.endAt);
  const bytesRead = readSync(fd, pages, 0, pages.length, 0);
  const pageSize = bytesRead >= meta.endAt ? pages.readUInt32LE(meta.pageSizeAt) : 0;
  const isWhole = pageSize >= 256 && pageSize <= 65_536 && bytesRead >= pageSize + meta.endAt;
  const metas = isWhole ? [pages.subarray(0, pageSize), pages.subarray(pageSize)] : [];
  const [even, odd] = metas;
  if (even === undefined || odd === undefined || !isMeta(even, 0n) || !isMeta(odd, 1n)) {
    throw damaged(path, 'it does not begin like a store');
  }
  const newest = transactionOf(even) > transactionOf(odd) ? even : odd;
  const lastPage = Number(newest.readBigUInt64LE(meta.lastPageAt));
  // Pages that are free may lie behind the end, a few of them; a number that is out of all proportion is damage.
  if (lastPage > 2 * (fstatSync(fd).size / pageSize) + sparePages) throw damaged(path, 'its end is missing');
  return {
    pageSize,
    lastPage,
    transaction: transactionOf(newest),
    freePages: treeAt(newest, meta.freePagesAt),
    records: treeAt(newest, meta.recordsAt),
    read: (into, from) => readSync(fd, into, 0, into.length, from) === into.length,
  };
}

/** @param parity of the transactions that this page is for; the first one of all, 0, is in both */
function isMeta(page: Buffer, parity: bigint): boolean {
  const transaction = transactionOf(page);
  return (
    page.readUInt16LE(meta.kindAt) === kindOfMeta &&
    page.readUInt32LE(meta.magicAt) === magic &&
    page.readUInt32LE(meta.versionAt) === version &&
    page.readBigUInt64LE(meta.addressAt) === 0n &&
    (page.readUInt16LE(meta.freePagesAt + tree.flagsAt) & isMappedAtAddress) === 0 &&
    page.readUInt16LE(meta.recordsAt + tree.flagsAt) === recordsFlags &&
    (transaction === 0n || transaction % 2n === parity)
  );
}

/** Of the two meta pages the one of the later transaction is in force. */
function transactionOf(page: Buffer): bigint {
  return page.readBigUInt64LE(meta.transactionAt);
}

function treeAt(page: Buffer, at: number): TreeHeader {
  const number = (offset: number): number => Number(page.readBigUInt64LE(at + offset));
  return {
    depth: page.readUInt16LE(at + tree.depthAt),
    branchCount: number(tree.branchesAt),
    leafCount: number(tree.leavesAt),
    overflowCount: number(tree.overflowAt),
    entryCount: number(tree.entriesAt),
    root: page.readBigUInt64LE(at + tree.rootAt) === noRoot ? undefined : number(tree.rootAt),
  };
}

/** A file that nobody was let look at says nothing of its health. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function forbidden(path: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'STORE_READ_ONLY',
    message: `${path} may not be read by this user. Nothing was changed.`,
    hint: 'Run this as the user of the role that owns it, for example with sudo -u.',
    cause,
  });
}

export function damaged(path: string, how: string, cause?: unknown): OperatorError {
  return new OperatorError({
    code: 'STORE_FAILED',
    message: `${path} is damaged: ${how}. It was left as it is.`,
    hint: 'Keep a copy of the state directory, move it away and start anew: what the other end mirrors of the rings is rebuilt.',
    cause,
  });
}
