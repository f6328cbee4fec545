/**
 * What the IM server keeps for one SMSC: the mt ring it owns, the mirror of the mo ring, which store is at the other
 * end, and the connection in force, if there is one. SPEC: DESIGN section 3, one connection and one store per SMSC.
 */
import type { Instant } from '../../base/time.ts';
import { instant } from '../../base/time.ts';
import type { PlainValue } from '../../base/values.ts';
import type { SessionEntry } from '../../link/entries.ts';
import { LinkStory } from '../../link/link-story.ts';
import type { Introduction, Refusal } from '../../link/login.ts';
import { isRingSize, type SlotIndex } from '../../ring/sequence.ts';
import type { LaneName } from '../../ring/status.ts';
import type { StoreReader, StoreRecord } from '../../store/record.ts';
import type { BufferStores, LinkView, RingView, SessionView } from '../../store/ring-view.ts';
import type { LaneConsumer } from '../../sync/consumer.ts';
import type { LaneProducer } from '../../sync/producer.ts';
import { type LaneStatus, type LinkStatus, laneStatus } from '../lane-status.ts';
import type { MessageBytes } from '../message-bytes.ts';
import type { RingSight } from '../ring-news.ts';
import { movesOf, type RingsWanted, ringView, slotView } from '../ring-views.ts';
import type { ConnectionRef } from './im-server-io.ts';
import { laneGlance, type SlotSight, type SmscGlance, saidByBuffer } from './ring-glance.ts';

const format = 1;
/** Retired store ids that are kept: each is one replaced disk. */
const retiredKept = 256;

/** How the bridge to one SMSC is doing, as the IM server sees it. */
export interface SmscHealth {
  readonly smscId: string;
  readonly link: LinkStatus;
  /** Messages that wait for a slot. */
  readonly outbox: number;
  readonly mt: LaneStatus;
  readonly mo: LaneStatus;
  /** The buffer's stores that were replaced for good. */
  readonly retiredStores: number;
}

export class SmscLanes {
  readonly smscId: string;
  readonly mt: LaneProducer;
  readonly mo: LaneConsumer;
  connection: ConnectionRef | undefined;
  /** The newest that ever was in force; they are numbered as they were opened. */
  #newestConnection: ConnectionRef = 0;
  readonly story = new LinkStory();
  linkSince: Instant = instant(0);
  rttMs: number | undefined;
  problem: { readonly code: string; readonly reason: string } | undefined;
  /** The buffer's, with the SMSC, as it told on this connection; an older buffer tells nothing. */
  #session: SessionView | undefined;
  /** The buffer's store in force; empty before the first contact. */
  #storeId = '';
  #retired: readonly string[] = [];

  constructor(smscId: string, mt: LaneProducer, mo: LaneConsumer, store: StoreReader) {
    this.smscId = smscId;
    this.mt = mt;
    this.mo = mo;
    const known = recoverBufferStores(store, smscId);
    this.#storeId = known?.inForce ?? '';
    this.#retired = known?.retired ?? [];
  }

  /**
   * Whether a store that proved itself may take part on that connection. Not on one that was opened before the newest:
   * its bytes were late, and a digest that was late would be compared with what happened since.
   */
  admit(peer: Introduction, connection: ConnectionRef): Refusal | undefined {
    if (connection < this.#newestConnection) {
      const message = 'the buffer has connected anew since this connection was opened';
      return { code: 'LINK_ANOTHER_BUFFER', message };
    }
    if (this.#retired.includes(peer.storeId)) {
      const message = 'another buffer took over with a newer store; this one is retired';
      return { code: 'LINK_STORE_RETIRED', message };
    }
    if (this.connection !== undefined && this.#storeId !== peer.storeId) {
      const message = `another buffer with another store is connected for SMSC id ${this.smscId}`;
      return { code: 'LINK_ANOTHER_BUFFER', message };
    }
    return undefined;
  }

