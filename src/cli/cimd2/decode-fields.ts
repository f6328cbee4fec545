/**
 * Takes one framed packet apart however damaged it is: header, fields between TABs, trailer. Nothing is judged here;
 * the codec says what is wrong, and stops at the first flaw, where a reader of a trace wants to see the rest as well.
 * Source: docs/reference/cimd2.md sections 1.1 and 1.5.
 */
import { toLatin1 } from '../../core/base/bytes.ts';
import { checksum, formatChecksum } from '../../core/codec/checksum.ts';

/** What stands between two TABs. */
export interface Field {
  /** Undefined where it does not begin with three digits and a colon. */
  readonly code: number | undefined;
  /** Behind the colon, or all of it; one character per byte. */
  readonly value: string;
}

export interface Fields {
  /** Undefined where it is not `OO:NNN` and TAB. */
  readonly header: { readonly operation: number; readonly packetNumber: number } | undefined;
  /** Empty without a header. */
  readonly fields: readonly Field[];
  /** Between the last TAB and ETX: empty, two hex digits, or something else. */
  readonly trailer: string;
  /** Two upper-case hex digits: the sum of what stands before the trailer. */
  readonly expectedChecksum: string;
}

const tab = 0x09;
const etx = 0x03;

/** @param bytes from STX on; the ETX may be missing */
export function takeApart(bytes: Uint8Array): Fields {
  const body = bytes[bytes.length - 1] === etx ? bytes.subarray(0, -1) : bytes;
  const bodyEnd = body.lastIndexOf(tab) + 1;
  const text = toLatin1(body);
  const [, operation, number] = /^\x02([0-9]{2}):([0-9]{3})\t/.exec(text) ?? [];
  const isReadable = operation !== undefined && number !== undefined;
  return {
    header: isReadable ? { operation: Number(operation), packetNumber: Number(number) } : undefined,
    fields: isReadable ? text.slice(8, bodyEnd).split('\t').slice(0, -1).map(fieldOf) : [],
    trailer: text.slice(bodyEnd),
    expectedChecksum: formatChecksum(checksum(body.subarray(0, bodyEnd))),
  };
}

/** Only the first colon separates. SPEC: section 1.2. */
function fieldOf(text: string): Field {
  const code = /^([0-9]{3}):/.exec(text)?.[1];
  return code === undefined ? { code: undefined, value: text } : { code: Number(code), value: text.slice(4) };
}
