/** The smaller machines that a buffer is made of, put together once: who is told what of whom. */
import type { HmacSha256, Sha256 } from '../../base/hashing.ts';
import type { Random, RandomBytes } from '../../base/random.ts';
import type { ValueCodec } from '../../base/values.ts';
import { CimdClient } from '../../handshake/client.ts';
import { LinkDialer } from '../../link/dialer.ts';
import type { StorePosition } from '../../ring/digest.ts';
import type { StoreIdentity } from '../../store/identity.ts';
import { recoverLane } from '../../store/lane-records.ts';
import type { StoreReader } from '../../store/record.ts';
import type { SlotNotes } from '../../store/slot-note.ts';
import { LaneConsumer } from '../../sync/consumer.ts';
import { LaneProducer } from '../../sync/producer.ts';
import { newEpoch } from '../lane-habits.ts';
import { MessageBytes } from '../message-bytes.ts';
import type { BufferSettings } from './buffer-io.ts';
import { Delivering } from './delivering.ts';
import { Enquiring } from './enquiring.ts';
import { ImServerClock } from './im-server-clock.ts';
import { Redelivery } from './redelivery.ts';
import { SessionNews } from './session-news.ts';
import { SmscZone } from './smsc-zone.ts';
import { Submitting } from './submitting.ts';

/** What the core cannot make itself. */
export interface BufferTools {
  readonly codec: ValueCodec;
  readonly sha256: Sha256;
  readonly hmac: HmacSha256;
  readonly randomBytes: RandomBytes;
  readonly random: Random;
  readonly identity: StoreIdentity;
  /** What is on disk when the role starts. */
  readonly store: StoreReader;
  /** What the outputs `note` said before the role started; undefined where that may have been lost. */
  readonly notes: SlotNotes | undefined;
}

export interface BufferParts {
  readonly messages: MessageBytes;
  readonly client: CimdClient;
  readonly dialer: LinkDialer;
  readonly mt: LaneConsumer;
  readonly mo: LaneProducer;
  readonly submitting: Submitting;
  readonly delivering: Delivering;
  readonly enquiring: Enquiring;
  readonly zone: SmscZone;
  readonly clock: ImServerClock;
  readonly news: SessionNews;
}

/** After a session broke, and after a login was refused. */
const reconnectMs = { first: 500, cap: 30_000, afterRefusedLogin: 30_000 };

export function assembleBuffer(settings: BufferSettings, tools: BufferTools): BufferParts {
  const { smscId, node, secret } = settings;
  const { codec, sha256, hmac, randomBytes, random, identity, store } = tools;
  const messages = new MessageBytes(codec, sha256);
  const clock = new ImServerClock();
  const contentHash = (bytes: Uint8Array) => messages.hash(bytes);
  const describe = (bytes: Uint8Array) => messages.outline(bytes);
  const storeId = () => identity.storeId;
  const position = () => identity.position();
  const hasBeenAt = (past: StorePosition) => identity.hasBeenAt(past);
  const producerAheadMs = () => clock.surelyAheadMs();
  const lane = { smscId, contentHash, describe };
  const mt = new LaneConsumer(
    { ...lane, lane: 'mt', inDoubt: settings.inDoubt, repetition: 'doubt', producerAheadMs, storeId },
    recoverLane(store, smscId, 'mt'),
  );
  const mo = new LaneProducer(
    { ...lane, lane: 'mo', size: settings.ringSize, newEpoch: newEpoch(randomBytes), position, hasBeenAt },
    recoverLane(store, smscId, 'mo'),
  );
  const told = { storeId, position: () => mo.position() };
  const enquiring = new Enquiring({ smscId, randomBytes, imServerAheadMs: producerAheadMs }, mo, messages, store);
  // SPEC: reference section 2.1: only a receiving account is sent reports, the others ask.
  const isReported = (settings.applicationType ?? 'receiving') === 'receiving';
  return {
    ...{ messages, mt, mo, enquiring, clock },
    client: new CimdClient({ ...settings, repeats: 2, reconnectMs, reconnect: 'forever' }, random),
    dialer: new LinkDialer({ smscId, node, secret, codec, hmac, randomBytes, ...told }, random),
    submitting: new Submitting(settings, mt, messages, isReported ? undefined : enquiring),
    delivering: new Delivering({ ...settings, randomBytes }, mo, messages, new Redelivery(store), enquiring),
    zone: new SmscZone(settings.smscZone, settings.machineZone),
    news: new SessionNews(),
  };
}
