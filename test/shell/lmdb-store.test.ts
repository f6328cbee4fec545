import { chmod, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreKey, StoreReader } from '../../src/core/store/record.ts';
import { type Durability, openStore, openStoreForReading, storePath } from '../../src/shell/lmdb-store.ts';
import { type Child, type ChildOptions, canMountDisks, startChild } from './processes/child.ts';

let stateDir = '';
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-store-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(stateDir, { recursive: true, force: true });
});

async function openHere(durability: Durability = 'disk'): Promise<Store> {
  const store = await openStore({ stateDir, durability });
  closing.push(() => store.close());
  return store;
}

async function readHere(): Promise<StoreReader> {
  const reader = await openStoreForReading(stateDir);
  closing.push(() => reader.close());
  return reader;
}

/** Another process on the same store. */
async function startWriter(mode: string, durability: Durability = 'disk', options: ChildOptions = {}): Promise<Child> {
  const child = startChild('./store-writer.ts', [stateDir, mode, durability], options);
  closing.push(async () => {
    await child.kill();
  });
  expect(await child.next()).toBe('ready');
  return child;
}

const keys = (entries: Iterable<readonly [StoreKey, unknown]>): readonly StoreKey[] => [...entries].map(([key]) => key);

describe('openStore', () => {
  it('gives back what was committed, also after it was closed', async () => {
    const store = await openHere();
    await store.commit([
      { key: ['meta'], value: [1, 'store-id'] },
      { key: ['slot', 'mt', 7], value: [1, new Uint8Array([1, 2, 3]), 2 ** 40, null] },
    ]);
    expect(store.get(['meta'])).toEqual([1, 'store-id']);
    await store.close();
    const again = await openHere();
    expect(again.get(['slot', 'mt', 7])).toEqual([1, new Uint8Array([1, 2, 3]), 2 ** 40, null]);
    expect(again.get(['slot', 'mt', 8])).toBeUndefined();
  });

  it('deletes a record whose value is undefined', async () => {
    const store = await openHere();
    await store.commit([{ key: ['a'], value: [1] }]);
    await store.commit([{ key: ['a'], value: undefined }]);
    expect(store.get(['a'])).toBeUndefined();
    expect(keys(store.entries([]))).toEqual([]);
  });

  it('lets the last of several records with one key count', async () => {
    const store = await openHere();
    await store.commit([
      { key: ['a'], value: [1] },
      { key: ['a'], value: undefined },
      { key: ['a'], value: [3] },
    ]);
    expect(store.get(['a'])).toEqual([3]);
  });

  it('commits nothing at all when one record is bad', async () => {
    const store = await openHere();
    const bad: readonly StoreKey[] = [[], ['x'.repeat(2_000)], ['a\u0000b'], [Number.NaN]];
    for (const key of bad) {
      const commit = store.commit([
        { key: ['good'], value: [1] },
        { key, value: [2] },
      ]);
      await expect(commit).rejects.toThrow('a store key is');
    }
    expect(keys(store.entries([]))).toEqual([]);
  });

  it('shows a commit to a second reader as soon as it resolves', async () => {
    const store = await openHere();
    await store.commit([{ key: ['count'], value: [0] }]);
    const reader = await startWriter('watch');
    for (let count = 1; count <= 20; count += 1) {
      await store.commit([{ key: ['count'], value: [count] }]);
      expect(await reader.ask('get')).toBe(`[${count}]`);
    }
  });

  it('keeps its file from other users', async () => {
    const store = await openHere();
    await store.commit([{ key: ['a'], value: [1] }]);
    expect((await stat(storePath(stateDir))).mode & 0o777).toBe(0o600);
  });

  it.each(['disk', 'process'] as const)(
    'loses nothing it told, with durability %s, when its process is killed',
    async (durability) => {
      for (let round = 0; round < 2; round += 1) {
        const writer = await startWriter('write', durability);
        const lines = [await writer.ask('go')];
        for (let line = 1; line < 150; line += 1) lines.push(await writer.next());
        lines.push(...(await writer.kill()));
        const told = Math.max(...lines.map(Number));
        const reader = await openStoreForReading(stateDir);
        for (let number = 1; number <= told; number += 1) expect(reader.get(['n', number])).toEqual([1, number]);
        // All or nothing: the second record of each commit is there exactly where the first is.
        const written = keys(reader.entries(['n'])).map((key) => key[1]);
        expect(keys(reader.entries(['twin'])).map((key) => key[1])).toEqual(written);
        await reader.close();
      }
    },
  );

  it.skipIf(!canMountDisks())(
    'refuses with STORE_FULL where there is no room, and goes on when there is some',
    async () => {
      const writer = await startWriter('fill', 'disk', { disk: { folder: stateDir, sizeKib: 2_048 } });
      const [codes, isKept, after] = JSON.parse(await writer.ask('go'));
      expect(codes).toEqual(['STORE_FULL']);
      expect(isKept).toBe(true);
      expect(after).toBe('committed');
    },
  );

  it.skipIf(!canMountDisks())(
    'refuses to begin a store on a full disk, where LMDB would kill the process',
    async () => {
      const writer = await startWriter('cramped', 'disk', { disk: { folder: stateDir, sizeKib: 2_048 } });
      expect(await writer.ask('go')).toBe('STORE_FULL');
    },
  );

  it('refuses a file that is no store, and leaves it as it is', async () => {
    for (const bytes of [Buffer.from('hello'), Buffer.from('garbage'.repeat(5_000)), Buffer.alloc(8_192)]) {
      await writeFile(storePath(stateDir), bytes);
      await expect(openStore({ stateDir, durability: 'disk' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
      await expect(openStoreForReading(stateDir)).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(await readFile(storePath(stateDir))).toEqual(bytes);
    }
  });

  it('refuses a store whose end is missing', async () => {
    const store = await openHere();
    for (let index = 0; index < 20; index += 1)
      await store.commit([{ key: ['a', index], value: [new Uint8Array(9_000)] }]);
    await store.close();
    await truncate(storePath(stateDir), 40_960);
    await expect(openStore({ stateDir, durability: 'disk' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it.skipIf(process.getuid?.() === 0)('refuses with STORE_READ_ONLY where it may not write', async () => {
    await chmod(stateDir, 0o500);
    try {
      await expect(openStore({ stateDir, durability: 'disk' })).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
    } finally {
      await chmod(stateDir, 0o700);
    }
  });
});

describe('entries()', () => {
  it('gives what begins with the prefix, in order, forwards and backwards', async () => {
    const store = await openHere();
    const all: readonly StoreKey[] = [
      ['inbox'],
      ['inbox', 'alice', 1],
      ['inbox', 'alice', 2],
      ['inbox', 'alice', 10],
      ['inbox', 'bob', 1],
      ['inboxes', 'alice', 1],
      ['m'],
    ];
    await store.commit(all.toReversed().map((key) => ({ key, value: [1] })));
    expect(keys(store.entries([]))).toEqual(all);
    expect(keys(store.entries([], { reverse: true }))).toEqual(all.toReversed());
    expect(keys(store.entries(['inbox']))).toEqual(all.slice(0, 5));
    expect(keys(store.entries(['inbox'], { reverse: true }))).toEqual(all.slice(0, 5).toReversed());
    expect(keys(store.entries(['inbox', 'alice'], { limit: 2 }))).toEqual(all.slice(1, 3));
    expect(keys(store.entries(['inbox', 'alice'], { limit: 2, reverse: true }))).toEqual([all[3], all[2]]);
    expect(keys(store.entries(['inbox', 'alice'], { after: ['inbox', 'alice', 1] }))).toEqual(all.slice(2, 4));
    expect(keys(store.entries(['inbox', 'alice'], { after: ['inbox', 'alice', 5] }))).toEqual([all[3]]);
    expect(keys(store.entries(['inbox', 'alice'], { after: ['inbox', 'alice', 5], reverse: true }))).toEqual([
      all[2],
      all[1],
    ]);
    expect(keys(store.entries(['nothing']))).toEqual([]);
  });

  it('orders any keys part by part, numbers before strings', async () => {
    const part = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.string({ unit: 'binary', maxLength: 70 }).map((text) => text.replaceAll(/\p{Cc}|\p{Cs}/gu, '')),
    );
    const key = fc.array(part, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 30 }), fc.array(part, { maxLength: 1 }), async (some, prefix) => {
        const store = await openStore({ stateDir, durability: 'process' });
        await store.commit(some.map((key) => ({ key, value: [1, ...key] })));
        const distinct = new Map(some.map((key) => [JSON.stringify(key), key]));
        const expected = [...distinct.values()]
          .filter((key) => prefix.every((part, at) => key[at] === part))
          .sort(compareKeys);
        expect([...store.entries(prefix)]).toEqual(expected.map((key) => [key, [1, ...key]]));
        expect(keys(store.entries(prefix, { reverse: true }))).toEqual(expected.toReversed());
        await store.commit(some.map((key) => ({ key, value: undefined })));
        await store.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('openStoreForReading', () => {
  it('does not take a store for damaged that this user may not read', async () => {
    const store = await openStore({ stateDir, durability: 'process' });
    await store.close();
    await chmod(storePath(stateDir), 0o000);
    // Root reads everything, so it has to be somebody else for a moment.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const opened = await openStoreForReading(stateDir).catch((error: unknown) => error);
    if (isRoot) process.seteuid?.(0);
    expect(opened).toMatchObject({ code: 'STORE_READ_ONLY', hint: expect.stringContaining('as the user of the role') });
  });

  it('says where there is no store', async () => {
    await expect(openStoreForReading(stateDir)).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await expect(openStoreForReading(join(stateDir, 'nowhere'))).rejects.toMatchObject({ code: 'STORE_MISSING' });
  });

  it('reads a stopped store, and follows a running one that grows', async () => {
    const store = await openHere();
    await store.commit([{ key: ['a', 0], value: [0] }]);
    await store.close();
    const reader = await readHere();
    expect(reader.get(['a', 0])).toEqual([0]);
    const writer = await startWriter('grow');
    expect(await writer.ask('go')).toBe('grown');
    expect(keys(reader.entries(['big'])).length).toBe(400);
  });

  it('says that a record is damaged, and reads the others', async () => {
    const writer = await startWriter('damage');
    expect(await writer.ask('go')).toBe('damaged');
    const reader = await readHere();
    expect(() => reader.get(['bad'])).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
    expect(reader.get(['good'])).toEqual([1]);
  });
});

function compareKeys(a: StoreKey, b: StoreKey): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (typeof left === 'number' && typeof right === 'number' && left !== right) return left - right;
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
    if (typeof left === 'string' && typeof right === 'string' && left !== right) {
      return Buffer.compare(Buffer.from(left), Buffer.from(right));
    }
  }
  return 0;
}