  /** What a buffer's store is here. */
  standingOf(storeId: string): 'in-force' | 'retired' | 'unknown' {
    if (storeId === this.#storeId) return 'in-force';
    return this.#retired.includes(storeId) ? 'retired' : 'unknown';
  }

  /** The buffer's stores, for whoever has a state directory and wants to know what it is. */
  stores(): BufferStores {
    return { smscId: this.smscId, inForce: this.#storeId, retired: this.#retired };
  }

  /** That connection is the one in force. */
  take(connection: ConnectionRef): void {
    this.connection = connection;
    this.#newestConnection = Math.max(this.#newestConnection, connection);
    this.#session = undefined;
  }

  /** There is no connection any more, and nobody who knows how the SMSC is. */
  leave(): void {
    this.connection = undefined;
    this.#session = undefined;
  }

  takeSession({ state, forMs, code, refusedWith }: SessionEntry, now: Instant): SessionView {
    const session: SessionView = {
      state,
      since: Math.max(0, now - forMs),
      ...(code === undefined ? {} : { code }),
      ...(refusedWith === 0 ? {} : { refusedWith }),
    };
    this.#session = session;
    return session;
  }

  /** Takes that store; the one before it is retired for good. */
  takeStore(storeId: string): StoreRecord[] {
    if (storeId === this.#storeId) return [];
    if (this.#storeId !== '') this.#retired = [...this.#retired, this.#storeId].slice(-retiredKept);
    this.#storeId = storeId;
    return [{ key: ['ring', this.smscId, 'stores'], value: [format, storeId, ...this.#retired] }];
  }

  link(): LinkView {
    const isInStep = this.mt.contact === 'in-step' && this.mo.contact === 'in-step';
    const isUp = this.connection !== undefined;
    return {
      smscId: this.smscId,
      state: isUp ? (isInStep ? 'up' : 'comparing') : 'down',
      since: this.linkSince,
      ...(isUp && this.rttMs !== undefined ? { rttMs: Math.round(this.rttMs) } : {}),
      ...(isUp || this.problem === undefined ? {} : this.problem),
      ...(this.#session === undefined ? {} : { session: this.#session }),
    };
  }

  ringSights(): RingSight[] {
    return (['mt', 'mo'] as const).map((lane) => {
      const { ring, state } = lane === 'mt' ? this.mt : this.mo;
      return { smscId: this.smscId, side: 'im-server', lane, epoch: state?.epoch, size: state?.size ?? 0, ring };
    });
  }

  health(messages: MessageBytes, now: Instant): SmscHealth {
    const outbox = this.mt.outboxCount;
    return {
      smscId: this.smscId,
      // It always listens; when to come is the buffer's to decide.
      link: { ...this.link(), ...this.story.health(now), desired: 'up', nextAttemptAt: undefined },
      outbox,
      mt: laneStatus(this.mt, outbox, messages, now),
      mo: laneStatus(this.mo, undefined, messages, now),
      retiredStores: this.#retired.length,
    };
  }

  /** Both lanes as they are, for whoever watches. */
  glance(): SmscGlance {
    const lanes = [laneGlance('mt', this.mt, this.mt.outboxCount), laneGlance('mo', this.mo, 0)];
    return { smscId: this.smscId, link: this.link(), lanes };
  }

  /** @param slot any number @returns undefined where the ring has no such slot */
  slotSight(lane: LaneName, slot: number, messages: MessageBytes): SlotSight | undefined {
    const { ring, state } = lane === 'mt' ? this.mt : this.mo;
    if (state === undefined || !isRingSize(slot) || slot > ring.size) return undefined;
    // Just checked: 1–size, the range of a slot.
    const index = slot as unknown as SlotIndex;
    const copy = ring.at(index);
    return {
      smscId: this.smscId,
      lane,
      imServer: slotView(index, copy, (bytes) => messages.decode(bytes)),
      buffer: saidByBuffer(lane, copy),
      moves: movesOf(copy, ring.movesIn(index)),
    };
  }

  rings(messages: MessageBytes, { moves }: RingsWanted): RingView[] {
    const side = 'im-server' as const;
    const decode = (bytes: Uint8Array) => messages.decode(bytes);
    return (['mt', 'mo'] as const).map((lane) => {
      const { state, ring } = lane === 'mt' ? this.mt : this.mo;
      const { epoch, size = 0, mirrorStore } = state ?? {};
      const movesIn = moves === 'with' ? (slot: SlotIndex) => ring.movesIn(slot) : undefined;
      const { smscId } = this;
      return ringView({ smscId, side, lane, epoch, size, mirrorStore, copies: ring.copies(), decode, movesIn });
    });
  }
}

/** ['ring', smscId, 'stores']  [1, store in force, retired store, …]; undefined before the first contact. */
export function recoverBufferStores(store: StoreReader, smscId: string): BufferStores | undefined {
  const value = store.get(['ring', smscId, 'stores']);
  if (!Array.isArray(value)) return undefined;
  const [, inForce, ...retired]: readonly PlainValue[] = value;
  return {
    smscId,
    inForce: typeof inForce === 'string' ? inForce : '',
    retired: retired.filter((id): id is string => typeof id === 'string'),
  };
}
