/**
 * One CIMD2 unit as a value. Parameters are an ordered list and not a map: their order carries meaning in a submit
 * response, and 021 may repeat. Source: docs/reference/cimd2.md sections 1 and 2.
 */
import type { PacketNumber } from './packet-number.ts';

/** `value` holds one character per wire byte (ISO 8859-1, U+0000–U+00FF). */
export interface Parameter {
  /** 0–999; three digits on the wire. */
  readonly code: number;
  readonly value: string;
}

export interface Packet {
  /** 1–99; responses are the request's code + 50, 98 is the general error, 99 the NACK. */
  readonly operation: number;
  readonly packetNumber: PacketNumber;
  readonly parameters: readonly Parameter[];
}

/** The first value of that parameter; undefined if absent. */
export function parameterOf(packet: Packet, code: number): string | undefined {
  return packet.parameters.find((parameter) => parameter.code === code)?.value;
}

/** A request's answer has its code + 50. SPEC: section 2.1. */
export function responseOperation(request: number): number {
  return request + 50;
}

export function isResponse(operation: number): boolean {
  return operation >= 50;
}
