/**
 * Looks at the first pages of an LMDB file before LMDB maps it: a file that is no store, or is shorter than its own
 * header says, would crash the process instead of giving an error. Not a check of the whole file.
 */
import { open } from 'node:fs/promises';
import { OperatorError } from '../core/base/errors.ts';

/** Layout of a meta page as LMDB writes it (mdb.c, MDB_meta behind a page header), in bytes from the page's start. */
const meta = { magicAt: 24, versionAt: 28, pageSizeAt: 48, lastPageAt: 144, transactionAt: 152, endAt: 160 } as const;
const magic = 0xbeefc0de;
const version = 2;

/** @throws OperatorError `STORE_FAILED` for a file that LMDB must not open */
export async function checkLmdbFile(path: string): Promise<'empty' | 'present'> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw damaged(path, 'it cannot be read', error);
  });
  if (file === undefined) return 'empty';
  try {
    const pages = Buffer.alloc(65_536 + meta.endAt);
    const { bytesRead } = await file.read(pages, 0, pages.length, 0);
    if (bytesRead === 0) return 'empty';
    const pageSize = bytesRead >= meta.endAt ? pages.readUInt32LE(meta.pageSizeAt) : 0;
    if (!isMeta(pages, 0) || pageSize < 256 || pageSize > 65_536 || bytesRead < pageSize + meta.endAt) {
      throw damaged(path, 'it does not begin like a store');
    }
    const lastPage = lastPageOf(pages, isMeta(pages, pageSize) ? [0, pageSize] : [0]);
    // The size comes after the header: a writer lets the file grow before it says so.
    const { size } = await file.stat();
    if (size < (lastPage + 1) * pageSize) throw damaged(path, 'its end is missing');
    return 'present';
  } finally {
    await file.close();
  }
}

function isMeta(pages: Buffer, pageAt: number): boolean {
  return pages.readUInt32LE(pageAt + meta.magicAt) === magic && pages.readUInt32LE(pageAt + meta.versionAt) === version;
}

/** Of the two meta pages the one of the later transaction is in force. */
function lastPageOf(pages: Buffer, metasAt: readonly number[]): number {
  let newest = { transaction: -1n, lastPage: 0n };
  for (const pageAt of metasAt) {
    const transaction = pages.readBigUInt64LE(pageAt + meta.transactionAt);
    if (transaction > newest.transaction) {
      newest = { transaction, lastPage: pages.readBigUInt64LE(pageAt + meta.lastPageAt) };
    }
  }
  return Number(newest.lastPage);
}

function damaged(path: string, how: string, cause?: unknown): OperatorError {
  return new OperatorError({
    code: 'STORE_FAILED',
    message: `${path} is damaged: ${how}. It was left as it is.`,
    hint: 'Keep a copy of the state directory, move it away and start anew: what the other end mirrors of the rings is rebuilt.',
    cause,
  });
}
