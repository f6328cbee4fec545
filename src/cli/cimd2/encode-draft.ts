/**
 * A packet on its way to bytes that need not be right: wrong checksums, numbers and values are written as they are, since
 * tests need them. What is wrong is found by reading it back like any other packet, and who calls decides what follows.
 * Source: docs/reference/cimd2.md section 1.1.
 */
import { concatBytes, fromLatin1 } from '../../core/base/bytes.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { checksum, formatChecksum } from '../../core/codec/checksum.ts';
import { emitLimitBytes } from '../../core/codec/encode.ts';
import { formatOperation } from '../../core/codec/operations.ts';
import { formatParameterCode } from '../../core/codec/parameters.ts';
import { NumberRules } from './decode-numbers.ts';
import { type PacketFault, type PacketReport, readPacket } from './decode-packet.ts';

export interface DraftParameter {
  /** 0–999; undefined for a field that has none and is `value` alone. */
  readonly code: number | undefined;
  /** One character per byte. */
  readonly value: string;
}

export type Draft =
  | {
      readonly type: 'fields';
      /** 0–99 */
      readonly operation: number;
      /** 0–999 */
      readonly packetNumber: number;
      readonly parameters: readonly DraftParameter[];
      /** `computed`, or what stands between the last TAB and ETX, which may be nothing. */
      readonly trailer: { readonly type: 'computed' } | { readonly type: 'given'; readonly text: string };
      /** Faults that its author knows of: they are no reason to refuse it. */
      readonly knownFaults: readonly Pick<PacketFault, 'code' | 'parameter'>[];
    }
  /** A packet whose header nobody could read: its bytes. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

export interface Written {
  readonly bytes: Uint8Array;
  readonly report: PacketReport;
  /** Faults but those that its author knows of. */
  readonly faults: readonly PacketFault[];
}

/** The bytes, and what is wrong with them. Each packet is judged by itself: its number by parity only. */
export function writeDraft(draft: Draft): Written {
  const bytes = draft.type === 'bytes' ? draft.bytes : bytesOf(draft);
  const report = readPacket(bytes, new NumberRules(), { nationalPositions: 'nokia' });
  if (draft.type === 'bytes') return { bytes, report, faults: [] };
  const found = [...illegalBytes(draft), ...tooLong(bytes), ...report.faults];
  const faults = found.filter(
    ({ code, parameter }) =>
      !draft.knownFaults.some((known) => known.code === code && (known.parameter ?? parameter) === parameter),
  );
  return { bytes, report, faults };
}

/** @throws OperatorError with code, section and range of the first fault */
export function refuseFaulty({ report, faults }: Written, index: number): void {
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length === 1 ? '' : ` ${faults.length - 1} more found.`;
  throw new OperatorError({
    code: first.code,
    message: `Packet ${index} (${report.name}) was not written: ${first.message} See section ${first.section} of docs/reference/cimd2.md.${more}`,
    hint: 'Correct it, or build a wrong packet on purpose with --force.',
  });
}

function bytesOf(draft: Draft & { readonly type: 'fields' }): Uint8Array {
  const fields = draft.parameters.map(({ code, value }) =>
    code === undefined ? `${value}\t` : `${formatParameterCode(code)}:${value}\t`,
  );
  const number = String(draft.packetNumber).padStart(3, '0');
  const body = fromLatin1(`\x02${formatOperation(draft.operation)}:${number}\t${fields.join('')}`);
  const trailer = draft.trailer.type === 'computed' ? formatChecksum(checksum(body)) : draft.trailer.text;
  return concatBytes(body, fromLatin1(`${trailer}\x03`));
}

/** Written into a packet, such a byte makes another packet of it, which may even be a good one. */
function illegalBytes(draft: Draft & { readonly type: 'fields' }): readonly PacketFault[] {
  return draft.parameters
    .filter(({ value }) => /[\x00\x02\x03\t]/.test(value))
    .map(({ code }) => ({
      code: 'CIMD2_ILLEGAL_BYTE',
      message: `Parameter ${code === undefined ? '???' : formatParameterCode(code)} holds 00, 02, 03 or 09, which no value may hold.`,
      section: '1.2',
      parameter: code,
    }));
}

function tooLong(bytes: Uint8Array): readonly PacketFault[] {
  if (bytes.length <= emitLimitBytes) return [];
  const message = `It has ${bytes.length} bytes, more than the ${emitLimitBytes} that may be sent.`;
  return [{ code: 'CIMD2_OVERSIZE', message, section: '1.4', parameter: undefined }];
}
