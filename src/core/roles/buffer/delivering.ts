/**
 * Taking in from the SMSC: delivers and status reports become messages of the mo lane, answered only after they are on
 * disk. A full ring leaves them unanswered, or puts delivers off. SPEC: DESIGN section 2 rules 1 and 3, section 4 (redelivery).
 */
import { type LogEvent, logEvent } from '../../base/log-event.ts';
import type { RandomBytes } from '../../base/random.ts';
import { type Instant, instant } from '../../base/time.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type { Packet, Parameter } from '../../codec/packet.ts';
import type { ClientInput, IncomingToken } from '../../handshake/client-io.ts';
import { parseDeliver } from '../../message/deliver.ts';
import { messageId } from '../../message/message.ts';
import { parseStatusReport } from '../../message/status-report.ts';
import type { StoreRecord } from '../../store/record.ts';
import type { ProducerOutput } from '../../sync/lane-io.ts';
import type { LaneProducer } from '../../sync/producer.ts';
import type { MessageBytes } from '../message-bytes.ts';
import type { Enquiring } from './enquiring.ts';
import { Redelivery } from './redelivery.ts';

export interface DeliveringSettings {
  readonly smscId: string;
  readonly alphabet: 'nokia' | 'literal';
  readonly randomBytes: RandomBytes;
  /** `wait` if left out. */
  readonly onFull?: 'wait' | 'defer';
  /** What a deliver is answered after: this end's disk, or the IM server's too. `stored` if left out. */
  readonly answerAfter?: 'stored' | 'mirrored';
}

/** A deliver that is on this disk and not answered yet. */
interface Promised {
  readonly identity: string;
  readonly messageId: string;
}

export type DeliveringOutput = ProducerOutput | { readonly type: 'session'; readonly input: ClientInput };

const deliverOperation = 20;
/** SPEC: reference section 2.9: permanent failure, message level. */
const genericFailure = 710;
/** SPEC: reference section 2.9: the SMSC keeps the message and tries later. */
const tryLater = 10;
/** A message from a handset is stored, however old: it does not expire. */
const forever = instant(8_640_000_000_000_000);

export class Delivering {
  readonly #settings: DeliveringSettings;
  readonly #lane: LaneProducer;
  readonly #messages: MessageBytes;
  readonly #redelivery: Redelivery;
  readonly #enquiring: Enquiring;
  /** Delivers without an answer because the ring is full or the SMSC's zone is not known yet; bounded by its window. */
  readonly #waiting = new Map<IncomingToken, Packet>();
  /** Delivers that wait until the IM server has them. */
  readonly #promised = new Map<IncomingToken, Promised>();
  #isFullSaid = false;
  /** What was answered, until the SMSC shows that it saw it. */
  readonly #answered = new Map<IncomingToken, string>();

  constructor(
    settings: DeliveringSettings,
    lane: LaneProducer,
    messages: MessageBytes,
    redelivery: Redelivery,
    enquiring: Enquiring,
  ) {
    this.#enquiring = enquiring;
    this.#settings = settings;
    this.#lane = lane;
    this.#messages = messages;
    this.#redelivery = redelivery;
  }

  /** Those of {@link waitingCount} that have no slot yet. */
  get waitingForSlotCount(): number {
    return this.#waiting.size;
  }

  get waitingCount(): number {
    return this.#waiting.size + this.#promised.size;
  }

  /** @param zone minutes east of UTC of the SMSC's clock; undefined while it is being asked for */
  incoming(token: IncomingToken, packet: Packet, zone: number | undefined, now: Instant): DeliveringOutput[] {
    this.#waiting.set(token, packet);
    return this.takeWaiting(zone, now);
  }

  withdrawn(token: IncomingToken): void {
    this.#waiting.delete(token);
    this.#promised.delete(token);
    this.#answered.delete(token);
  }

  /** Nothing can show any more that the SMSC had the answers of that session: those delivers stay candidates. */
  sessionEnded(): void {
    this.#promised.clear();
    this.#answered.clear();
  }

  /** The SMSC had our answer: it will not deliver that one again. */
  answerSeen(token: IncomingToken): DeliveringOutput[] {
    const identity = this.#answered.get(token);
    this.#answered.delete(token);
    return identity === undefined ? [] : this.#persist(this.#redelivery.remove(identity));
  }

