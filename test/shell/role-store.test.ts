import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperatorError } from '../../src/core/base/errors.ts';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { openStore, openStoreForReading, storePath } from '../../src/shell/lmdb-store.ts';
import { openRoleStore, type RoleStore } from '../../src/shell/role-store.ts';

const pageSize = 4_096;
let stateDir = '';
let home: RoleStore | undefined;
let events: LogEvent[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-role-store-'));
  events = [];
});

afterEach(async () => {
  await home?.close();
  home = undefined;
  await rm(stateDir, { recursive: true, force: true });
});

async function start(): Promise<RoleStore> {
  const log = (event: LogEvent) => void events.push(event);
  home = await openRoleStore({ stateDir, durability: 'process', role: 'im-server', smscId: '', log });
  return home;
}

async function stop(): Promise<void> {
  await home?.close();
  home = undefined;
}

/** As a killed process leaves it: nothing says that the run ended. */
async function die(): Promise<void> {
  const lastRun = home?.identity.run;
  await stop();
  const store = await openStoreForReading(stateDir);
  expect(store.get(['stopped'])).toEqual([1, lastRun]);
  await store.close();
  const writer = await openStore({ stateDir, durability: 'process' });
  await writer.commit([{ key: ['stopped'], value: undefined }]);
  await writer.close();
}

async function writeTexts(count: number): Promise<void> {
  const texts = Array.from({ length: count }, (_, index) => ({
    key: ['im', 'text', 'alice', `text ${index}`],
    value: [1, `${index} of many `.repeat(20)],
  }));
  await home?.store.commit(texts);
}

/** Zeros over a page of texts that is no first or last one of them. */
async function damageHistory(): Promise<void> {
  const path = storePath(stateDir);
  const bytes = await readFile(path);
  const isText = (page: number) => bytes.subarray(page * pageSize, (page + 1) * pageSize).includes('50 of many');
  const pages = Array.from({ length: bytes.length / pageSize }, (_, page) => page).filter(isText);
  const file = await open(path, 'r+');
  for (const page of pages) await file.write(Buffer.alloc(pageSize), 0, pageSize, page * pageSize);
  await file.close();
}

async function checked(role: RoleStore): Promise<OperatorError | undefined> {
  let damage: OperatorError | undefined;
  role.checkHistory((error) => {
    damage = error;
  });
  const isDone = () => damage !== undefined || events.some(({ event }) => event === 'store.history-checked');
  while (!isDone()) await delay(5);
  return damage;
}

describe('history in the store of an IM server', () => {
  it('is looked at while the role runs, where the run before ended in order', async () => {
    await start();
    await writeTexts(2_000);
    await stop();
    const role = await start();
    const writing = (async () => {
      for (let round = 0; round < 20; round += 1) await writeTexts(200);
    })();
    expect(await checked(role)).toBeUndefined();
    await writing;
  });

  it('that is damaged does not keep a role from starting, and ends it soon after', async () => {
    await start();
    await writeTexts(2_000);
    await stop();
    await damageHistory();
    const role = await start();
    expect(role.store.get(['store'])).toContain('im-server');
    expect(await checked(role)).toMatchObject({ code: 'STORE_FAILED' });
    expect(events).toMatchObject([{ level: 'error', event: 'store.damaged', fields: { code: 'STORE_FAILED' } }]);
  });

  it('is looked at before anything else where the run before did not end in order: it may be why', async () => {
    await start();
    await writeTexts(2_000);
    await die();
    await damageHistory();
    await expect(start()).rejects.toMatchObject({ code: 'STORE_FAILED', message: /is not what it has to be/ });
  });
});
