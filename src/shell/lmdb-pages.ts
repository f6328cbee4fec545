/**
 * Walks the pages of an LMDB file without LMDB, which trusts every number it finds there and is killed by a wrong one.
 * Every page that can be reached has to be what its parent says: its own number, its kind, its place in the order of the
 * keys, within the file and used once. It sees structure, not contents: a value of other bytes is left to its decoder.
 * The layout is that of lmdb 3.5.6 (mdb.c: MDB_page_header, MDB_node, MDB_ovpage, MDB_db), little-endian.
 */

/** One of the two trees that a file has: free pages by transaction, and records. Counts are of pages. */
export interface TreeHeader {
  readonly depth: number;
  readonly branchCount: number;
  readonly leafCount: number;
  readonly overflowCount: number;
  readonly entryCount: number;
  /** Undefined for a tree without entries. */
  readonly root: number | undefined;
}

export interface LmdbFile {
  readonly pageSize: number;
  readonly lastPage: number;
  /** Of the meta page in force; no page is of a later one. */
  readonly transaction: bigint;
  readonly freePages: TreeHeader;
  readonly records: TreeHeader;
  /** Fills `into` from that byte on; false where the file ends before. */
  readonly read: (into: Buffer, from: number) => boolean;
}

const header = { pageAt: 0, transactionAt: 8, flagsAt: 18, lowerAt: 20, upperAt: 22, pagesAt: 20, size: 24 } as const;
const kind = { branch: 1, leaf: 2, overflow: 4 } as const;
const node = { lowAt: 0, highAt: 2, flagsAt: 4, keySizeAt: 6, keyAt: 8 } as const;
/** The only flag of a node that we write: its value is on pages of its own. */
const isOnOwnPages = 1;
/** What such a node holds instead: page number, transaction, number of pages. */
const reference = { pageAt: 0, pagesAt: 16, size: 24 } as const;
/** The deepest that LMDB can go down. */
const deepest = 32;
const metaPages = 2;
const numberSize = 8;

/** Of a file that others write to without a pause; more would be a long wait for what they have checked themselves. */
const mostLooks = 5;

/**
 * A role may be writing: pages of a commit may be written over once a later one is there, so what looks like damage counts
 * only if none has come meanwhile. What a running role has opened it has walked before.
 *
 * @param look the file as it is now
 * @returns what is wrong, as the end of a sentence; undefined for a file that LMDB may open
 */
export function findStandingDamage(look: () => LmdbFile): string | undefined {
  let seen = look();
  for (let count = 0; count < mostLooks; count += 1) {
    const damage = findDamage(seen);
    if (damage === undefined) return undefined;
    const now = look();
    if (now.transaction === seen.transaction) return damage;
    seen = now;
  }
  return undefined;
}

function findDamage(file: LmdbFile): string | undefined {
  try {
    const used = new PageSet(file.lastPage);
    const free: number[][] = [];
    new TreeWalk(file, used, (value, at) => free.push(...freeBlocks(value, at))).walk(file.freePages, 'number');
    new TreeWalk(file, used).walk(file.records, 'bytes');
    // A page that is free and used would be written over by one of the next commits.
    for (const [first = 0, count = 0] of free) used.take(first, count);
    return undefined;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  }
}

class Damage extends Error {}

/** Each page of the file is used for one thing at most. */
class PageSet {
  private readonly lastPage: number;
  private readonly taken: Uint8Array;

  constructor(lastPage: number) {
    this.lastPage = lastPage;
    this.taken = new Uint8Array(lastPage + 1);
  }

  take(first: number, count: number): void {
    if (!(first >= metaPages && count >= 1 && first + count - 1 <= this.lastPage)) {
      throw new Damage(`it points to page ${first}, which it does not have`);
    }
    for (let page = first; page < first + count; page += 1) {
      if (this.taken[page] === 1) throw new Damage(`page ${page} is used twice`);
      this.taken[page] = 1;
    }
  }
}

/** Called with each value of a tree and the number of its page. */
type TakeValue = (value: Buffer, page: number) => void;

