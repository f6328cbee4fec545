/** The smaller machines that an IM server is made of, put together once: who is told what of whom. */
import type { HmacSha256, Sha256 } from '../../base/hashing.ts';
import type { RandomBytes } from '../../base/random.ts';
import type { ValueCodec } from '../../base/values.ts';
import { Exchange } from '../../im/exchange.ts';
import { recoverExchange } from '../../im/exchange-memory.ts';
import { livePrefix } from '../../im/records.ts';
import type { AcceptorSettings } from '../../link/acceptor.ts';
import { nothingSeen, type StorePosition } from '../../ring/digest.ts';
import type { StoreIdentity } from '../../store/identity.ts';
import { recoverLane } from '../../store/lane-records.ts';
import type { StoreReader } from '../../store/record.ts';
import { LaneConsumer } from '../../sync/consumer.ts';
import { LaneProducer } from '../../sync/producer.ts';
import { newEpoch } from '../lane-habits.ts';
import { MessageBytes } from '../message-bytes.ts';
import type { ImServerSettings } from './im-server-io.ts';
import { SmscLanes } from './smsc-lanes.ts';

/** What the core cannot make itself. */
export interface ImServerTools {
  readonly codec: ValueCodec;
  readonly sha256: Sha256;
  readonly hmac: HmacSha256;
  readonly randomBytes: RandomBytes;
  readonly identity: StoreIdentity;
  /** What is on disk, when the role starts and while it runs. */
  readonly store: StoreReader;
}

export interface ImServerParts {
  readonly messages: MessageBytes;
  /** By SMSC id. */
  readonly smscs: ReadonlyMap<string, SmscLanes>;
  /** What all connections have in common. */
  readonly acceptorSettings: Omit<AcceptorSettings, 'admit'>;
  readonly exchange: Exchange;
}

export function assembleImServer(settings: ImServerSettings, tools: ImServerTools): ImServerParts {
  const { codec, sha256, hmac, randomBytes, identity, store } = tools;
  const { node, buffers } = settings;
  const messages = new MessageBytes(codec, sha256);
  const storeId = () => identity.storeId;
  const smscs = new Map(
    buffers.map(({ smscId }) => [smscId, assembleLanes(smscId, settings.ringSize, messages, tools)]),
  );
  const secrets = new Map(buffers.map(({ smscId, secret }) => [smscId, secret]));
  const position = (smscId: string) => smscs.get(smscId)?.mt.position() ?? nothingSeen;
  const secretOf = (smscId: string) => secrets.get(smscId);
  const exchangeSettings = { ...settings.exchange, smscIds: [...smscs.keys()] };
  const memory = recoverExchange(store.entries(livePrefix));
  return {
    ...{ messages, smscs },
    acceptorSettings: { node, storeId, codec, hmac, randomBytes, position, secretOf },
    exchange: new Exchange({ settings: exchangeSettings, memory, store, randomBytes }),
  };
}

function assembleLanes(smscId: string, size: number, messages: MessageBytes, tools: ImServerTools): SmscLanes {
  const { randomBytes, identity, store } = tools;
  const contentHash = (bytes: Uint8Array) => messages.hash(bytes);
  const describe = (bytes: Uint8Array) => messages.outline(bytes);
  const storeId = () => identity.storeId;
  const position = () => identity.position();
  const hasBeenAt = (past: StorePosition) => identity.hasBeenAt(past);
  const lane = { smscId, contentHash, describe };
  const mt = new LaneProducer(
    { ...lane, lane: 'mt', size, newEpoch: newEpoch(randomBytes), position, hasBeenAt },
    recoverLane(store, smscId, 'mt'),
  );
  const mo = new LaneConsumer(
    { ...lane, lane: 'mo', inDoubt: 'resend', repetition: 'harmless', storeId },
    recoverLane(store, smscId, 'mo'),
  );
  return new SmscLanes(smscId, mt, mo, store);
}
