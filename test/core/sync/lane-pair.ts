/**
 * Both ends of one lane with all that can go wrong between and under them: disks that are late, processes that die,
 * stores that are lost, a connection that keeps order and is cut anywhere, and an SMSC whose answers get lost. Plain
 * steps; what is random is in `lane-commands.ts`, what must hold in `lane-checks.ts`.
 */
import { isDeepStrictEqual } from 'node:util';
import { fromLatin1, toHex, toLatin1 } from '../../../src/core/base/bytes.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import type { LaneEntry } from '../../../src/core/link/entries.ts';
import type { Epoch, StorePosition } from '../../../src/core/ring/digest.ts';
import type { Outcome } from '../../../src/core/ring/outcome.ts';
import type { Seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy } from '../../../src/core/ring/slot.ts';
import { inOneCommit } from '../../../src/core/roles/one-commit.ts';
import { openIdentity, type StoreIdentity } from '../../../src/core/store/identity.ts';
import { type RecoveredLane, recoverLane } from '../../../src/core/store/lane-records.ts';
import { compareLane } from '../../../src/core/sync/compare.ts';
import { LaneConsumer } from '../../../src/core/sync/consumer.ts';
import type { ConsumerOutput, ProducerOutput } from '../../../src/core/sync/lane-io.ts';
import type { LaneSettings, MessageOutline } from '../../../src/core/sync/lane-settings.ts';
import { LaneProducer } from '../../../src/core/sync/producer.ts';
import { sha256 } from '../../../src/shell/hashing.ts';
import { Carrier, type Work } from './carrier.ts';
import { type HandOver, LaneChecks, lane } from './lane-checks.ts';

export interface PairSettings {
  readonly size: number;
  readonly inDoubt: 'resend' | 'hold';
  readonly repetition: 'doubt' | 'harmless';
}

export type End = 'producer' | 'consumer';
export type Answer = 'confirm' | 'refuse' | 'postpone' | 'lose' | 'repeat';

/** What is on its way: entries, and the last step of a login that makes the acceptor take the connection as up. */
type Item =
  | LaneEntry
  | { readonly type: 'proof'; readonly storeId: string }
  | { readonly type: 'position'; readonly position: StorePosition };

export const longMs = 3_600_000_000;
export const shortMs = 40_000;

export function messageBytes(id: string, conversation: string, validUntil: Instant): Uint8Array {
  return fromLatin1(`${id} ${conversation} ${validUntil}`);
}

export function describeBytes(bytes: Uint8Array): MessageOutline | undefined {
  const [, conversation, validUntil] = toLatin1(bytes).split(' ');
  if (conversation === undefined || validUntil === undefined) return undefined;
  return { conversation, validUntil: instant(Number(validUntil)) };
}

export const hashOf = (bytes: Uint8Array) => toHex(sha256(bytes)).slice(0, 16);

export class LanePair {
  readonly settings: PairSettings;
  readonly checks: LaneChecks;
  now = instant(1_000_000);
  readonly carriers: Readonly<Record<End, Carrier>>;
  producer: LaneProducer;
  consumer: LaneConsumer;
  /** The connection that stands, and which one each end believes in; 0 for none. */
  connection = 0;
  readonly believed: Record<End, number> = { producer: 0, consumer: 0 };
  readonly onItsWay: Record<End, Item[]> = { producer: [], consumer: [] };
  readonly storeIds: Record<End, string> = { producer: 'producer store 1', consumer: 'consumer store 1' };
  /** Attempts without an answer, of this life of the consumer. */
  outstanding: { readonly copy: SlotCopy; readonly handOver: HandOver }[] = [];
  /** Entries that went out, by kind. */
  readonly sentCounts = new Map<string, number>();
  #messageCount = 0;
  #connectionCount = 0;
  #storeCount = 1;
  #epochCount = 0;
  #wasProducerLost = false;
  #wasSetBack = false;
  /** The end whose disk alone holds the truth until both were compared: with that one lost too nothing is promised. */
  #onlyWitness: End | undefined;
  #chance = 0;
  #identity: StoreIdentity;

  constructor(settings: PairSettings) {
    this.settings = settings;
    const name = settings.repetition === 'doubt' ? 'mt' : 'mo';
    this.checks = new LaneChecks(settings.inDoubt, settings.repetition, name);
    this.carriers = {
      producer: new Carrier({
        perform: (work) => this.#perform('producer', work),
        commits: (records, before) => this.checks.producerCommits(records, before),
      }),
      consumer: new Carrier({
        perform: (work) => this.#perform('consumer', work),
        commits: (records, before) => this.checks.consumerCommits(records, before),
      }),
    };
    this.#identity = this.#openIdentity();
    this.producer = this.#newProducer();
    this.consumer = this.#newConsumer();
  }

