/**
 * What must hold of anything an end writes, whatever it was given: a packet that its own codec reads, with a right
 * checksum, of an operation that this end may send, under a number that this end may use. SPEC: sections 1.5, 2.1, 4.1.
 */
import { decodePacket } from '../../src/core/codec/decode.ts';

export type End = 'application' | 'smsc';

const mayWrite: Readonly<Record<End, ReadonlySet<number>>> = {
  application: new Set([1, 2, 3, 4, 5, 6, 8, 9, 40, 70, 73, 90, 99]),
  // 70 and 73 refuse a deliver or report that an application sends. SPEC: section 11.3.
  smsc: new Set([51, 52, 53, 54, 55, 56, 58, 59, 70, 73, 90, 20, 23, 98, 99]),
};
const requests: Readonly<Record<End, ReadonlySet<number>>> = {
  application: new Set([1, 2, 3, 4, 5, 6, 8, 9, 40]),
  smsc: new Set([20, 23]),
};

/** Requests that one end got, so that no answer comes without one. */
export class Heard {
  readonly #requests = new Set<string>();

  /** What an end can have read of a packet that reached it, its parameters left aside. */
  note(bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    const header = decoded.ok ? decoded.packet : decoded.damage === 'parameter' ? decoded.header : undefined;
    if (header !== undefined) this.#requests.add(`${header.operation}:${header.packetNumber}`);
  }

  has(operation: number, number: number): boolean {
    return this.#requests.has(`${operation}:${number}`);
  }

  hasNumber(number: number): boolean {
    return [...this.#requests].some((request) => request.endsWith(`:${number}`));
  }
}

/** @returns what is wrong with it; undefined where nothing is */
export function violation(bytes: Uint8Array, end: End, heard: Heard): string | undefined {
  const decoded = decodePacket(bytes);
  if (!decoded.ok) return `writes what is no packet: ${Buffer.from(bytes).toString('latin1')}`;
  const { operation, packetNumber } = decoded.packet;
  if (!decoded.hasChecksum) return 'writes no checksum';
  if (!mayWrite[end].has(operation)) return `writes operation ${operation}`;
  if (operation === 99) return undefined;
  const isOdd = packetNumber % 2 === 1;
  if (requests[end].has(operation)) {
    return isOdd === (end === 'application') ? undefined : `writes request ${operation} under ${packetNumber}`;
  }
  if (operation === 98) return heard.hasNumber(packetNumber) ? undefined : `writes 98 for ${packetNumber}, unasked`;
  return heard.has(operation - 50, packetNumber) ? undefined : `answers ${operation}:${packetNumber}, unasked`;
}
