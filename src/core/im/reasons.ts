/**
 * Why a text failed, in words for the person who wrote it, and what that person can do. Only the words: which code means what
 * to the bridge is decided where the code is met. SPEC: reference sections 8.2, 8.3 and 9.
 */
import type { Outcome } from '../ring/outcome.ts';
import type { StepReason } from './text.ts';

/** What the sender can do. */
const advices = {
  check: 'Check the number.',
  'check-or-later': 'Check the number; if it is right, try again later.',
  later: 'Try again later.',
  otherwise: 'Reach this person in another way.',
  reword: 'Write it without unusual characters.',
  ask: 'It may have arrived; ask before you send it again.',
  operator: 'Tell whoever runs this server.',
} as const;

type Why = readonly [words: string, advice: keyof typeof advices];

/** Error codes (900) that a submit can be refused with. SPEC: reference section 9. */
const refusals: Readonly<Record<number, Why>> = {
  1: ['the SMSC did not expect this', 'operator'],
  2: ['the SMSC found a syntax error', 'operator'],
  3: ['the SMSC does not support a parameter', 'operator'],
  4: ['the SMSC could not be reached by its front end', 'later'],
  5: ['the SMSC did not respond', 'ask'],
  6: ['general error at the SMSC', 'later'],
  8: ['the SMSC found a formatting error', 'operator'],
  9: ['the SMSC rejected it', 'check-or-later'],
  10: ['the SMSC is congested', 'later'],
  300: ['the number is not valid', 'check'],
  301: ['the SMSC takes no such number of destinations', 'operator'],
  302: ['the SMSC cannot read the text', 'reword'],
  303: ['the SMSC cannot read the text', 'reword'],
  304: ['the SMSC does not know these characters', 'reword'],
  305: ['the validity is not allowed', 'operator'],
  306: ['the sender number is not allowed', 'operator'],
  310: ['status reports are not allowed', 'operator'],
  321: ['the sender name is not allowed', 'operator'],
  322: ['the sender name is not valid', 'operator'],
  323: ['barred by a closed user group', 'operator'],
  324: ['the licence of the SMSC is exceeded', 'later'],
};

/** Status codes (061) that are not the last word. SPEC: reference section 8.2. */
const temporaryStatuses: Readonly<Record<number, string>> = {
  0: 'the SMSC knows nothing of it yet',
  1: 'the SMSC is still trying',
  5: 'the phone has not answered yet',
};

/** Status codes (061) of a text that did not arrive. Of 3 the error (062) says all there is. */
const finalStatuses: Readonly<Record<number, Why>> = {
  2: ['its time was over before it could be brought to the phone', 'later'],
  3: ['the SMSC could not bring it to the phone', 'later'],
  6: ['the phone never answered', 'later'],
  7: ['it was cancelled at the SMSC', 'later'],
  8: ['it was deleted at the SMSC', 'operator'],
  9: ['it was cancelled at the SMSC', 'later'],
};

/** Error codes of a report (062). SPEC: reference section 8.3. */
const reportErrors: Readonly<Record<number, Why>> = {
  1: ['the network does not know this number', 'check'],
  9: ['the network does not serve this phone', 'otherwise'],
  11: ['this number takes no short messages', 'otherwise'],
  13: ['messages to this number are barred', 'otherwise'],
  15: ['this number takes messages from its own group only', 'otherwise'],
  19: ['the phone cannot receive short messages', 'otherwise'],
  20: ['the phone reported an error', 'later'],
  21: ['the network does not support this', 'operator'],
  22: ['the phone has no memory left', 'later'],
  29: ['the phone is off or out of reach', 'later'],
  30: ['the phone is busy', 'later'],
  36: ['the network failed', 'later'],
  44: ['the network does not serve this phone', 'otherwise'],
  60: ['the phone does not answer', 'later'],
  61: ['the network is congested', 'later'],
  63: ['the network does not answer', 'later'],
  64: ['the network does not answer', 'later'],
  70: ['the network failed', 'later'],
  72: ['the network is congested', 'later'],
  75: ['the phone cannot be reached at the moment', 'later'],
  80: ['the phone does not answer', 'later'],
  81: ['the phone is off or out of reach', 'later'],
  82: ['the phone is abroad where it gets no messages', 'later'],
  83: ['the phone is not registered', 'later'],
  84: ['the phone is not registered', 'later'],
  85: ['the phone does not answer', 'later'],
  86: ['the phone is not registered', 'later'],
  87: ['the phone is not registered', 'later'],
  88: ['the phone is not registered', 'later'],
  89: ['the network does not know this number', 'check'],
  90: ['the network does not know this number', 'check'],
  112: ['the account of the sender has no credit', 'operator'],
  113: ['the account of this number has no credit', 'otherwise'],
  114: ['the prepaid system failed', 'later'],
};

/** @param errorCode 900 of the SMSC's answer */
export function reasonOfRefusal(errorCode: number): StepReason {
  const [words, advice] = refusals[errorCode] ?? ['the SMSC refused it', 'operator'];
  return { words, code: `900:${errorCode}`, advice: advices[advice] };
}

/** @param status 061, but for 4 @param error 062 */
export function reasonOfReport(status: number, error: number | undefined): StepReason {
  const code = error === undefined ? `061:${status}` : `061:${status} 062:${error}`;
  const detail = error === undefined ? undefined : reportErrors[error];
  const temporary = temporaryStatuses[status];
  if (temporary !== undefined) return { words: joined(temporary, detail), code };
  const [words, advice] = finalStatuses[status] ?? ['it was not delivered', 'later'];
  if (detail === undefined) return { words, code, advice: advices[advice] };
  return { words: status === 3 ? detail[0] : joined(words, detail), code, advice: advices[detail[1]] };
}

function joined(words: string, detail: Why | undefined): string {
  return detail === undefined ? words : `${words}: ${detail[0]}`;
}

export const expiredReason: StepReason = {
  words: 'it could not be sent in time',
  code: 'expired',
  advice: 'Try again.',
};
export const inDoubtReason: StepReason = {
  words: 'the SMSC did not say whether it took the message',
  code: 'in-doubt',
};
export const noReportReason: StepReason = { words: 'no report came before its time was over', code: 'no-report' };
export const blockedReason: StepReason = {
  words: 'the receiver does not take messages from you',
  code: 'IM_BLOCKED',
};
export const stoppedReason: StepReason = {
  words: 'the receiver asked for no more messages',
  code: 'IM_HANDSET_STOPPED',
  advice: advices.otherwise,
};
export const noRouteReason: StepReason = {
  words: 'no SMSC serves this number',
  code: 'IM_NO_ROUTE',
  advice: 'Check the number; if it is right, tell whoever runs this server.',
};

/** A message that was tried again after doubt and then ended badly: the first attempt may have arrived. */
export function reasonAfterDoubt(outcome: Outcome): StepReason {
  const { words, code } = outcome.status === 'expired' ? expiredReason : reasonOfRefusal(outcome.errorCode);
  return { words: `may have been sent before: ${words}`, code };
}

/** A bad report of a message that may have been submitted twice: the other copy may have arrived. */
export function reasonOfOneCopy({ words, code }: StepReason): StepReason {
  return { words: `may have been sent twice: ${words}`, code };
}

/** `the number is not valid (900:300). Check the number.` */
export function reasonWords({ words, code, advice }: StepReason): string {
  return `${words} (${code})${advice === undefined ? '' : `. ${advice}`}`;
}
