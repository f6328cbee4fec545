/** One message that came to nothing, as an error with remedy and exit status; whole results have a document instead. */
import { type ErrorCode, OperatorError } from '../../core/base/errors.ts';
import { refusalWords } from '../cimd2/refusal-words.ts';
import { exitStatus } from '../exit-status.ts';
import { type MessageOutcome, type MessageStatus, statusOf } from './outcome.ts';

/** Found before anything was connected. @param code USAGE_BAD_VALUE where nothing else fits */
export function sendUsageError(message: string, hint: string, code: ErrorCode = 'USAGE_BAD_VALUE'): OperatorError {
  return new OperatorError({ code, message: `${message} Nothing was sent.`, hint });
}

/** Undefined where something was accepted: then the result says more than an error could. */
export function errorOf(message: MessageOutcome, wait: 'accepted' | 'delivered'): OperatorError | undefined {
  const status: MessageStatus = statusOf(message, wait);
  if (message.parts.some((part) => part.type === 'accepted')) return undefined;
  for (const part of message.parts) {
    if (part.type === 'unknown' && status === 'unknown') return unknownOutcome(part.reason);
    if (part.type === 'refused' && status === 'refused') {
      return refusedSubmit(part.errorCode, part.meaning, part.retryable);
    }
  }
  return new OperatorError({
    code: 'SESSION_LOST',
    message: 'The session ended before the message was sent.',
    hint: 'Send it again.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}

function refusedSubmit(errorCode: number, meaning: string, retryable: boolean): OperatorError {
  const again = retryable ? 'Send it again in a while.' : 'Sending the same again will be refused again.';
  return new OperatorError({
    code: 'SMSC_REFUSED',
    message: `The SMSC refused the message: ${refusalWords(errorCode, meaning)}.`,
    hint: refusalHints[errorCode] ?? again,
    exitStatus: exitStatus.refused,
    retryable,
  });
}

function unknownOutcome(reason: string): OperatorError {
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `The message was sent, but nobody can say whether the SMSC took it: ${reason.replace(/\.$/, '')}.`,
    hint: 'Do not repeat it blindly: the handset may get it twice. A status report or the SMSC operator can tell.',
    exitStatus: exitStatus.outcomeUnknown,
  });
}

/** SPEC: docs/reference/cimd2.md section 9; what a sender can do about it with the flags of this command. */
const refusalHints: Readonly<Record<number, string>> = {
  300: 'Check the number; this SMSC may want it with + and country code, or only numbers it serves.',
  301: 'This SMSC takes fewer destinations in one submit: send to one at a time.',
  302: 'The SMSC does not take these characters; try --coding ucs2.',
  303: 'Text, --header and coding do not go together for this SMSC; try without --header.',
  304: 'This SMSC does not take that coding scheme: leave out --dcs, --class and --flash.',
  305: 'Leave out --validity, or give another: accounts limit how long the SMSC may try.',
  306: 'Leave out --from, or give one that the account may use.',
  307: 'Leave out --pid.',
  308: 'Leave out --first-delivery, or give another time.',
  309: 'This account may not ask for the reply path: leave out --reply-path.',
  310: 'This account may not ask for status reports: leave out --report, --report-bits and --wait delivered.',
  312: 'This account may not choose that priority: leave out --priority.',
  321: 'This account may not use a name as originator: leave out --alphanumeric.',
  322: 'Choose a name of letters, digits and spaces, 11 at most.',
};
