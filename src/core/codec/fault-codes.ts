/**
 * Which 900 a server answers with when a parameter of a request is wrong or missing. Where no row fits, the general
 * codes serve. Source: docs/reference/cimd2.md sections 2, 6.3 and 9 (last paragraph).
 */

/** General codes of section 9, with the use that sections 1.6 and 1.7 make of them. */
export const generalFaultCodes = {
  unassignedOperation: 1,
  syntax: 2,
  unsupportedParameter: 3,
  format: 8,
} as const;

export interface FaultCodes {
  /** Request code. */
  readonly operation: number;
  readonly parameters: readonly number[];
  /** The value is not what the parameter may hold, or does not go with the rest. */
  readonly wrong: number;
  /** It must be there and is not; also: there are too many. Same as `wrong` unless the sources tell them apart. */
  readonly count: number;
}

export const faultCodes: readonly FaultCodes[] = [
  // Section 6.3: a login without name or password is an invalid login, like one with wrong ones.
  same(1, 100, 10, 11),
  same(1, 107, 12),
  same(1, 104, 19),
  { operation: 3, parameters: [21], wrong: 300, count: 301 },
  same(3, 306, 23),
  same(3, 322, 27),
  same(3, 304, 30),
  same(3, 302, 32, 33, 34),
  same(3, 318, 44),
  same(3, 305, 50, 51),
  same(3, 307, 52),
  same(3, 308, 53, 54),
  same(3, 309, 55),
  same(3, 310, 56),
  same(3, 311, 58),
  same(3, 313, 64),
  same(3, 314, 65),
  same(3, 312, 67),
  same(4, 400, 21),
  same(4, 401, 60),
  same(5, 501, 68),
  same(6, 602, 59),
  same(6, 601, 21),
  same(6, 600, 60),
  same(8, 800, 11),
  // Section 2.8: also for a missing 500.
  same(9, 900, 500),
];

const byPlace = new Map(
  faultCodes.flatMap((row) => row.parameters.map((parameter) => [placeKey(row.operation, parameter), row] as const)),
);

/** The 900 for a value that the parameter may not hold. */
export function wrongValueCode(operation: number, parameter: number): number {
  return byPlace.get(placeKey(operation, parameter))?.wrong ?? generalFaultCodes.format;
}

/** The 900 for a parameter that must be there and is not, or for too many of one that may repeat. */
export function wrongCountCode(operation: number, parameter: number): number {
  return byPlace.get(placeKey(operation, parameter))?.count ?? generalFaultCodes.syntax;
}

function placeKey(operation: number, parameter: number): number {
  return operation * 1000 + parameter;
}

function same(operation: number, code: number, ...parameters: readonly number[]): FaultCodes {
  return { operation, parameters, wrong: code, count: code };
}
