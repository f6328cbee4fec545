/**
 * Short messages and CIMD2 parameters: the only place that knows both. Out: the parameters of a submit. In: a deliver, a
 * status report, and the answer to a submit. Sessions, packet numbers and what follows from a refusal are elsewhere.
 * Source: docs/reference/cimd2.md sections 2.4, 2.9, 2.10, 3, 7 and 8.
 *
 * What comes in is taken where it can be: an SMSC repeats what is refused, so a deliver that we cannot read holds up all
 * behind it. Whatever was skipped, guessed or left out is told as a remark, for the log.
 */
import type { Fault } from '../base/errors.ts';
import { assertNever, InvariantError, invariant } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { dataCodingValue, readDataCoding, recodeDataCoding, userDataParameter } from '../codec/data-coding.ts';
import { parseErrorCode } from '../codec/error-codes.ts';
import { fromSeptets, type SeptetAlphabet } from '../codec/gsm-alphabet.ts';
import {
  type DecodeOptions,
  decodeUserData033,
  type EncodeOptions,
  encodeUserData033,
  spellSeptets,
} from '../codec/link-alphabet.ts';
import { alphabetOf, readNationalTables } from '../codec/national-language.ts';
import { type Packet, type Parameter, parameterOf } from '../codec/packet.ts';
import { toRelativeTime } from '../codec/relative-time.ts';
import { parseSmscTime, type ZoneOffsetMinutes } from '../codec/smsc-time.ts';
import { walkSubmitAnswer } from '../codec/submit-results.ts';
import { decodeHex, encodeUserData034, fromUcs2, toUcs2, toWellFormed, unpackUserData } from '../codec/user-data.ts';
import {
  appendHeaderElement,
  buildUserDataHeader,
  concatenationElement,
  parseUserDataHeader,
} from '../codec/user-data-header.ts';
import { textContent } from './handling.ts';
import type { Content, MessageId, Part, ShortMessage, SmscTime } from './message.ts';
import { messageLimits } from './values.ts';

const submitResponse = 53;
const deliver = 20;
const statusReport = 23;
const generalError = 98;

/** 2 + 4 + 8 + 16 + 32: validity over, failed, delivered, cancelled, deleted. SPEC: section 8.1. */
const allFinalEvents = '62';

/** Longest 033 there is, in wire characters (USSD). SPEC: section 3.2. */
const longestUserData = messageLimits.textLength;

/** A value with what was guessed or left out on the way, or the fault that makes it no value. */
export type Parsed<T> = Result<T> & { readonly remarks: readonly Fault[] };

export interface SubmitOptions {
  readonly now: Instant;
  readonly eightBit: EncodeOptions['eightBit'];
  /** What the account allows: `none` asks for no report whatever the message wants. */
  readonly reports: 'final' | 'none';
}

/**
 * The parameters of a submit (03), destination first. SPEC: sections 1.7 and 2.4.
 *
 * The validity is what remains of the message's own at `now`, rounded up to a step of 050, at least five minutes:
 * whether it is past is the caller's question. Without a report 056 is left out, since some accounts answer 310 even to 0
 * (section 8.1).
 *
 * INVARIANT: never called for a status report, which is not something to submit.
 */
export function submitParameters(message: ShortMessage, options: SubmitOptions): readonly Parameter[] {
  const { dataCoding, userData } = userDataOf(message, options.eightBit);
  const header = headerOf(message);
  const parameters: Parameter[] = [{ code: 21, value: message.to }];
  if (message.from !== '') parameters.push({ code: 23, value: message.from });
  if (dataCoding !== 0) parameters.push({ code: 30, value: String(dataCoding) });
  if (header.length > 0) parameters.push({ code: 32, value: encodeUserData034(header) });
  // An empty text is a value, empty octets are not: section 1.7.
  if (userData.code === 33 || userData.value !== '') parameters.push(userData);
  if (message.part !== undefined && message.part.index < message.part.count) parameters.push({ code: 44, value: '1' });
  parameters.push({ code: 50, value: String(toRelativeTime(message.validUntil - options.now)) });
  if (message.report === 'final' && options.reports === 'final') parameters.push({ code: 56, value: allFinalEvents });
  return parameters;
}

