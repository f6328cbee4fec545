/**
 * Reads a submit (03) as an SMSC does: every parameter checked, and the first that is wrong named by its error code.
 * What comes out cannot be wrong any more. Whether there is room for it is not asked here. Source:
 * docs/reference/cimd2.md sections 2.4, 3, 7 and 9.
 */
import { type Instant, later } from '../../base/time.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import { normalizeAddress, parseInteger } from '../../codec/parameter-value.ts';
import { fromRelativeTime } from '../../codec/relative-time.ts';
import { parseSmscTime } from '../../codec/smsc-time.ts';
import type { Concatenation } from '../../codec/user-data-header.ts';
import { maxDestinations, validateParameters } from '../../codec/validate.ts';
import { type Refusal, refusal, refusalFor } from './refusal.ts';
import { type Account, defaultValidityMs, type Rules } from './settings.ts';
import { readUserData, type SubmitContent } from './user-data-reading.ts';

export interface Submit {
  /** 021 byte for byte, at least one; answers and reports echo it so. SPEC: section 8.4. */
  readonly destinations: readonly string[];
  /** What the handset shows: the account's number with 023 behind it, or 023 alone, or 027. */
  readonly from: string;
  readonly content: SubmitContent;
  readonly concatenation: Concatenation | undefined;
  /** One attempt and no storing (050 = −1). */
  readonly attempts: 'single' | 'until-validity-ends';
  readonly validUntil: Instant;
  readonly firstDeliveryAt: Instant;
  /** 056, or what the account has in its place; a bit sum, 0 asks for nothing. SPEC: section 8.1. */
  readonly reportBits: number;
  /** 052, 0–255; 65–71 replace an earlier message. */
  readonly protocolIdentifier: number;
  /** 055: the handset's answer to that sender comes back to this account. */
  readonly replyPath: boolean;
  /** 058: whether Cancel (06) may end it. */
  readonly cancel: 'enabled' | 'disabled';
  /** 044: whether another to the same number follows at once. Only shown: each message reaches its handset by itself. */
  readonly more: 'follow' | 'none';
  /** 067, 1–9, 1 highest; the middle where absent. */
  readonly priority: number;
}

export type SubmitReading =
  | { readonly ok: true; readonly submit: Submit }
  /** `echoed`: the destinations that were decoded before the error. SPEC: section 1.7. */
  | { readonly ok: false; readonly refusal: Refusal; readonly echoed: readonly string[] };

export interface SubmitContext {
  readonly account: Account;
  readonly rules: Rules;
  /** Minutes; turns the SMSC's local times into instants. */
  readonly zoneOffset: number;
  readonly now: Instant;
}

/** No source names a default; the middle leaves room on both sides. */
const defaultPriority = 5;

export function readSubmit(packet: Packet, { account, rules, zoneOffset, now }: SubmitContext): SubmitReading {
  const unknownParameters = rules === 'strict' ? 'refuse' : 'ignore';
  const problems = validateParameters(packet, 'request', { unknownParameters });
  // A text beyond the capacity is shown as it is by a lenient SMSC. SPEC: section 7.8.
  const isTaken = ({ parameter, code }: (typeof problems)[number]): boolean =>
    rules === 'lenient' && parameter === 33 && code === 'CIMD2_VALUE_TOO_LONG';
  const problem = problems.find((found) => !isTaken(found));
  if (problem !== undefined) return refuse(packet, refusalFor(problem), problem.parameter);
  const reportText = parameterOf(packet, 56) ?? '';
  if (account.reports === 'refused' && reportText !== '') {
    return refuse(packet, refusal(310, 'This account gets no status reports, and 056 must not be sent.', '8.1'));
  }
  const from = readOriginator(packet, account, rules);
  if (typeof from !== 'string') return refuse(packet, from, from.errorCode === 306 ? 23 : 27);
  const dataCoding = integerOf(packet, 30) ?? 0;
  const [header, text, data] = [parameterOf(packet, 32), parameterOf(packet, 33), parameterOf(packet, 34)];
  const userData = readUserData({ dataCoding, header, text, data }, rules);
  if (!userData.ok) return refuse(packet, userData.refusal);
  const times = readTimes(packet, zoneOffset, now);
  if (!times.ok) return refuse(packet, times.refusal);
  const destinations = packet.parameters.filter(({ code, value }) => code === 21 && value !== '');
  return {
    ok: true,
    submit: {
      destinations: destinations.map(({ value }) => value),
      from,
      content: userData.content,
      concatenation: userData.concatenation,
      attempts: times.attempts,
      validUntil: times.validUntil,
      firstDeliveryAt: times.firstDeliveryAt,
      reportBits: reportText === '' ? (account.defaultReportBits ?? 0) : (parseInteger(reportText) ?? 0),
      protocolIdentifier: integerOf(packet, 52) ?? 0,
      replyPath: integerOf(packet, 55) === 1,
      cancel: integerOf(packet, 58) === 0 ? 'disabled' : 'enabled',
      more: readMore(packet),
      priority: integerOf(packet, 67) ?? defaultPriority,
    },
  };
}

