/** What `cimd2 shell` prints of packets, lines and their outcomes: for people, and as documents for programs. */
import type { Instant } from '../../../core/base/time.ts';
import { maskSecrets } from '../../../core/codec/mask.ts';
import { operationName } from '../../../core/codec/operations.ts';
import type { Packet } from '../../../core/codec/packet.ts';
import { formatPacketNumber } from '../../../core/codec/packet-number.ts';
import { formatParameterCode } from '../../../core/codec/parameters.ts';
import type { Painter } from '../../colour.ts';
import { formatDuration } from '../../duration.ts';
import { printable } from '../../table.ts';
import { readIncoming } from '../incoming-reading.ts';
import { deliveryLines, reportLines } from '../listen-documents.ts';
import { formatPacketLine } from '../packet-text.ts';
import type { Seen } from './connection.ts';
import type { LineOutcome } from './shell.ts';

export interface PacketForm {
  /** `wire`: with all bytes; `words`: what came, in words, and nothing of what went. */
  readonly shown: 'wire' | 'words';
  readonly paint: Painter;
  /** Of the terminal; undefined elsewhere. */
  readonly columns?: number | undefined;
}

export function packetLines(seen: Seen, { shown, paint, columns }: PacketForm, now: Instant): readonly string[] {
  const { line, packet, isOwn } = seen;
  const lines: string[] = [];
  if (shown === 'wire') {
    const isQuiet = line.direction === 'out' || packet === undefined;
    lines.push(...wireLines(seen, columns).map((text) => (isQuiet ? paint.dim(text) : text)));
  } else if (line.direction === 'in' && !isOwn && !isIncoming(packet)) {
    lines.push(inWords(seen, paint));
  }
  if (line.direction === 'in' && packet !== undefined && isIncoming(packet)) {
    const reading = readIncoming(packet, now);
    lines.push(
      ...(packet.operation === 20
        ? deliveryLines(packet, reading, now, paint)
        : reportLines(packet, reading, now, paint)),
    );
  }
  return lines;
}

export function packetDocument({ line, packet }: Seen, now: Instant): object {
  const { direction, wire, meaning } = line;
  return {
    schema: 'cimd2.shell.packet/1',
    direction,
    at: new Date(now).toISOString(),
    wire,
    meaning,
    ...(packet === undefined ? {} : fields(maskSecrets(packet))),
  };
}

/** @param place file and line, for a script */
export function lineDocument(
  typed: string,
  place: { readonly file: string; readonly line: number },
  outcome: LineOutcome,
): object {
  const head = { schema: 'cimd2.shell.line/1', file: place.file, line: place.line, typed: withoutPasswords(typed) };
  switch (outcome.type) {
    case 'done':
    case 'owners':
      return { ...head, outcome: 'done' };
    case 'met':
      return { ...head, outcome: 'met', expected: outcome.expected, took: outcome.took ?? null };
    case 'unmet':
      return { ...head, outcome: 'unmet', expected: outcome.expected, got: outcome.got };
    case 'failed':
      return { ...head, outcome: 'failed', error: { code: outcome.error.code, message: outcome.error.message } };
  }
}

/** Nothing for what went as it should and is seen anyhow. */
export function outcomeLines(outcome: LineOutcome, paint: Painter): readonly string[] {
  switch (outcome.type) {
    case 'done':
    case 'owners':
      return [];
    case 'met':
      return [`${paint.green('✔')} ${outcome.expected}   ${paint.dim(formatDuration(outcome.tookMs))}`];
    case 'unmet':
      return [
        `${paint.red('✖')} expected ${outcome.expected}`,
        ...gotWords(outcome.got).map((line) => `  got ${line}`),
      ];
    case 'failed':
      return [`${paint.red('✖')} ${outcome.error.message}`, paint.dim(`→ ${outcome.error.hint}`)];
  }
}

export function gotWords(got: readonly string[]): readonly string[] {
  return got.length === 0 ? ['nothing'] : got;
}

/** A line as it may be kept or shown: what stands behind 011 is nobody's business. */
export function withoutPasswords(typed: string): string {
  return typed.replace(/\b(0?11|password)([=~]).*/is, '$1$2********');
}

/** Whether a line may hold a password, also as hex. */
export function mayHoldPassword(typed: string): boolean {
  const hex = typed.replace(/[\s:]/g, '').toLowerCase();
  return /\b(0?11|password)[=~]|011:/i.test(typed) || hex.includes(passwordFieldHex);
}

/** `011:` */
const passwordFieldHex = '3031313a';

/** What it is stands behind the bytes, or below them where that would be cut in two by the edge of the terminal. */
function wireLines({ line }: Seen, columns: number | undefined): readonly string[] {
  const whole = formatPacketLine(line).trimEnd();
  if (columns === undefined || whole.length <= columns) return [whole];
  const short = `${line.direction === 'out' ? '>' : '<'} ${line.wire}`;
  return short.length + 2 + line.meaning.length <= columns
    ? [`${short}  ${line.meaning}`]
    : [short, `  ${line.meaning}`];
}

function inWords({ line, packet }: Seen, paint: Painter): string {
  if (packet === undefined) return paint.dim(`< ${line.meaning}`);
  const values = maskSecrets(packet).parameters.map(
    ({ code, value }) => `${formatParameterCode(code)} ${printable(value)}`,
  );
  const number = paint.dim(formatPacketNumber(packet.packetNumber));
  return [`${number} ${line.meaning}`, ...values].join('   ');
}

function isIncoming(packet: Packet | undefined): boolean {
  return packet?.operation === 20 || packet?.operation === 23;
}

function fields(packet: Packet): object {
  return {
    operation: packet.operation,
    name: operationName(packet.operation),
    packetNumber: formatPacketNumber(packet.packetNumber),
    parameters: packet.parameters.map(({ code, value }) => [formatParameterCode(code), value]),
  };
}
