/** `sync replay` with the directory of a retired buffer: what only that holds goes to the running IM server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retiredKey } from '../../../src/core/store/identity.ts';
import { outboxRecord } from '../../../src/core/store/lane-records.ts';
import { openStore } from '../../../src/shell/lmdb-store.ts';
import { readRings } from '../../../src/shell/ring-reader.ts';
import type { StateDirLock } from '../../../src/shell/state-dir.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, runSampleRole, writeState } from '../sample-state.ts';

let dir = '';
let old = '';
let imServer = '';
const locks: StateDirLock[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hand-in-'));
  old = join(dir, 'old');
  imServer = join(dir, 'im-server');
  const confirmed = { status: 'confirmed', stamp: '', errorCode: 0, by: 'answer' } as const;
  await writeState(old, 'buffer', {
    epoch: epochA,
    mt: [{ seq: 1, status: 'mirrored' }],
    mo: [
      { seq: 6, status: 'settled', attempts: 1, outcome: confirmed },
      { seq: 7, status: 'mirrored' },
      { seq: 9, status: 'placed' },
    ],
  });
  const store = await openStore({ stateDir: old, durability: 'process' });
  const waiting = { place: 4, messageId: 'm', bytes: new Uint8Array([1]), attempts: 0 };
  await store.commit([{ key: retiredKey, value: [1, 5] }, outboxRecord('hel1', 'mo', waiting)]);
  await store.close();
  await writeState(imServer, 'im-server', { epoch: epochA });
});
afterEach(async () => {
  for (const lock of locks.splice(0)) await lock.release();
  rmSync(dir, { recursive: true, force: true });
});

/** An IM server that says this of what it is handed. */
async function answering(results: readonly string[]): Promise<unknown[]> {
  const asked: unknown[] = [];
  const lock = await runSampleRole(imServer, async (call, body) => {
    if (call !== 'POST /hand-in') return undefined;
    asked.push(body);
    return { schema: 'sync.handed-in/1', smscId: 'hel1', results };
  });
  locks.push(lock);
  return asked;
}

const replay = (...args: string[]) => runHere(['sync', 'replay', '--state-dir', old, '--state-dir', imServer, ...args]);

const statuses = async () => {
  const { rings } = await readRings(old);
  const slots = rings.find(({ lane }) => lane === 'mo')?.slots ?? [];
  return slots.filter(({ seq }) => seq !== undefined).map(({ seq, status, outcome }) => [seq, status, outcome?.status]);
};

describe('sync replay with the directory of a retired buffer', () => {
  it('lists with --dry-run what has ended nowhere, and changes nothing', async () => {
    const before = await statuses();
    expect(await replay('--dry-run')).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'hel1',
        `retired  ${old}: 3 messages from handsets have ended nowhere: 7, 9, and 1 without a number`,
        'nothing changed',
        '',
      ].join('\n'),
    });
    expect(await statuses()).toEqual(before);
  });

  it('hands it to the IM server, notes what became of it, and has nothing to hand in the next time', async () => {
    const asked = await answering(['stored', 'known', 'refused']);
    const result = await replay('--yes', '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const counts = { stored: 1, known: 1, refused: 1, unreadable: 0 };
    expect(documentOf(result)).toMatchObject({ schema: 'sync.handed-in/1', numbers: [7, 9], waiting: 1, ...counts });
    expect(asked).toMatchObject([{ smscId: 'hel1', isRetired: true, messages: [{}, {}, 'AQ=='] }]);
    expect(await statuses()).toEqual([
      [6, 'settled', 'confirmed'],
      [7, 'settled', 'confirmed'],
      [9, 'settled', undefined],
    ]);
    const again = await replay('--yes');
    expect(again.stdout).toContain('holds no message from a handset that has not ended');
    expect(asked).toHaveLength(1);
  });

  it('leaves what the IM server cannot read, and ends 8', async () => {
    await answering(['stored', 'unreadable', 'stored']);
    const result = await replay('--yes');
    expect(result.status).toBe(8);
    expect(result.stdout).toContain('handed in: 2 stored, 0 known already, 0 refused, 1 that this version cannot read');
    expect(await statuses()).toContainEqual([9, 'placed', undefined]);
  });

  it('notes nothing where the answer does not fit', async () => {
    const before = await statuses();
    await answering(['stored']);
    expect((await replay('--yes')).status).toBe(2);
    expect(await statuses()).toEqual(before);
  });

  it('is refused while the IM server is stopped: only it knows whom a message is for', async () => {
    const result = await replay('--yes', '--json');
    expect(result.status).toBe(5);
    expect(documentOf(result)).toMatchObject({ error: { code: 'CONTROL_UNREACHABLE', retryable: true } });
  });

  it('is refused while the retired buffer still runs', async () => {
    const asked = await answering([]);
    const read = await readRings(old);
    locks.push(await runSampleRole(old, async () => ({ ...read, schema: 'rings/1' })));
    const result = await replay('--yes', '--json');
    expect(result.status).toBe(9);
    expect(documentOf(result)).toMatchObject({ error: { code: 'STORE_BUSY' } });
    expect(asked).toEqual([]);
  });
});