export interface DeliverOptions {
  readonly zoneOffsetMinutes: ZoneOffsetMinutes;
  readonly alphabet: DecodeOptions['nationalPositions'];
  /** The id that this short message gets. */
  readonly id: MessageId;
  readonly now: Instant;
  readonly validUntil: Instant;
}

/**
 * A deliver (20) as a short message: concatenation becomes `part`, the other header elements stay in `header`. Text in a
 * national alphabet is read by it; a coding scheme that says more than alphabet and flash stays in the content.
 *
 * Octets that are no text under their coding scheme stay octets. A part whose UCS-2 was cut inside a surrogate pair does
 * too; the joiner makes text of it.
 *
 * @returns fault for an address (021, 023) that is missing or none, a coding scheme that is none, hex that is none, and
 * user data beyond all limits; never throws
 */
export function parseDeliver(packet: Packet, options: DeliverOptions): Parsed<ShortMessage> {
  invariant(packet.operation === deliver, `operation ${packet.operation} is no deliver`);
  const remarks: Fault[] = [];
  const to = readAddress(packet, 21);
  if (!to.ok) return { ...to, remarks };
  const from = readAddress(packet, 23);
  if (!from.ok) return { ...from, remarks };
  const header = readHeader(packet, remarks);
  if (!header.ok) return { ...header, remarks };
  const content = readContent(packet, header.value, options.alphabet, remarks);
  if (!content.ok) return { ...content, remarks };
  return {
    ok: true,
    value: {
      id: options.id,
      from: from.value,
      to: to.value,
      content: content.value,
      header: header.value.rest,
      part: header.value.part,
      validUntil: options.validUntil,
      report: 'none',
      createdAt: options.now,
      smscTime: readTime(packet, 60, options, remarks),
      textId: '',
    },
    remarks,
  };
}

/** A status report has no user data. */
export type StatusReportOptions = Omit<DeliverOptions, 'alphabet'>;

/**
 * A status report (23) as a short message from the handset it is about, to the originator (023) if that is named.
 *
 * Its key stays as received: 021 byte for byte, and the digits of 060. SPEC: section 8.4. Without a usable discharge time
 * it has the time of the key (section 2.5).
 *
 * @returns fault where 021, 060 or 061 is missing or not what it must be; never throws
 */
export function parseStatusReport(packet: Packet, options: StatusReportOptions): Parsed<ShortMessage> {
  invariant(packet.operation === statusReport, `operation ${packet.operation} is no status report`);
  const remarks: Fault[] = [];
  const destination = nonEmpty(packet, 21);
  if (destination === undefined) return { ...missing(21), remarks };
  if (destination.length > messageLimits.destinationLength) return { ...tooLong(21), remarks };
  const status = readInteger(packet, 61, 9);
  if (!status.ok) return { ...status, remarks };
  if (status.value === undefined) return { ...missing(61), remarks };
  const stamp = readTime(packet, 60, options, remarks);
  if (stamp === undefined) return { ok: false, fault: remarks.at(-1) ?? missing(60).fault, remarks: [] };
  const error = readInteger(packet, 62, 999);
  if (!error.ok) remarks.push(error.fault);
  const from = readAddress(packet, 21);
  if (!from.ok) remarks.push(from.fault);
  const to = nonEmpty(packet, 23) === undefined ? ok('') : readAddress(packet, 23);
  if (!to.ok) remarks.push(to.fault);
  const report = {
    destination,
    stamp,
    status: status.value,
    error: error.ok ? error.value : undefined,
    dischargedAt: readTime(packet, 63, options, remarks) ?? stamp,
  };
  return {
    ok: true,
    value: {
      id: options.id,
      from: from.ok ? from.value : '',
      to: to.ok ? to.value : '',
      content: { type: 'status-report', report },
      header: new Uint8Array(),
      part: undefined,
      validUntil: options.validUntil,
      report: 'none',
      createdAt: options.now,
      smscTime: undefined,
      textId: '',
    },
    remarks,
  };
}

