/**
 * A deliver (20) as a short message. It is taken where it can be: an SMSC repeats what is refused, so a deliver that we
 * cannot read holds up all behind it. Whatever was skipped, guessed or left out is told as a remark, for the log.
 * Source: docs/reference/cimd2.md sections 1.7, 2.9, 3 and 7.
 */
import type { Fault } from '../base/errors.ts';
import { invariant } from '../base/invariant.ts';
import { ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { readDataCoding, userDataParameter } from '../codec/data-coding.ts';
import { fromSeptets, type SeptetAlphabet } from '../codec/gsm-alphabet.ts';
import { type DecodeOptions, decodeUserData033 } from '../codec/link-alphabet.ts';
import { alphabetOf, readNationalTables } from '../codec/national-language.ts';
import { type Packet, parameterOf } from '../codec/packet.ts';
import { fromUcs2, toWellFormed, unpackUserData } from '../codec/user-data.ts';
import { buildUserDataHeader, parseUserDataHeader } from '../codec/user-data-header.ts';
import { textContent } from './handling.ts';
import type { Content, MessageId, Part, ShortMessage } from './message.ts';
import {
  nonEmpty,
  type Parsed,
  readAddress,
  readInteger,
  readOctets,
  readTime,
  type TimeOptions,
  tooLong,
} from './packet-values.ts';
import { messageLimits } from './values.ts';

const deliver = 20;

/** Longest 033 there is, in wire characters (USSD). SPEC: section 3.2. */
const longestUserData = messageLimits.textLength;

export interface DeliverOptions extends TimeOptions {
  readonly alphabet: DecodeOptions['nationalPositions'];
  /** The id that this short message gets. */
  readonly id: MessageId;
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
