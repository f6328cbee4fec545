/** A request that is refused: the code for the wire, and for people what was wrong and where that is written. */
import { cimdErrorMeaning } from '../../codec/error-codes.ts';
import type { Parameter } from '../../codec/packet.ts';
import type { ParameterProblem } from '../../codec/validate.ts';

export interface Refusal {
  /** Value of 900. */
  readonly errorCode: number;
  /** One sentence, without values of parameters. */
  readonly reason: string;
  /** Of docs/reference/cimd2.md. */
  readonly section: string;
}

export function refusal(errorCode: number, reason: string, section: string): Refusal {
  return { errorCode, reason, section };
}

export function refusalFor({ errorCode, message, section }: ParameterProblem): Refusal {
  return { errorCode, reason: message, section };
}

/** SPEC: section 3.2: 901 is at most 64 printable characters, which the table of errors keeps to. */
export function refusalParameters(errorCode: number): readonly Parameter[] {
  return [
    { code: 900, value: String(errorCode) },
    { code: 901, value: cimdErrorMeaning(errorCode) },
  ];
}
