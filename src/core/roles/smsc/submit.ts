/**
 * Reads a submit (03) as an SMSC does: every parameter checked, and the first that is wrong named by its error code.
 * What comes out cannot be wrong any more. Who may submit and where it goes is not asked here. Source:
 * docs/reference/cimd2.md sections 2.4, 3, 7 and 9.
 */
import { toHex } from '../../base/bytes.ts';
import { type Instant, later } from '../../base/time.ts';
import { readDataCoding, userDataParameter } from '../../codec/data-coding.ts';
import { decodeUserData033 } from '../../codec/link-alphabet.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import { normalizeAddress, parseInteger } from '../../codec/parameter-value.ts';
import { fromRelativeTime } from '../../codec/relative-time.ts';
import { parseSmscTime } from '../../codec/smsc-time.ts';
import { decodeHex, decodeUserData034 } from '../../codec/user-data.ts';
import { type Concatenation, parseUserDataHeader, userDataCapacity } from '../../codec/user-data-header.ts';
import { maxDestinations, validateParameters } from '../../codec/validate.ts';
import { type Account, defaultValidityMs } from './settings.ts';

export interface Submit {
  /** 021 byte for byte, at least one; answers and reports echo it so. SPEC: section 8.4. */
  readonly destinations: readonly string[];
  /** What the handset shows: the account's number with 023 behind it, or 027. */
  readonly from: string;
  readonly content: SubmitContent;
  readonly concatenation: Concatenation | undefined;
  /** One attempt and no storing (050 = −1). */
  readonly attempts: 'single' | 'until-validity-ends';
  readonly validUntil: Instant;
  readonly firstDeliveryAt: Instant;
  /** 056, a bit sum; 0 asks for nothing. SPEC: section 8.1. */
  readonly reportBits: number;
}

export interface SubmitContent {
  readonly kind: 'text' | 'binary';
  /** Text, or upper-case hex of the octets. */
  readonly text: string;
  /** Equal for equal content: coding, header and user data as they came. */
  readonly fingerprint: string;
}

export type SubmitReading =
  | { readonly ok: true; readonly submit: Submit }
  /** `echoed`: the destinations that were decoded before the error. SPEC: section 1.7. */
  | {
      readonly ok: false;
      readonly errorCode: number;
      readonly reason: string;
      readonly echoed: readonly string[];
    };

/** @param now and `zoneOffset` (minutes) turn the SMSC's local times and relative times into instants */
export function readSubmit(packet: Packet, account: Account, zoneOffset: number, now: Instant): SubmitReading {
  const problem = validateParameters(packet, 'request')[0];
  if (problem !== undefined) return refuse(packet, problem.errorCode, problem.message, problem.parameter);
  if (account.reports === 'refused' && (parameterOf(packet, 56) ?? '') !== '') {
    return refuse(packet, 310, 'This account gets no status reports, and 056 must not be sent.', undefined);
  }
  const from = readOriginator(packet, account);
  if (from === undefined) return refuse(packet, 306, 'Service number and 023 together are longer than 20.', 23);
  const userData = readUserData(packet);
  if (!userData.ok) return refuse(packet, userData.errorCode, userData.reason, undefined);
  const times = readTimes(packet, zoneOffset, now);
  if (!times.ok) return refuse(packet, times.errorCode, times.reason, undefined);
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
      reportBits: integerOf(packet, 56) ?? 0,
    },
  };
}

/** 023 and 027 empty count as absent (section 1.7). A `+` in 023 needs a right that no account has here. */
function readOriginator(packet: Packet, account: Account): string | undefined {
  const alphanumeric = parameterOf(packet, 27);
  if (alphanumeric !== undefined && alphanumeric !== '') return alphanumeric;
  const suffix = normalizeAddress(parameterOf(packet, 23) ?? '');
  const from = `${account.number}${suffix}`;
  return suffix.startsWith('+') || from.length > 20 ? undefined : from;
}

type UserDataReading =
  | { readonly ok: true; readonly content: SubmitContent; readonly concatenation: Concatenation | undefined }
  | { readonly ok: false; readonly errorCode: number; readonly reason: string };

function readUserData(packet: Packet): UserDataReading {
  const coding = readDataCoding(integerOf(packet, 30) ?? 0);
  const [headerHex, text, data] = [
    parameterOf(packet, 32) ?? '',
    parameterOf(packet, 33),
    parameterOf(packet, 34) ?? '',
  ];
  const octets = decodeHex(headerHex, 32);
  if (!octets.ok) return { ok: false, errorCode: 302, reason: octets.fault.message };
  const header = parseUserDataHeader(octets.value);
  if (!header.ok) return { ok: false, errorCode: 303, reason: header.fault.message };
  const fingerprint = `${integerOf(packet, 30) ?? 0} ${headerHex.toUpperCase()} ${text ?? ''} ${data.toUpperCase()}`;
  const { concatenation } = header.value;
  if (data === '') {
    if (text !== undefined && text !== '' && userDataParameter(coding) === 34) {
      return { ok: false, errorCode: 303, reason: 'Parameter 033 does not go with this data coding scheme.' };
    }
    const decoded = decodeUserData033(text ?? '', { nationalPositions: 'nokia', unknownCombination: 'refuse' });
    if (!decoded.ok) return { ok: false, errorCode: 302, reason: decoded.fault.message };
    if (decoded.value.septetCount > userDataCapacity('gsm7', octets.value.length)) {
      return { ok: false, errorCode: 302, reason: `User data of ${decoded.value.septetCount} septets does not fit.` };
    }
    return { ok: true, content: { kind: 'text', text: decoded.value.text, fingerprint }, concatenation };
  }
  const decoded = decodeUserData034(data, integerOf(packet, 30) ?? 0);
  if (!decoded.ok) return { ok: false, errorCode: 302, reason: decoded.fault.message };
  const content: SubmitContent =
    decoded.value.type === 'text'
      ? { kind: 'text', text: decoded.value.text, fingerprint }
      : { kind: 'binary', text: toHex(decoded.value.octets), fingerprint };
  return { ok: true, content, concatenation };
}

type TimesReading =
  | {
      readonly ok: true;
      readonly attempts: Submit['attempts'];
      readonly validUntil: Instant;
      readonly firstDeliveryAt: Instant;
    }
  | { readonly ok: false; readonly errorCode: number; readonly reason: string };

/** SPEC: section 3.4. −1 is a single attempt in 050, and "at once" in 053. */
function readTimes(packet: Packet, zoneOffset: number, now: Instant): TimesReading {
  const first = readTime(packet, 53, 54, zoneOffset, now);
  if (first === 'no-time') return { ok: false, errorCode: 308, reason: 'Parameter 054 is no time that exists.' };
  const firstDeliveryAt = first === undefined || first === 'single-attempt' || first < now ? now : first;
  const end = readTime(packet, 50, 51, zoneOffset, now);
  if (end === 'no-time') return { ok: false, errorCode: 305, reason: 'Parameter 051 is no time that exists.' };
  const attempts = end === 'single-attempt' ? 'single' : 'until-validity-ends';
  const validUntil = end === undefined || end === 'single-attempt' ? later(firstDeliveryAt, defaultValidityMs) : end;
  if (validUntil <= firstDeliveryAt) {
    return { ok: false, errorCode: 305, reason: 'The validity ends before the first delivery.' };
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

function refuse(packet: Packet, errorCode: number, reason: string, parameter: number | undefined): SubmitReading {
  return { ok: false, errorCode, reason, echoed: echoedBefore(packet, errorCode, parameter) };
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
