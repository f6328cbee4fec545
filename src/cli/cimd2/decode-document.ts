/**
 * What was found, as documents: `cimd2.packet/1` per packet, which `cimd2 encode` turns back into the same bytes,
 * `cimd2.fault/1` for what never became a packet, `cimd2.noise/1` for bytes outside packets.
 */
import { toLatin1 } from '../../core/base/bytes.ts';
import type { Finding, Place } from './decode-finder.ts';
import type { PacketReport, ParameterReport } from './decode-packet.ts';

/** @param index of the packet in the input, from 1; without meaning for anything else */
export function findingDocument(finding: Finding, index: number): object {
  const place = placeDocument(finding.place);
  switch (finding.type) {
    case 'packet':
      return { schema: 'cimd2.packet/1', index, ...place, ...packetDocument(finding.report) };
    case 'fault':
      return { schema: 'cimd2.fault/1', ...place, ...finding.fault };
    case 'noise': {
      const text = finding.greeting === undefined ? {} : { text: toLatin1(finding.greeting) };
      return { schema: 'cimd2.noise/1', ...place, sizeBytes: finding.sizeBytes, ...text };
    }
  }
}

/** Without `schema`, place and index. `null` stands for what is not there. */
export function packetDocument(report: PacketReport): object {
  const { number, checksum } = report;
  return {
    operation: report.operation ?? null,
    packetNumber: report.packetNumber ?? null,
    name: report.name,
    kind: report.kind,
    sender: report.sender ?? null,
    section: report.section,
    number:
      number === undefined
        ? null
        : {
            verdict: number.verdict,
            expected: number.expected ?? null,
            words: number.words,
            holds: number.fault === undefined,
            section: number.section,
          },
    parameters: report.parameters.map((parameter) => parameterDocument(parameter, report)),
    checksum: {
      found: checksum.found ?? null,
      expected: checksum.expected,
      holds: checksum.verdict === 'unknowable' ? null : checksum.verdict !== 'wrong',
    },
    faults: report.faults.map((fault) => ({ ...fault, parameter: fault.parameter ?? null })),
    wire: report.wire,
    ...(report.hex === undefined ? {} : { hex: report.hex }),
  };
}

function parameterDocument(parameter: ParameterReport, report: PacketReport): object {
  const { code, name, value, isSecret, words, text, range, flaw, section } = parameter;
  return {
    code: code ?? null,
    name,
    value,
    ...(isSecret ? { secret: true } : {}),
    ...(words === undefined ? {} : { words }),
    ...(text === undefined ? {} : { text }),
    ...(range === undefined ? {} : { range }),
    holds: flaw === undefined && !report.faults.some((fault) => fault.parameter === code && code !== undefined),
    section,
  };
}

function placeDocument({ line, at, from, to }: Place): object {
  return {
    ...(line === undefined ? {} : { line }),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
