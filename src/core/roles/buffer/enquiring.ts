/**
 * Status by enquiry (04), for an account that is sent no status reports: which submits have no final status yet, when
 * each is asked about, and what the answer makes of it. A final answer becomes a status report of the mo lane, like a 23.
 * When a turn is free for it is the role's decision. SPEC: reference sections 2.1, 2.5, 8.2 and 8.4.
 *
 *   ['enquiry', n]   [1, destination, stamp, ask until]
 */
import { type LogEvent, logEvent, maskAddress } from '../../base/log-event.ts';
import { earliest } from '../../base/machine.ts';
import type { RandomBytes } from '../../base/random.ts';
import { hourMs, type Instant, instant, later, minuteMs, secondMs } from '../../base/time.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type { PlainValue } from '../../base/values.ts';
import { retryClass } from '../../codec/error-codes.ts';
import { generalError } from '../../codec/operations.ts';
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { findStatusCode } from '../../codec/status-codes.ts';
import { refusalOf } from '../../handshake/answers.ts';
import type { ClientInput, RequestRef } from '../../handshake/client-io.ts';
import { messageId, type ShortMessage, type StatusReport } from '../../message/message.ts';
import type { Parsed } from '../../message/packet-values.ts';
import { parseStatusReport } from '../../message/status-report.ts';
import type { StoreReader, StoreRecord } from '../../store/record.ts';
import type { ProducerOutput } from '../../sync/lane-io.ts';
import type { LaneProducer } from '../../sync/producer.ts';
import type { MessageBytes } from '../message-bytes.ts';

export interface EnquiringSettings {
  readonly smscId: string;
  readonly randomBytes: RandomBytes;
  /** How far the IM server's clock is ahead at least; undefined while that is not known. */
  readonly imServerAheadMs: () => number | undefined;
}

/** Never a reference of a submit, those count from 1, nor that of the question for the zone. One is out at a time. */
export const enquiryRef: RequestRef = -1;

/** More submits than this are not asked about; for one more the oldest goes, and the log says so. */
export const enquiryLimit = 4_096;

const format = 1;
const enquire = 4;
const statusReport = 23;
const noStatus = 0;

/** Before the first question, and doubled for each later one, up to the last. A restart begins anew. */
const waitMs = { first: secondMs, last: 10 * minuteMs } as const;
/** Two enquiries are never closer than that. */
const gapMs = 50;
/** An SMSC that has no room for the moment is asked nothing for so long. */
const congestedMs = 10 * secondMs;
/**
 * A session that ends over an enquiry takes submits with it: one is chance, from the second in a row on there is a pause,
 * doubled each time. COMPAT: an SMSC that leaves 04 without any answer would be of no use otherwise.
 */
const unansweredMs = { first: 10 * secondMs, last: hourMs } as const;
/** What a message became is known soon after its validity; the SMSC remembers it for a while. */
const graceMs = 6 * hourMs;
/** Status 0 so often in a row, four minutes at least after the submit, and the SMSC does not track the message. */
const noStatusLimit = 8;
/** After so many submits in a row an enquiry that is due has the next turn, or a busy lane would keep it for ever. */
const submitsBetween = 10;
/** As a message of the mo lane: it is stored, however old. */
const forever = instant(8_640_000_000_000_000);

interface Enquiry {
  /** 021 of the answer to the submit, byte for byte. */
  readonly destination: string;
  /** 060 of that answer. */
  readonly stamp: string;
  /** The first answer from then on is the last. By the clock of the IM server. */
  readonly askUntil: Instant;
  readonly askAt: Instant;
  /** How long it waited, or waits, for `askAt`. */
  readonly waitMs: number;
  /** Answers with status 0 in a row. */
  readonly withoutStatus: number;
}