export type SubmitAnswer =
  /** The SMSC took it. Without a usable 060 no report can be matched: `stamp` is undefined. */
  | { readonly type: 'accepted'; readonly stamp: SmscTime | undefined; readonly remarks: readonly Fault[] }
  /** A definite answer with 900; whether it is final is the table's word (codec/error-codes.ts), 5 leaves it open. */
  | { readonly type: 'refused'; readonly errorCode: number; readonly text: string | undefined }
  /** It says neither: the fate of the submit is unknown. */
  | { readonly type: 'fault'; readonly fault: Fault };

export interface SubmitAnswerOptions {
  readonly zoneOffsetMinutes: ZoneOffsetMinutes;
  readonly now: Instant;
}

/**
 * What an answer (53, or 98) says about a submit with one destination.
 *
 * SPEC: section 2.4. 021 opens an entry; 060, 900 and 901 belong to the latest; an entry with neither 060 nor 900
 * inherits the last error of the packet; what stands before any 021 belongs to the one destination of the request.
 * `900:0` is success (section 9). An entry that is accepted and refused at once is a fault, and so is an answer that
 * names other destinations only.
 *
 * @param destination 021 of the request
 */
export function readSubmitAnswer(packet: Packet, destination: string, options: SubmitAnswerOptions): SubmitAnswer {
  if (packet.operation !== submitResponse && packet.operation !== generalError) {
    return answerFault('SESSION_UNEXPECTED_RESPONSE', `operation ${packet.operation} is no answer to a submit`);
  }
  const { entries, unnamed, lastError } = walkSubmitAnswer(packet);
  const own = entries.filter((entry) => isSameDestination(entry.destination, destination));
  if (entries.length > 0 && own.length === 0) {
    return answerFault('SESSION_UNEXPECTED_RESPONSE', 'the answer to a submit (53) names another destination (021)');
  }
  const decided = [...own, unnamed].find(({ stamp, error }) => stamp !== '' || error !== undefined);
  const stamp = decided === undefined || decided.stamp === '' ? undefined : decided.stamp;
  const error = decided === undefined ? lastError : decided.error;
  const errorCode = error === undefined ? 0 : parseErrorCode(error.code);
  if (errorCode === undefined)
    return answerFault('CIMD2_BAD_PARAMETER', 'the error code (900) of an answer is no number');
  if (errorCode !== 0) {
    if (stamp !== undefined) {
      return answerFault(
        'CIMD2_UNEXPECTED_PARAMETER',
        `an answer to a submit both accepts (060) and refuses (900:${errorCode})`,
      );
    }
    return { type: 'refused', errorCode, text: error?.text === undefined ? undefined : printable(error.text) };
  }
  if (packet.operation === generalError)
    return answerFault('CIMD2_MISSING_PARAMETER', 'a general error (98) without 900');
  if (decided === undefined && packet.parameters.some(({ code }) => code === 901)) {
    return answerFault(
      'CIMD2_MISSING_PARAMETER',
      'an answer to a submit has an error text (901) but no error code (900)',
    );
  }
  const remarks: Fault[] = [];
  return { type: 'accepted', stamp: readTimeValue(stamp, 60, options, remarks), remarks };
}

/** SPEC: section 3.2, 901: at most 64 characters of 20–7E. It goes to logs and screens. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?').slice(0, 64);
}

/** The last seven digits agree, or all where there are fewer. SPEC: section 8.4, for an answer in another number plan. */
function isSameDestination(answered: string, asked: string): boolean {
  if (answered === asked) return true;
  const lastDigits = (address: string) => address.replaceAll(/[+-]/g, '').slice(-7);
  return lastDigits(answered) === lastDigits(asked);
}

function answerFault(code: Fault['code'], message: string): SubmitAnswer {
  return { type: 'fault', fault: { code, message } };
}

