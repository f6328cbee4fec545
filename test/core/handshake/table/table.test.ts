/**
 * The table test: every operation × parameter × (absent, lowest, highest, too low, too high, too long, repeated,
 * malformed, empty). What is expected is the reference's, by hand (`uses.ts`, `values.ts`); nothing of it comes from the
 * tables that are judged. The SMSC end on the wire is `smsc-end.test.ts`, the client end `client-end.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import type { Packet, Parameter } from '../../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { validateParameters } from '../../../../src/core/codec/validate.ts';
import { type ArrivalCase, arrivalCases, caseName, kinds, type RequestCase, requestCases } from './cases.ts';
import { applicationAnswers, applicationRequests, smscPackets } from './uses.ts';

const asked = requestCases(applicationRequests);
const arrived = arrivalCases(smscPackets);
const answered = arrivalCases(applicationAnswers);

function packet(operation: number, parameters: readonly Parameter[]): Packet {
  return { operation, packetNumber: packetNumber(3), parameters };
}

/** Lines, so that a failure shows all differences at once. */
function line(one: RequestCase | ArrivalCase, verdict: number | string): string {
  return `${caseName(one)} → ${verdict}`;
}

describe(`every operation × parameter × kind of value: ${asked.length + arrived.length + answered.length} cases`, () => {
  test('are as many as they were counted', () => {
    expect([asked.length, arrived.length, answered.length]).toEqual([482, 655, 22]);
    expect(new Set([...asked, ...arrived].map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  test('of the application’s requests, with the 900 that an SMSC answers (1.7, 2.2–2.8, 3.2, 9)', () => {
    const verdict = ({ operation, parameters }: RequestCase): number | 'taken' =>
      validateParameters(packet(operation, parameters), 'request')[0]?.errorCode ?? 'taken';
    expect(asked.map((one) => line(one, verdict(one)))).toEqual(asked.map((one) => line(one, one.answer)));
  });

  test('of the SMSC’s requests and answers, and of the application’s answers (2.2–2.10, 3.2)', () => {
    const all = [...arrived, ...answered];
    const verdict = ({ operation, shape, parameters }: ArrivalCase): string => {
      const direction = shape === 'request' ? 'request' : 'response';
      return validateParameters(packet(operation, parameters), direction)
        .map((problem) => problem.parameter)
        .join(' ');
    };
    expect(all.map((one) => line(one, verdict(one)))).toEqual(all.map((one) => line(one, one.wrong.join(' '))));
  });
});

describe('a parameter that the operation does not carry (1.7, 2.8)', () => {
  const foreign: readonly Parameter[] = [
    { code: 999, value: 'x' },
    { code: 501, value: 'not a time' },
  ];

  test.each(applicationRequests.map((request) => [request.operation, request] as const))(
    'is ignored in %i, but for Set, and refused with 3 where the strict switch is on',
    (operation, { right, others }) => {
      for (const parameter of foreign) {
        const list = [...right.map(([code, value]) => ({ code, value })), parameter];
        const answer = (unknownParameters: 'ignore' | 'refuse') =>
          validateParameters(packet(operation, list), 'request', { unknownParameters }).map((one) => one.errorCode);
        expect(answer('ignore')).toEqual(others === 3 ? [3] : []);
        expect(answer('refuse')).toEqual([3]);
      }
    },
  );

  test.each([41, 42, 45, 46, 47, 48])('is ignored always where it is the obsolete %i (3.5)', (code) => {
    const list = [
      { code: 21, value: '1' },
      { code: 33, value: 'a' },
      { code, value: '1' },
    ];
    expect(validateParameters(packet(3, list), 'request', { unknownParameters: 'refuse' })).toEqual([]);
  });
});
