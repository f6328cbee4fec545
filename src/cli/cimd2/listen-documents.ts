/**
 * A deliver or a status report as `cimd2 listen` tells it: a document for programs, a block of lines for people. Numbers
 * and texts are in full: once it is answered the SMSC forgets it, and a masked copy would be all that is left.
 * SPEC: docs/reference/cimd2.md sections 2.9, 2.10, 7 and 8.
 */
import { toHex } from '../../core/base/bytes.ts';
import type { Fault } from '../../core/base/errors.ts';
import type { Instant } from '../../core/base/time.ts';
import { readDataCoding } from '../../core/codec/data-coding.ts';
import { type Packet, parameterOf } from '../../core/codec/packet.ts';
import { formatPacketNumber } from '../../core/codec/packet-number.ts';
import { findStatusCode, findStatusError } from '../../core/codec/status-codes.ts';
import type { Joined } from '../../core/message/join.ts';
import type { Content, ShortMessage, StatusReport } from '../../core/message/message.ts';
import type { Painter } from '../colour.ts';
import { printable } from '../table.ts';

/** What was made of an incoming packet. */
export type Reading =
  | { readonly type: 'read'; readonly message: ShortMessage; readonly remarks: readonly Fault[] }
  /** It cannot be read as what it says it is; its parameters are told as they are, so that nothing is lost. */
  | { readonly type: 'unreadable'; readonly fault: Fault };

export function deliveryDocument(packet: Packet, reading: Reading, at: Instant): object {
  const head = {
    schema: 'cimd2.delivery/1',
    packetNumber: formatPacketNumber(packet.packetNumber),
    receivedAt: time(at),
  };
  if (reading.type === 'unreadable') return { ...head, ...unreadable(packet, reading.fault) };
  const { message, remarks } = reading;
  return {
    ...head,
    from: message.from,
    to: message.to,
    stamp: message.smscTime?.digits ?? null,
    ...contentFields(message.content),
    dataCoding: Number(parameterOf(packet, 30) ?? 0),
    class: readDataCoding(Number(parameterOf(packet, 30) ?? 0)).messageClass ?? null,
    header: message.header.length === 0 ? null : toHex(message.header),
    part: message.part ?? null,
    ...(remarks.length === 0 ? {} : { remarks: remarks.map(({ code, message: text }) => ({ code, message: text })) }),
  };
}

export function reportDocument(packet: Packet, reading: Reading, at: Instant): object {
  const head = {
    schema: 'cimd2.report/1',
    packetNumber: formatPacketNumber(packet.packetNumber),
    receivedAt: time(at),
  };
  const report = reading.type === 'read' ? reportOf(reading.message) : undefined;
  if (reading.type === 'unreadable') return { ...head, ...unreadable(packet, reading.fault) };
  if (report === undefined) return head;
  return {
    ...head,
    destination: report.destination,
    stamp: report.stamp.digits,
    status: report.status,
    meaning: statusName(report.status),
    final: findStatusCode(report.status)?.isFinal ?? null,
    error: report.error ?? null,
    errorMeaning: errorMeaning(report.error) ?? null,
    dischargedAt: report.dischargedAt.digits,
    originator: reading.message.to === '' ? null : reading.message.to,
  };
}

/** A long text when its last part came, or what there is of it when no more is waited for. */
export function textDocument({ content, messages, missing }: Joined, at: Instant): object {
  const [first] = messages;
  return {
    schema: 'cimd2.text/1',
    joinedAt: time(at),
    from: first?.from ?? '',
    to: first?.to ?? '',
    ...contentFields(content),
    parts: first?.part?.count ?? 1,
    missing,
  };
}

