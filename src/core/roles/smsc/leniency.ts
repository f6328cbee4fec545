/**
 * What a lenient SMSC makes of a request before it judges it: what is too much is left out, what is too long is cut,
 * what is faulty and not needed counts as absent. Everything mended is named, nothing silently. What cannot be mended
 * is refused as ever. Source: docs/reference/cimd2.md sections 1.7, 11 and 12.
 */

import { exclusivePairs } from '../../codec/combinations.ts';
import { readDataCoding, userDataParameter } from '../../codec/data-coding.ts';
import { findOperation, type ParameterUse } from '../../codec/operations.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import { checkValue } from '../../codec/parameter-value.ts';
import { findParameter, formatParameterCode, type ParameterInfo } from '../../codec/parameters.ts';

export interface Mended {
  readonly packet: Packet;
  /** `056 left out`, one for each thing done; empty where the packet is as it came. */
  readonly what: readonly string[];
}

/** @param packet a request of the application */
export function mendRequest(packet: Packet): Mended {
  const role = findOperation(packet.operation);
  if (role?.type !== 'request') return { packet, what: [] };
  const what: string[] = [];
  const seen = new Set<number>();
  const kept: Parameter[] = [];
  for (const parameter of packet.parameters) {
    const use = role.operation.request.find(({ code }) => code === parameter.code);
    const mended = use === undefined ? 'unknown here' : mend(parameter, use, seen);
    if (typeof mended === 'string') {
      what.push(`${formatParameterCode(parameter.code)} left out: ${mended}`);
      continue;
    }
    if (mended.value !== parameter.value) what.push(`${formatParameterCode(parameter.code)} changed to fit`);
    if (mended.value !== '') seen.add(mended.code);
    kept.push(mended);
  }
  const surplus = surplusOf({ ...packet, parameters: kept });
  for (const code of surplus) what.push(`${formatParameterCode(code)} left out: excluded by another`);
  if (what.length === 0) return { packet, what };
  return { packet: { ...packet, parameters: kept.filter(({ code }) => !surplus.includes(code)) }, what };
}

/** The parameter as it may stand, or why it is left out. */
function mend(parameter: Parameter, use: ParameterUse, seen: ReadonlySet<number>): Parameter | string {
  const { code, value } = parameter;
  if (value === '') return parameter;
  // SPEC: section 1.7: of a parameter that must not repeat the first one counts, as Kannel has it.
  if (seen.has(code) && !use.repeats) return 'it was there before';
  const info = findParameter(code);
  const flaw = info === undefined ? undefined : checkValue(info, value);
  if (info === undefined || flaw === undefined) return parameter;
  const fitted = fitValue(info, value);
  if (checkValue(info, fitted) === undefined) return { code, value: fitted };
  // What is mandatory stays for the judge to refuse.
  return use.presence === 'optional' ? flaw.message : parameter;
}

function fitValue(info: ParameterInfo, value: string): string {
  switch (info.type) {
    case 'integer':
      // The bits that nobody knows, not the whole wish. SPEC: section 8.1.
      return info.code === 56 && /^[0-9]{1,3}$/.test(value) ? String(Number(value) & 0x7f) : value;
    case 'hex': {
      // COMPAT: ecimd2 pads a last digit that is missing. SPEC: section 7.7.
      const even = value.length % 2 === 0 ? value : `${value}0`;
      return even.slice(0, info.maxLength);
    }
    case 'string': {
      const allowed = [...value].filter((c) => c >= ' ' && c <= '~' && !info.forbidden.includes(c));
      return info.isSecret ? value : allowed.join('').slice(0, info.maxLength);
    }
    case 'address':
      return value.replaceAll(/(?!^\+)[^0-9]/g, '').slice(0, info.maxLength);
    case 'user-data':
      return value.slice(0, info.maxLength);
    default:
      return value;
  }
}

/** Of two that exclude each other the second; of two senders the name, of text and data the one that 030 asks for. */
function surplusOf(packet: Packet): readonly number[] {
  return exclusivePairs
    .filter(
      ({ operation, first, second }) => operation === packet.operation && has(packet, first) && has(packet, second),
    )
    .map(({ first, second }) => {
      // COMPAT: ecimd2 pairs 023 and 027 in one submit. SPEC: section 11.2.
      if (first === 23) return 23;
      const dataCoding = Number(parameterOf(packet, 30) ?? '0');
      return first === 33 && userDataParameter(readDataCoding(dataCoding)) === 34 ? first : second;
    });
}

function has(packet: Packet, code: number): boolean {
  return (parameterOf(packet, code) ?? '') !== '';
}
