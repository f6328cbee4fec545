/** What a line of `cimd2 shell` can fail with, each with the exit status of a script that it ends. */
import { type ErrorCode, OperatorError } from '../../../core/base/errors.ts';
import { formatDuration } from '../../duration.ts';
import { exitStatus } from '../../exit-status.ts';

export function notConnected(reason: string): OperatorError {
  return new OperatorError({
    code: 'PEER_UNREACHABLE',
    message: `There is no connection (${reason.replace(/\.$/, '')}). Nothing was sent.`,
    hint: 'login logs in again, connect only connects.',
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}

export function noAnswer(waitedMs: number): OperatorError {
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `No answer within ${formatDuration(waitedMs)}, and the window has no place for another request.`,
    hint: 'repeat sends the same bytes again, cut ends the connection; --timeout says how long to wait.',
    exitStatus: exitStatus.outcomeUnknown,
  });
}

/** A line that cannot be carried out as it is. */
export function badLine(message: string, code: ErrorCode = 'USAGE_BAD_VALUE'): OperatorError {
  return new OperatorError({ code, message, hint: 'help says how it is typed.', exitStatus: exitStatus.usage });
}

/** A variable without a value yet: the script counted on a submit that was not accepted. */
export function checkFailed(message: string, hint: string): OperatorError {
  return new OperatorError({ code: 'CHECK_FAILED', message, hint, exitStatus: exitStatus.checkFailed });
}

export function interrupted(): OperatorError {
  return new OperatorError({
    code: 'USAGE_INTERRUPTED',
    message: 'Interrupted.',
    hint: 'Run it again when ready.',
    exitStatus: exitStatus.interrupted,
  });
}
