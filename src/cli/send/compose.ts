/**
 * A text or octets as the submits they take, for a command that sends them straight to an SMSC. Checked against the
 * tables before anything is sent: what is deliberately wrong goes with `--raw`.
 * Source: docs/reference/cimd2.md sections 2.4, 3 and 7.
 */
import type { Fault } from '../../core/base/errors.ts';
import { type Instant, later } from '../../core/base/time.ts';
import { uuidV7 } from '../../core/base/uuid.ts';
import { dataCodingValue, readDataCoding } from '../../core/codec/data-coding.ts';
import type { Packet, Parameter } from '../../core/codec/packet.ts';
import { packetNumber } from '../../core/codec/packet-number.ts';
import { fromRelativeTime, toRelativeTime } from '../../core/codec/relative-time.ts';
import { formatSmscTime } from '../../core/codec/smsc-time.ts';
import { concatenationElement, type HeaderElement, parseUserDataHeader } from '../../core/codec/user-data-header.ts';
import { validateParameters } from '../../core/codec/validate.ts';
import { type Content, messageId, type Part, type ShortMessage } from '../../core/message/message.ts';
import { splitBinary, splitText } from '../../core/message/split.ts';
import { submitParameters } from '../../core/message/submit.ts';
import { randomBytes } from '../../shell/hashing.ts';
import { formatDuration } from '../duration.ts';
import { foreignError, foreignNotice } from './foreign.ts';
import { type MessageOptions, parseHexBytes, type TimeChoice } from './message-options.ts';
import { sendUsageError } from './send-errors.ts';

export interface ComposeOptions extends MessageOptions {
  readonly to: readonly string[];
  readonly text: string;
}

export interface ComposeContext {
  readonly now: Instant;
  /** Minutes that the SMSC's local time is ahead of UTC; only absolute times need it. */
  readonly zoneOffsetMinutes: number;
}

export type WireCoding = 'gsm7' | 'ucs2' | 'binary';

export interface ComposedMessage {
  readonly coding: WireCoding;
  /** One submit each, in order, without its destinations. */
  readonly submits: readonly (readonly Parameter[])[];
  /** What it costs, and what was changed so that it could be sent. */
  readonly notices: readonly string[];
}

/** @throws OperatorError USAGE_BAD_VALUE, IM_TEXT_TOO_LONG, MESSAGE_FOREIGN_CHARACTERS */
export function composeMessage(options: ComposeOptions, context: ComposeContext): ComposedMessage {
  const body = bodyOf(options);
  const choices = choicesOf(options, context);
  const dataCoding = options.dataCoding ?? dataCodingValue(alphabets[body.coding], options.messageClass);
  const submits = body.pieces.map((piece) => {
    const parameters = parametersOf(piece, options, dataCoding, context);
    return [...parameters, ...choices.parameters].sort((a, b) => a.code - b.code);
  });
  for (const submit of submits) refuseFaults(options.to, submit);
  return { coding: body.coding, submits, notices: [...body.notices, ...choices.notices] };
}

const alphabets = { gsm7: 'gsm7', ucs2: 'ucs2', binary: '8bit' } as const;

interface Piece {
  readonly content: Content;
  readonly header: Uint8Array;
  readonly part: Part | undefined;
}

interface Body {
  readonly coding: WireCoding;
  readonly pieces: readonly Piece[];
  readonly notices: readonly string[];
}

function bodyOf(options: ComposeOptions): Body {
  const coding = codingOf(options);
  const elements = headerElements(options.header);
  const reference = randomBytes(1)[0] ?? 0;
  return coding === 'binary'
    ? binaryBody(options.text, elements, reference)
    : textBody(options, coding, elements, reference);
}

/** A coding scheme decides where nothing else does, and never against what was said. SPEC: section 7.6. */
function codingOf({ coding, dataCoding }: ComposeOptions): ComposeOptions['coding'] {
  if (dataCoding === undefined) return coding;
  const { alphabet, isCompressed } = readDataCoding(dataCoding);
  const meant = isCompressed || alphabet === '8bit' ? 'binary' : alphabet;
  if (coding === 'auto' || coding === meant) return meant;
  throw sendUsageError(
    `The coding scheme ${dataCoding} is for ${meant}, not for ${coding} (section 7.6).`,
    'Leave out --coding, or give another --dcs.',
  );
}

function textBody(
  options: ComposeOptions,
  coding: 'auto' | 'gsm7' | 'ucs2',
  headers: readonly HeaderElement[],
  reference: number,
): Body {
  const { text, national, messageClass } = options;
  const split = splitText(text, {
    reference,
    headers,
    national,
    ...(coding === 'auto' ? {} : { coding }),
  });
  if (!split.ok) {
    if (split.foreign.length > 0) throw foreignError(split.foreign, options);
    throw tooLong('text', split.fault);
  }
  const { value } = split;
  refuseTwoConcatenations(headers, value.parts.length);
  const notices = coding === 'auto' ? foreignNotice(text, value, options) : [];
  if (value.replacedSurrogates > 0) {
    notices.push(`${value.replacedSurrogates} broken character(s) of the text were replaced by U+FFFD.`);
  }
  const pieces = value.parts.map(
    (part): Piece => ({
      content: { type: 'text', text: part.text, coding: part.coding, flash: messageClass === 0 },
      header: value.header,
      part: part.part,
    }),
  );
  return { coding: value.coding, pieces, notices };
}

