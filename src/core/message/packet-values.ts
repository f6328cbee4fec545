/**
 * The values of parameters as a short message needs them, with a fault for what cannot be read. Names parameters, never
 * their values: faults go to logs. Source: docs/reference/cimd2.md sections 1.7, 3 and 8.4.
 */
import type { Fault } from '../base/errors.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { type Packet, parameterOf } from '../codec/packet.ts';
import { parseSmscTime, type ZoneOffsetMinutes } from '../codec/smsc-time.ts';
import { decodeHex } from '../codec/user-data.ts';
import type { SmscTime } from './message.ts';
import { messageLimits } from './values.ts';

/** A value with what was guessed or left out on the way, or the fault that makes it no value. */
export type Parsed<T> = Result<T> & { readonly remarks: readonly Fault[] };

/** What a time stamp of the SMSC needs: it names no zone. */
export interface TimeOptions {
  readonly zoneOffsetMinutes: ZoneOffsetMinutes;
  readonly now: Instant;
}

/** SPEC: section 1.7: an empty value is an absent parameter (033 is the exception). */
export function nonEmpty(packet: Packet, code: number): string | undefined {
  const value = parameterOf(packet, code);
  return value === '' ? undefined : value;
}

/** SPEC: section 3.1: hyphens are accepted and taken out. */
export function readAddress(packet: Packet, code: number): Result<string> {
  const value = nonEmpty(packet, code);
  if (value === undefined) return missing(code);
  const address = value.replaceAll('-', '');
  if (!/^\+?[0-9]+$/.test(address)) return fail('CIMD2_BAD_PARAMETER', `parameter ${name(code)} holds no address`);
  return address.length > messageLimits.addressDigits + 1 ? tooLong(code) : ok(address);
}

/** A whole number from 0; leading zeros are accepted. Undefined if absent. */
export function readInteger(packet: Packet, code: number, most: number): Result<number | undefined> {
  const value = nonEmpty(packet, code);
  if (value === undefined) return ok(undefined);
  const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number <= most) return ok(number);
  return fail('CIMD2_VALUE_OUT_OF_RANGE', `parameter ${name(code)} is no number from 0 to ${most}`);
}

/** No octets if absent. */
export function readOctets(packet: Packet, code: 32 | 34): Result<Uint8Array> {
  const value = nonEmpty(packet, code) ?? '';
  return value.length > messageLimits.octets * 2 ? tooLong(code) : decodeHex(value, code);
}

export function readTime(packet: Packet, code: number, options: TimeOptions, remarks: Fault[]): SmscTime | undefined {
  return readTimeValue(nonEmpty(packet, code), code, options, remarks);
}

/** Twelve digits that name no time are still half of a key (section 8.4): kept, and dated now. */
export function readTimeValue(
  digits: string | undefined,
  code: number,
  { zoneOffsetMinutes, now }: TimeOptions,
  remarks: Fault[],
): SmscTime | undefined {
  if (digits === undefined) {
    remarks.push(missing(code).fault);
    return undefined;
  }
  const at = parseSmscTime(digits, zoneOffsetMinutes);
  if (at !== undefined) return { digits, at };
  remarks.push({ code: 'CIMD2_VALUE_OUT_OF_RANGE', message: `parameter ${name(code)} names no time` });
  return /^[0-9]{12}$/.test(digits) ? { digits, at: now } : undefined;
}

export function missing(code: number): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { code: 'CIMD2_MISSING_PARAMETER', message: `parameter ${name(code)} is missing` } };
}

export function tooLong(code: number): { readonly ok: false; readonly fault: Fault } {
  return {
    ok: false,
    fault: { code: 'CIMD2_VALUE_TOO_LONG', message: `parameter ${name(code)} is longer than any can be` },
  };
}

function name(code: number): string {
  return String(code).padStart(3, '0');
}
