/**
 * A short message as plain values and back. The bytes made from these values are what both ends of a lane keep
 * verbatim and hash, so the layout is part of the link and of the store: a change takes a new format number. Parsing is
 * strict, since it stands at the border: whatever passes it is a `ShortMessage` that the rest of the core may trust.
 */
import type { Fault } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type Instant, instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { readDataCoding } from '../codec/data-coding.ts';
import { isWellFormed } from '../codec/user-data.ts';
import { type Content, messageId, type Part, type ShortMessage, type SmscTime, type StatusReport } from './message.ts';

/** First value of the array. */
export const messageFormat = 1;

/**
 * The same of a message whose text has a coding scheme of its own. Its content has that as a fifth value; everything else
 * is as in format 1, which all other messages keep, so that their bytes and hashes stay what they were.
 */
export const codedMessageFormat = 2;

/** What one message may hold at most. Above what CIMD2 can carry (reference section 3.2), far below a frame. */
export const messageLimits = {
  /** UTF-16 units: 033 has at most 546 bytes. */
  textLength: 546,
  /** 034 and 032 have at most 320 hex digits. */
  octets: 160,
  addressDigits: 20,
  textIdLength: 64,
  destinationLength: 32,
} as const;

/** `[format, id, from, to, content, header, part, validUntil, report, createdAt, smscTime, textId]`. */
export function messageToValue(message: ShortMessage): PlainValue {
  const isCoded = message.content.type === 'text' && message.content.dataCoding !== undefined;
  return [
    isCoded ? codedMessageFormat : messageFormat,
    message.id,
    message.from,
    message.to,
    contentToValue(message.content),
    message.header,
    message.part === undefined ? null : [message.part.reference, message.part.index, message.part.count],
    message.validUntil,
    message.report,
    message.createdAt,
    message.smscTime === undefined ? null : smscTimeToValue(message.smscTime),
    message.textId,
  ];
}

/**
 * @returns fault `STORE_FORMAT_UNKNOWN` for another format number, `MESSAGE_UNREADABLE` for anything else that
 * {@link messageToValue} does not make, naming the field; never throws
 */
