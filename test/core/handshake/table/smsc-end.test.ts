/**
 * The table test at the SMSC end, on the wire: each request goes as bytes into the simulated SMSC, under the next number
 * of a session, and the 900 of the answer is the reference's.
 */
import { describe, expect, test } from 'vitest';
import { parameterOf } from '../../../../src/core/codec/packet.ts';
import { account, World } from '../../roles/smsc/harness.ts';
import { caseName, type RequestCase, requestCases } from './cases.ts';
import { applicationRequests } from './uses.ts';

const asked = requestCases(applicationRequests);

/**
 * Requests with nothing wrong in them that an SMSC refuses all the same, for what they ask: `operation parameter value`.
 * Two digits of a year mean the nearest such year, so both ends of the range are in the past of 2026.
 */
const refusedForWhatTheyAsk: Readonly<Record<string, { readonly answer: number; readonly section: string }>> = {
  '3 23 12345678901234567890': { answer: 306, section: '3.2, total with the service number at most 20' },
  '3 23 +1234567890123456789': { answer: 306, section: '3.2, + only with free originator right' },
  '3 51 000101000000': { answer: 305, section: '2.4, validity that is over' },
  '3 51 991231235959': { answer: 305, section: '2.4, validity that is over' },
  '5 68 ': { answer: 7, section: '2.6, nothing waiting' },
  '5 68 2': { answer: 7, section: '2.6, nothing waiting' },
  '9 500 999': { answer: 900, section: '2.8, only 501 exists' },
};

function expectedOf({ operation, parameter, parameters, answer }: RequestCase): string {
  const value = parameters.find(({ code }) => code === parameter)?.value ?? '';
  const refused = answer === 'taken' ? refusedForWhatTheyAsk[`${operation} ${parameter} ${value}`] : undefined;
  return String(refused?.answer ?? answer);
}

/** The 900 on the wire; `taken` where the answer is positive. */
function answerTo({ operation, parameters }: RequestCase): string {
  const first = (code: number) => parameters.find((one) => one.code === code)?.value ?? 'x';
  const world =
    operation === 1 ? new World({ accounts: [{ ...account, user: first(10), password: first(11) }] }) : new World();
  const application = operation === 1 ? world.connect() : world.bound();
  application.write(
    operation,
    operation === 1 ? 1 : 3,
    parameters.map(({ code, value }) => [code, value]),
  );
  const [answer] = application.takePackets();
  if (answer === undefined) return 'nothing';
  if (answer.operation !== operation + 50) return `operation ${answer.operation}`;
  return parameterOf(answer, 900) ?? 'taken';
}

describe(`every parameter of what an application asks: ${asked.length} cases at the SMSC end (2.2–2.8, 3.2, 9)`, () => {
  test('are answered on the wire as the reference says', () => {
    const found = asked.map((one) => `${caseName(one)} → ${answerTo(one)}`);
    expect(found).toEqual(asked.map((one) => `${caseName(one)} → ${expectedOf(one)}`));
  });
});
