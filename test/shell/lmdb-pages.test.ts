import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/base/random.ts';
import type { StoreKey, StoreRecord } from '../../src/core/store/record.ts';
import { checkLmdbFile, lookAtNewest } from '../../src/shell/lmdb-file.ts';
import { findStandingDamage, type LmdbFile, walkPiece } from '../../src/shell/lmdb-pages.ts';
import { openStore, openStoreForReading, storePath } from '../../src/shell/lmdb-store.ts';

const pageSize = 4_096;
const branch = 1;
const leaf = 2;
const overflow = 4;

let stateDir = '';
let path = '';

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-pages-'));
  path = storePath(stateDir);
});

afterEach(async () => {
  await rm(stateDir, { recursive: true, force: true });
});

describe('a store is walked before LMDB maps it', () => {
  it('accepts a store after any commits, whatever grew, shrank and was removed', async () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      for (let life = 0; life < 3; life += 1) {
        const store = await openStore({ stateDir, durability: 'process' });
        for (let commit = 0; commit < 40; commit += 1) {
          await store.commit(someRecords(random));
          expect(await checkLmdbFile(path)).toBe('present');
        }
        await store.close();
      }
    }
  });

  it('takes pages that are written over while it looks for damage only if no commit came meanwhile', async () => {
    const { good } = await makeStore();
    const [page = 0] = pagesOfKind(good, leaf);
    const file = await open(path, 'r');
    const sound = lookAtNewest(file.fd, path);
    const torn: LmdbFile = {
      ...sound,
      read: (into, from) => sound.read(into, from) && (from !== page * pageSize || into.fill(0) === into),
    };
    expect(findStandingDamage(() => torn)).toContain(`page ${page}`);
    const looks = [torn, { ...torn, transaction: torn.transaction + 2n }, { ...sound, transaction: 1n << 40n }];
    expect(findStandingDamage(() => looks.shift() ?? sound)).toBeUndefined();
    let transaction = torn.transaction;
    const moving = (): LmdbFile => {
      transaction += 2n;
      return { ...torn, transaction };
    };
    expect(findStandingDamage(moving)).toBeUndefined();
    await file.close();
  });

  it('refuses every page that is lost, or lets it be where nothing needs it', async () => {
    const { good, expected } = await makeStore();
    let refused = 0;
    for (let page = 2; page < good.length / pageSize; page += 1) {
      const bytes = Buffer.from(good);
      bytes.fill(0, page * pageSize, (page + 1) * pageSize);
      await writeFile(path, bytes);
      if ((await looksSound()) === false) refused += 1;
      else expect(await readAll()).toEqual(expected);
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('refuses a store one of whose two first pages is damaged', async () => {
    const { good } = await makeStore();
    for (const page of [0, 1]) {
      for (const [at, value] of [
        [18, 2],
        [24, 7],
        [32, 9],
        [152, 1_000_000 + ((page + 1) % 2)],
      ] as const) {
        const bytes = Buffer.from(good);
        bytes.writeUInt32LE(value, page * pageSize + at);
        await writeFile(path, bytes);
        await expect(checkLmdbFile(path)).rejects.toMatchObject({ message: /does not begin like a store/ });
      }
    }
  });

  it('sees the same piece by piece, whatever the length of the pieces', async () => {
    const { good } = await makeStore();
    for (const mostLeaves of [2, 3, 7, 1_000]) expect(await walkInPieces(mostLeaves)).toEqual([]);
    for (const page of [...pagesOfKind(good, leaf), ...pagesOfKind(good, branch)]) {
      const bytes = Buffer.from(good);
      bytes.fill(0, page * pageSize, (page + 1) * pageSize);
      await writeFile(path, bytes);
      const whole = await checkLmdbFile(path).catch((error: Error) => error.message);
      const [damage] = await walkInPieces(3);
      expect(whole).toContain(damage ?? 'present');
    }
  });

  it('passes over pages that hold nothing but what it is told to, and no others', async () => {
    const { good } = await makeStore();
    const passOver = [['record']];
    const store = await openStore({ stateDir, durability: 'process' });
    const beside = Array.from({ length: 100 }, (_, index) => ({
      key: [index % 2 === 0 ? 'record!' : 'recor', index],
      value: [1, new Uint8Array(200)],
    }));
    await store.commit(beside);
    await store.close();
    const bytes = await readFile(path);
    let [refused, passed] = [0, 0];
    for (let page = 2; page < bytes.length / pageSize; page += 1) {
      const damagedBytes = Buffer.from(bytes);
      damagedBytes.fill(0, page * pageSize, (page + 1) * pageSize);
      await writeFile(path, damagedBytes);
      const holdsBeside = (await looksSound()) === false;
      const opened = await openStore({ stateDir, durability: 'process', passOver }).catch(() => undefined);
      if (opened === undefined) {
        refused += 1;
        continue;
      }
      if (holdsBeside) passed += 1;
      // What was looked at can be read.
      for (const { key } of beside) expect(opened.get(key)).toBeDefined();
      await opened.close();
    }
    expect(good.length).toBeLessThanOrEqual(bytes.length);
    expect(refused).toBeGreaterThan(5);
    expect(passed).toBeGreaterThan(5);
  });

  it('leaves a damaged file as it is, and says which page and why', async () => {
    const { good } = await makeStore();
    const [page = 0] = pagesOfKind(good, leaf);
    const bytes = Buffer.from(good);
    bytes.writeBigUInt64LE(7_777n, page * pageSize);
    await writeFile(path, bytes);
    const refusal = {
      code: 'STORE_FAILED',
      message: `${path} is damaged: page ${page} is not what it has to be (number). It was left as it is.`,
    };
    await expect(openStore({ stateDir, durability: 'disk' })).rejects.toMatchObject(refusal);
    await expect(openStoreForReading(stateDir)).rejects.toMatchObject(refusal);
    expect(await readFile(path)).toEqual(bytes);
  });

  const flaws: readonly {
    readonly name: string;
    readonly kind: number;
    readonly reason: RegExp;
    readonly damage: (page: Buffer) => void;
  }[] = [
    { name: 'is of another kind', kind: leaf, reason: /kind/, damage: (page) => page.writeUInt16LE(overflow, 18) },
    { name: 'has its bounds crossed', kind: leaf, reason: /bounds/, damage: (page) => page.writeUInt16LE(4_090, 20) },
    { name: 'says that it is empty', kind: leaf, reason: /bounds/, damage: (page) => page.writeUInt16LE(0, 20) },
    { name: 'has a record outside', kind: leaf, reason: /records/, damage: (page) => page.writeUInt16LE(4_080, 24) },
    { name: 'has a key that runs out', kind: leaf, reason: /records/, damage: (page) => edit(page, 0, 6, 60_000) },
    { name: 'has a value that runs out', kind: leaf, reason: /records/, damage: (page) => edit(page, 0, 0, 60_000) },
    { name: 'has a record of a kind we never write', kind: leaf, reason: /records/, damage: (p) => edit(p, 0, 4, 2) },
    { name: 'has records over each other', kind: leaf, reason: /order/, damage: (page) => page.copy(page, 26, 24, 26) },
    { name: 'has its keys in disorder', kind: leaf, reason: /order/, damage: (page) => edit(page, 1, 9, 0) },
    { name: 'comes from a later commit', kind: leaf, reason: /transaction/, damage: (p) => p.writeUInt32LE(1e9, 8) },
    {
      name: 'points behind the end',
      kind: branch,
      reason: /does not have/,
      damage: (page) => edit(page, 1, 0, 60_000),
    },
    {
      name: 'points to a page twice',
      kind: branch,
      reason: /twice/,
      damage: (page) => edit(page, 1, 0, pointed(page, 0)),
    },
    { name: 'separates its pages wrongly', kind: branch, reason: /order/, damage: (page) => edit(page, 1, 9, 0xffff) },
    { name: 'is longer than told', kind: overflow, reason: /length/, damage: (page) => page.writeUInt32LE(9, 20) },
  ];
  it.each(flaws)('refuses a store with a page that $name', async ({ kind, reason, damage }) => {
    const { good } = await makeStore();
    const [page] = pagesOfKind(good, kind).toReversed();
    if (page === undefined) throw new Error(`no page of kind ${kind}`);
    damage(good.subarray(page * pageSize, (page + 1) * pageSize));
    await writeFile(path, good);
    await expect(checkLmdbFile(path)).rejects.toMatchObject({ code: 'STORE_FAILED', message: reason });
  });
});

/** Removed and written anew at random, some longer than a page. */
function someRecords(random: () => number): StoreRecord[] {
  return Array.from({ length: 1 + Math.floor(random() * 20) }, () => {
    const number = Math.floor(random() * 500);
    const size = Math.floor(random() * (random() < 0.1 ? 12_000 : 400));
    return {
      key: number % 7 === 0 ? ['text', `t${number}`] : ['number', number],
      value: random() < 0.3 ? undefined : [1, new Uint8Array(size)],
    };
  });
}

/** A tree of two levels with values on pages of their own, written in one go so that hardly a page is left over. */
async function makeStore(): Promise<{ readonly good: Buffer; readonly expected: readonly StoreKey[] }> {
  const store = await openStore({ stateDir, durability: 'process' });
  await store.commit(
    Array.from({ length: 300 }, (_, index) => ({
      key: ['record', index],
      value: [1, new Uint8Array(index % 50 === 0 ? 9_000 : 200)],
    })),
  );
  const expected = [...store.entries([])].map(([key]) => key);
  await store.close();
  return { good: await readFile(path), expected };
}

async function looksSound(): Promise<boolean> {
  return checkLmdbFile(path).then(
    () => true,
    () => false,
  );
}

/** @returns what is wrong with the first piece that is damaged */
async function walkInPieces(mostLeaves: number): Promise<readonly string[]> {
  const file = await open(path, 'r');
  try {
    let behind: Buffer | undefined;
    for (;;) {
      const { damage, next } = walkPiece(lookAtNewest(file.fd, path), behind, mostLeaves);
      if (damage !== undefined) return [damage];
      if (next === undefined) return [];
      expect(behind === undefined || Buffer.compare(next, behind) > 0).toBe(true);
      behind = next;
    }
  } finally {
    await file.close();
  }
}

async function readAll(): Promise<readonly StoreKey[]> {
  const store = await openStore({ stateDir, durability: 'process' });
  const keys = [...store.entries([])].map(([key]) => key);
  await store.close();
  return keys;
}

/** Those of the newest commit, by number. */
function pagesOfKind(file: Buffer, kind: number): number[] {
  const transactionOf = (page: number): bigint => file.readBigUInt64LE(page * pageSize + 8);
  const pages = Array.from({ length: file.length / pageSize - 2 }, (_, index) => index + 2).filter(
    (page) => file.readBigUInt64LE(page * pageSize) === BigInt(page),
  );
  const newest = pages.map(transactionOf).sort((one, other) => Number(other - one))[0];
  return pages.filter(
    (page) => file.readUInt16LE(page * pageSize + 18) === kind && (kind !== leaf || transactionOf(page) === newest),
  );
}

/** Where the node of that index begins. */
function nodeAt(page: Buffer, index: number): number {
  return 24 + page.readUInt16LE(24 + 2 * index);
}

function edit(page: Buffer, index: number, offset: number, value: number): void {
  page.writeUInt16LE(value, nodeAt(page, index) + offset);
}

function pointed(page: Buffer, index: number): number {
  return page.readUInt16LE(nodeAt(page, index));
}
