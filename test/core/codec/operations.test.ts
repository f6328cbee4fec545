import { describe, expect, it } from 'vitest';
import {
  findOperation,
  formatOperation,
  type Operation,
  operationName,
  operations,
} from '../../../src/core/codec/operations.ts';
import { findParameter } from '../../../src/core/codec/parameters.ts';
import { referenceRows } from './reference.ts';
import { vectors } from './vectors.ts';

/** All uses in one operation. */
const usesOf = ({ request, positive, negative }: Operation) => [...request, ...positive, ...negative];

describe('table of operations', () => {
  it('has the codes and requesters of reference 2.1', () => {
    const printed = referenceRows('2.1').filter(([request]) => /^[0-9]{2}$/.test(request ?? ''));
    expect(
      operations.map(({ code, responseCode, requester }) => [formatOperation(code), String(responseCode), requester]),
    ).toEqual(printed.map(([request, response, , requester]) => [request, response, requester?.toLowerCase()]));
    expect(printed).toHaveLength(11);
  });

  it('has the parameters of a submit that reference 2.4 lists', () => {
    const submit = findOperation(3);
    if (submit?.type !== 'request') throw new Error('03 is a request');
    const ours = submit.operation.request.map((use) => use.code);
    const printed = referenceRows('2.4').flatMap(([codes]) => (codes?.match(/\b0[0-9]{2}\b/g) ?? []).map(Number));
    expect(ours).toEqual([...printed].sort((a, b) => a - b));
  });

  it('has the parameters of a deliver that reference 2.9 lists', () => {
    const deliver = findOperation(20);
    if (deliver?.type !== 'request') throw new Error('20 is a request');
    const printed = referenceRows('2.9').flatMap(([codes]) => (codes?.match(/\b0[0-9]{2}\b/g) ?? []).map(Number));
    expect(deliver.operation.request.map((use) => use.code)).toEqual(printed);
  });

  it.each([
    // Reference 2.2, 2.5–2.8, 2.10: M mandatory, O optional, C conditional.
    [1, '010 M, 011 M, 012 O, 019 O', '', '900 M, 901 O'],
    [2, '', '', '900 M, 901 O'],
    [4, '021 M, 060 M', '021 M, 060 M, 061 M, 062 O, 063 M', '900 M, 901 O'],
    [5, '068 O', '066 C', '900 M, 901 O'],
    [6, '059 M, 021 C, 060 C', '', '900 M, 901 O'],
    [8, '011 M', '', '900 M, 901 O'],
    [9, '500 M', '501 M', '900 M, 901 O'],
    [20, '021 M, 023 M, 060 M, 032 O, 033 C, 034 C, 052 O, 030 O, 026 O, 028 O, 069 O', '', '900 M, 901 O'],
    [23, '021 M, 060 M, 061 M, 063 M, 062 O, 023 O, 033 O', '', ''],
    [40, '', '', '900 M, 901 O'],
  ])('carries in %i what its section says', (code, request, positive, negative) => {
    const role = findOperation(code);
    if (role?.type !== 'request') throw new Error(`${code} is a request`);
    const write = (uses: Operation['request']) =>
      uses.map((use) => `${String(use.code).padStart(3, '0')} ${use.presence.charAt(0).toUpperCase()}`).join(', ');
    expect([role.operation.request, role.operation.positive, role.operation.negative].map(write)).toEqual([
      request,
      positive,
      negative,
    ]);
  });

  it('lets repeat 021 in a submit, and 021, 060, 900 and 901 in its answer, and nothing else (1.7)', () => {
    const repeating = operations.flatMap((operation) =>
      (['request', 'positive', 'negative'] as const).flatMap((where) =>
        operation[where].filter((use) => use.repeats).map((use) => `${operation.code} ${where} ${use.code}`),
      ),
    );
    expect(repeating).toEqual([
      '3 request 21',
      '3 positive 21',
      '3 positive 60',
      '3 negative 21',
      '3 negative 60',
      '3 negative 900',
      '3 negative 901',
    ]);
  });

  it('uses known parameters only, each once', () => {
    for (const operation of operations) {
      for (const use of usesOf(operation)) expect(findParameter(use.code)?.isDeprecated).toBe(false);
      for (const uses of [operation.request, operation.positive, operation.negative]) {
        expect(new Set(uses.map((use) => use.code)).size).toBe(uses.length);
      }
    }
  });

  it('answers each operation with its code + 50', () => {
    for (const { code, responseCode } of operations) expect(responseCode).toBe(code + 50);
  });
});

describe('finding an operation', () => {
  it('knows the operation of every vector, but for 07, which does not exist', () => {
    const unknown = vectors.filter((vector) => findOperation(vector.operation) === undefined);
    expect(unknown.map((vector) => vector.operation)).toEqual([7]);
  });

  it('leaves the unassigned codes of reference 2.1 unassigned', () => {
    const assigned = Array.from({ length: 100 }, (_, code) => code).filter((code) => findOperation(code) !== undefined);
    expect(assigned).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 20, 23, 40, 51, 52, 53, 54, 55, 56, 58, 59, 70, 73, 90, 98, 99]);
  });

  it('names requests, answers, errors and what is none of them', () => {
    expect([3, 53, 98, 99, 7].map(operationName)).toEqual([
      'submit message',
      'submit message response',
      'general error response',
      'nack',
      'unknown operation',
    ]);
  });
});
