/**
 * Everything that can be said of one packet, as a value: what it is, each parameter with meaning and range, checksum,
 * number, and every fault with its section. Printing is decode-lines.ts and decode-document.ts. Passwords are starred
 * here, so nothing behind this file can show them. Source: docs/reference/cimd2.md sections 1 to 4.
 */
import { toHex, toLatin1 } from '../../core/base/bytes.ts';
import type { ErrorCode } from '../../core/base/errors.ts';
import { type Damage, decodePacket } from '../../core/codec/decode.ts';
import type { DecodeOptions } from '../../core/codec/link-alphabet.ts';
import { findOperation, operationName, type Side } from '../../core/codec/operations.ts';
import type { Parameter } from '../../core/codec/packet.ts';
import { packetNumber } from '../../core/codec/packet-number.ts';
import { checkValue } from '../../core/codec/parameter-value.ts';
import { findParameter, parameterName } from '../../core/codec/parameters.ts';
import { validateParameters } from '../../core/codec/validate.ts';
import { type Field, type Fields, takeApart } from './decode-fields.ts';
import type { NumberReading, NumberRules } from './decode-numbers.ts';
import { readUserData, type UserDataContext } from './decode-user-data.ts';
import { rangeWords, wordsFor } from './decode-words.ts';
import { spellPacket } from './packet-text.ts';

/** What stands in place of a password, whatever its length. */
export const secretStars = '********';

export interface PacketFault {
  readonly code: ErrorCode;
  /** One sentence; never holds a password. */
  readonly message: string;
  /** Of docs/reference/cimd2.md. */
  readonly section: string;
  /** Undefined where it is about the whole packet. */
  readonly parameter: number | undefined;
}

export interface ParameterReport {
  /** Undefined where the field does not begin with three digits and a colon; `value` is all of it then. */
  readonly code: number | undefined;
  readonly name: string;
  /** One character per wire byte; {@link secretStars} for a password. */
  readonly value: string;
  readonly isSecret: boolean;
  /** What it means, where the value does not say it all. */
  readonly words: string | undefined;
  /** Of 033 and 034, where they are text. */
  readonly text: string | undefined;
  /** What the table allows. */
  readonly range: string | undefined;
  /** What is wrong with the value by itself; undefined where it holds. */
  readonly flaw: string | undefined;
  readonly section: string;
}

/** `mixed response`: of several destinations some were accepted and some refused. SPEC: section 2.4. */
export type PacketKind = 'request' | 'positive response' | 'negative response' | 'mixed response' | 'error' | 'unknown';

export interface PacketReport {
  /** Undefined where the header cannot be read; then there are no parameters either. */
  readonly operation: number | undefined;
  readonly packetNumber: number | undefined;
  readonly name: string;
  readonly kind: PacketKind;
  /** Undefined where both may send it, or nobody. */
  readonly sender: Side | undefined;
  readonly number: NumberReading | undefined;
  readonly parameters: readonly ParameterReport[];
  readonly checksum: {
    /** As it stood behind the last TAB; undefined where nothing did. */
    readonly found: string | undefined;
    /** Two upper-case hex digits. */
    readonly expected: string;
    /** `unknowable`: a starred password is among the bytes that were summed. */
    readonly verdict: 'holds' | 'absent' | 'wrong' | 'unknowable';
  };
  /** In the order in which a server would find them. */
  readonly faults: readonly PacketFault[];
  readonly section: string;
  /** Control bytes spelled out, passwords starred. */
  readonly wire: string;
  /** All bytes, where no header can be read and no password is among them. */
  readonly hex: string | undefined;
}

export interface ReadOptions {
  readonly nationalPositions: DecodeOptions['nationalPositions'];
}

/**
 * @param bytes one packet as the framer hands it out
 * @param numbers of the conversation; it counts this packet as seen
 */
export function readPacket(bytes: Uint8Array, numbers: NumberRules, options: ReadOptions): PacketReport {
  const fields = takeApart(bytes);
  const decoded = decodePacket(bytes);
  const { header } = fields;
  const isStarred = fields.fields.some((field) => field.code === 11 && field.value === secretStars);
  const checksum = judgeChecksum(fields, isStarred);
  const damage = decoded.ok ? undefined : decoded.damage;
  const faults: PacketFault[] = [];
  if (!decoded.ok && !(damage === 'checksum' && isStarred)) {
    const { code, message } = decoded.fault;
    faults.push({ code, message, section: damageSections[decoded.damage], parameter: undefined });
  }
  const isWhole = damage === undefined || damage === 'checksum';
  const wire = isWhole ? spellPacket(bytes) : starBroken(spellPacket(bytes));
  const spelled = { wire, hex: hexOf(bytes, header === undefined) };
  if (header === undefined || header.packetNumber > 255 || header.operation === 0) {
    return { ...unreadable(fields), ...spelled, checksum, faults };
  }
  const { parameters, faults: flaws } = readParameters(fields.fields, options);
  // Where the syntax is broken, what is missing and what does not go together cannot be told.
  if (isWhole) faults.push(...rulesBroken(header, fields.fields));
  faults.push(...flaws);
  const isIntact = damage !== 'trailer' && (damage !== 'checksum' || isStarred);
  const number = isIntact ? numbers.read(header.operation, header.packetNumber, bytes) : undefined;
  if (number?.fault !== undefined) faults.push({ ...number.fault, section: number.section, parameter: undefined });
  return { ...roleOf(header.operation, fields.fields), ...header, ...spelled, number, parameters, checksum, faults };
}