function binaryBody(hex: string, headers: readonly HeaderElement[], reference: number): Body {
  const bytes = parseHexBytes(hex);
  if (!bytes.ok) {
    throw sendUsageError(`With binary coding TEXT is hex; ${bytes.fault.message}`, 'Write it like 06 05 04 15 81.');
  }
  const split = splitBinary(bytes.value, { reference, headers });
  if (!split.ok) throw tooLong('data', split.fault);
  refuseTwoConcatenations(headers, split.value.length);
  const pieces = split.value.map(
    (part): Piece => ({
      content: { type: 'binary', bytes: part.bytes, dataCoding: dataCodingValue('8bit') },
      header: part.header,
      part: part.part,
    }),
  );
  return { coding: 'binary', pieces, notices: [] };
}

/** A concatenation in the header is kept as it is: then the sender cuts the text himself. */
function headerElements(header: Uint8Array): readonly HeaderElement[] {
  const read = parseUserDataHeader(header);
  const fault = read.ok ? read.value.faults[0] : read.fault;
  if (!read.ok || fault !== undefined) {
    throw sendUsageError(
      `--header is no user data header: ${fault?.message ?? 'it cannot be read'}.`,
      'It begins with the number of octets that follow (section 7.8), as in 06 05 04 15 81 00 00; --raw sends anything.',
    );
  }
  const { concatenation, others } = read.value;
  return concatenation === undefined ? others : [...others, concatenationElement(concatenation)];
}

function refuseTwoConcatenations(headers: readonly HeaderElement[], count: number): void {
  if (count === 1 || !headers.some(({ id }) => id === 0x00 || id === 0x08)) return;
  throw sendUsageError(
    `--header makes this one part of a long message, but the text needs ${count} short messages.`,
    'Leave the concatenation out of --header, or give the text of that part only.',
  );
}

function tooLong(what: 'text' | 'data', fault: Fault): Error {
  return sendUsageError(`The ${what} is too long: ${fault.message}.`, 'Send it in several messages.', fault.code);
}

/** Stands in where the sender decides nothing; taken out again. */
const anyValidityMs = 3_600_000;

/** User data, header and originator; without destinations, and without what {@link choicesOf} gives. */
function parametersOf(
  piece: Piece,
  options: ComposeOptions,
  dataCoding: number,
  { now }: ComposeContext,
): readonly Parameter[] {
  const message: ShortMessage = {
    ...piece,
    id: messageId(uuidV7(now, randomBytes)),
    from: options.from ?? '',
    to: options.to[0] ?? '',
    validUntil: later(now, anyValidityMs),
    report: 'none',
    createdAt: now,
    smscTime: undefined,
    textId: '',
  };
  const chosenElsewhere = [21, 30, 50];
  const parameters = submitParameters(message, { now, eightBit: 'combination', reports: 'none' }).filter(
    ({ code }) => !chosenElsewhere.includes(code),
  );
  // SPEC: section 11.2: some simulators fail on 030:0, which means the same as nothing.
  return dataCoding === 0 ? parameters : [...parameters, { code: 30, value: String(dataCoding) }];
}

function choicesOf(
  options: ComposeOptions,
  context: ComposeContext,
): { readonly parameters: readonly Parameter[]; readonly notices: readonly string[] } {
  const validity = timeOf(options.validity, { relative: 50, absolute: 51, flag: '--validity' }, context);
  const first = timeOf(options.firstDelivery, { relative: 53, absolute: 54, flag: '--first-delivery' }, context);
  const parameters: Parameter[] = [];
  const add = (code: number, value: string | number | undefined): void => {
    if (value !== undefined) parameters.push({ code, value: String(value) });
  };
  add(27, options.alphanumeric);
  if (validity !== undefined) parameters.push(validity.parameter);
  add(52, options.protocolId);
  if (first !== undefined) parameters.push(first.parameter);
  add(55, options.replyPath === 'ask' ? 1 : undefined);
  add(56, options.reportBits);
  add(58, options.cancel === undefined ? undefined : options.cancel === 'allow' ? 1 : 0);
  add(64, options.tariffClass);
  add(65, options.serviceDescription);
  add(67, options.priority);
  return { parameters, notices: [...(validity?.notices ?? []), ...(first?.notices ?? [])] };
}

interface TimeCodes {
  readonly relative: number;
  readonly absolute: number;
  readonly flag: string;
}

function timeOf(
  choice: TimeChoice | undefined,
  codes: TimeCodes,
  { now, zoneOffsetMinutes }: ComposeContext,
): { readonly parameter: Parameter; readonly notices: readonly string[] } | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'single-attempt':
      return { parameter: { code: codes.relative, value: '-1' }, notices: [] };
    case 'smsc-time':
      return { parameter: { code: codes.absolute, value: choice.digits }, notices: [] };
    case 'absolute':
      if (choice.at <= now) throw sendUsageError(`The time of ${codes.flag} is past.`, 'Give one that is to come.');
      return {
        parameter: { code: codes.absolute, value: formatSmscTime(choice.at, zoneOffsetMinutes) },
        notices: [],
      };
    case 'relative': {
      const value = toRelativeTime(choice.ms);
      const ms = fromRelativeTime(value);
      const isStep = ms === choice.ms || typeof ms !== 'number';
      const notices = isStep
        ? []
        : [`${codes.flag} became ${formatDuration(ms)}, the next step that CIMD2 has (section 3.4).`];
      return { parameter: { code: codes.relative, value: String(value) }, notices };
    }
  }
}

/** What the SMSC would refuse by the specification is refused here, with more words. */
function refuseFaults(to: readonly string[], submit: readonly Parameter[]): void {
  const destinations = to.map((value) => ({ code: 21, value }));
  const packet: Packet = { operation: 3, packetNumber: packetNumber(3), parameters: [...destinations, ...submit] };
  const [problem] = validateParameters(packet, 'request');
  if (problem === undefined) return;
  throw sendUsageError(
    `${problem.message.replace(/\.$/, '')} (section ${problem.section}; an SMSC answers ${problem.errorCode}).`,
    'Correct it; --raw sends what is deliberately wrong.',
  );
}
