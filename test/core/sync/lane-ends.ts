/** One end of a lane alone, with its peer played by the test: entries in, outputs out, nothing in between. */
import { type Instant, instant } from '../../../src/core/base/time.ts';
import type { LaneEntry, PlaceEntry, StatusEntry } from '../../../src/core/link/entries.ts';
import { type Epoch, nothingSeen, type RingDigest } from '../../../src/core/ring/digest.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy, SlotState } from '../../../src/core/ring/slot.ts';
import type { OutboxItem, RecoveredLane } from '../../../src/core/store/lane-records.ts';
import type { StoreRecord } from '../../../src/core/store/record.ts';
import { LaneConsumer } from '../../../src/core/sync/consumer.ts';
import type { ConsumerOutput, ProducerOutput } from '../../../src/core/sync/lane-io.ts';
import type { ConsumerSettings, ProducerSettings } from '../../../src/core/sync/lane-settings.ts';
import { LaneProducer } from '../../../src/core/sync/producer.ts';
import { copyOfNumber } from '../ring/copies.ts';
import { describeBytes, hashOf, longMs, messageBytes } from './lane-pair.ts';

export const now = instant(1_000_000);
export const epochOf = (digit: string) => digit.repeat(32) as Epoch; // 32 hex digits, as the type says.
export const epoch = epochOf('1');
export const position = { run: 'a'.repeat(32), count: 7 } as const;

export const common = { smscId: 'hel1', lane: 'mt', contentHash: hashOf, describe: describeBytes } as const;

export function bytesOf(number: number, conversation = 'a', validUntil: Instant = instant(now + longMs)): Uint8Array {
  return messageBytes(`m${number}`, conversation, validUntil);
}

/** A copy whose content is that of {@link bytesOf}. */
export function copyWith(number: number, status: SlotState['status'], given: Partial<Omit<SlotCopy, 'seq'>> = {}) {
  const bytes = given.bytes ?? bytesOf(number);
  return copyOfNumber(number, status, { messageId: `m${number}`, bytes, contentHash: hashOf(bytes), ...given });
}

interface Kept {
  readonly size?: number;
  readonly mirrorStore?: string;
  readonly copies?: readonly SlotCopy[];
}

export function producerWith(
  kept: Kept | undefined,
  settings: Partial<ProducerSettings> = {},
  outbox: readonly OutboxItem[] = [],
): LaneProducer {
  return new LaneProducer(
    { ...common, size: 3, newEpoch: () => epochOf('2'), position: () => position, hasBeenAt: () => true, ...settings },
    { ...recovered(kept), outbox },
  );
}

export function consumerWith(kept: Kept | undefined, settings: Partial<ConsumerSettings> = {}): LaneConsumer {
  return new LaneConsumer(
    { ...common, inDoubt: 'resend', repetition: 'doubt', storeId: () => 'mirror', ...settings },
    recovered(kept),
  );
}

export function recovered(kept: Kept | undefined): RecoveredLane {
  if (kept === undefined) return { state: undefined, copies: [], outbox: [] };
  const { size = 3, mirrorStore = 'mirror', copies = [] } = kept;
  return { state: { epoch, size, mirrorStore, producerSeen: nothingSeen }, copies, outbox: [] };
}

export function digestWith(states: readonly SlotState[], given: Partial<RingDigest> = {}): RingDigest {
  const lastSeq = Math.max(0, ...states.map((state) => state.seq));
  return { epoch, size: 3, lastSeq, slots: states, producerSeen: nothingSeen, ...given };
}

export function digestEntry(digest: RingDigest, occasion: 'first' | 'regular' | 'request' | 'answer' = 'first') {
  return { type: 'digest', lane: 'mt', occasion, digest } as const;
}

export function placeOf(number: number, given: Partial<PlaceEntry> = {}): PlaceEntry {
  const bytes = bytesOf(number);
  return {
    type: 'place',
    lane: 'mt',
    seq: seq(number),
    messageId: `m${number}`,
    bytes,
    attempts: 0,
    fate: 'known',
    position,
    ...given,
  };
}

export function statusOf(copy: SlotState): StatusEntry {
  const { seq: number, status, attempts, possibleDuplicate, outcome } = copy;
  return { type: 'status', lane: 'mt', state: { seq: number, status, attempts, possibleDuplicate, outcome } };
}

type Output = ProducerOutput | ConsumerOutput;

export function entriesIn(outputs: readonly Output[]): LaneEntry[] {
  return outputs.flatMap((output) => (output.type === 'send-entry' ? [output.entry] : []));
}

export function entryIn<T extends LaneEntry['type']>(
  outputs: readonly Output[],
  type: T,
): Extract<LaneEntry, { type: T }>[] {
  return entriesIn(outputs).filter((entry): entry is Extract<LaneEntry, { type: T }> => entry.type === type);
}

export function recordsIn(outputs: readonly Output[]): StoreRecord[] {
  return outputs.flatMap((output) => (output.type === 'persist' ? output.records : []));
}

export function eventsIn(outputs: readonly Output[]): string[] {
  return outputs.flatMap((output) => (output.type === 'log' ? [output.event] : []));
}

/** The end as it is after its peer has shown this copy of the ring. */
export function inStep<E extends LaneProducer | LaneConsumer>(
  end: E,
  digest: RingDigest,
  peerStore = 'mirror',
): Output[] {
  return [...end.linkUp(peerStore), ...end.handle(digestEntry(digest), now)];
}
