/**
 * Follows the packet numbers of one conversation and says of each what the rules say: parity, next expected, repeated,
 * wrapped, answer to what. It judges what was recorded and answers nobody; taking turns is core/handshake. Source:
 * docs/reference/cimd2.md section 4.
 */
import type { Fault } from '../../core/base/errors.ts';
import { findOperation, formatOperation, operationName, type Side } from '../../core/codec/operations.ts';
import {
  firstClientNumber,
  firstServerNumber,
  formatPacketNumber,
  isClientNumber,
  nextPacketNumber,
  packetNumber,
  previousPacketNumber,
} from '../../core/codec/packet-number.ts';

export type NumberVerdict =
  | 'first'
  | 'expected'
  | 'asked-by-nack'
  | 'repeated'
  | 'unexpected'
  | 'wrong-parity'
  | 'answer'
  | 'answer-without-request'
  | 'wants-next';

export interface NumberReading {
  readonly verdict: NumberVerdict;
  /** What the rules wanted, where that can be known. */
  readonly expected: number | undefined;
  readonly words: string;
  readonly section: string;
  readonly fault: Fault | undefined;
}

interface SideState {
  /** Undefined until the first request, and after bytes were lost. */
  expected: number | undefined;
  /** What the other end last asked for with a NACK. */
  nacked: number | undefined;
  /** Fingerprint of the last request under each number; at most 256. */
  readonly seen: Map<number, number>;
  /** Operation of the last request under each number, and whether its answer was seen; at most 256. */
  readonly asked: Map<number, { readonly operation: number; isAnswered: boolean }>;
}

export class NumberRules {
  readonly #sides: Readonly<Record<Side, SideState>> = { application: newSide(), smsc: newSide() };

  /**
   * @param number 0–255
   * @param bytes the whole packet: a repetition is the same bytes (section 4.3)
   */
  read(operation: number, number: number, bytes: Uint8Array): NumberReading {
    const role = findOperation(operation);
    if (operation === 99) return this.#nack(number);
    if (operation === 98) return this.#answer('application', undefined, number);
    if (role?.type === 'response') return this.#answer(role.operation.requester, role.operation.code, number);
    const side = role?.type === 'request' ? role.operation.requester : number % 2 === 1 ? 'application' : 'smsc';
    if (operation >= 50) return this.#answer(side, operation - 50, number);
    return this.#request(side, operation, number, fingerprint(bytes));
  }

