/** What came of injected texts, and what the command ends with. Rules: CLI.md, exit status. */
import { OperatorError } from '../core/base/errors.ts';
import { exitStatus } from './exit-status.ts';

export interface InjectSummary {
  readonly count: number;
  readonly answered: number;
  readonly refused: number;
  /** Taken by the SMSC and not answered in time. */
  readonly waiting: number;
  /** Applications logged in at the end. */
  readonly sessions: number;
  /** How often each 900 refused one; `0` stands for the SMSC itself, which would not take the text. */
  readonly errorCodes: Readonly<Record<string, number>>;
  /** Why the first one was refused; empty if none was. */
  readonly firstReason: string;
  readonly ms: number;
}

export function exitStatusOf({ count, answered, refused, waiting }: InjectSummary): number {
  if (answered === count) return exitStatus.done;
  if (refused === count) return exitStatus.refused;
  return waiting === count ? exitStatus.outcomeUnknown : exitStatus.partlyDone;
}

/** The error of a single text that was not answered positively. */
export function refusalOf(summary: InjectSummary): OperatorError | undefined {
  if (summary.refused > 0) return refusedError(summary);
  return summary.waiting > 0 ? waitingError(summary) : undefined;
}

function refusedError({ errorCodes, firstReason }: InjectSummary): OperatorError {
  const errorCode = Object.keys(errorCodes)[0] ?? '0';
  const bySmsc = errorCode === '0';
  return new OperatorError({
    code: 'SMSC_REFUSED',
    message: bySmsc
      ? `The SMSC did not take the text: ${firstReason}`
      : `The application refused it with error ${errorCode}: ${firstReason}.`,
    hint: bySmsc
      ? 'Check --from and --to against the number that `smsc start` was given.'
      : 'Error codes of answers to a delivery are in docs/reference/cimd2.md, section 9.',
    exitStatus: exitStatus.refused,
  });
}

function waitingError({ sessions, ms }: InjectSummary): OperatorError {
  const seconds = Math.round(ms / 100) / 10;
  if (sessions === 0) {
    return new OperatorError({
      code: 'SMSC_NO_SESSION',
      message: `No application is logged in to take it, and none came within ${seconds} s. The SMSC keeps the message.`,
      hint: 'Start a client of the account; it gets the message after its login. Do not inject it again.',
      exitStatus: exitStatus.outcomeUnknown,
    });
  }
  return new OperatorError({
    code: 'SMSC_NO_ANSWER',
    message: `The application has not answered within ${seconds} s. The SMSC keeps the message and goes on offering it.`,
    hint: 'A full ring answers when it has room: see `ring inspect`. Do not inject it again.',
    exitStatus: exitStatus.outcomeUnknown,
  });
}
