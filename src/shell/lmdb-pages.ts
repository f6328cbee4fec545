/**
 * Walks the pages of an LMDB file without LMDB, which trusts every number it finds there and is killed by a wrong one.
 * Every page that can be reached has to be what its parent says: its own number, its kind, its place in the order of the
 * keys, within the file and used once. It sees structure, not contents: a value of other bytes is left to its decoder.
 * Ranges of keys can be passed over, and a tree can be walked piece by piece; then nothing is counted.
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

/** Keys from `from` on and before `to`, as the bytes that LMDB has and orders them by. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** What a walk leaves out. */
interface Scope {
  /** Pages that hold nothing but keys of these. */
  readonly passOver: readonly KeyRange[];
  /** Pages that hold nothing behind this key. */
  readonly behind?: Buffer | undefined;
  /** What comes behind so many leaves. */
  readonly mostLeaves: number;
}

const everything: Scope = { passOver: [], mostLeaves: Number.POSITIVE_INFINITY };

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
 * @param passOver keys whose pages are not looked at, and must not be read before they were
 * @returns what is wrong, as the end of a sentence; undefined for a file that LMDB may open
 */
export function findStandingDamage(look: () => LmdbFile, passOver: readonly KeyRange[] = []): string | undefined {
  let seen = look();
  for (let count = 0; count < mostLooks; count += 1) {
    const damage = findDamage(seen, passOver);
    if (damage === undefined) return undefined;
    const now = look();
    if (now.transaction === seen.transaction) return damage;
    seen = now;
  }
  return undefined;
}

/** One piece of the records of a file. */
export interface Piece {
  /** As the end of a sentence; undefined where all is as it has to be. */
  readonly damage: string | undefined;
  /** Where the next piece begins; undefined behind the last one. */
  readonly next: Buffer | undefined;
}

/**
 * Walks some of the records.
 *
 * @param behind the end of the piece before; undefined for the first
 */
export function walkPiece(file: LmdbFile, behind: Buffer | undefined, mostLeaves: number): Piece {
  const scope = { passOver: [], behind, mostLeaves };
  const walk = new TreeWalk({ file, used: new PageSet(file.lastPage, new Set()), scope });
  try {
    walk.walk(file.records, 'bytes');
    return { damage: undefined, next: walk.isCut ? walk.end : undefined };
  } catch (error) {
    if (error instanceof Damage) return { damage: error.message, next: behind };
    throw error;
  }
}

function findDamage(file: LmdbFile, passOver: readonly KeyRange[]): string | undefined {
  try {
    const used = new PageSet(file.lastPage);
    const free: number[][] = [];
    const takeValue: TakeValue = (value, at) => free.push(...freeBlocks(value, at));
    new TreeWalk({ file, used, scope: everything, takeValue }).walk(file.freePages, 'number');
    new TreeWalk({ file, used, scope: { ...everything, passOver } }).walk(file.records, 'bytes');
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
  private readonly taken: PageNumbers;

  /** @param taken where few of the pages are looked at */
  constructor(lastPage: number, taken: PageNumbers = new PageFlags(lastPage)) {
    this.lastPage = lastPage;
    this.taken = taken;
  }

  take(first: number, count: number): void {
    if (!(first >= metaPages && count >= 1 && first + count - 1 <= this.lastPage)) {
      throw new Damage(`it points to page ${first}, which it does not have`);
    }
    for (let page = first; page < first + count; page += 1) {
      if (this.taken.has(page)) throw new Damage(`page ${page} is used twice`);
      this.taken.add(page);
    }
  }
}

interface PageNumbers {
  has(page: number): boolean;
  add(page: number): unknown;
}

/** Numbers up to a highest, at a byte each. */
class PageFlags implements PageNumbers {
  private readonly flags: Uint8Array;

  constructor(highest: number) {
    this.flags = new Uint8Array(highest + 1);
  }

  has(page: number): boolean {
    return this.flags[page] === 1;
  }

  add(page: number): void {
    this.flags[page] = 1;
  }
}

interface Bounds {
  readonly low?: Buffer | undefined;
  readonly high?: Buffer | undefined;
}

/** Called with each value of a tree and the number of its page. */
type TakeValue = (value: Buffer, page: number) => unknown;

interface WalkOptions {
  readonly file: LmdbFile;
  readonly used: PageSet;
  readonly scope: Scope;
  /** Without it values are not read. */
  readonly takeValue?: TakeValue;
}

class TreeWalk {
  private readonly file: LmdbFile;
  private readonly used: PageSet;
  private readonly scope: Scope;
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
  private isPartial = false;
  /** There were more leaves than wanted. */
  isCut = false;

  constructor({ file, used, scope, takeValue }: WalkOptions) {
    this.file = file;
    this.used = used;
    this.scope = scope;
    this.takeValue = takeValue;
  }

  /** The last key that was looked at. */
  get end(): Buffer | undefined {
    return this.lastKey;
  }

  walk(tree: TreeHeader, order: 'bytes' | 'number'): void {
    if (order === 'number') this.compare = compareNumbers;
    if (tree.root !== undefined) {
      if (tree.depth < 1 || tree.depth > deepest) throw new Damage(`a tree of depth ${tree.depth}`);
      this.descend(tree.root, tree.depth, {});
    } else if (tree.depth !== 0) {
      throw new Damage(`a tree of depth ${tree.depth} without a root`);
    }
    if (this.isPartial) return;
    const isCounted =
      this.branchCount === tree.branchCount &&
      this.leafCount === tree.leafCount &&
      this.overflowCount === tree.overflowCount &&
      this.entryCount === tree.entryCount;
    if (!isCounted) throw new Damage('its pages or records are not as many as it says');
  }

  /**
   * @param depth levels from here down, 1 for a leaf
   * @param bounds what the branches above say of its keys: not before `low`, and before `high`
   */
  private descend(number: number, depth: number, bounds: Bounds): void {
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
      const next = nodes[index + 1];
      const below: Bounds = {
        low: index === 0 ? bounds.low : key,
        high: next === undefined ? bounds.high : keyOf(page, number, next),
      };
      const low = page.readUInt16LE(at + node.lowAt) + page.readUInt16LE(at + node.highAt) * 0x1_00_00;
      const child = low + page.readUInt16LE(at + node.flagsAt) * 2 ** 32;
      if (this.isLeftOut(below)) this.passOver(child, below);
      else if (this.leafCount >= this.scope.mostLeaves) this.isCut = true;
      else this.descend(child, depth - 1, below);
      if (this.isCut) {
        this.isPartial = true;
        return;
      }
    }
    checkFill(page, number, bytes);
  }

  private isLeftOut({ low, high }: Bounds): boolean {
    if (high === undefined) return false;
    const { behind, passOver } = this.scope;
    if (behind !== undefined && this.compare(high, behind) <= 0) return true;
    return passOver.some(
      ({ from, to }) => low !== undefined && this.compare(low, from) >= 0 && this.compare(high, to) <= 0,
    );
  }

  private passOver(child: number, { low }: Bounds): void {
    this.isPartial = true;
    this.used.take(child, 1);
    if (low !== undefined) this.lastKey = Buffer.from(low);
    this.atLeast = undefined;
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