  /** Takes what waits, in order, as far as there is room. */
  takeWaiting(zone: number | undefined, now: Instant): DeliveringOutput[] {
    const outputs = this.#answerMirrored();
    if (zone === undefined) return outputs;
    for (const [token, packet] of this.#waiting) {
      const identity = Redelivery.identityOf(packet);
      const known = this.#redelivery.messageOf(identity, now);
      const isKnown = known !== undefined;
      if (!isKnown && !this.#lane.hasRoom()) {
        outputs.push(...this.#sayFull());
        // Without `defer` what is behind it waits as well, which keeps the order.
        if (this.#settings.onFull !== 'defer') break;
        if (packet.operation !== deliverOperation) continue;
        this.#waiting.delete(token);
        outputs.push(this.#answer(token, [{ code: 900, value: String(tryLater) }], ''));
        continue;
      }
      this.#isFullSaid = false;
      this.#waiting.delete(token);
      outputs.push(
        ...(isKnown ? this.#answerAgain(token, identity, known) : this.#take(token, packet, identity, zone, now)),
      );
    }
    return outputs;
  }

  /** SPEC: DESIGN section 2 rule 3: either way the SMSC keeps it. Said once until there is room again. */
  #sayFull(): DeliveringOutput[] {
    if (this.#isFullSaid) return [];
    this.#isFullSaid = true;
    return [this.#log('warn', 'ring.full', { lane: 'mo', code: 'RING_FULL', waiting: this.#waiting.size })];
  }

  #answerAgain(token: IncomingToken, identity: string, id: string): DeliveringOutput[] {
    return [this.#log('info', 'deliver.recognised', {}), ...this.#answerWhenSafe(token, identity, id)];
  }

  /** SPEC: DESIGN section 4: with `mirrored` the SMSC keeps it until two disks do. */
  #answerWhenSafe(token: IncomingToken, identity: string, id: string): DeliveringOutput[] {
    if (this.#settings.answerAfter !== 'mirrored' || !this.#lane.holdsAlone(id)) {
      return [this.#answer(token, [], identity)];
    }
    this.#promised.set(token, { identity, messageId: id });
    return [];
  }

  #answerMirrored(): DeliveringOutput[] {
    const outputs: DeliveringOutput[] = [];
    for (const [token, { identity, messageId: id }] of this.#promised) {
      if (this.#lane.holdsAlone(id)) continue;
      this.#promised.delete(token);
      outputs.push(this.#answer(token, [], identity));
    }
    return outputs;
  }

  #take(
    token: IncomingToken,
    packet: Packet,
    identity: string,
    zoneOffsetMinutes: number,
    now: Instant,
  ): DeliveringOutput[] {
    const { alphabet, randomBytes } = this.#settings;
    const id = messageId(uuidV7(now, randomBytes));
    const options = { zoneOffsetMinutes, alphabet, id, now, validUntil: forever };
    const isDeliver = packet.operation === deliverOperation;
    const parsed = isDeliver ? parseDeliver(packet, options) : parseStatusReport(packet, options);
    const remarks = parsed.remarks.map(({ code, message }) => this.#log('warn', 'deliver.remark', { code, message }));
    if (!parsed.ok) {
      const { code, message } = parsed.fault;
      // 73 never has parameters (reference section 2.10): an unusable report is said in the log and let go.
      const refusal = isDeliver ? [{ code: 900, value: String(genericFailure) }] : [];
      return [...remarks, this.#log('error', 'deliver.unusable', { code, message }), this.#answer(token, refusal, '')];
    }
    const { content } = parsed.value;
    const placed = this.#lane.enqueue(id, this.#messages.encode(parsed.value), now);
    return [
      ...remarks,
      ...this.#persist(this.#redelivery.add(identity, id, now)),
      ...(content.type === 'status-report' ? this.#enquiring.reported(content.report) : []),
      ...placed,
      ...this.#answerWhenSafe(token, identity, id),
    ];
  }

  #answer(token: IncomingToken, parameters: readonly Parameter[], identity: string): DeliveringOutput {
    if (identity !== '') this.#answered.set(token, identity);
    return { type: 'session', input: { type: 'answer', token, parameters } };
  }

  #persist(records: readonly StoreRecord[]): DeliveringOutput[] {
    return records.length === 0 ? [] : [{ type: 'persist', records }];
  }

  #log(level: 'info' | 'warn' | 'error', event: string, fields: LogEvent['fields']): LogEvent {
    return logEvent(level, event, { smsc: this.#settings.smscId, ...fields });
  }
}