class TreeWalk {
  private readonly file: LmdbFile;
  private readonly used: PageSet;
  /** Without it values are not read. */
  private readonly takeValue: TakeValue | undefined;
  /** One page for each level, since a branch is read on after the pages below it. */
  private readonly levels: Buffer[] = [];
  private compare: (one: Buffer, other: Buffer) => number = Buffer.compare;
  private lastKey: Buffer | undefined;
  /** What the branch says that no key of the page below is smaller than. */
  private atLeast: Buffer | undefined;
  private branchCount = 0;
  private leafCount = 0;
  private overflowCount = 0;
  private entryCount = 0;

  constructor(file: LmdbFile, used: PageSet, takeValue?: TakeValue) {
    this.file = file;
    this.used = used;
    this.takeValue = takeValue;
  }

  walk(tree: TreeHeader, order: 'bytes' | 'number'): void {
    if (order === 'number') this.compare = compareNumbers;
    if (tree.root !== undefined) {
      if (tree.depth < 1 || tree.depth > deepest) throw new Damage(`a tree of depth ${tree.depth}`);
      this.descend(tree.root, tree.depth);
    } else if (tree.depth !== 0) {
      throw new Damage(`a tree of depth ${tree.depth} without a root`);
    }
    const isCounted =
      this.branchCount === tree.branchCount &&
      this.leafCount === tree.leafCount &&
      this.overflowCount === tree.overflowCount &&
      this.entryCount === tree.entryCount;
    if (!isCounted) throw new Damage('its pages or records are not as many as it says');
  }

  /** @param depth levels from here down, 1 for a leaf */
  private descend(number: number, depth: number): void {
    this.used.take(number, 1);
    const page = this.readPage(number, depth);
    const isLeaf = depth === 1;
    if (page.readUInt16LE(header.flagsAt) !== (isLeaf ? kind.leaf : kind.branch)) throw wrong(number, 'kind');
    const nodes = nodesOf(page, number);
    if (isLeaf) {
      this.leafCount += 1;
      this.entryCount += nodes.length;
      let bytes = 0;
      for (const at of nodes) bytes += this.takeEntry(page, number, at);
      checkFill(page, number, bytes);
      return;
    }
    this.branchCount += 1;
    let bytes = 0;
    for (const [index, at] of nodes.entries()) {
      const key = keyOf(page, number, at);
      bytes += even(node.keyAt + key.length);
      // The first key of a branch says nothing and may be empty.
      if (index > 0) {
        if (this.lastKey !== undefined && this.compare(key, this.lastKey) <= 0) throw wrong(number, 'order');
        this.atLeast = Buffer.from(key);
      }
      const low = page.readUInt16LE(at + node.lowAt) + page.readUInt16LE(at + node.highAt) * 0x1_00_00;
      this.descend(low + page.readUInt16LE(at + node.flagsAt) * 2 ** 32, depth - 1);
    }
    checkFill(page, number, bytes);
  }

  /** @returns the bytes it takes of its page */
  private takeEntry(page: Buffer, number: number, at: number): number {
    const key = keyOf(page, number, at);
    const isTooSmall = this.atLeast !== undefined && this.compare(key, this.atLeast) < 0;
    const isBehind = this.lastKey !== undefined && this.compare(key, this.lastKey) <= 0;
    if (key.length === 0 || isTooSmall || isBehind) throw wrong(number, 'order');
    this.atLeast = undefined;
    this.lastKey = Buffer.from(key);
    const flags = page.readUInt16LE(at + node.flagsAt);
    if (flags !== 0 && flags !== isOnOwnPages) throw wrong(number, 'records');
    const size = page.readUInt16LE(at + node.lowAt) + page.readUInt16LE(at + node.highAt) * 0x1_00_00;
    const valueAt = at + node.keyAt + key.length;
    const held = flags === isOnOwnPages ? reference.size : size;
    if (valueAt + held > page.length) throw wrong(number, 'records');
    if (flags === isOnOwnPages) {
      const first = Number(page.readBigUInt64LE(valueAt + reference.pageAt));
      this.takeOverflow(first, Number(page.readBigUInt64LE(valueAt + reference.pagesAt)), size);
    } else {
      this.takeValue?.(page.subarray(valueAt, valueAt + size), number);
    }
    return even(valueAt + held - at);
  }

