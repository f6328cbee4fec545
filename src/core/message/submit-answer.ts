/**
 * What an SMSC's answer says about a submit: taken, refused, or neither, which leaves its fate open. What follows from it is
 * the role's affair. Source: docs/reference/cimd2.md sections 2.4, 3.2, 8.4 and 9.
 */
import type { Fault } from '../base/errors.ts';
import { parseErrorCode } from '../codec/error-codes.ts';
import type { Packet } from '../codec/packet.ts';
import { walkSubmitAnswer } from '../codec/submit-results.ts';
import type { SmscTime } from './message.ts';
import { readTimeValue, type TimeOptions } from './packet-values.ts';

const submitResponse = 53;
const generalError = 98;

export type SubmitAnswer =
  /** The SMSC took it. Without a usable 060 no report can be matched: `stamp` is undefined. */
  | { readonly type: 'accepted'; readonly stamp: SmscTime | undefined; readonly remarks: readonly Fault[] }
  /** A definite answer with 900; whether it is final is the table's word (codec/error-codes.ts), 5 leaves it open. */
  | { readonly type: 'refused'; readonly errorCode: number; readonly text: string | undefined }
  /** It says neither: the fate of the submit is unknown. */
  | { readonly type: 'fault'; readonly fault: Fault };

/**
 * What an answer (53, or 98) says about a submit with one destination.
 *
 * SPEC: section 2.4. 021 opens an entry; 060, 900 and 901 belong to the latest; an entry with neither 060 nor 900
 * inherits the last error of the packet; what stands before any 021 belongs to the one destination of the request.
 * `900:0` is success (section 9). An entry that is accepted and refused at once is a fault, and so is an answer that
 * names other destinations only.
 *
 * @param destination 021 of the request
 */
export function readSubmitAnswer(packet: Packet, destination: string, options: TimeOptions): SubmitAnswer {
  if (packet.operation !== submitResponse && packet.operation !== generalError) {
    return answerFault('SESSION_UNEXPECTED_RESPONSE', `operation ${packet.operation} is no answer to a submit`);
  }
  const { entries, unnamed, lastError } = walkSubmitAnswer(packet);
  const own = entries.filter((entry) => isSameDestination(entry.destination, destination));
  if (entries.length > 0 && own.length === 0) {
    return answerFault('SESSION_UNEXPECTED_RESPONSE', 'the answer to a submit (53) names another destination (021)');
  }
  const decided = [...own, unnamed].find(({ stamp, error }) => stamp !== '' || error !== undefined);
  const stamp = decided === undefined || decided.stamp === '' ? undefined : decided.stamp;
  const error = decided === undefined ? lastError : decided.error;
  const errorCode = error === undefined ? 0 : parseErrorCode(error.code);
  if (errorCode === undefined)
    return answerFault('CIMD2_BAD_PARAMETER', 'the error code (900) of an answer is no number');
  if (errorCode !== 0) {
    if (stamp !== undefined) {
      return answerFault(
        'CIMD2_UNEXPECTED_PARAMETER',
        `an answer to a submit both accepts (060) and refuses (900:${errorCode})`,
      );
    }
    return { type: 'refused', errorCode, text: error?.text === undefined ? undefined : printable(error.text) };
  }
  if (packet.operation === generalError)
    return answerFault('CIMD2_MISSING_PARAMETER', 'a general error (98) without 900');
  if (decided === undefined && packet.parameters.some(({ code }) => code === 901)) {
    return answerFault(
      'CIMD2_MISSING_PARAMETER',
      'an answer to a submit has an error text (901) but no error code (900)',
    );
  }
  const remarks: Fault[] = [];
  return { type: 'accepted', stamp: readTimeValue(stamp, 60, options, remarks), remarks };
}

/** SPEC: section 3.2, 901: at most 64 characters of 20–7E. It goes to logs and screens. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?').slice(0, 64);
}

/** The last seven digits agree, or all where there are fewer. SPEC: section 8.4, for an answer in another number plan. */
function isSameDestination(answered: string, asked: string): boolean {
  if (answered === asked) return true;
  const lastDigits = (address: string) => address.replaceAll(/[+-]/g, '').slice(-7);
  return lastDigits(answered) === lastDigits(asked);
}

function answerFault(code: Fault['code'], message: string): SubmitAnswer {
  return { type: 'fault', fault: { code, message } };
}
