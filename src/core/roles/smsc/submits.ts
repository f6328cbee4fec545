/**
 * Submits (03) on their way in: at which pace they are answered, what each destination gets, and the messages that come
 * of it. Carrying out is somebody else's. Source: docs/reference/cimd2.md sections 2.4, 8.4, 11.1 and 11.3.
 */
import { type Instant, instant, later } from '../../base/time.ts';
import type { Packet, Parameter } from '../../codec/packet.ts';
import type { HandsetMessage } from './handset-message.ts';
import { numberOf } from './handset-message.ts';
import type { Journal } from './journal.ts';
import { Pace } from './pace.ts';
import { type Refusal, refusal, refusalParameters } from './refusal.ts';
import type { Connection, Login } from './sessions.ts';
import type { SmscSettings } from './settings.ts';
import { Stamps } from './stamps.ts';
import { readSubmit, type Submit } from './submit.ts';

/** A submit that was judged. */
export interface JudgedSubmit {
  readonly parameters: readonly Parameter[];
  /** When to send them. */
  readonly answerAt: Instant;
  readonly messages: readonly HandsetMessage[];
  /** When the messages are tried for the first time. */
  readonly firstAttemptAt: Instant;
}

export type HasRoom = (user: string, maxWaiting: number | undefined) => boolean;

export class Submits {
  readonly #settings: SmscSettings;
  readonly #journal: Journal;
  readonly #stamps: Stamps;
  readonly #pace: Pace;
  #lastId = 0;

  constructor(settings: SmscSettings, journal: Journal) {
    this.#settings = settings;
    this.#journal = journal;
    this.#stamps = new Stamps(settings.zoneOffset);
    this.#pace = new Pace(settings.ratePerSecond);
  }

  /** @param hasRoom whether one more message can be kept; asked anew for each destination, `taken` before it included */
  judge(
    packet: Packet,
    from: { readonly connection: Connection; readonly login: Login },
    hasRoom: HasRoom,
    now: Instant,
  ): JudgedSubmit {
    const { connection, login } = from;
    const account = login.account.settings;
    if (this.#isThrottled(login, now)) {
      const why = refusal(10, 'More submits came than the rate allows.', '11.3');
      return this.refuse(packet, account.user, why, later(now, this.#settings.turnMs), now);
    }
    const answerAt = this.#answerAt(login, now);
    const { zoneOffset, rules = 'strict' } = this.#settings;
    const reading = readSubmit(packet, { account, rules, zoneOffset, now });
    if (!reading.ok) return this.#refused(account.user, reading.refusal, reading.echoed, answerAt, now);
    const { submit } = reading;
    const origin: Origin = { user: account.user, subaddress: login.subaddress, submitter: connection.id };
    const messages: HandsetMessage[] = [];
    const parameters: Parameter[] = [];
    for (const destination of submit.destinations) {
      parameters.push({ code: 21, value: destination });
      const maxWaiting = account.maxWaiting === undefined ? undefined : account.maxWaiting - messages.length;
      if (hasRoom(account.user, maxWaiting)) {
        const message = this.#accept(submit, destination, origin, answerAt, now);
        messages.push(message);
        parameters.push({ code: 60, value: message.stamp });
      } else {
        this.#tooMany(submit, destination, now);
        parameters.push({ code: 900, value: '10' });
      }
    }
    // Not before the answer. COMPAT: a report must come after the answer it refers to. SPEC: section 11.1.
    const triedFrom = later(answerAt, this.#settings.deliveryDelayMs);
    return { parameters, answerAt, messages, firstAttemptAt: instant(Math.max(submit.firstDeliveryAt, triedFrom)) };
  }

  /** Without a look at more than its destinations. */
  refuse(packet: Packet, user: string, why: Refusal, answerAt: Instant, now: Instant): JudgedSubmit {
    const echoed = packet.parameters.filter(({ code }) => code === 21).map(({ value }) => value);
    return this.#refused(user, why, echoed, answerAt, now);
  }

  #refused(user: string, why: Refusal, echoed: readonly string[], answerAt: Instant, now: Instant): JudgedSubmit {
    const { errorCode, reason, section } = why;
    this.#journal.tally.submitsRefused += Math.max(1, echoed.length);
    this.#journal.log('info', 'smsc.submit-refused', { user, errorCode, reason, section });
    this.#journal.event({
      ...{ type: 'submitted', at: now, from: user, to: echoed.join(','), stamp: '', errorCode, part: '' },
      reason: `${reason} (section ${section})`,
    });
    const echo = echoed.map((value) => ({ code: 21, value }));
    const parameters = [...echo, ...refusalParameters(errorCode)];
    return { parameters, answerAt, messages: [], firstAttemptAt: answerAt };
  }

  #isThrottled({ account }: Login, now: Instant): boolean {
    if (this.#settings.throttle !== 'refuse') return false;
    return this.#pace.isExceeded(now) || account.pace.isExceeded(now);
  }

  /** The turn-around, or as much more as the rates ask for. SPEC: section 11.3: delaying comes before refusing. */
  #answerAt({ account }: Login, now: Instant): Instant {
    const turned = later(now, this.#settings.turnMs);
    // Each by itself: the wait of a slow account must not become everybody's.
    const place = Math.max(this.#pace.take(turned), account.pace.take(turned));
    return this.#settings.throttle === 'refuse' ? turned : instant(place);
  }

  #accept(submit: Submit, destination: string, origin: Origin, answeredAt: Instant, now: Instant): HandsetMessage {
    const stamp = this.#stamps.next(destination, now);
    this.#journal.tally.submitsAccepted += 1;
    const { from } = submit;
    this.#journal.event({
      type: 'submitted',
      at: now,
      from,
      to: destination,
      stamp,
      errorCode: 0,
      part: partOf(submit),
    });
    this.#lastId += 1;
    // Field by field and not spread: this is on the way of every message.
    return {
      id: this.#lastId,
      destination,
      number: numberOf(destination),
      stamp,
      acceptedAt: now,
      answeredAt,
      user: origin.user,
      subaddress: origin.subaddress,
      submitter: origin.submitter,
      from,
      content: submit.content,
      concatenation: submit.concatenation,
      attempts: submit.attempts,
      validUntil: submit.validUntil,
      reportBits: submit.reportBits,
      protocolIdentifier: submit.protocolIdentifier,
      replyPath: submit.replyPath,
      cancel: submit.cancel,
      more: submit.more,
      priority: submit.priority,
    };
  }

  #tooMany(submit: Submit, to: string, now: Instant): void {
    this.#journal.tally.submitsRefused += 1;
    this.#journal.event({
      ...{ type: 'submitted', at: now, from: submit.from, to, stamp: '', errorCode: 10, part: partOf(submit) },
      reason: 'Too many messages wait already.',
    });
  }
}

type Origin = Pick<HandsetMessage, 'user' | 'subaddress' | 'submitter'>;

function partOf({ concatenation }: Submit): string {
  return concatenation === undefined ? '' : `${concatenation.index}/${concatenation.count}`;
}