  private takeOverflow(first: number, count: number, size: number): void {
    this.used.take(first, count);
    this.overflowCount += count;
    const page = this.readPage(first, 0);
    if (page.readUInt16LE(header.flagsAt) !== kind.overflow) throw wrong(first, 'kind');
    const { pageSize } = this.file;
    if (page.readUInt32LE(header.pagesAt) !== count || header.size + size > count * pageSize) {
      throw wrong(first, 'length');
    }
    if (this.takeValue === undefined && count === 1) return;
    if (this.takeValue === undefined) {
      // Its end has to be there; LMDB would be killed by reading on.
      const end = Buffer.alloc(1);
      if (!this.file.read(end, first * pageSize + header.size + size - 1)) throw missing(first + count - 1);
      return;
    }
    const value = Buffer.alloc(size);
    if (!this.file.read(value, first * pageSize + header.size)) throw missing(first + count - 1);
    this.takeValue(value, first);
  }

  private readPage(number: number, depth: number): Buffer {
    const { pageSize, transaction, read } = this.file;
    const page = this.levels[depth] ?? Buffer.alloc(pageSize);
    this.levels[depth] = page;
    if (!read(page, number * pageSize)) throw missing(number);
    if (page.readBigUInt64LE(header.pageAt) !== BigInt(number)) throw wrong(number, 'number');
    if (page.readBigUInt64LE(header.transactionAt) > transaction) throw wrong(number, 'transaction');
    return page;
  }
}

/** Where each node of the page begins. */
function nodesOf(page: Buffer, number: number): readonly number[] {
  const [lower, upper] = [page.readUInt16LE(header.lowerAt), page.readUInt16LE(header.upperAt)];
  if (lower === 0 || lower % 2 !== 0 || lower > upper || header.size + upper > page.length) {
    throw wrong(number, 'bounds');
  }
  return Array.from({ length: lower / 2 }, (_, index) => {
    const offset = page.readUInt16LE(header.size + 2 * index);
    if (offset < upper || header.size + offset + node.keyAt > page.length) throw wrong(number, 'records');
    return header.size + offset;
  });
}

function keyOf(page: Buffer, number: number, at: number): Buffer {
  const keyAt = at + node.keyAt;
  const end = keyAt + page.readUInt16LE(at + node.keySizeAt);
  if (end > page.length) throw wrong(number, 'records');
  return page.subarray(keyAt, end);
}

/** Nodes fill a page from its upper bound to its end, so that none lies over another. */
function checkFill(page: Buffer, number: number, nodeBytes: number): void {
  if (header.size + page.readUInt16LE(header.upperAt) + nodeBytes !== page.length) throw wrong(number, 'records');
}

/** A list of free pages: its length, then page numbers; -n in front of one stands for n pages from there, 0 for none. */
function freeBlocks(list: Buffer, page: number): number[][] {
  const length = list.length < numberSize ? -1n : list.readBigInt64LE(0);
  if (length < 0n || (length + 1n) * BigInt(numberSize) > list.length) throw wrong(page, 'free pages');
  const blocks: number[][] = [];
  let count = 1;
  for (let index = 1; index <= Number(length); index += 1) {
    const entry = Number(list.readBigInt64LE(index * numberSize));
    if (entry < 0) count = -entry;
    else if (entry > 0) blocks.push([entry, count]);
    if (entry >= 0) count = 1;
  }
  return blocks;
}

function compareNumbers(one: Buffer, other: Buffer): number {
  if (one.length !== numberSize || other.length !== numberSize) throw new Damage('a list of free pages without number');
  const difference = one.readBigUInt64LE(0) - other.readBigUInt64LE(0);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function even(size: number): number {
  return size + (size % 2);
}

/** @param what of it is wrong */
function wrong(page: number, what: string): Damage {
  return new Damage(`page ${page} is not what it has to be (${what})`);
}

function missing(page: number): Damage {
  return new Damage(`its end is missing, from page ${page} on`);
}