function userDataOf(
  { content, header }: ShortMessage,
  eightBit: EncodeOptions['eightBit'],
): { readonly dataCoding: number; readonly userData: Parameter } {
  switch (content.type) {
    case 'text': {
      const { text, coding, flash } = content;
      const dataCoding = content.dataCoding ?? dataCodingValue(coding, flash ? 0 : undefined);
      const alphabet = alphabetFor(header);
      const spelled = coding === 'gsm7' ? encodeUserData033(text, { eightBit, ...alphabet }) : undefined;
      if (spelled !== undefined) return { dataCoding, userData: { code: 33, value: spelled } };
      // A text that calls itself GSM and is not goes as UCS-2: whole, or refused by the SMSC if it became too long.
      return {
        dataCoding: recodeDataCoding(dataCoding, 'ucs2'),
        userData: { code: 34, value: encodeUserData034(toUcs2(text)) },
      };
    }
    case 'binary': {
      const { dataCoding, bytes } = content;
      // SPEC: section 7.7: packed septets in 034 are never sent, the default alphabet is what 033 is for.
      const userData =
        userDataParameter(readDataCoding(dataCoding)) === 33
          ? { code: 33, value: spellSeptets(unpackUserData(bytes), { eightBit }) }
          : { code: 34, value: encodeUserData034(bytes) };
      return { dataCoding, userData };
    }
    case 'status-report':
      throw new InvariantError('a status report cannot be submitted');
    default:
      return assertNever(content);
  }
}

/** Options for the alphabet that a header names; none for the default one, which is nearly all. */
function alphabetFor(header: Uint8Array): { readonly alphabet?: SeptetAlphabet } {
  if (header.length === 0) return {};
  const parsed = parseUserDataHeader(header);
  return parsed.ok ? { alphabet: alphabetOf(readNationalTables(parsed.value.others).tables) } : {};
}

function headerOf({ header, part }: ShortMessage): Uint8Array {
  return part === undefined ? header : appendHeaderElement(header, concatenationElement(part));
}

interface ReadHeader {
  readonly part: Part | undefined;
  readonly rest: Uint8Array;
  /** What septets stand for. */
  readonly alphabet: SeptetAlphabet;
}

function readHeader(packet: Packet, remarks: Fault[]): Result<ReadHeader> {
  const octets = readOctets(packet, 32);
  if (!octets.ok) return octets;
  const header = parseUserDataHeader(octets.value);
  if (!header.ok) {
    // Kept as it came: the text beside it may be all that its sender cares about.
    remarks.push(header.fault);
    return ok({ part: undefined, rest: octets.value, alphabet: alphabetOf(undefined) });
  }
  const { concatenation, others, faults } = header.value;
  remarks.push(...faults);
  const national = readNationalTables(others);
  remarks.push(...national.faults);
  const isPart = concatenation !== undefined && concatenation.count > 1;
  const rest = buildUserDataHeader(others);
  return ok({ part: isPart ? concatenation : undefined, rest, alphabet: alphabetOf(national.tables) });
}

function readContent(
  packet: Packet,
  header: ReadHeader,
  nationalPositions: DecodeOptions['nationalPositions'],
  remarks: Fault[],
): Result<Content> {
  const readCoding = readInteger(packet, 30, 255);
  if (!readCoding.ok) return readCoding;
  const dataCoding = readCoding.value ?? 0;
  const expected = userDataParameter(readDataCoding(dataCoding));
  const text033 = parameterOf(packet, 33);
  const data034 = nonEmpty(packet, 34);
  const has033 = text033 !== undefined && (text033 !== '' || data034 === undefined);
  const used = has033 && (expected === 33 || data034 === undefined) ? 33 : 34;
  if (has033 && data034 !== undefined) {
    remarks.push({ code: 'CIMD2_UNEXPECTED_PARAMETER', message: `both 033 and 034 are present; 0${used} was read` });
  } else if (used !== expected && (has033 || data034 !== undefined)) {
    const message = `user data is in 0${used} although its coding scheme (030:${dataCoding}) is for 0${expected}`;
    remarks.push({ code: 'CIMD2_UNEXPECTED_PARAMETER', message });
  }
  if (used === 33) {
    return readText(text033 ?? '', dataCoding, { nationalPositions, alphabet: header.alphabet }, remarks);
  }
  const octets = readOctets(packet, 34);
  if (!octets.ok) return octets;
  return ok(contentOfOctets(octets.value, dataCoding, header, remarks));
}

function readText(
  value: string,
  dataCoding: number,
  reading: Pick<DecodeOptions, 'nationalPositions' | 'alphabet'>,
  remarks: Fault[],
): Result<Content> {
  if (value.length > longestUserData) return tooLong(33);
  const decoded = decodeUserData033(value, { ...reading, unknownCombination: 'keep' });
  if (!decoded.ok) return decoded;
  remarks.push(...decoded.value.faults);
  return ok(textContent(decoded.value.text, 'gsm7', dataCoding));
}

