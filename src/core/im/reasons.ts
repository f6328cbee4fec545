/**
 * Why a text failed, in words for the person who wrote it. Only the words: which code means what to the bridge is
 * decided where the code is met. SPEC: reference sections 8.2, 8.3 and 9.
 */
import type { Outcome } from '../ring/outcome.ts';
import type { StepReason } from './text.ts';

/** Error codes (900) that a submit can be refused with. SPEC: reference section 9. */
const refusals: Readonly<Record<number, string>> = {
  1: 'the SMSC did not expect this',
  2: 'the SMSC found a syntax error',
  3: 'the SMSC does not support a parameter',
  4: 'the SMSC could not be reached by its front end',
  5: 'the SMSC did not respond',
  6: 'general error at the SMSC',
  8: 'the SMSC found a formatting error',
  9: 'rejected by the SMSC',
  10: 'the SMSC is congested',
  300: 'the number is not valid',
  301: 'wrong number of destinations',
  302: 'the SMSC cannot read the text',
  303: 'the SMSC cannot read the text',
  304: 'the coding is not supported',
  305: 'the validity is not allowed',
  306: 'the sender number is not allowed',
  310: 'status reports are not allowed',
  321: 'the sender name is not allowed',
  322: 'the sender name is not valid',
  323: 'barred by a closed user group',
  324: 'the licence of the SMSC is exceeded',
};

/** Status codes (061) other than delivered. SPEC: reference section 8.2. */
const reportStatuses: Readonly<Record<number, string>> = {
  0: 'no status yet',
  1: 'still trying',
  5: 'no response yet',
  2: 'not delivered in time',
  3: 'delivery failed',
  6: 'no response',
  7: 'cancelled',
  8: 'deleted',
  9: 'deleted by a cancel',
};

/** Error codes of a report (062). SPEC: reference section 8.3. */
const reportErrors: Readonly<Record<number, string>> = {
  1: 'unknown subscriber',
  9: 'illegal subscriber',
  11: 'no short message service for this subscriber',
  13: 'call barred',
  15: 'rejected by a closed user group',
  19: 'the phone cannot receive short messages',
  20: 'error in the phone',
  21: 'not supported by the network',
  22: 'the phone has no memory left',
  29: 'the phone is off or out of reach',
  30: 'the phone is busy',
  36: 'network failure',
  44: 'illegal phone',
  60: 'the phone does not answer',
  61: 'congestion in the network',
  63: 'no answer from the network',
  64: 'no answer from the network',
  70: 'network failure',
  72: 'congestion in the network',
  80: 'the phone does not answer',
  81: 'the phone is off or out of reach',
  82: 'roaming restriction',
  83: 'the phone is not registered',
  84: 'the phone is not registered',
  85: 'the phone does not answer',
  86: 'the phone is not registered',
  87: 'the phone is not registered',
  88: 'the phone is not registered',
  89: 'unidentified subscriber',
  90: 'unidentified subscriber',
  112: 'the sender has no credit',
  113: 'the receiver has no credit',
  114: 'error in the prepaid system',
};

/** @param errorCode 900 of the SMSC's answer */
export function reasonOfRefusal(errorCode: number): StepReason {
  return { words: refusals[errorCode] ?? 'refused by the SMSC', code: `900:${errorCode}` };
}

/** @param status 061 @param error 062 */
export function reasonOfReport(status: number, error: number | undefined): StepReason {
  const code = error === undefined ? `061:${status}` : `061:${status} 062:${error}`;
  const words = reportStatuses[status] ?? 'delivery failed';
  const detail = error === undefined ? undefined : reportErrors[error];
  return { words: detail === undefined ? words : `${words}: ${detail}`, code };
}

export const expiredReason: StepReason = { words: 'could not be sent in time', code: 'expired' };
export const inDoubtReason: StepReason = {
  words: 'the SMSC did not say whether it took the message',
  code: 'in-doubt',
};
export const noReportReason: StepReason = { words: 'no report before its time was over', code: 'no-report' };
export const blockedReason: StepReason = { words: 'the receiver does not take messages from you', code: 'IM_BLOCKED' };
export const stoppedReason: StepReason = {
  words: 'the receiver asked for no more messages',
  code: 'IM_HANDSET_STOPPED',
};
export const noRouteReason: StepReason = { words: 'no SMSC serves this number', code: 'IM_NO_ROUTE' };

/** A message that was tried again after doubt and then ended badly: the first attempt may have arrived. */
export function reasonAfterDoubt(outcome: Outcome): StepReason {
  const reason = outcome.status === 'expired' ? expiredReason : reasonOfRefusal(outcome.errorCode);
  return { words: `may have been sent before: ${reason.words}`, code: reason.code };
}
