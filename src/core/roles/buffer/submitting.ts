/**
 * Handing over in the mt lane: claims messages while the session has a turn free, makes submits of them, and reads from
 * the answers what became of each. SPEC: DESIGN section 2 rules 4 and 5, section 5; reference sections 2.4 and 9.
 */
import { type LogEvent, logEvent } from '../../base/log-event.ts';
import { type Instant, instant, later, secondMs } from '../../base/time.ts';
import { retryClass } from '../../codec/error-codes.ts';
import { generalError } from '../../codec/operations.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import type { ClientInput, RequestRef } from '../../handshake/client-io.ts';
import type { ShortMessage } from '../../message/message.ts';
import { submitParameters } from '../../message/submit.ts';
import { readSubmitAnswer } from '../../message/submit-answer.ts';
import type { Outcome } from '../../ring/outcome.ts';
import type { Seq } from '../../ring/sequence.ts';
import type { SlotCopy } from '../../ring/slot.ts';
import type { LaneConsumer } from '../../sync/consumer.ts';
import type { ConsumerOutput, ProducerOutput } from '../../sync/lane-io.ts';
import type { MessageBytes } from '../message-bytes.ts';
import { type AnswerResult, AnswerStory } from './answer-story.ts';
import type { Enquiring } from './enquiring.ts';
import { type Pace, type Pacing, pacingOf } from './pacing.ts';
import { Throttle } from './throttle.ts';

export interface SubmittingSettings {
  readonly smscId: string;
  readonly inDoubt: 'resend' | 'hold';
  readonly reports: 'final' | 'none';
  readonly pace: Pace;
}

/** Besides what the lane says: what the session shall do. */
export type SubmittingOutput =
  | ConsumerOutput
  | ProducerOutput
  | { readonly type: 'session'; readonly input: ClientInput }
  /** Behind a persist; comes back by {@link Submitting.claimsKept}. */
  | { readonly type: 'claims-kept'; readonly need: 'awaited' | 'ahead' }
  /** The commit that a `claims-kept` with the need `ahead` waits for shall begin: somebody waits for it by now. */
  | { readonly type: 'claims-awaited' };

interface Outstanding {
  readonly seq: Seq;
  readonly message: ShortMessage;
  readonly asksForReport: boolean;
  readonly sentAt: Instant;
}

const submit = 3;
/** "May have been processed": the SMSC itself does not know. SPEC: reference section 9. */
const mayHaveBeenProcessed = 5;
const unexpectedOperation = 1;
const reportsNotAllowed = 310;
const maxTemporaryRefusals = 10;
const longestRetryMs = 5 * 60 * secondMs;
/** A quarter of what a turn takes with an SMSC that is as fast as any. */
const sparePerMessageMs = 0.03;
const mostSpareMs = 6;

export class Submitting {
  readonly #settings: SubmittingSettings;
  readonly #lane: LaneConsumer;
  readonly #messages: MessageBytes;
  readonly #enquiring: Enquiring | undefined;
  readonly #outstanding = new Map<RequestRef, Outstanding>();
  #nextRef: RequestRef = 1;
  #isReportAllowed: boolean;
  readonly answers = new AnswerStory();
  readonly #pacing: Pacing;
  /** Refusals for congestion slow the whole lane down, not only the message that met one. */
  readonly #throttle = new Throttle();
  /** When something that waits for its time may leave. */
  #heldUntil: Instant | undefined;

  /** @param enquiring where fates must be asked for; undefined where reports come by themselves */
  constructor(
    settings: SubmittingSettings,
    lane: LaneConsumer,
    messages: MessageBytes,
    enquiring: Enquiring | undefined,
  ) {
    this.#enquiring = enquiring;
    this.#settings = settings;
    this.#lane = lane;
    this.#messages = messages;
    this.#isReportAllowed = settings.reports === 'final';
    this.#pacing = pacingOf(settings.pace);
  }

  get outstandingCount(): number {
    return this.#outstanding.size;
  }

  /** Submits per second that the SMSC seems to stand; undefined where it does not complain. */
  get slowedTo(): number | undefined {
    return this.#throttle.perSecond;
  }

