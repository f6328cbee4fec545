/**
 * What is answered at once to everything but login and submit: Enquire (04), Delivery request (05), Cancel (06), Set
 * (08) and Get (09). Source: docs/reference/cimd2.md sections 2.5–2.8 and 9.
 */
import type { Instant } from '../../base/time.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import { formatSmscTime, parseSmscTime } from '../../codec/smsc-time.ts';
import { validateParameters } from '../../codec/validate.ts';
import { type Fate, type HandsetMessage, numberOf, status } from './handset-message.ts';
import type { Handsets } from './handsets.ts';
import type { Journal } from './journal.ts';
import { type Refusal, refusal, refusalFor } from './refusal.ts';
import type { Login } from './sessions.ts';
import type { Rules } from './settings.ts';
import type { Tracker } from './tracker.ts';

export type Answer =
  /** `fates`: of messages that the request ended; they follow the answer. */
  | { readonly type: 'positive'; readonly parameters: readonly Parameter[]; readonly fates: readonly Fate[] }
  | { readonly type: 'negative'; readonly refusal: Refusal };

export interface RequestRooms {
  readonly handsets: Handsets;
  readonly tracker: Tracker;
  readonly journal: Journal;
  readonly rules: Rules;
  /** Minutes. */
  readonly zoneOffset: number;
}

export function answerRequest(packet: Packet, login: Login, rooms: RequestRooms, now: Instant): Answer {
  const misplaced = rooms.rules === 'strict' ? misplacedKey(packet) : undefined;
  if (misplaced !== undefined) return negative(misplaced);
  const unknownParameters = rooms.rules === 'strict' ? 'refuse' : 'ignore';
  const problem = validateParameters(packet, 'request', { unknownParameters })[0];
  if (problem !== undefined) return negative(refusalFor(problem));
  switch (packet.operation) {
    case 4:
      return enquire(packet, login, rooms, now);
    case 5:
      return requestDelivery(packet, login);
    case 6:
      return cancel(packet, login, rooms, now);
    case 8:
      return setPassword(packet, login, rooms);
    case 9:
      return get(packet, rooms, now);
    default:
      // No other request of an application is in the table of operations; the session answers 02 and 40.
      return negative(refusal(1, 'This operation is not expected here.', '2.1'));
  }
}

/**
 * SPEC: section 9 gives a Delivery request codes for a time stamp (500) and a combination of parameters (502), although
 * section 2.6 has neither in it: so they are what a stamp and a destination are refused with.
 */
function misplacedKey(packet: Packet): Refusal | undefined {
  if (packet.operation !== 5) return undefined;
  if ((parameterOf(packet, 60) ?? '') !== '') return refusal(500, 'A delivery request has no time stamp.', '2.6');
  if ((parameterOf(packet, 21) ?? '') !== '') return refusal(502, 'A delivery request has no destination.', '2.6');
  return undefined;
}

/** SPEC: section 2.5: what is not tracked has a positive answer with status 0, and 063 equal to 060. */
function enquire(packet: Packet, login: Login, { tracker, journal, zoneOffset }: RequestRooms, now: Instant): Answer {
  const { destination, stamp } = keyOf(packet);
  if (parseSmscTime(stamp, zoneOffset) === undefined) {
    return negative(refusal(401, 'Parameter 060 is no time that exists.', '2.5'));
  }
  const tracked = tracker.find({ user: login.account.settings.user, destination, stamp });
  const { status: code, error, triedAt } = tracked ?? { status: status.none, error: 0, triedAt: stamp };
  journal.tally.enquiries += 1;
  journal.event({ type: 'enquired', at: now, to: destination, stamp, status: code });
  return positive([
    { code: 21, value: destination },
    { code: 60, value: stamp },
    { code: 61, value: String(code) },
    ...(error === 0 ? [] : [{ code: 62, value: String(error) }]),
    { code: 63, value: triedAt },
  ]);
}

/** SPEC: section 2.6; nothing waiting is 7. */
function requestDelivery(packet: Packet, login: Login): Answer {
  const { settings, backlog } = login.account;
  const mode = Number(parameterOf(packet, 68) || '1');
  const waiting = backlog.deliverCount;
  if (settings.type === 'send-only') return negative(refusal(1, 'This account only sends.', '2.1'));
  if (mode === 0) return positive([{ code: 66, value: String(Math.min(waiting, 999)) }]);
  if (mode === 2 && settings.type !== 'receiving') {
    return negative(refusal(501, 'Mode 2 is for receiving accounts.', '2.6'));
  }
  if (waiting === 0) return negative(refusal(7, 'No message waits.', '2.6'));
  login.fetches = Math.min(login.fetches + (mode === 2 ? waiting : 1), waiting);
  return positive([]);
}

/**
 * SPEC: section 2.7: the answer only says that the request was understood; the messages' reports tell the rest. Where
 * instances (012) are told apart, each ends only its own messages. What one mode names is cancelled (7), what the
 * others sweep is deleted by cancel (9): section 8.2 names the codes and does not tell them apart.
 */
function cancel(packet: Packet, login: Login, { handsets, journal }: RequestRooms, now: Instant): Answer {
  const mode = Number(parameterOf(packet, 59));
  const { user } = login.account.settings;
  const { destination, stamp } = keyOf(packet);
  const isOwn = (message: HandsetMessage): boolean =>
    message.user === user && (login.subaddress === undefined || message.subaddress === login.subaddress);
  const number = numberOf(destination);
  const isChosen = (message: HandsetMessage): boolean => {
    if (!isOwn(message)) return false;
    if (mode === 0) return message.number === number;
    return mode === 1 || (message.destination === destination && message.stamp === stamp);
  };
  const fates = handsets.cancel(isChosen, mode === 2 ? status.cancelled : status.deletedByCancel);
  journal.tally.cancels += 1;
  journal.event({ type: 'cancelled', at: now, user, mode, messages: fates.length });
  return { type: 'positive', parameters: [], fates };
}

function setPassword(packet: Packet, { account }: Login, { journal }: RequestRooms): Answer {
  if (account.settings.passwordChange === 'refused') {
    return negative(refusal(801, 'This account may not change its password.', '2.8'));
  }
  account.password = parameterOf(packet, 11) ?? account.password;
  journal.log('info', 'smsc.password-changed', { user: account.settings.user });
  return positive([]);
}

function get(packet: Packet, { zoneOffset }: RequestRooms, now: Instant): Answer {
  if (Number(parameterOf(packet, 500)) !== 501) return negative(refusal(900, 'Only 501 can be asked for.', '2.8'));
  return positive([{ code: 501, value: formatSmscTime(now, zoneOffset) }]);
}

function keyOf(packet: Packet): { readonly destination: string; readonly stamp: string } {
  return { destination: parameterOf(packet, 21) ?? '', stamp: parameterOf(packet, 60) ?? '' };
}

function positive(parameters: readonly Parameter[]): Answer {
  return { type: 'positive', parameters, fates: [] };
}

function negative(why: Refusal): Answer {
  return { type: 'negative', refusal: why };
}
