/**
 * Every operation × parameter × (absent, lowest, highest, too low, too high, too long, repeated, malformed, empty), as
 * packets with the answer that the reference gives. Made from `uses.ts` and `values.ts` alone.
 */
import type { Parameter } from '../../../../src/core/codec/packet.ts';
import type { Arrival, Beside, Request, Use } from './uses.ts';
import { type Values, valuesOf } from './values.ts';

export const kinds = [
  'absent',
  'lowest',
  'highest',
  'too low',
  'too high',
  'too long',
  'repeated',
  'malformed',
  'empty',
] as const;

export type Kind = (typeof kinds)[number];

export interface RequestCase {
  readonly operation: number;
  readonly parameter: number;
  readonly kind: Kind;
  readonly parameters: readonly Parameter[];
  /** 900 of the answer; `taken`: nothing is wrong with the packet itself. */
  readonly answer: number | 'taken';
}

export interface ArrivalCase {
  readonly operation: number;
  readonly shape: Arrival['shape'];
  readonly parameter: number;
  readonly kind: Kind;
  readonly parameters: readonly Parameter[];
  /** Nothing can be answered to it: which parameters are found fault with. */
  readonly wrong: readonly number[];
}

export function requestCases(requests: readonly Request[]): readonly RequestCase[] {
  return requests.flatMap(({ operation, uses }) => uses.flatMap((use) => casesOfUse(operation, use)));
}

function casesOfUse(operation: number, use: Use): readonly RequestCase[] {
  const { parameter, wrong, absent, repeated } = use;
  const make = (kind: Kind, answer: number | 'taken', values: readonly string[]): RequestCase => ({
    operation,
    parameter,
    kind,
    answer,
    parameters: listed([...company(operation, parameter, values[0], use.beside), ...pairs(parameter, values)]),
  });
  const { lowest, highest, tooLow, tooHigh, tooLong, malformed } = rowOf(parameter);
  const right = highest[0] ?? '';
  return [
    make('absent', absent, []),
    ...lowest.map((value) => make('lowest', 'taken', [value])),
    ...highest.map((value) => make('highest', 'taken', [value])),
    ...tooLow.map((value) => make('too low', wrong, [value])),
    ...tooHigh.map((value) => make('too high', wrong, [value])),
    ...tooLong.map((value) => make('too long', wrong, [value])),
    make('repeated', repeated, [right, right]),
    ...malformed.map((value) => make('malformed', wrong, [value])),
    // 1.7: as if it were not there, except for 033.
    make('empty', parameter === 33 ? 'taken' : absent, ['']),
  ];
}

/** What must stand beside that very value. */
function company(operation: number, parameter: number, value: string | undefined, beside: readonly Beside[]) {
  // 2.7: a mode brings what it needs.
  if (operation === 6 && parameter === 59 && value === '0') return [...beside, [21, '1'] as const];
  if (operation === 6 && parameter === 59 && value === '2') {
    return [...beside, [21, '1'] as const, [60, '260131235959'] as const];
  }
  // 7.6: 255 is 8-bit data, which goes into 034.
  if ((operation === 3 || operation === 20) && parameter === 30 && value === '255') {
    return [...beside.filter(([code]) => code !== 33), [34, '00'] as const];
  }
  // 7.8: beside the longest header nothing fits.
  if (operation === 20 && parameter === 32) return [...beside.filter(([code]) => code !== 33), [33, ''] as const];
  return beside;
}

export function arrivalCases(arrivals: readonly Arrival[]): readonly ArrivalCase[] {
  return arrivals.flatMap((arrival) => arrival.uses.flatMap((use) => casesOfArrival(arrival, use)));
}

function casesOfArrival(
  { operation, shape, right }: Arrival,
  { parameter, isMandatory, mayRepeat, withoutIt }: Arrival['uses'][number],
): readonly ArrivalCase[] {
  const beside = right.filter(([code]) => code !== parameter);
  const make = (kind: Kind, wrong: readonly number[], values: readonly string[]): ArrivalCase => ({
    operation,
    shape,
    parameter,
    kind,
    wrong,
    parameters: listed([...company(operation, parameter, values[0], beside), ...pairs(parameter, values)]),
  });
  const { lowest, highest, tooLow, tooHigh, tooLong, malformed } = rowOf(parameter);
  const value = highest[0] ?? '';
  const missing = isMandatory ? (withoutIt ?? [parameter]) : [];
  const bad = (kind: Kind, values: readonly string[]) => values.map((one) => make(kind, [parameter], [one]));
  return [
    make('absent', missing, []),
    ...lowest.map((one) => make('lowest', [], [one])),
    ...highest.map((one) => make('highest', [], [one])),
    ...bad('too low', tooLow),
    ...bad('too high', tooHigh),
    ...bad('too long', tooLong),
    make('repeated', mayRepeat ? [] : [parameter], [value, value]),
    ...bad('malformed', malformed),
    make('empty', parameter === 33 ? [] : missing, ['']),
  ];
}

function rowOf(parameter: number): Values {
  const row = valuesOf[parameter];
  if (row === undefined) throw new Error(`values.ts has no row for ${parameter}`);
  return row;
}

function pairs(parameter: number, values: readonly string[]): readonly Beside[] {
  return values.map((value) => [parameter, value] as const);
}

function listed(list: readonly Beside[]): readonly Parameter[] {
  return list.map(([code, value]) => ({ code, value }));
}

/** `03 056 too high: 021:1 033:a 056:128`, cut where it is long. */
export function caseName({ operation, parameter, kind, parameters }: RequestCase | ArrivalCase): string {
  const shown = parameters.map(({ code, value }) => `${String(code).padStart(3, '0')}:${value}`).join(' ');
  const head = `${String(operation).padStart(2, '0')} ${String(parameter).padStart(3, '0')} ${kind}`;
  return JSON.stringify(`${head}: ${shown.length > 90 ? `${shown.slice(0, 90)}…` : shown}`);
}