  /** Bytes are missing: the next request of either end may have any number. */
  forget(): void {
    for (const side of Object.values(this.#sides)) clear(side);
  }

  #request(side: Side, operation: number, number: number, print: number): NumberReading {
    const state = this.#sides[side];
    if (parityOf(number) !== parityOf(firstOf(side))) return wrongParity(side, number);
    const isRepeated = state.seen.get(number) === print;
    const isLatest = state.expected === next(number);
    if (operation === 1 && !(isRepeated && isLatest)) {
      // SPEC: section 4.1. A login begins a session, whose numbers begin anew on both ends.
      this.forget();
      accept(state, operation, number, print);
      const words =
        number === 1 ? 'the first of a session' : 'the first of a session: 001, but any odd one is accepted';
      return reading('first', undefined, words, '4.1');
    }
    const { expected } = state;
    if (expected === undefined) {
      accept(state, operation, number, print);
      return reading('first', undefined, `${parityOf(number)}: the first of ${ownerOf(side)} seen here`, '4.1');
    }
    if (number === expected) {
      accept(state, operation, number, print);
      const words =
        number === firstOf(side) ? `wrapped: ${digits(previous(number))} → ${digits(number)}` : 'as expected';
      return reading('expected', expected, words, '4.1');
    }
    if (isRepeated) {
      return reading('repeated', expected, 'the same packet again: to be answered again, not processed again', '4.2');
    }
    const { nacked } = state;
    accept(state, operation, number, print);
    if (number === nacked) return reading('asked-by-nack', nacked, 'the number that a NACK asked for', '4.4');
    const what = isLatest
      ? `Packet number ${digits(number)} was used again for other content; expected ${digits(expected)}.`
      : `Packet number ${digits(number)} instead of ${digits(expected)}.`;
    const fault = { code: 'CIMD2_PACKET_NUMBER', message: what } as const;
    const words = isLatest ? 'used again for other content' : `expected ${digits(expected)}`;
    return { ...reading('unexpected', expected, words, isLatest ? '4.3' : '4.2'), fault };
  }

  /** @param request undefined for 98, which may answer any */
  #answer(side: Side, request: number | undefined, number: number): NumberReading {
    const asked = this.#sides[side].asked.get(number);
    if (asked === undefined) {
      // COMPAT: jcimd numbers 98 with a counter of its own, and a recording may hold one direction only.
      return reading('answer-without-request', undefined, 'no request with this number was seen', '4.1');
    }
    const name = `${formatOperation(asked.operation)} (${operationName(asked.operation)})`;
    if (request !== undefined && request !== asked.operation) {
      const message = `Operation ${formatOperation(request + 50)} answers number ${digits(number)}, which was request ${name}.`;
      const words = `copies the number of request ${name}, which it does not answer`;
      return { ...reading('unexpected', number, words, '4.3'), fault: { code: 'CIMD2_PACKET_NUMBER', message } };
    }
    const words = `${asked.isAnswered ? 'answers again' : 'answers'} request ${name}`;
    const verdict = asked.isAnswered ? 'repeated' : 'answer';
    asked.isAnswered = true;
    return reading(verdict, number, words, '4.1');
  }

  /** SPEC: section 4.4. It carries the number that its sender expects next, not one of its own. */
  #nack(number: number): NumberReading {
    const side = parityOf(number) === 'odd' ? 'application' : 'smsc';
    this.#sides[side].nacked = number;
    return reading('wants-next', undefined, `wants number ${digits(number)} of ${ownerOf(side)} next`, '4.4');
  }
}

function newSide(): SideState {
  return { expected: undefined, nacked: undefined, seen: new Map(), asked: new Map() };
}

function clear(state: SideState): void {
  state.expected = undefined;
  state.nacked = undefined;
  state.seen.clear();
  state.asked.clear();
}

function accept(state: SideState, operation: number, number: number, print: number): void {
  state.expected = next(number);
  state.nacked = undefined;
  state.seen.set(number, print);
  state.asked.set(number, { operation, isAnswered: false });
}

function wrongParity(side: Side, number: number): NumberReading {
  const message = `Packet number ${digits(number)} is ${parityOf(number)}; requests of ${ownerOf(side)} have ${parityOf(firstOf(side))} ones.`;
  const words = `${parityOf(number)}, but ${ownerOf(side)} counts in ${parityOf(firstOf(side))} numbers`;
  return { ...reading('wrong-parity', undefined, words, '4.1'), fault: { code: 'CIMD2_PACKET_NUMBER', message } };
}

function reading(
  verdict: NumberVerdict,
  expected: number | undefined,
  words: string,
  section: string,
): NumberReading & { readonly fault: undefined } {
  return { verdict, expected, words, section, fault: undefined };
}

function firstOf(side: Side): number {
  return side === 'application' ? firstClientNumber : firstServerNumber;
}

function ownerOf(side: Side): string {
  return side === 'application' ? 'the application' : 'the SMSC';
}

function parityOf(number: number): 'odd' | 'even' {
  return isClientNumber(packetNumber(number)) ? 'odd' : 'even';
}

function next(number: number): number {
  return nextPacketNumber(packetNumber(number));
}

function previous(number: number): number {
  return previousPacketNumber(packetNumber(number));
}

function digits(number: number): string {
  return formatPacketNumber(packetNumber(number));
}

/** FNV-1a, 32 bits: two packets under one number that differ and agree here are one in four thousand million. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