  get #lane(): LaneSettings {
    const name = this.settings.repetition === 'doubt' ? 'mt' : 'mo';
    return { ...lane, lane: name, contentHash: hashOf, describe: describeBytes };
  }

  get #dialer(): End {
    return this.settings.repetition === 'doubt' ? 'consumer' : 'producer';
  }

  // --- messages -----------------------------------------------------------------------------------------------------

  enqueue(conversation: string, validMs: number): string {
    this.#messageCount += 1;
    const id = `m${this.#messageCount}`;
    this.checks.given({ id, conversation, place: this.#messageCount });
    const bytes = messageBytes(id, conversation, later(this.now, validMs));
    const kept: Work = { type: 'persist', records: [{ key: ['role', 'enqueued', id], value: [1] }] };
    this.carriers.producer.add(this.#producerWork(this.producer.enqueue(id, bytes, this.now), [kept]));
    return id;
  }

  /** Begins to hand over the next message, if one may be. */
  claim(): boolean {
    const claim = this.consumer.claim(this.now);
    if (claim === undefined) return false;
    const validUntil = describeBytes(claim.copy.bytes)?.validUntil ?? instant(0);
    if (validUntil <= this.now) throw new Error(`${claim.copy.messageId} is handed over after its validity`);
    this.#checkTurn(claim.copy);
    this.carriers.consumer.add([...this.#consumerWork(claim.outputs), { type: 'hand-over', copy: claim.copy }]);
    return true;
  }

  /** SPEC: DESIGN section 11, order: what waits for another attempt keeps its conversation waiting. */
  #checkTurn(claimed: SlotCopy): void {
    const conversation = describeBytes(claimed.bytes)?.conversation;
    for (const copy of this.consumer.ring.unfinished()) {
      const outline = describeBytes(copy.bytes);
      const isPassable = copy.status === 'in-doubt' && this.settings.inDoubt === 'hold';
      if (copy.seq >= claimed.seq || outline?.conversation !== conversation || isPassable) continue;
      const isOver = outline !== undefined && outline.validUntil <= this.now && copy.status !== 'in-flight';
      if (!isOver) throw new Error(`${claimed.messageId} passes ${copy.messageId}, which is ${copy.status}`);
    }
  }

  answer(pick: number, how: Answer, waitMs = 5_000): void {
    const at = pick % Math.max(1, this.outstanding.length);
    const one = this.outstanding[at];
    if (one === undefined) return;
    const number = one.copy.seq;
    if (how === 'repeat') {
      if (this.settings.inDoubt === 'hold') return;
      const outputs = this.consumer.countRepeat(number, this.now);
      const copy = this.consumer.ring.find(number);
      this.outstanding.splice(at, 1);
      if (copy !== undefined) {
        this.carriers.consumer.add([...this.#consumerWork(outputs), { type: 'hand-over', copy }]);
      }
      return;
    }
    this.outstanding.splice(at, 1);
    this.carriers.consumer.add(this.#consumerWork(this.#answerOf(one, how, waitMs)));
  }

  #answerOf({ copy, handOver }: LanePair['outstanding'][number], how: Answer, waitMs: number): ConsumerOutput[] {
    switch (how) {
      case 'confirm':
        handOver.answer = 'confirmed';
        return this.consumer.end(copy.seq, outcomeOf('confirmed'), this.now);
      case 'refuse':
        handOver.answer = 'refused';
        return this.consumer.end(copy.seq, outcomeOf('refused'), this.now);
      case 'postpone':
        handOver.answer = 'temporary';
        return this.consumer.postpone(copy.seq, later(this.now, waitMs), this.now);
      default:
        return this.consumer.doubt(copy.seq, this.now);
    }
  }

  resolve(by: End, pick: number, as: 'sent' | 'not-sent'): void {
    const ring = by === 'producer' ? this.producer.ring : this.consumer.ring;
    const doubted = ring.unfinished().filter((copy) => copy.status === 'in-doubt');
    const copy = doubted[pick % Math.max(1, doubted.length)];
    if (copy === undefined) return;
    if (by === 'producer') {
      this.carriers.producer.add(this.#producerWork(this.producer.resolve(copy.seq, as, 'operator')));
    } else {
      this.carriers.consumer.add(this.#consumerWork(this.consumer.resolve(copy.seq, as, 'operator', this.now) ?? []));
    }
  }

  // --- time, disks, processes ---------------------------------------------------------------------------------------

  pass(ms: number): void {
    this.now = later(this.now, ms);
    this.carriers.producer.add(this.#producerWork(this.producer.tick(this.now)));
    this.carriers.consumer.add(this.#consumerWork(this.consumer.tick(this.now)));
  }

  crash(end: End): void {
    if (this.carriers[end].waitingCount === 0) this.checkRecovery(end);
    this.carriers[end].crash();
    this.#restart(end);
  }

  loseStore(end: End): void {
    if (!this.#mayLose(end)) return;
    this.#onlyWitness = otherOf(end);
    const other = this.#heldAt(otherOf(end));
    if (end === 'producer') {
      this.#wasProducerLost = true;
      this.checks.producerLost(other);
    } else {
      this.checks.consumerLost(other);
    }
    this.#storeCount += 1;
    this.storeIds[end] = `${end} store ${this.#storeCount}`;
    this.carriers[end].loseStore();
    this.#restart(end);
  }

  /** What that end has on disk and still knows: its disk may lag behind. */
  #heldAt(end: End): RecoveredLane {
    const found = recoverLane(this.carriers[end].store, lane.smscId, this.#lane.lane);
    const { ring } = this[end];
    return { ...found, copies: found.copies.flatMap((copy) => ring.find(copy.seq) ?? []) };
  }

  #mayLose(end: End): boolean {
    const isOnDisk = this.carriers.producer.waitingCount + this.carriers.consumer.waitingCount === 0;
    const isOver = isOnDisk && this.producer.contact === 'in-step' && this.consumer.contact === 'in-step';
    if (isOver && this.differences().length === 0) this.#onlyWitness = undefined;
    return this.#onlyWitness !== end;
  }

  backUp(end: End): void {
    this.carriers[end].backUp();
  }

  /** The disk is as it was at the last backup. A consumer is told so by its operator; a producer finds out. */
  setBack(end: End): void {
    if (!this.#mayLose(end)) return;
    const mine = this.carriers[end];
    const other = this.#heldAt(otherOf(end));
    if (!mine.setBack()) return;
    // Nobody puts back a backup while something of the old life is still on its way.
    this.cut([]);
    this.#wasSetBack = true;
    this.#onlyWitness = otherOf(end);
    const left = recoverLane(mine.store, lane.smscId, this.#lane.lane);
    if (end === 'producer') {
      // Back to where it had no epoch, it takes over what the mirror holds.
      this.#wasProducerLost = true;
      this.checks.producerSetBack(other, left, mine.store);
      this.#restart(end);
      return;
    }
    this.checks.consumerSetBack(other, left);
    this.#storeCount += 1;
    this.storeIds.consumer = `consumer store ${this.#storeCount}`;
    this.#restart(end);
  }

  #restart(end: End): void {
    this.believed[end] = 0;
    this.onItsWay[end] = [];
    if (end === 'producer') {
      this.#identity = this.#openIdentity();
      this.producer = this.#newProducer();
    } else {
      this.outstanding = [];
      this.consumer = this.#newConsumer();
      this.carriers.consumer.add(this.#consumerWork(this.consumer.recover(this.now)));
    }
  }

  // --- the connection -----------------------------------------------------------------------------------------------

  /** What was on its way is lost. An end that does not notice goes on talking to nobody. */
  cut(noticedBy: readonly End[]): void {
    this.connection = 0;
    this.onItsWay.producer = [];
    this.onItsWay.consumer = [];
    for (const end of noticedBy) this.#notice(end);
  }

  /** A new connection closes the older. The dialer takes it as up first; the acceptor with the proof. */
  connect(): void {
    this.cut([this.#dialer]);
    this.#connectionCount += 1;
    this.connection = this.#connectionCount;
    this.onItsWay[otherOf(this.#dialer)].push({ type: 'proof', storeId: this.storeIds[this.#dialer] });
    this.#takeUp(this.#dialer, this.storeIds[otherOf(this.#dialer)]);
  }

  deliver(to: End, count = Number.POSITIVE_INFINITY): number {
    let delivered = 0;
    for (; delivered < count; delivered += 1) {
      const item = this.onItsWay[to].shift();
      if (item === undefined) break;
      if (item.type === 'proof') {
        this.#notice(to);
        this.#takeUp(to, item.storeId);
      } else if (this.believed[to] === this.connection) {
        this.#give(to, item);
      }
    }
    return delivered;
  }

  /** Says something on its way once more, at once or after what followed it. A digest only at once: it has a time. */
  double(to: End, pick: number, behind: number): void {
    const items = this.onItsWay[to];
    const at = pick % Math.max(1, items.length);
    const item = items[at];
    if (item === undefined || item.type === 'proof' || item.type === 'position') return;
    items.splice(item.type === 'digest' ? at + 1 : at + 1 + (behind % (items.length - at)), 0, item);
  }

  askForDigest(end: End, occasion: 'regular' | 'request'): void {
    if (end === 'producer') this.carriers.producer.add(this.#producerWork(this.producer.askForDigest(occasion)));
    else this.carriers.consumer.add(this.#consumerWork(this.consumer.askForDigest(occasion)));
  }

  /** The producer says where its store is. */
  heartbeat(): void {
    if (this.carriers.producer.waitingCount > 0) return;
    if (this.producer.contact !== 'in-step') return;
    if (this.believed.producer !== this.connection || this.connection === 0) return;
    this.onItsWay.consumer.push({ type: 'position', position: { ...this.#identity.position() } });
  }

  #give(to: End, entry: Exclude<Item, { type: 'proof' }>): void {
    if (entry.type === 'position') {
      this.carriers.consumer.add(this.#consumerWork(this.consumer.noteProducer(entry.position)));
    } else if (to === 'producer') this.carriers.producer.add(this.#producerWork(this.producer.handle(entry, this.now)));
    else this.carriers.consumer.add(this.#consumerWork(this.consumer.handle(entry, this.now)));
  }

  #notice(end: End): void {
    if (this.believed[end] === 0) return;
    this.believed[end] = 0;
    if (end === 'producer') this.producer.linkDown();
    else this.consumer.linkDown();
  }

  #takeUp(end: End, peerStore: string): void {
    this.believed[end] = this.connection;
    if (end === 'producer') {
      this.carriers.producer.add(this.#producerWork(this.producer.linkUp(peerStore)));
    } else {
      this.carriers.consumer.add(this.#consumerWork(this.consumer.linkUp()));
    }
  }

  // --- outputs ------------------------------------------------------------------------------------------------------

  /** @param before what the role does in the same turn */
  #producerWork(outputs: readonly ProducerOutput[], before: readonly Work[] = []): readonly Work[] {
    const works = outputs.flatMap((output): Work[] => {
      if (output.type === 'progress') return [];
      if (output.type !== 'ended') return this.#work('producer', output);
      // The role keeps what ended in the commit that settles it.
      const key = ['role', 'ended', output.messageId];
      return [{ type: 'persist', records: [{ key, value: [1, output.outcome.status] }] }];
    });
    return inOneCommit([...before, ...works], this.#identity);
  }

  #consumerWork(outputs: readonly ConsumerOutput[]): Work[] {
    return outputs.flatMap((output) => this.#work('consumer', output));
  }

  #work(end: End, output: ConsumerOutput): Work[] {
    if (output.type === 'persist') return [output];
    if (output.type === 'send-entry') {
      return [{ type: 'send', entry: output.entry, connection: this.believed[end] }];
    }
    if (output.type === 'log') this.#watch(output.event, output.fields);
    return [];
  }

  /** Nothing turns up with other content, or goes back in time unless it was set back: nobody may say so. */
  #watch(event: string, fields: Readonly<Record<string, unknown>>): void {
    const isFine =
      [
        'sync.compared',
        'sync.epoch-begun',
        'sync.epoch-adopted',
        'sync.new-mirror',
        'ring.in-doubt',
        'ring.resolved',
      ].includes(event) ||
      (['sync.producer-lost', 'sync.reconstructed', 'sync.message-lost'].includes(event) && this.#wasProducerLost) ||
      (['sync.producer-went-back', 'sync.reconstructed', 'ring.consumer-went-back', 'ring.late-answer'].includes(
        event,
      ) &&
        this.#wasSetBack);
    if (!isFine) throw new Error(`said ${event} ${JSON.stringify(fields)}`);
    const copy = event === 'ring.resolved' ? this.consumer.ring.find(Number(fields['seq']) as Seq) : undefined;
    if (copy === undefined) return;
    if (fields['as'] === 'not-sent') this.checks.resolvedNotSent(copy.messageId);
    else this.checks.resolvedSent(copy.messageId, copy, this.storeIds.consumer);
  }

  #perform(end: End, work: Exclude<Work, { type: 'persist' }>): void {
    if (work.type === 'hand-over') {
      const inDelivery = describeBytes(work.copy.bytes)?.conversation;
      // An end whose other end was set back may be told that what it hands over just now is settled.
      if (
        !this.#wasSetBack &&
        this.outstanding.some((one) => describeBytes(one.copy.bytes)?.conversation === inDelivery)
      ) {
        throw new Error(`two of conversation ${inDelivery} are outstanding`);
      }
      const handOver = this.checks.handedOver(work.copy, this.storeIds.consumer);
      this.outstanding.push({ copy: work.copy, handOver });
      return;
    }
    // What was said on an earlier connection and had to wait for the disk is not said on a later one.
    if (work.connection === 0 || work.connection !== this.connection || this.believed[end] !== this.connection) return;
    this.checks.told(work.entry, this.carriers[end].store);
    this.sentCounts.set(work.entry.type, (this.sentCounts.get(work.entry.type) ?? 0) + 1);
    this.onItsWay[otherOf(end)].push(work.entry);
  }

  // --- quiet --------------------------------------------------------------------------------------------------------

  /** Lets disks and connection do all they have to do, while the SMSC and the clock stand still. */
  exchange(rounds = 50): void {
    for (let round = 0; round < rounds; round += 1) {
      const isWaiting = this.carriers.producer.waitingCount + this.carriers.consumer.waitingCount > 0;
      this.carriers.producer.commit();
      this.carriers.consumer.commit();
      if (this.deliver('producer') + this.deliver('consumer') === 0 && !isWaiting) return;
    }
    if (rounds === 50) throw new Error('the two ends never stop talking');
  }

  /** What a comparison finds between the two memories now, `equal` left out. */
  differences(): string[] {
    const plan = compareLane(this.producer.digest(), this.consumer.digest());
    if (plan.verdict !== 'compared') return [plan.verdict];
    return plan.slots.filter(({ verdict }) => verdict !== 'equal').map(({ slot, verdict }) => `${slot} ${verdict}`);
  }

  checkRecovery(end: End): void {
    const found = recoverLane(this.carriers[end].store, lane.smscId, this.#lane.lane);
    const { state, ring } = this[end];
    const held = new Map([...ring.copies()].map((copy) => [copy.seq, copy]));
    if (!isDeepStrictEqual(state, found.state)) throw new Error(`the ${end} would recover another state of the lane`);
    if (found.copies.length !== held.size) throw new Error(`the ${end} would recover ${found.copies.length} copies`);
    for (const copy of found.copies) {
      const before = held.get(copy.seq);
      if (!isDeepStrictEqual(copy, before))
        throw new Error(`the ${end} would recover ${said(copy)}, had ${said(before)}`);
    }
    const outboxCount = end === 'producer' ? this.producer.outboxCount : 0;
    if (found.outbox.length !== outboxCount) throw new Error(`the ${end} would recover another outbox`);
  }

  #newProducer(): LaneProducer {
    const settings = {
      ...this.#lane,
      size: this.settings.size,
      newEpoch: () => this.#newEpoch(),
      position: () => this.#identity.position(),
      hasBeenAt: (past: StorePosition) => this.#identity.hasBeenAt(past),
    };
    return new LaneProducer(settings, recoverLane(this.carriers.producer.store, lane.smscId, this.#lane.lane));
  }

  #newConsumer(): LaneConsumer {
    const { inDoubt, repetition } = this.settings;
    const recovered = recoverLane(this.carriers.consumer.store, lane.smscId, this.#lane.lane);
    return new LaneConsumer({ ...this.#lane, inDoubt, repetition, storeId: () => this.storeIds.consumer }, recovered);
  }

  #newEpoch(): Epoch {
    this.#epochCount += 1;
    return this.#epochCount.toString(16).padStart(32, '0') as Epoch; // 32 hex digits, as the type says.
  }

  #openIdentity(): StoreIdentity {
    const { store } = this.carriers.producer;
    const { identity, records } = openIdentity(store, { role: 'buffer', smscId: lane.smscId }, (length) => {
      this.#chance += 1;
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, this.#chance);
      return bytes;
    });
    store.commit(records);
    return identity;
  }
}

export function otherOf(end: End): End {
  return end === 'producer' ? 'consumer' : 'producer';
}

export function outcomeOf(status: Outcome['status']): Outcome {
  const stamp = status === 'confirmed' ? '260102030405' : '';
  return { status, stamp, errorCode: status === 'refused' ? 8 : 0, by: 'answer' };
}

function said(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? toLatin1(part) : part));
}