  /**
   * How long the lane need not be told of anything new: a part of what handing over takes that is there already. Until
   * then a commit only makes work; later the SMSC might wait for messages whose slots are not known to be free.
   *
   * @returns milliseconds, 0 where little waits
   */
  spareMs(now: Instant): number {
    return Math.min(mostSpareMs, sparePerMessageMs * this.#lane.readyCount(now));
  }

  /** When a message that is kept back may leave. */
  deadline(): Instant | undefined {
    return this.#heldUntil;
  }

  /** What was kept back until now is not waited for any more. */
  tick(now: Instant): void {
    if (this.#heldUntil !== undefined && this.#heldUntil <= now) this.#heldUntil = undefined;
  }

  /** The next submit, if one may leave now; empty if not. Called while the session has a turn free. */
  next(imServerNow: Instant, now: Instant): SubmittingOutput[] {
    // Claimed nevertheless, so that the disk does not come between its time and the submit.
    if (this.#isHeldBack(now)) return this.#throttle.isPaused(now) ? [] : this.#claimAhead(now);
    const claim = this.#lane.handOver(now);
    if (claim === undefined) return [...this.#claimAhead(now), ...this.#awaitClaims()];
    const { seq, bytes } = claim.copy;
    const message = this.#messages.decode(bytes);
    if (message === undefined || message.content.type === 'status-report') {
      const outcome: Outcome = { status: 'refused', stamp: '', errorCode: 8, by: 'answer' };
      return [
        ...claim.outputs,
        logEvent('error', 'submit.unreadable-message', { smsc: this.#settings.smscId, seq }),
        ...this.#lane.end(seq, outcome, now),
      ];
    }
    const ref = this.#nextRef;
    this.#nextRef += 1;
    const reports = this.#isReportAllowed ? 'final' : 'none';
    const parameters = submitParameters(message, { now: imServerNow, eightBit: 'combination', reports });
    this.#outstanding.set(ref, { seq, message, asksForReport: asksForReport(parameters), sentAt: now });
    this.#pacing.left(now);
    this.#throttle.left(now);
    this.#enquiring?.submitLeft();
    const onTimeout = this.#settings.inDoubt === 'hold' ? 'close' : 'ask';
    return [
      ...claim.outputs,
      { type: 'session', input: { type: 'request', ref, operation: submit, parameters, onTimeout } },
      ...this.#claimAhead(now),
    ];
  }

  /** What was claimed last is on disk. */
  claimsKept(): void {
    this.#lane.claimsKept();
  }

  /** So that the disk is not on the way from an answer to the next submit. SPEC: DESIGN section 2 rule 1. */
  #claimAhead(now: Instant): SubmittingOutput[] {
    const claim = this.#lane.claimAhead(now);
    if (claim === undefined) return [];
    return [
      { type: 'persist', records: [claim.record] },
      { type: 'claims-kept', need: claim.need },
    ];
  }

  #awaitClaims(): SubmittingOutput[] {
    return this.#lane.claimsBecameAwaited() ? [{ type: 'claims-awaited' }] : [];
  }

  owns(ref: RequestRef): boolean {
    return this.#outstanding.has(ref);
  }

  answered(ref: RequestRef, packet: Packet, zoneOffsetMinutes: number, now: Instant): SubmittingOutput[] {
    const outstanding = this.#take(ref);
    if (outstanding === undefined) return [];
    const before = this.#throttle.perSecond;
    this.#throttle.waited(now - outstanding.sentAt, now);
    return [...this.#read(outstanding, packet, zoneOffsetMinutes, now), ...this.#logSpeed(before)];
  }

  #read(outstanding: Outstanding, packet: Packet, zoneOffsetMinutes: number, now: Instant): SubmittingOutput[] {
    const { seq, message, asksForReport: wasAsked } = outstanding;
    const answer = readSubmitAnswer(packet, message.to, { zoneOffsetMinutes, now });
    switch (answer.type) {
      case 'accepted': {
        this.#throttle.accepted(now);
        this.#noteAnswer('accepted', outstanding, 0, now);
        // Without a report to come, a stamp would make the sender wait for one.
        const stamp = wasAsked ? (answer.stamp?.digits ?? '') : '';
        return [
          ...this.#enquireAbout(message, packet, stamp, now),
          ...this.#lane.end(seq, { status: 'confirmed', stamp, errorCode: 0, by: 'answer' }, now),
        ];
      }
      case 'refused': {
        // SPEC: reference section 6.3: so it is answered before a login, which the SMSC may have forgotten.
        const isGeneral = packet.operation === generalError.code && answer.errorCode === unexpectedOperation;
        return this.#refused(outstanding, answer.errorCode, isGeneral, now);
      }
      case 'fault':
        this.#noteAnswer('unusable', outstanding, 0, now);
        return [this.#log('error', 'submit.unusable-answer', seq, answer.fault.code), ...this.#lane.doubt(seq, now)];
      default:
        return answer satisfies never;
    }
  }

  /** Its answer came before a restart and is on disk only from now on. */
  recovered({ bytes, outcome }: SlotCopy, now: Instant): ProducerOutput[] {
    const message = this.#messages.decode(bytes);
    if (this.#enquiring === undefined || message === undefined) return [];
    const stamp = outcome?.stamp ?? '';
    return stamp === '' ? [] : this.#enquiring.begin({ destination: message.to, stamp }, message.validUntil, now);
  }

  /** SPEC: reference section 8.4: the key is as in the answer, which may spell the destination otherwise. */
  #enquireAbout(message: ShortMessage, answer: Packet, stamp: string, now: Instant): ProducerOutput[] {
    if (this.#enquiring === undefined || stamp === '') return [];
    const isOnlyOne = answer.parameters.filter(({ code }) => code === 21).length === 1;
    const told = isOnlyOne ? (parameterOf(answer, 21) ?? '') : '';
    return this.#enquiring.begin({ destination: told === '' ? message.to : told, stamp }, message.validUntil, now);
  }

  /** The same packet goes out once more, after that is counted on disk. */
  repeat(ref: RequestRef, now: Instant): SubmittingOutput[] {
    const outstanding = this.#outstanding.get(ref);
    if (outstanding === undefined) return [];
    const before = this.#throttle.perSecond;
    this.#throttle.waited(now - outstanding.sentAt, now);
    return [
      ...this.#lane.countRepeat(outstanding.seq, now),
      { type: 'session', input: { type: 'repeat', ref } },
      ...this.#logSpeed(before),
    ];
  }

  /** Its session ended without an answer. */
  lost(ref: RequestRef, now: Instant): SubmittingOutput[] {
    const outstanding = this.#take(ref);
    if (outstanding === undefined) return [];
    this.#noteAnswer('none', outstanding, 0, now);
    return this.#lane.doubt(outstanding.seq, now);
  }

  /** @param isGeneral whether the SMSC did not look at it as at a submit */
  #refused(outstanding: Outstanding, errorCode: number, isGeneral: boolean, now: Instant): SubmittingOutput[] {
    const { seq, asksForReport: wasAsked } = outstanding;
    if (errorCode === mayHaveBeenProcessed) {
      this.#noteAnswer('unusable', outstanding, errorCode, now);
      return this.#lane.doubt(seq, now);
    }
    if (errorCode === reportsNotAllowed && wasAsked) {
      // SPEC: reference section 8.1: some accounts forbid reports. The same message goes again, without asking.
      this.#isReportAllowed = false;
      this.#noteAnswer('refused-for-now', outstanding, errorCode, now);
      return [this.#log('warn', 'submit.reports-not-allowed', seq, errorCode), ...this.#lane.postpone(seq, now, now)];
    }
    const attempts = this.#lane.ring.find(seq)?.attempts ?? 1;
    const isTemporary =
      isGeneral || retryClass(errorCode) === 'later' || (retryClass(errorCode) === 'maybe' && attempts < 3);
    if (isTemporary && attempts < maxTemporaryRefusals) {
      const waitMs = Math.min(secondMs * 2 ** (attempts - 1), longestRetryMs);
      if (retryClass(errorCode) === 'later') this.#throttle.refused(now);
      this.#noteAnswer('refused-for-now', outstanding, errorCode, now);
      return [
        this.#log('warn', 'submit.refused-for-now', seq, errorCode),
        ...this.#lane.postpone(seq, later(now, waitMs), now),
      ];
    }
    this.#noteAnswer('refused', outstanding, errorCode, now);
    return [
      this.#log('warn', 'submit.refused', seq, errorCode),
      ...this.#lane.end(seq, { status: 'refused', stamp: '', errorCode, by: 'answer' }, now),
    ];
  }

  #isHeldBack(now: Instant): boolean {
    this.#heldUntil = undefined;
    const ready = () => this.#lane.readyCount(now);
    const { leaveAt } = this.#throttle;
    const pacedAt = this.#pacing.leaveAt(now, ready);
    const until = instant(Math.max(leaveAt, pacedAt));
    if (until <= now) return false;
    // With nothing to hand over, nobody needs to be woken.
    if (ready() > 0) this.#heldUntil = until;
    return true;
  }

  /** Said when a limit comes and when it goes, not at each of its steps. */
  #logSpeed(before: number | undefined): LogEvent[] {
    const perSecond = this.#throttle.perSecond;
    const { smscId: smsc } = this.#settings;
    if (before === undefined && perSecond !== undefined) {
      return [logEvent('warn', 'submit.slowed-down', { smsc, perSecond: Number(perSecond.toFixed(2)) })];
    }
    return before !== undefined && perSecond === undefined ? [logEvent('info', 'submit.full-speed', { smsc })] : [];
  }

  #noteAnswer(result: AnswerResult, { sentAt }: Outstanding, errorCode: number, now: Instant): void {
    this.answers.take({ at: now, result, errorCode, tookMs: now - sentAt });
  }

  #take(ref: RequestRef): Outstanding | undefined {
    const outstanding = this.#outstanding.get(ref);
    this.#outstanding.delete(ref);
    return outstanding;
  }

  #log(level: 'warn' | 'error', event: string, seq: Seq, code: number | string): LogEvent {
    return logEvent(level, event, { smsc: this.#settings.smscId, seq, code });
  }
}

function asksForReport(parameters: readonly Parameter[]): boolean {
  return parameters.some((parameter) => parameter.code === 56);
}
