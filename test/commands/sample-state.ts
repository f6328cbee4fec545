/** State directories as two roles left them: stores with rings in them, written by the same functions as the roles'. */

import { toHex } from '../../src/core/base/bytes.ts';
import { instant } from '../../src/core/base/time.ts';
import { messageId, type ShortMessage } from '../../src/core/message/message.ts';
import type { Epoch } from '../../src/core/ring/digest.ts';
import type { Outcome } from '../../src/core/ring/outcome.ts';
import { seq, slotOf } from '../../src/core/ring/sequence.ts';
import type { SlotCopy } from '../../src/core/ring/slot.ts';
import type { LaneName } from '../../src/core/ring/status.ts';
import { MessageBytes } from '../../src/core/roles/message-bytes.ts';
import { bytesRecord, laneStateRecord, slotRecord } from '../../src/core/store/lane-records.ts';
import { serveControl } from '../../src/shell/control.ts';
import { sha256 } from '../../src/shell/hashing.ts';
import { readRings } from '../../src/shell/ring-reader.ts';
import { openRoleStore } from '../../src/shell/role-store.ts';
import { lockStateDir, type StateDirLock } from '../../src/shell/state-dir.ts';
import { valueCodec } from '../../src/shell/values.ts';

export interface SampleSlot {
  readonly seq: number;
  readonly status: SlotCopy['status'];
  readonly attempts?: number;
  readonly outcome?: Outcome;
  readonly text?: string;
  /** True if left out. */
  readonly isOffered?: boolean;
}

export interface SampleRing {
  /** Left out: before the first contact. */
  readonly epoch?: string;
  readonly mirrorStore?: string;
  readonly size?: number;
  readonly mt?: readonly SampleSlot[];
  readonly mo?: readonly SampleSlot[];
}

export const epochA = 'a'.repeat(32);
export const epochB = 'b'.repeat(32);

const messages = new MessageBytes(valueCodec, sha256);
const smscId = 'hel1';

/** Makes the store of a role that stopped with these rings. */
export async function writeState(stateDir: string, role: 'buffer' | 'im-server', ring: SampleRing): Promise<void> {
  const home = await openRoleStore({
    stateDir,
    durability: 'process',
    role,
    smscId: role === 'buffer' ? smscId : '',
    log: () => undefined,
  });
  const size = ring.size ?? 255;
  const lanes: readonly (readonly [LaneName, readonly SampleSlot[]])[] = [
    ['mt', ring.mt ?? []],
    ['mo', ring.mo ?? []],
  ];
  for (const [lane, slots] of lanes) {
    const copies = slots.map(sampleCopy);
    const { epoch } = ring;
    if (epoch === undefined) continue;
    await home.store.commit([
      // Test texts of 32 hex digits are epochs.
      laneStateRecord(smscId, lane, {
        epoch: epoch as Epoch,
        size,
        mirrorStore: ring.mirrorStore ?? '',
        producerSeen: { run: '', count: 0 },
      }),
      ...copies.flatMap((copy) => [
        slotRecord(smscId, lane, slotOf(copy.seq, size), copy),
        bytesRecord(smscId, lane, slotOf(copy.seq, size), copy),
      ]),
    ]);
  }
  await home.close();
}

/**
 * A role that runs on such a state, as far as its control socket goes.
 *
 * @param take what it was asked; throws what the role would refuse
 */
export async function runSampleRole(
  stateDir: string,
  take: (call: string, body: unknown) => Promise<unknown>,
): Promise<StateDirLock> {
  const read = await readRings(stateDir);
  const lock = await lockStateDir(stateDir, read.role);
  serveControl(
    lock,
    {
      'GET /rings': async () => {
        const { role, rings } = read;
        const answer = await take('GET /rings', undefined);
        return answer ?? { schema: 'rings/1', role, rings, links: [linkUp] };
      },
      'POST /compare': (body) => take('POST /compare', body),
      'POST /prefer': (body) => take('POST /prefer', body),
      'POST /hand-in': (body) => take('POST /hand-in', body),
      'POST /resolve': (body) => take('POST /resolve', body),
    },
    {
      onBug: (error) => {
        throw error;
      },
    },
  );
  return lock;
}

export const linkUp = { smscId, state: 'up', since: 0, rttMs: 200 } as const;

/** The copy of a slot as the stores have it. */
export function sampleCopy(sample: SampleSlot): SlotCopy {
  const at = instant(Date.now() - 61_000);
  const message: ShortMessage = {
    id: messageId(`0192b5a0-0000-7000-8000-${String(sample.seq).padStart(12, '0')}`),
    from: '',
    to: '+358401234567',
    content: { type: 'text', text: sample.text ?? `text ${sample.seq}`, coding: 'gsm7', flash: false },
    header: new Uint8Array(),
    part: undefined,
    validUntil: instant(2_000_000_000_000),
    report: 'final',
    createdAt: instant(1_700_000_000_000),
    smscTime: undefined,
    textId: '',
  };
  const bytes = messages.encode(message);
  return {
    seq: seq(sample.seq),
    status: sample.status,
    attempts: sample.attempts ?? 0,
    possibleDuplicate: false,
    outcome: sample.outcome,
    messageId: message.id,
    contentHash: toHex(sha256(bytes).subarray(0, 8)),
    bytes,
    movedAt: at,
    isOffered: sample.isOffered ?? true,
  };
}
