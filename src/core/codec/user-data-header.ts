/**
 * The user data header (032): its elements, concatenation among them, and how much user data fits beside it. Every
 * element that is not understood is kept as it came. Source: docs/reference/cimd2.md section 7.8 (3GPP TS 23.040,
 * 9.2.3.24).
 */
import { concatBytes } from '../base/bytes.ts';
import type { Fault } from '../base/errors.ts';
import { invariant } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Alphabet } from './data-coding.ts';

/** One information element: identifier and contents, without its length octet. */
export interface HeaderElement {
  /** 0–255. */
  readonly id: number;
  /** 0–253 octets. */
  readonly data: Uint8Array;
}

/** Place of a short message in a long one, as the header tells it. */
export interface Concatenation {
  /** 0–255 in the 8-bit form, 0–65535 in the 16-bit form. */
  readonly reference: number;
  /** 1–count. */
  readonly index: number;
  /** 1–255. */
  readonly count: number;
}

export interface UserDataHeader {
  readonly concatenation: Concatenation | undefined;
  /** All elements but concatenation, in order. */
  readonly others: readonly HeaderElement[];
  /** What was left out: a concatenation that contradicts itself. */
  readonly faults: readonly Fault[];
}

/** The elements that are understood. SPEC: section 7.8; 3GPP TS 23.040, 9.2.3.24. */
export const headerElementId = {
  concatenation8: 0x00,
  specialMessageIndication: 0x01,
  ports8: 0x04,
  ports16: 0x05,
  concatenation16: 0x08,
  nationalSingleShift: 0x24,
  nationalLocking: 0x25,
} as const;

/** Octets of user data and header together in one short message. */
export const userDataOctets = 140;

/**
 * Reads a header, complete with its length octet. No octets are no header.
 *
 * SPEC: section 7.8; of several concatenations the last one counts, and one that names part 0 or a part beyond the
 * count is left out (3GPP TS 23.040, 9.2.3.24.1). An element of that kind with another length is kept unread.
 *
 * @returns fault `CIMD2_USER_DATA` if lengths do not fit together; never throws
 */
export function parseUserDataHeader(octets: Uint8Array): Result<UserDataHeader> {
  const elements = parseElements(octets);
  if (!elements.ok) return elements;
  let concatenation: Concatenation | undefined;
  const others: HeaderElement[] = [];
  const faults: Fault[] = [];
  for (const element of elements.value) {
    const read = readConcatenation(element);
    if (read === undefined) {
      others.push(element);
    } else if (read.index === 0 || read.index > read.count) {
      const message = `user data header says part ${read.index} of ${read.count}; read as a message of its own`;
      faults.push({ code: 'CIMD2_USER_DATA', message });
    } else {
      concatenation = read;
    }
  }
  return ok({ concatenation, others, faults });
}

/**
 * The header with these elements, complete with its length octet; no octets if there are none.
 *
 * INVARIANT: at most 255 octets behind the length octet; more is a bug of the caller.
 */
export function buildUserDataHeader(elements: readonly HeaderElement[]): Uint8Array {
  const length = Math.max(0, headerOctetCount(elements) - 1);
  if (length === 0) return new Uint8Array();
  invariant(length <= 255, `a user data header of ${length} octets does not fit its length octet`);
  const octets = new Uint8Array(length + 1);
  octets[0] = length;
  let at = 1;
  for (const element of elements) {
    octets[at] = element.id;
    octets[at + 1] = element.data.length;
    octets.set(element.data, at + 2);
    at += 2 + element.data.length;
  }
  return octets;
}

/** Octets of a header with these elements, its length octet included; 0 if there are none. */
export function headerOctetCount(elements: readonly HeaderElement[]): number {
  return elements.reduce((sum, element) => sum + 2 + element.data.length, elements.length === 0 ? 0 : 1);
}

/**
 * The same header with one more element behind; its own elements are not looked at.
 *
 * @param header complete with its length octet, or no octets
 */
export function appendHeaderElement(header: Uint8Array, element: HeaderElement): Uint8Array {
  const added = buildUserDataHeader([element]);
  if (header.length === 0) return added;
  const length = header.length + added.length - 2;
  invariant(length <= 255, `a user data header of ${length} octets does not fit its length octet`);
  const octets = concatBytes(header, added.subarray(1));
  octets[0] = length;
  return octets;
}

/** The element for it: 8-bit reference where that is enough, otherwise 16-bit. SPEC: section 7.8. */
export function concatenationElement(concatenation: Concatenation): HeaderElement {
  const { reference, index, count } = concatenation;
  return reference <= 0xff
    ? { id: headerElementId.concatenation8, data: Uint8Array.of(reference, count, index) }
    : { id: headerElementId.concatenation16, data: Uint8Array.of(reference >> 8, reference & 0xff, count, index) };
}

/** Application ports: which program on the handset the message is for, and which it is from. */
export interface Ports {
  /** 0–65535. */
  readonly destination: number;
  readonly origin: number;
}

/** The element for it: 8-bit ports where both fit. SPEC: section 7.8; 3GPP TS 23.040, 9.2.3.24.3 and 9.2.3.24.4. */
export function portsElement({ destination, origin }: Ports): HeaderElement {
  return destination <= 0xff && origin <= 0xff
    ? { id: headerElementId.ports8, data: Uint8Array.of(destination, origin) }
    : {
        id: headerElementId.ports16,
        data: Uint8Array.of(destination >> 8, destination & 0xff, origin >> 8, origin & 0xff),
      };
}

/** The ports that a header names; of several the last, and none of an element with another length. */
export function readPorts(elements: readonly HeaderElement[]): Ports | undefined {
  let ports: Ports | undefined;
  for (const { id, data } of elements) {
    const [first = 0, second = 0, third = 0, fourth = 0] = data;
    if (id === headerElementId.ports8 && data.length === 2) ports = { destination: first, origin: second };
    if (id === headerElementId.ports16 && data.length === 4) {
      ports = { destination: first * 256 + second, origin: third * 256 + fourth };
    }
  }
  return ports;
}

/**
 * How much user data fits beside a header: septets, octets or UTF-16 units. SPEC: section 7.8.
 *
 * @param headerOctets complete header with its length octet, 0–140
 */
export function userDataCapacity(alphabet: Alphabet, headerOctets: number): number {
  const free = Math.max(0, userDataOctets - headerOctets);
  if (alphabet === 'gsm7') return Math.floor((free * 8) / 7);
  return alphabet === 'ucs2' ? Math.floor(free / 2) : free;
}

function parseElements(octets: Uint8Array): Result<readonly HeaderElement[]> {
  const length = octets[0];
  if (length === undefined) return ok([]);
  if (length !== octets.length - 1) {
    return fail('CIMD2_USER_DATA', `user data header says ${length} octets but has ${octets.length - 1}`);
  }
  const elements: HeaderElement[] = [];
  for (let at = 1; at < octets.length; ) {
    const id = octets[at];
    const size = octets[at + 1];
    if (id === undefined || size === undefined || at + 2 + size > octets.length) {
      return fail('CIMD2_USER_DATA', `user data header ends inside its element ${elements.length + 1}`);
    }
    elements.push({ id, data: octets.slice(at + 2, at + 2 + size) });
    at += 2 + size;
  }
  return ok(elements);
}

function readConcatenation({ id, data }: HeaderElement): Concatenation | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = data;
  if (id === headerElementId.concatenation8 && data.length === 3) {
    return { reference: first, count: second, index: third };
  }
  if (id === headerElementId.concatenation16 && data.length === 4) {
    return { reference: first * 256 + second, count: third, index: fourth };
  }
  return undefined;
}