export class Enquiring {
  readonly #settings: EnquiringSettings;
  readonly #lane: LaneProducer;
  readonly #messages: MessageBytes;
  /** By place, in the order of submitting: the oldest first. */
  readonly #enquiries = new Map<number, Enquiry>();
  #nextPlace = 1;
  /** The earliest `askAt`. */
  #dueAt: Instant | undefined;
  /** Whose 04 has no answer yet. */
  #asked: number | undefined;
  #heldUntil = instant(0);
  #submitsInARow = 0;
  #unansweredInARow = 0;

  constructor(settings: EnquiringSettings, lane: LaneProducer, messages: MessageBytes, store: StoreReader) {
    this.#settings = settings;
    this.#lane = lane;
    this.#messages = messages;
    for (const [key, value] of store.entries(['enquiry'])) {
      const place = key[1];
      const enquiry = enquiryFromValue(value);
      if (typeof place !== 'number' || enquiry === undefined) continue;
      this.#enquiries.set(place, enquiry);
      this.#nextPlace = Math.max(this.#nextPlace, place + 1);
    }
    this.#findDue();
  }

  /** Submits without a final status. */
  get count(): number {
    return this.#enquiries.size;
  }

  /** When the next enquiry may leave; undefined where none can, because one is out or its answer would have no room. */
  deadline(): Instant | undefined {
    if (this.#dueAt === undefined || this.#asked !== undefined || !this.#lane.hasRoom()) return undefined;
    return instant(Math.max(this.#dueAt, this.#heldUntil));
  }

  /**
   * The SMSC accepted a submit whose fate is wanted: the record goes with what says so into one commit.
   *
   * @param answer 021 and 060 of the submit's answer; the key. SPEC: reference section 8.4
   * @param validUntil of the message, by the clock of the IM server
   */
  begin(
    answer: { readonly destination: string; readonly stamp: string },
    validUntil: Instant,
    now: Instant,
  ): ProducerOutput[] {
    const outputs = this.#makeRoom();
    const enquiry: Enquiry = {
      ...answer,
      askUntil: later(validUntil, graceMs),
      askAt: later(now, waitMs.first),
      waitMs: waitMs.first,
      withoutStatus: 0,
    };
    const place = this.#nextPlace;
    this.#nextPlace += 1;
    this.#enquiries.set(place, enquiry);
    this.#dueAt = earliest(this.#dueAt, enquiry.askAt);
    return [...outputs, persist(place, enquiryToValue(enquiry))];
  }

  /** A submit leaves. */
  submitLeft(): void {
    this.#submitsInARow += 1;
  }

  /** Submits go first, but not for ever. */
  isFirst(): boolean {
    return this.#submitsInARow >= submitsBetween;
  }

  /** The next 04, if one is due. Called while the session has a turn free. SPEC: reference section 2.5. */
  next(now: Instant): ClientInput | undefined {
    const at = this.deadline();
    if (at === undefined || at > now) return undefined;
    for (const [place, { askAt, destination, stamp }] of this.#enquiries) {
      if (askAt !== this.#dueAt) continue;
      this.#asked = place;
      this.#heldUntil = later(now, gapMs);
      this.#submitsInARow = 0;
      const parameters = [
        { code: 21, value: destination },
        { code: 60, value: stamp },
      ];
      return { type: 'request', ref: enquiryRef, operation: enquire, parameters, onTimeout: 'repeat' };
    }
    return undefined;
  }

  /** The session ended without an answer, or nobody may take it. */
  lost(now: Instant): ProducerOutput[] {
    const asked = this.#takeAsked();
    this.#unansweredInARow += 1;
    const pauses = this.#unansweredInARow - 2;
    if (pauses >= 0) {
      this.#heldUntil = later(now, Math.min(unansweredMs.first * 2 ** pauses, unansweredMs.last));
    }
    return asked === undefined ? [] : this.#askAgain(asked.place, asked.enquiry, now);
  }

  answered(packet: Packet, zoneOffsetMinutes: number, now: Instant): ProducerOutput[] {
    const asked = this.#takeAsked();
    this.#unansweredInARow = 0;
    // What ended by a status report meanwhile needs no second one.
    if (asked === undefined) return [];
    const { place, enquiry } = asked;
    const refusedWith = packet.operation === generalError.code ? (refusalOf(packet) ?? 1) : refusalOf(packet);
    if (refusedWith !== undefined) return this.#refused(place, enquiry, refusedWith, now);
    const answer = this.#read(packet, enquiry, zoneOffsetMinutes, now);
    const content = answer?.ok === true ? answer.value.content : undefined;
    if (answer?.ok !== true || content?.type !== 'status-report') {
      const code = answer?.ok === false ? answer.fault.code : 'SESSION_UNEXPECTED_RESPONSE';
      return [this.#log('error', 'enquiry.unusable-answer', enquiry, { code }), ...this.#askAgain(place, enquiry, now)];
    }
    const { status } = content.report;
    if (findStatusCode(status)?.isFinal === true) return this.#ended(place, enquiry, answer, now);
    const withoutStatus = status === noStatus ? enquiry.withoutStatus + 1 : 0;
    if (withoutStatus >= noStatusLimit) {
      // SPEC: reference section 2.5: status 0 is the answer about a message that is not tracked.
      return [this.#log('warn', 'enquiry.unknown', enquiry, { status }), ...this.#forget(place)];
    }
    return this.#askAgain(place, { ...enquiry, withoutStatus }, now);
  }

  /** The SMSC sent a report all the same: if it is final, nothing is left to ask. For the commit that takes it in. */
  reported(report: StatusReport): ProducerOutput[] {
    if (findStatusCode(report.status)?.isFinal !== true) return [];
    for (const [place, enquiry] of this.#enquiries) {
      if (enquiry.stamp === report.stamp.digits && isSameAddress(enquiry.destination, report.destination)) {
        return this.#forget(place);
      }
    }
    return [];
  }

  // --- answers ----------------------------------------------------------------------------------------------------

  /**
   * SPEC: reference section 2.5: the answer says what a status report does. Its key is that of the question, which some
   * SMSCs might spell otherwise.
   *
   * @returns undefined for an answer about another message
   */
  #read(
    packet: Packet,
    { destination, stamp }: Enquiry,
    zoneOffsetMinutes: number,
    now: Instant,
  ): Parsed<ShortMessage> | undefined {
    const [told, toldStamp] = [parameterOf(packet, 21) ?? '', parameterOf(packet, 60) ?? ''];
    if (toldStamp !== '' && toldStamp !== stamp) return undefined;
    if (told !== '' && !isSameAddress(told, destination)) return undefined;
    const parameters = [
      { code: 21, value: destination },
      { code: 60, value: stamp },
      ...packet.parameters.filter(({ code }) => code !== 21 && code !== 60),
    ];
    const id = messageId(uuidV7(now, this.#settings.randomBytes));
    const options = { zoneOffsetMinutes, id, now, validUntil: forever };
    return parseStatusReport({ ...packet, operation: statusReport, parameters }, options);
  }

  /** Report and end of the enquiry are one commit: it is told once. */
  #ended(
    place: number,
    enquiry: Enquiry,
    { value, remarks }: Extract<Parsed<ShortMessage>, { readonly ok: true }>,
    now: Instant,
  ): ProducerOutput[] {
    // SPEC: DESIGN section 2 rule 3: full means wait. The SMSC keeps the status, and is asked when there is room.
    if (!this.#lane.hasRoom()) {
      this.#askLater(place, enquiry, now);
      return [];
    }
    return [
      ...remarks.map(({ code, message }) => this.#log('warn', 'enquiry.remark', enquiry, { code, message })),
      ...this.#forget(place),
      ...this.#lane.enqueue(value.id, this.#messages.encode(value), now),
    ];
  }

  #refused(place: number, enquiry: Enquiry, code: number, now: Instant): ProducerOutput[] {
    const isFinal = retryClass(code) === 'no' || retryClass(code) === 'final';
    if (isFinal) return [this.#log('warn', 'enquiry.refused', enquiry, { code }), ...this.#forget(place)];
    if (retryClass(code) === 'later') this.#heldUntil = later(now, congestedMs);
    return [this.#log('warn', 'enquiry.refused-for-now', enquiry, { code }), ...this.#askAgain(place, enquiry, now)];
  }

  // --- what is kept -----------------------------------------------------------------------------------------------

  #askAgain(place: number, enquiry: Enquiry, now: Instant): ProducerOutput[] {
    // SPEC: DESIGN section 11, clocks: only what is past beyond doubt.
    const aheadMs = this.#settings.imServerAheadMs();
    if (aheadMs !== undefined && now + aheadMs >= enquiry.askUntil) {
      return [this.#log('warn', 'enquiry.given-up', enquiry, {}), ...this.#forget(place)];
    }
    this.#askLater(place, { ...enquiry, waitMs: Math.min(2 * enquiry.waitMs, waitMs.last) }, now);
    return [];
  }

  #makeRoom(): ProducerOutput[] {
    if (this.#enquiries.size < enquiryLimit) return [];
    for (const [oldest, enquiry] of this.#enquiries) {
      return [this.#log('warn', 'enquiry.dropped', enquiry, { limit: enquiryLimit }), ...this.#forget(oldest)];
    }
    return [];
  }

  #askLater(place: number, enquiry: Enquiry, now: Instant): void {
    this.#enquiries.set(place, { ...enquiry, askAt: later(now, enquiry.waitMs) });
    this.#findDue();
  }

  #forget(place: number): ProducerOutput[] {
    this.#enquiries.delete(place);
    this.#findDue();
    return [persist(place, undefined)];
  }

  #takeAsked(): { readonly place: number; readonly enquiry: Enquiry } | undefined {
    const place = this.#asked;
    this.#asked = undefined;
    const enquiry = place === undefined ? undefined : this.#enquiries.get(place);
    return place === undefined || enquiry === undefined ? undefined : { place, enquiry };
  }

  #findDue(): void {
    let dueAt: Instant | undefined;
    for (const { askAt } of this.#enquiries.values()) if (dueAt === undefined || askAt < dueAt) dueAt = askAt;
    this.#dueAt = dueAt;
  }

  #log(level: 'warn' | 'error', event: string, enquiry: Enquiry, fields: LogEvent['fields']): LogEvent {
    const { destination, stamp } = enquiry;
    return logEvent(level, event, { smsc: this.#settings.smscId, to: maskAddress(destination), stamp, ...fields });
  }
}

function persist(place: number, value: StoreRecord['value']): ProducerOutput {
  return { type: 'persist', records: [{ key: ['enquiry', place], value }] };
}

function enquiryToValue({ destination, stamp, askUntil }: Enquiry): PlainValue {
  return [format, destination, stamp, askUntil];
}

/** Due at once: how long the role was down is not known, and the SMSC may forget. Undefined for what is no enquiry. */
function enquiryFromValue(value: PlainValue): Enquiry | undefined {
  const [found, destination, stamp, askUntil]: readonly PlainValue[] = Array.isArray(value) ? value : [];
  if (found !== format || typeof destination !== 'string' || typeof stamp !== 'string') return undefined;
  if (typeof askUntil !== 'number') return undefined;
  const [until, askAt] = [instant(askUntil), instant(0)];
  return { destination, stamp, askUntil: until, askAt, waitMs: waitMs.first, withoutStatus: 0 };
}

/** SPEC: reference section 8.4: where the spelling differs, the last seven digits are the address. */
function isSameAddress(told: string, asked: string): boolean {
  const lastDigits = (address: string) => address.replaceAll(/[^0-9]/g, '').slice(-7);
  return lastDigits(told) === lastDigits(asked);
}