/** SPEC: section 2.4: 044 is 0 beside a first delivery time. */
function readMore(packet: Packet): Submit['more'] {
  const isPutOff = [53, 54].some((code) => (parameterOf(packet, code) ?? '') !== '');
  return integerOf(packet, 44) === 1 && !isPutOff ? 'follow' : 'none';
}

/** 023 and 027 empty count as absent (section 1.7). */
function readOriginator(packet: Packet, account: Account, rules: Rules): string | Refusal {
  const name = parameterOf(packet, 27) ?? '';
  if (name !== '') {
    if (account.alphanumericOriginators !== 'refused') return name;
    return refusal(321, 'This account may not use alphanumeric originators (027).', '3.3');
  }
  const given = normalizeAddress(parameterOf(packet, 23) ?? '');
  if (given === '') return account.number;
  if (account.originators === 'free') return given;
  const from = `${account.number}${given}`;
  const isOwn = !given.startsWith('+') && from.length <= 20;
  if (isOwn) return from;
  // COMPAT: Kannel sends whole numbers in 023 whatever the account may. SPEC: section 11.1.
  if (rules === 'lenient') return given;
  return given.startsWith('+')
    ? refusal(306, 'Parameter 023 with + needs the right to free originators.', '3.2')
    : refusal(306, 'Service number and 023 together are longer than 20.', '3.2');
}

type TimesReading =
  | {
      readonly ok: true;
      readonly attempts: Submit['attempts'];
      readonly validUntil: Instant;
      readonly firstDeliveryAt: Instant;
    }
  | { readonly ok: false; readonly refusal: Refusal };

/** SPEC: section 3.4. −1 is a single attempt in 050, and "at once" in 053. */
function readTimes(packet: Packet, zoneOffset: number, now: Instant): TimesReading {
  const first = readTime(packet, 53, 54, zoneOffset, now);
  if (first === 'no-time') return { ok: false, refusal: refusal(308, 'Parameter 054 is no time that exists.', '3.1') };
  const firstDeliveryAt = first === undefined || first === 'single-attempt' || first < now ? now : first;
  const end = readTime(packet, 50, 51, zoneOffset, now);
  if (end === 'no-time') return { ok: false, refusal: refusal(305, 'Parameter 051 is no time that exists.', '3.1') };
  const attempts = end === 'single-attempt' ? 'single' : 'until-validity-ends';
  const validUntil = end === undefined || end === 'single-attempt' ? later(firstDeliveryAt, defaultValidityMs) : end;
  if (validUntil <= firstDeliveryAt) {
    const reason = 'The validity ends before the first delivery.';
    return { ok: false, refusal: refusal(305, reason, '3.4') };
  }
  return { ok: true, attempts, validUntil, firstDeliveryAt };
}

function readTime(
  packet: Packet,
  relative: 50 | 53,
  absolute: 51 | 54,
  zoneOffset: number,
  now: Instant,
): Instant | 'single-attempt' | 'no-time' | undefined {
  const value = integerOf(packet, relative);
  if (value !== undefined) {
    const durationMs = fromRelativeTime(value);
    return typeof durationMs === 'number' ? later(now, durationMs) : durationMs;
  }
  const digits = parameterOf(packet, absolute) ?? '';
  return digits === '' ? undefined : (parseSmscTime(digits, zoneOffset) ?? 'no-time');
}

function integerOf(packet: Packet, code: number): number | undefined {
  return parseInteger(parameterOf(packet, code) ?? '');
}

function refuse(packet: Packet, why: Refusal, parameter?: number): SubmitReading {
  return { ok: false, refusal: why, echoed: echoedBefore(packet, why.errorCode, parameter) };
}

/** An SMSC stops decoding at the first bad parameter, so only the destinations in front of it are echoed. */
function echoedBefore(packet: Packet, errorCode: number, parameter: number | undefined): readonly string[] {
  const isCulprit = ({ code, value }: Parameter) =>
    code === parameter && (code !== 21 || (errorCode === 300 && !isAddress(value)));
  const at = packet.parameters.findIndex(isCulprit);
  return packet.parameters
    .slice(0, at === -1 ? undefined : at)
    .filter(({ code, value }) => code === 21 && isAddress(value))
    .slice(0, maxDestinations)
    .map(({ value }) => value);
}

function isAddress(value: string): boolean {
  const address = normalizeAddress(value);
  return /^\+?[0-9]+$/.test(address) && address.length <= 20;
}