export function deliveryLines(packet: Packet, reading: Reading, at: Instant, paint: Painter): readonly string[] {
  if (reading.type === 'unreadable') return unreadableLines('message', packet, reading.fault, at, paint);
  const { message, remarks } = reading;
  const part = message.part === undefined ? '' : `   part ${message.part.index} of ${message.part.count}`;
  const flash = message.content.type === 'text' && message.content.flash ? '   flash' : '';
  const header = message.header.length === 0 ? '' : `   header ${toHex(message.header)}`;
  const stamp = paint.dim(`at ${message.smscTime?.digits ?? '(no stamp)'}`);
  const head = `${clock(at, paint)}  ${paint.green('message')}   ${message.from} → ${message.to}   ${stamp}${part}${flash}${header}`;
  return [head, ...contentLines(message.content), ...remarks.map(({ message: text }) => indent(paint.yellow(text)))];
}

export function reportLines(packet: Packet, reading: Reading, at: Instant, paint: Painter): readonly string[] {
  if (reading.type === 'unreadable') return unreadableLines('report', packet, reading.fault, at, paint);
  const report = reportOf(reading.message);
  if (report === undefined) return [];
  const cause = errorMeaning(report.error);
  const words = `status ${report.status}, ${statusName(report.status)}${cause === undefined ? '' : `: ${cause} (${report.error})`}`;
  const verdict = report.status === 4 ? paint.green(words) : words;
  const key = paint.dim(`key ${report.stamp.digits}/${report.destination}   discharged ${report.dischargedAt.digits}`);
  return [`${clock(at, paint)}  ${paint.cyan('report')}    ${report.destination}   ${verdict}   ${key}`];
}

export function textLines(joined: Joined, at: Instant, paint: Painter): readonly string[] {
  const [first] = joined.messages;
  const gap = joined.missing.length === 0 ? '' : paint.yellow(`   without part ${joined.missing.join(', ')}`);
  const count = first?.part?.count ?? 1;
  return [
    `${clock(at, paint)}  ${paint.green('text')}      ${first?.from} → ${first?.to}   joined from ${count} parts${gap}`,
    ...contentLines(joined.content),
  ];
}

function contentFields(content: Content): object {
  switch (content.type) {
    case 'text':
      return { text: content.text, coding: content.coding };
    case 'binary':
      return { data: toHex(content.bytes), coding: 'binary' };
    case 'status-report':
      return {};
  }
}

function contentLines(content: Content): readonly string[] {
  switch (content.type) {
    case 'text':
      return content.text.split(/\r\n|\r|\n/).map((line) => indent(printable(line)));
    case 'binary':
      return [indent(`${toHex(content.bytes)} (hex)`)];
    case 'status-report':
      return [];
  }
}

function reportOf(message: ShortMessage): StatusReport | undefined {
  return message.content.type === 'status-report' ? message.content.report : undefined;
}

function statusName(status: number): string {
  return findStatusCode(status)?.name ?? 'unknown status';
}

function errorMeaning(error: number | undefined): string | undefined {
  return error === undefined || error === 0 ? undefined : (findStatusError(error)?.meaning ?? 'unknown error');
}

/** A deliver and a report have no secrets. */
function unreadable(packet: Packet, fault: Fault): object {
  const parameters = packet.parameters.map(({ code, value }) => [String(code).padStart(3, '0'), value]);
  return { fault: { code: fault.code, message: fault.message }, parameters };
}

function unreadableLines(
  what: 'message' | 'report',
  packet: Packet,
  fault: Fault,
  at: Instant,
  paint: Painter,
): readonly string[] {
  return [
    `${clock(at, paint)}  ${paint.yellow(what)}   cannot be read: ${fault.message}`,
    ...packet.parameters.map(({ code, value }) => indent(`${String(code).padStart(3, '0')}:${printable(value)}`)),
  ];
}

function time(at: Instant): string {
  return new Date(at).toISOString();
}

function clock(at: Instant, paint: Painter): string {
  return paint.dim(new Date(at).toTimeString().slice(0, 8));
}

function indent(text: string): string {
  return `          ${text}`;
}
