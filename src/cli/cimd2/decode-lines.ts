/** What was found, as lines for people: a packet with its parameters below each other, faults marked where they are. */
import { toLatin1 } from '../../core/base/bytes.ts';
import { formatOperation } from '../../core/codec/operations.ts';
import { formatParameterCode } from '../../core/codec/parameters.ts';
import type { Painter } from '../colour.ts';
import { printable } from '../table.ts';
import type { Finding, Place } from './decode-finder.ts';
import type { NumberReading } from './decode-numbers.ts';
import type { PacketKind, PacketReport, ParameterReport } from './decode-packet.ts';
import { spellPacket } from './packet-text.ts';

/** @param index of the packet in the input, from 1; without meaning for anything else */
export function findingLines(finding: Finding, index: number, paint: Painter): readonly string[] {
  switch (finding.type) {
    case 'packet':
      return packetLines(finding.report, finding.place, index, paint);
    case 'fault':
      return [`${paint.red('✖')} ${finding.fault.message} (${finding.fault.code})${whereWords(finding.place, paint)}`];
    case 'noise':
      return [paint.dim(noiseWords(finding)) + whereWords(finding.place, paint)];
  }
}

function packetLines(report: PacketReport, place: Place, index: number, paint: Painter): readonly string[] {
  const { operation, packetNumber } = report;
  const mark = report.faults.length === 0 ? ' ' : paint.red('✖');
  const outcome = outcomeWords[report.kind];
  const title = paint.bold(report.name) + (outcome === undefined ? '' : `, ${paint.yellow(outcome)}`);
  const digits = String(packetNumber).padStart(3, '0');
  const wireName = operation === undefined ? '' : `  ${formatOperation(operation)}:${digits}`;
  return [
    `${mark} ${paint.dim(`#${index}`)}${paint.cyan(wireName)}  ${title}${senderWords(report)}${whereWords(place, paint)}`,
    ...contentLines(report, paint),
  ];
}

/** Below the title of a packet: number, each parameter, checksum, and what is wrong. */
export function contentLines(report: PacketReport, paint: Painter): readonly string[] {
  const { operation, number } = report;
  return [
    ...(number === undefined ? [] : [numberLine(number, report, paint)]),
    ...report.parameters.map((parameter) => parameterLine(parameter, report, paint)),
    ...(report.parameters.length === 0 && operation === undefined ? [`    ${printable(report.wire)}`] : []),
    checksumLine(report, paint),
    ...report.faults.map(
      (fault) => `    ${paint.red(`✖ ${fault.message}`)} ${paint.dim(`(${fault.code}, section ${fault.section})`)}`,
    ),
  ];
}

function numberLine({ fault, words, section }: NumberReading, { packetNumber }: PacketReport, paint: Painter): string {
  const digits = String(packetNumber).padStart(3, '0');
  return line(fault === undefined, 'number', digits, `${words} ${paint.dim(`(${section})`)}`, paint);
}

const outcomeWords: Readonly<Partial<Record<PacketKind, string>>> = {
  'negative response': 'refused',
  'mixed response': 'partly refused',
};

function parameterLine(parameter: ParameterReport, report: PacketReport, paint: Painter): string {
  const { code, name, value, words, range, section } = parameter;
  const isHolding =
    parameter.flaw === undefined && !report.faults.some((fault) => fault.parameter === code && code !== undefined);
  const title = `${code === undefined ? '???' : formatParameterCode(code)}  ${name}`;
  const rule = paint.dim(`(${section}${range === undefined ? '' : `: ${range}`})`);
  const shown = spellPacket(Uint8Array.from(value, (character) => character.charCodeAt(0)));
  return line(isHolding, title, shown, words === undefined ? rule : `${words} ${rule}`, paint);
}

function checksumLine({ checksum }: PacketReport, paint: Painter): string {
  const { found = '–', expected, verdict } = checksum;
  const words = {
    holds: 'as expected',
    absent: `absent, which is allowed; it would be ${expected}`,
    wrong: `expected ${expected}`,
    unknowable: 'cannot be checked: it was made over the password that is starred here',
  }[verdict];
  return line(verdict !== 'wrong', 'checksum', printable(found), `${words} ${paint.dim('(1.5)')}`, paint);
}

/** Long enough for `027  alphanumeric originating address`. */
const titleWidth = 37;
const valueWidth = 14;

function line(isHolding: boolean, title: string, value: string, rest: string, paint: Painter): string {
  const mark = isHolding ? paint.green('✔') : paint.red('✖');
  const padded = value.padEnd(valueWidth);
  return `    ${mark} ${title.padEnd(titleWidth)} ${isHolding ? padded : paint.red(padded)}  ${rest}`;
}

function senderWords({ sender }: PacketReport): string {
  if (sender === undefined) return '';
  return sender === 'application' ? '   application → SMSC' : '   SMSC → application';
}

function whereWords({ line: lineNumber, at, from, to }: Place, paint: Painter): string {
  const words = [
    ...(at === undefined ? [] : [new Date(at).toISOString()]),
    ...(from === undefined || to === undefined ? [] : [`${from} → ${to}`]),
    ...(lineNumber === undefined ? [] : [`line ${lineNumber}`]),
  ];
  return words.length === 0 ? '' : `   ${paint.dim(words.join('  '))}`;
}

function noiseWords({ sizeBytes, greeting }: Finding & { readonly type: 'noise' }): string {
  const count = `${sizeBytes} ${sizeBytes === 1 ? 'byte' : 'bytes'} outside packets`;
  const text = greeting === undefined ? '' : printable(toLatin1(greeting).trim());
  return text === '' ? `  ${count}` : `  ${count}: ${text}`;
}
