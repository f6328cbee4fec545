/**
 * A status report (23) as a short message. Like a deliver it is taken where it can be, with remarks about the rest.
 * Source: docs/reference/cimd2.md sections 2.5, 2.10, 3 and 8.
 */
import type { Fault } from '../base/errors.ts';
import { invariant } from '../base/invariant.ts';
import { ok } from '../base/result.ts';
import type { Packet } from '../codec/packet.ts';
import type { DeliverOptions } from './deliver.ts';
import type { ShortMessage } from './message.ts';
import { missing, nonEmpty, type Parsed, readAddress, readInteger, readTime, tooLong } from './packet-values.ts';
import { messageLimits } from './values.ts';

const statusReport = 23;

/** A status report has no user data. */
export type StatusReportOptions = Omit<DeliverOptions, 'alphabet'>;

/**
 * A status report (23) as a short message from the handset it is about, to the originator (023) if that is named.
 *
 * Its key stays as received: 021 byte for byte, and the digits of 060. SPEC: section 8.4. Without a usable discharge time
 * it has the time of the key (section 2.5).
 *
 * @returns fault where 021, 060 or 061 is missing or not what it must be; never throws
 */
export function parseStatusReport(packet: Packet, options: StatusReportOptions): Parsed<ShortMessage> {
  invariant(packet.operation === statusReport, `operation ${packet.operation} is no status report`);
  const remarks: Fault[] = [];
  const destination = nonEmpty(packet, 21);
  if (destination === undefined) return { ...missing(21), remarks };
  if (destination.length > messageLimits.destinationLength) return { ...tooLong(21), remarks };
  const status = readInteger(packet, 61, 9);
  if (!status.ok) return { ...status, remarks };
  if (status.value === undefined) return { ...missing(61), remarks };
  const stamp = readTime(packet, 60, options, remarks);
  if (stamp === undefined) return { ok: false, fault: remarks.at(-1) ?? missing(60).fault, remarks: [] };
  const error = readInteger(packet, 62, 999);
  if (!error.ok) remarks.push(error.fault);
  const from = readAddress(packet, 21);
  if (!from.ok) remarks.push(from.fault);
  const to = nonEmpty(packet, 23) === undefined ? ok('') : readAddress(packet, 23);
  if (!to.ok) remarks.push(to.fault);
  const report = {
    destination,
    stamp,
    status: status.value,
    error: error.ok ? error.value : undefined,
    dischargedAt: readTime(packet, 63, options, remarks) ?? stamp,
  };
  return {
    ok: true,
    value: {
      id: options.id,
      from: from.ok ? from.value : '',
      to: to.ok ? to.value : '',
      content: { type: 'status-report', report },
      header: new Uint8Array(),
      part: undefined,
      validUntil: options.validUntil,
      report: 'none',
      createdAt: options.now,
      smscTime: undefined,
      textId: '',
    },
    remarks,
  };
}