function contentOfOctets(bytes: Uint8Array, dataCoding: number, header: ReadHeader, remarks: Fault[]): Content {
  const { alphabet, isCompressed } = readDataCoding(dataCoding);
  const binary: Content = { type: 'binary', bytes, dataCoding };
  if (isCompressed || alphabet === '8bit') return binary;
  // COMPAT: jcimd, packed septets without fill bits behind a header. SPEC: section 7.7.
  if (alphabet === 'gsm7') return textContent(fromSeptets(unpackUserData(bytes), header.alphabet), 'gsm7', dataCoding);
  const units = fromUcs2(bytes);
  if (!units.ok) {
    remarks.push(units.fault);
    return binary;
  }
  const { text, replaced } = toWellFormed(units.value);
  if (replaced > 0 && header.part !== undefined) return binary;
  if (replaced > 0) {
    const message = `UCS-2 user data holds ${replaced} half surrogate pair(s), replaced by U+FFFD`;
    remarks.push({ code: 'CIMD2_USER_DATA', message });
  }
  return textContent(text, 'ucs2', dataCoding);
}

/** SPEC: section 1.7: an empty value is an absent parameter (033 is the exception). */
function nonEmpty(packet: Packet, code: number): string | undefined {
  const value = parameterOf(packet, code);
  return value === '' ? undefined : value;
}

/** SPEC: section 3.1: hyphens are accepted and taken out. */
function readAddress(packet: Packet, code: number): Result<string> {
  const value = nonEmpty(packet, code);
  if (value === undefined) return missing(code);
  const address = value.replaceAll('-', '');
  if (!/^\+?[0-9]+$/.test(address)) return fail('CIMD2_BAD_PARAMETER', `parameter ${name(code)} holds no address`);
  return address.length > messageLimits.addressDigits + 1 ? tooLong(code) : ok(address);
}

/** A whole number from 0; leading zeros are accepted. Undefined if absent. */
function readInteger(packet: Packet, code: number, most: number): Result<number | undefined> {
  const value = nonEmpty(packet, code);
  if (value === undefined) return ok(undefined);
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number <= most) return ok(number);
  return fail('CIMD2_VALUE_OUT_OF_RANGE', `parameter ${name(code)} is no number from 0 to ${most}`);
}

/** No octets if absent. */
function readOctets(packet: Packet, code: 32 | 34): Result<Uint8Array> {
  const value = nonEmpty(packet, code) ?? '';
  return value.length > messageLimits.octets * 2 ? tooLong(code) : decodeHex(value, code);
}

function readTime(packet: Packet, code: number, options: SubmitAnswerOptions, remarks: Fault[]): SmscTime | undefined {
  return readTimeValue(nonEmpty(packet, code), code, options, remarks);
}

/** Twelve digits that name no time are still half of a key (section 8.4): kept, and dated now. */
function readTimeValue(
  digits: string | undefined,
  code: number,
  { zoneOffsetMinutes, now }: SubmitAnswerOptions,
  remarks: Fault[],
): SmscTime | undefined {
  if (digits === undefined) {
    remarks.push(missing(code).fault);
    return undefined;
  }
  const at = parseSmscTime(digits, zoneOffsetMinutes);
  if (at !== undefined) return { digits, at };
  remarks.push({ code: 'CIMD2_VALUE_OUT_OF_RANGE', message: `parameter ${name(code)} names no time` });
  return /^[0-9]{12}$/.test(digits) ? { digits, at: now } : undefined;
}

function missing(code: number): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { code: 'CIMD2_MISSING_PARAMETER', message: `parameter ${name(code)} is missing` } };
}

function tooLong(code: number): { readonly ok: false; readonly fault: Fault } {
  return {
    ok: false,
    fault: { code: 'CIMD2_VALUE_TOO_LONG', message: `parameter ${name(code)} is longer than any can be` },
  };
}

function name(code: number): string {
  return String(code).padStart(3, '0');
}