export function messageFromValue(value: PlainValue): Result<ShortMessage> {
  const format = isArray(value) ? value[0] : undefined;
  if (typeof format === 'number' && format !== messageFormat && format !== codedMessageFormat) {
    const known = `${messageFormat} and ${codedMessageFormat}`;
    return fail('STORE_FORMAT_UNKNOWN', `a message of format ${format}; this version reads formats ${known}`);
  }
  const fields = listOf(value, 12);
  if (fields === undefined) return unreadable('message');
  const [, id, from, to, contentValue, headerValue, partValue, until, report, created, smscTimeValue, textId] = fields;
  if (typeof id !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return unreadable('id');
  if (!isAddress(from)) return unreadable('from');
  if (!isAddress(to)) return unreadable('to');
  const content = format === codedMessageFormat ? codedTextFrom(contentValue) : contentFrom(contentValue);
  if (content === undefined) return unreadable('content');
  const header = octetsFrom(headerValue);
  if (header === undefined) return unreadable('header');
  const part = partFrom(partValue);
  if (part === 'unreadable') return unreadable('part');
  const validUntil = instantFrom(until);
  if (validUntil === undefined) return unreadable('validUntil');
  if (report !== 'final' && report !== 'none') return unreadable('report');
  const createdAt = instantFrom(created);
  if (createdAt === undefined) return unreadable('createdAt');
  const smscTime = smscTimeValue === null ? undefined : (smscTimeFrom(smscTimeValue) ?? 'unreadable');
  if (smscTime === 'unreadable') return unreadable('smscTime');
  if (typeof textId !== 'string' || textId.length > messageLimits.textIdLength) return unreadable('textId');
  return ok({
    id: messageId(id),
    from,
    to,
    content,
    header,
    part,
    validUntil,
    report,
    createdAt,
    smscTime,
    textId,
  });
}

function contentToValue(content: Content): PlainValue {
  switch (content.type) {
    case 'text': {
      const { text, coding, flash, dataCoding } = content;
      return dataCoding === undefined ? ['text', text, coding, flash] : ['text', text, coding, flash, dataCoding];
    }
    case 'binary':
      return ['binary', content.bytes, content.dataCoding];
    case 'status-report': {
      const { destination, stamp, status, error, dischargedAt } = content.report;
      const times = [smscTimeToValue(stamp), smscTimeToValue(dischargedAt)];
      return ['status-report', destination, status, error ?? null, ...times];
    }
    default:
      return assertNever(content);
  }
}

function codedTextFrom(value: PlainValue | undefined): Content | undefined {
  const fields = listOf(value, 5);
  const dataCoding = fields?.[4];
  const content = contentFrom(fields?.slice(0, 4));
  if (content?.type !== 'text' || !isWhole(dataCoding, 0, 255)) return undefined;
  const { alphabet, isCompressed } = readDataCoding(dataCoding);
  return alphabet === content.coding && !isCompressed ? { ...content, dataCoding } : undefined;
}

function contentFrom(value: PlainValue | undefined): Content | undefined {
  const type = isArray(value) ? value[0] : undefined;
  if (type === 'text') {
    const [, text, coding, flash] = listOf(value, 4) ?? [];
    if (typeof text !== 'string' || text.length > messageLimits.textLength || !isWellFormed(text)) return undefined;
    if ((coding !== 'gsm7' && coding !== 'ucs2') || typeof flash !== 'boolean') return undefined;
    return { type, text, coding, flash };
  }
  if (type === 'binary') {
    const [, bytesValue, dataCoding] = listOf(value, 3) ?? [];
    const bytes = octetsFrom(bytesValue);
    return bytes && isWhole(dataCoding, 0, 255) ? { type, bytes, dataCoding } : undefined;
  }
  if (type === 'status-report') {
    const report = reportFrom(listOf(value, 6) ?? []);
    return report && { type, report };
  }
  return undefined;
}

function reportFrom(fields: readonly PlainValue[]): StatusReport | undefined {
  const [, destination, status, error, stampValue, dischargedValue] = fields;
  const stamp = smscTimeFrom(stampValue);
  const dischargedAt = smscTimeFrom(dischargedValue);
  if (typeof destination !== 'string' || destination.length > messageLimits.destinationLength) return undefined;
  if (stamp === undefined || dischargedAt === undefined || !isWhole(status, 0, 9)) return undefined;
  if (error !== null && !isWhole(error, 0, 999)) return undefined;
  return { destination, stamp, status, error: error ?? undefined, dischargedAt };
}

function partFrom(value: PlainValue | undefined): Part | undefined | 'unreadable' {
  if (value === null) return undefined;
  const [reference, index, count] = listOf(value, 3) ?? [];
  if (!isWhole(reference, 0, 0xffff) || !isWhole(count, 2, 255) || !isWhole(index, 1, count)) return 'unreadable';
  return { reference, index, count };
}

function smscTimeToValue(time: SmscTime): PlainValue {
  return [time.digits, time.at];
}

function smscTimeFrom(value: PlainValue | undefined): SmscTime | undefined {
  const [digits, atValue] = listOf(value, 2) ?? [];
  const at = instantFrom(atValue);
  return typeof digits === 'string' && /^[0-9]{12}$/.test(digits) && at !== undefined ? { digits, at } : undefined;
}

function instantFrom(value: PlainValue | undefined): Instant | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? instant(value) : undefined;
}

/** A copy: what a decoder hands out may be a window on a buffer that is used again. */
function octetsFrom(value: PlainValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length <= messageLimits.octets ? new Uint8Array(value) : undefined;
}

function isAddress(value: PlainValue | undefined): value is string {
  return typeof value === 'string' && /^\+?[0-9]*$/.test(value) && value.length <= messageLimits.addressDigits + 1;
}

function isWhole(value: PlainValue | undefined, from: number, to: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
}

/** `Array.isArray` alone does not narrow a readonly array. */
function isArray(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function listOf(value: PlainValue | undefined, length: number): readonly PlainValue[] | undefined {
  return isArray(value) && value.length === length ? value : undefined;
}

function unreadable(field: string): { readonly ok: false; readonly fault: Fault } {
  return {
    ok: false,
    fault: { code: 'MESSAGE_UNREADABLE', message: `the ${field} of a message is not as it must be` },
  };
}
