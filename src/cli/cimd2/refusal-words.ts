/**
 * What a 900 says, in words that help: its meaning, whether the same again can succeed, and where that is written.
 * SPEC: docs/reference/cimd2.md section 9; 2.9 for what an application answers to a deliver.
 */
import { cimdErrorMeaning, findCimdError, type RetryClass, retryClass } from '../../core/codec/error-codes.ts';

const deliver = 20;

const retryWords: Readonly<Record<RetryClass, string>> = {
  no: 'the same again will be refused again',
  later: 'worth another try in a while',
  maybe: 'it may have been done all the same',
  final: 'refused for good',
  none: 'nothing to repeat',
};

/**
 * `300, incorrect destination address: the same again will be refused again (section 9)`
 *
 * @param text the SMSC's own words (901), where it has some
 */
export function refusalWords(code: number, text?: string): string {
  return `${code}, ${text ?? cimdErrorMeaning(code)}: ${retryWords[retryClass(code)]} (section ${refusalSection(code)})`;
}

/** Of docs/reference/cimd2.md. */
export function refusalSection(code: number): string {
  return findCimdError(code)?.operation === deliver ? '2.9' : '9';
}
