/**
 * How an answer is read: does it belong to that request, and does it say no. Used by both ends.
 * Source: docs/reference/cimd2.md sections 2.1, 4.3 and 9.
 */
import { parseErrorCode } from '../codec/error-codes.ts';
import { type Packet, parameterOf, responseOperation } from '../codec/packet.ts';

const submit = 3;
const destination = 21;
const errorCode = 900;
const generalSystemError = 6;

/**
 * The 900 of a negative answer; undefined if the answer is positive, which `900:0` is too. What cannot be read as a
 * number counts as 6 (general system error), since an answer with 900 must not pass for a yes.
 *
 * @returns 1 or more; section 9
 */
export function refusalOf(answer: Packet): number | undefined {
  const value = parameterOf(answer, errorCode);
  if (value === undefined || value === '') return undefined;
  const code = parseErrorCode(value) ?? generalSystemError;
  return code === 0 ? undefined : code;
}

/** Why the answer cannot be the one to that request; undefined if it fits. The numbers are known to agree. */
export function misfit(request: Packet, answer: Packet): string | undefined {
  const operation = responseOperation(request.operation);
  if (answer.operation !== operation) return `operation ${answer.operation} where ${operation} was due`;
  if (request.operation !== submit) return undefined;
  const asked = addressesOf(request);
  // An answer without 021 says nothing about the address; one with a foreign 021 is the answer to another submit.
  const isForeign = addressesOf(answer).some((address) => !asked.includes(address));
  return isForeign ? 'its destination (021) is none of the submit’s' : undefined;
}

/** COMPAT: some centres put the `+` on or take it off, and Kannel writes hyphens: digits are what must agree. */
function addressesOf(packet: Packet): readonly string[] {
  return packet.parameters
    .filter(({ code, value }) => code === destination && value !== '')
    .map(({ value }) => value.replace(/[^0-9]/g, ''));
}
