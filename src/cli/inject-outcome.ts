/** What came of injected texts, and what the command ends with. Rules: CLI.md, exit status. */
import { OperatorError } from '../core/base/errors.ts';
import { exitStatus } from './exit-status.ts';

export interface InjectSummary {
  readonly count: number;
  readonly answered: number;
  readonly refused: number;
  /** Taken by the SMSC and not answered in time. */
  readonly waiting: number;
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
export function refusalOf({ refused, waiting, errorCodes, firstReason, ms }: InjectSummary): OperatorError | undefined {
  if (refused > 0) {
    const [errorCode] = Object.keys(errorCodes);
    const bySmsc = errorCode === undefined || errorCode === '0';
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
  if (waiting === 0) return undefined;
  return new OperatorError({
    code: 'SMSC_NO_ANSWER',
    message: `No application has answered within ${Math.round(ms / 1000)} s. The SMSC keeps the message and goes on offering it.`,
    hint: 'See whether a client of that account is logged in; a full ring answers when it has room. Do not inject it again.',
    exitStatus: exitStatus.outcomeUnknown,
  });
}
