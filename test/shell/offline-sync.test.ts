import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant } from '../../src/core/base/time.ts';
import { type MessageId, messageId, type ShortMessage } from '../../src/core/message/message.ts';
import { nothingSeen } from '../../src/core/ring/digest.ts';
import { newEpoch } from '../../src/core/roles/lane-habits.ts';
import { MessageBytes } from '../../src/core/roles/message-bytes.ts';
import { recoverLane } from '../../src/core/store/lane-records.ts';
import { LaneProducer } from '../../src/core/sync/producer.ts';
import { randomBytes, sha256 } from '../../src/shell/hashing.ts';
import { syncStopped } from '../../src/shell/offline-sync.ts';
import { readRings } from '../../src/shell/ring-reader.ts';
import { openRoleStore } from '../../src/shell/role-store.ts';
import { valueCodec } from '../../src/shell/values.ts';

const smscId = 'hel1';
const id: MessageId = messageId('01a203da-b1d0-7da0-85eb-efd5d6985b5e');

const message: ShortMessage = {
  id,
  from: '0001',
  to: '+639171234567',
  content: { type: 'text', text: 'while both were down', coding: 'gsm7', flash: false },
  header: new Uint8Array(0),
  part: undefined,
  validUntil: instant(8_640_000_000_000_000),
  report: 'final',
  createdAt: instant(1),
  smscTime: undefined,
  textId: id,
};

let home: string;
let bufferDir: string;
let imServerDir: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rb-offline-'));
  bufferDir = join(home, 'buffer');
  imServerDir = join(home, 'im');
});

afterEach(async () => rm(home, { recursive: true }));

function sync(): Promise<void> {
  return syncStopped({ smscId, bufferDir, imServerDir, timeoutMs: 20_000, log: () => undefined });
}

/** What the IM server does for a text while its buffer is away, and then it ends. */
async function placeWhileApart(): Promise<void> {
  const { store, close } = await openRoleStore({
    ...{ stateDir: imServerDir, durability: 'process', role: 'im-server', smscId: '', log: () => undefined },
  });
  const messages = new MessageBytes(valueCodec, sha256);
  const producer = new LaneProducer(
    {
      smscId,
      lane: 'mt',
      contentHash: (bytes) => messages.hash(bytes),
      describe: (bytes) => messages.outline(bytes),
      size: 255,
      newEpoch: newEpoch(randomBytes),
      position: () => nothingSeen,
      hasBeenAt: () => true,
    },
    recoverLane(store, smscId, 'mt'),
  );
  for (const output of producer.enqueue(id, messages.encode(message), instant(2))) {
    if (output.type === 'persist') await store.commit(output.records);
  }
  await close();
}

async function slotOf(dir: string) {
  const { rings } = await readRings(dir);
  return rings.find((ring) => ring.lane === 'mt')?.slots.find((slot) => slot.messageId === id);
}

describe('two stopped ends', () => {
  it('agree on an epoch for each lane at their first contact', async () => {
    await sync();
    const [buffer, imServer] = await Promise.all([readRings(bufferDir), readRings(imServerDir)]);
    for (const lane of ['mt', 'mo']) {
      const epochs = [buffer, imServer].map(({ rings }) => rings.find((ring) => ring.lane === lane)?.epoch);
      expect(epochs[0]).toMatch(/^[0-9a-f]{32}$/);
      expect(epochs[1]).toBe(epochs[0]);
    }
  });

  it('bring what only one of them holds into the mirror, and hand nothing over', async () => {
    await sync();
    await placeWhileApart();
    expect(await slotOf(bufferDir)).toBeUndefined();
    await sync();
    expect(await slotOf(bufferDir)).toMatchObject({ status: 'mirrored', attempts: 0 });
    expect(await slotOf(imServerDir)).toMatchObject({ status: 'mirrored', attempts: 0 });
  });

  it('are left alone while a role runs', async () => {
    const running = await openRoleStore({
      ...{ stateDir: bufferDir, durability: 'process', role: 'buffer', smscId, log: () => undefined },
    });
    await expect(sync()).rejects.toMatchObject({ code: 'STORE_BUSY', exitStatus: 9 });
    await running.close();
  });
});