/** SPEC: section 1.6, in the order of the checks. */
const damageSections: Readonly<Record<Damage, string>> = {
  trailer: '1.5',
  checksum: '1.5',
  header: '1.1',
  parameter: '1.2',
};

function judgeChecksum({ trailer, expectedChecksum }: Fields, isStarred: boolean): PacketReport['checksum'] {
  const found = trailer === '' ? undefined : starBroken(trailer);
  if (found === undefined) return { found, expected: expectedChecksum, verdict: 'absent' };
  if (found.toUpperCase() === expectedChecksum) return { found, expected: expectedChecksum, verdict: 'holds' };
  return { found, expected: expectedChecksum, verdict: isStarred ? 'unknowable' : 'wrong' };
}

function unreadable({ header }: Fields) {
  return {
    operation: header?.operation,
    packetNumber: header?.packetNumber,
    name: 'unreadable packet',
    kind: 'unknown',
    sender: undefined,
    number: undefined,
    parameters: [],
    section: '1.1',
  } as const;
}

function roleOf(
  operation: number,
  fields: readonly Field[],
): Pick<PacketReport, 'name' | 'kind' | 'sender' | 'section'> {
  const role = findOperation(operation);
  const name = operationName(operation);
  if (role === undefined) return { name, kind: 'unknown', sender: undefined, section: '2.1' };
  if (role.type === 'error') {
    const [only, other] = role.packet.senders;
    return { name, kind: 'error', sender: other === undefined ? only : undefined, section: role.packet.section };
  }
  const { requester, section } = role.operation;
  if (role.type === 'request') return { name, kind: 'request', sender: requester, section };
  // SPEC: section 9. 900:0 counts as success.
  const isNegative = fields.some(({ code, value }) => code === 900 && !/^0+$/.test(value));
  const isMixed = isNegative && role.operation.code === 3 && fields.some(({ code }) => code === 60);
  const kind = isMixed ? 'mixed response' : isNegative ? 'negative response' : 'positive response';
  const sender = requester === 'application' ? 'smsc' : 'application';
  return { name, kind, sender, section };
}

function readParameters(
  fields: readonly Field[],
  options: ReadOptions,
): { readonly parameters: readonly ParameterReport[]; readonly faults: readonly PacketFault[] } {
  const faults: PacketFault[] = [];
  const context: UserDataContext = { ...options, coding: firstValue(fields, 30), header: firstValue(fields, 32) };
  const parameters = fields.map(({ code, value }): ParameterReport => {
    if (code === undefined) return { ...brokenField, value: starBroken(value) };
    const info = findParameter(code);
    const isSecret = info?.isSecret === true;
    const isValue = value !== '' || code === 33;
    const flaw = info !== undefined && isValue ? checkValue(info, value)?.message : undefined;
    const isUserData = code === 32 || code === 33 || code === 34;
    const userData = isUserData && flaw === undefined ? readUserData(code, value, context) : undefined;
    for (const fault of userData?.faults ?? []) faults.push({ ...fault, parameter: code });
    return {
      code,
      name: parameterName(code),
      value: isSecret ? secretStars : value,
      isSecret,
      words: isSecret ? undefined : isUserData ? userData?.words : wordsFor(code, value),
      text: userData?.text,
      range: info && rangeWords(info),
      flaw,
      section: info?.section ?? '3.2',
    };
  });
  return { parameters, faults };
}

const brokenField = {
  code: undefined,
  name: 'not three digits and a colon',
  isSecret: false,
  words: undefined,
  text: undefined,
  range: undefined,
  flaw: 'no parameter',
  section: '1.1',
} as const;

function firstValue(fields: readonly Field[], code: number): string | undefined {
  return fields.find((field) => field.code === code)?.value;
}

/** What the tables find: known, allowed, once, in range, complete, going together. */
function rulesBroken(
  header: { readonly operation: number; readonly packetNumber: number },
  fields: readonly Field[],
): readonly PacketFault[] {
  const parameters = fields.filter((field): field is Parameter => field.code !== undefined);
  const packet = { operation: header.operation, packetNumber: packetNumber(header.packetNumber), parameters };
  const direction = header.operation < 50 ? 'request' : 'response';
  return validateParameters(packet, direction, { unknownParameters: 'refuse' }).map((problem) => {
    const { code, section, parameter } = problem;
    const info = parameter === undefined ? undefined : findParameter(parameter);
    // What does not fit beside its header (7.8) may well be in the range of its parameter.
    const isRangeTold = !isAboutValue(code) || problem.message.includes('outside') || section === '7.8';
    const range = info && !isRangeTold ? rangeWords(info) : undefined;
    const message = range === undefined ? problem.message : problem.message.replace(/\.$/, `; allowed: ${range}.`);
    return { code, message, section, parameter };
  });
}

function isAboutValue(code: ErrorCode): boolean {
  return code === 'CIMD2_VALUE_OUT_OF_RANGE' || code === 'CIMD2_VALUE_TOO_LONG' || code === 'CIMD2_ILLEGAL_BYTE';
}

/** In a packet that cannot be taken apart a password may stand anywhere, and ends nobody knows where. */
function starBroken(text: string): string {
  return text.replace(/011:.*?(?=<TAB>|<ETX>|$)/gs, `011:${secretStars}`);
}

function hexOf(bytes: Uint8Array, isUnreadable: boolean): string | undefined {
  return isUnreadable && !toLatin1(bytes).includes('011:') ? toHex(bytes) : undefined;
}
