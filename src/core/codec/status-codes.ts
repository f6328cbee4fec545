/**
 * The tables of a message's fate: status (061), reason (062), and the events that a submit can ask to be told of (056).
 * Source: docs/reference/cimd2.md sections 8.1–8.3.
 */

export interface StatusCode {
  /** Value of 061, 0–9. */
  readonly code: number;
  readonly name: string;
  /** Nothing else will be said of the message. SPEC: section 8.2; for 5 and 6 inferred from their names. */
  readonly isFinal: boolean;
  /** Bits of 056 of which one must be set for this status to be reported; 0: it never is. */
  readonly reportBits: number;
}

export const statusCodes: readonly StatusCode[] = [
  { code: 0, name: 'no status available', isFinal: false, reportBits: 0 },
  { code: 1, name: 'in process', isFinal: false, reportBits: 1 | 64 },
  { code: 2, name: 'validity period expired', isFinal: true, reportBits: 2 },
  { code: 3, name: 'delivery failed', isFinal: true, reportBits: 4 },
  { code: 4, name: 'delivery successful', isFinal: true, reportBits: 8 },
  { code: 5, name: 'no response', isFinal: false, reportBits: 1 | 64 },
  { code: 6, name: 'last no response', isFinal: true, reportBits: 4 },
  { code: 7, name: 'message cancelled', isFinal: true, reportBits: 16 },
  { code: 8, name: 'message deleted', isFinal: true, reportBits: 32 },
  { code: 9, name: 'message deleted by cancel', isFinal: true, reportBits: 16 },
];

/** 056: the final events, and those alone. SPEC: section 8.1. */
export const allFinalReports = 62;

/** `permanent`: do not try again. `account`: a matter of money. SPEC: section 8.3, an interpretation. */
export type StatusErrorClass = 'none' | 'permanent' | 'temporary' | 'account' | 'ussd';

export interface StatusError {
  /** Value of 062, 0–999. */
  readonly code: number;
  readonly meaning: string;
  readonly class: StatusErrorClass;
}

export const statusErrors: readonly StatusError[] = [
  { code: 0, meaning: 'no error', class: 'none' },
  { code: 1, meaning: 'unknown subscriber', class: 'permanent' },
  { code: 9, meaning: 'illegal subscriber', class: 'permanent' },
  { code: 11, meaning: 'teleservice not provisioned', class: 'permanent' },
  { code: 13, meaning: 'call barred', class: 'permanent' },
  { code: 15, meaning: 'closed user group reject (OCUG)', class: 'permanent' },
  { code: 19, meaning: 'no SMS support in mobile station', class: 'permanent' },
  { code: 20, meaning: 'error in mobile station', class: 'temporary' },
  { code: 21, meaning: 'facility not supported', class: 'permanent' },
  { code: 22, meaning: 'memory capacity exceeded', class: 'temporary' },
  { code: 29, meaning: 'absent subscriber', class: 'temporary' },
  { code: 30, meaning: 'MS busy for MT SMS', class: 'temporary' },
  { code: 36, meaning: 'network / protocol failure', class: 'temporary' },
  { code: 44, meaning: 'illegal equipment', class: 'permanent' },
  { code: 60, meaning: 'no paging response', class: 'temporary' },
  { code: 61, meaning: 'GMSC congestion', class: 'temporary' },
  { code: 63, meaning: 'HLR timeout', class: 'temporary' },
  { code: 64, meaning: 'MSC/SGSN timeout', class: 'temporary' },
  { code: 70, meaning: 'SMRSE/TCP error', class: 'temporary' },
  { code: 72, meaning: 'MT congestion', class: 'temporary' },
  { code: 75, meaning: 'GPRS suspended', class: 'temporary' },
  { code: 80, meaning: 'no paging response via MSC', class: 'temporary' },
  { code: 81, meaning: 'IMSI detached', class: 'temporary' },
  { code: 82, meaning: 'roaming restriction', class: 'temporary' },
  { code: 83, meaning: 'deregistered in HLR for GSM', class: 'temporary' },
  { code: 84, meaning: 'purged for GSM', class: 'temporary' },
  { code: 85, meaning: 'no paging response via SGSN', class: 'temporary' },
  { code: 86, meaning: 'GPRS detached', class: 'temporary' },
  { code: 87, meaning: 'deregistered in HLR for GPRS', class: 'temporary' },
  { code: 88, meaning: 'purged for GPRS', class: 'temporary' },
  { code: 89, meaning: 'unidentified subscriber via MSC', class: 'permanent' },
  { code: 90, meaning: 'unidentified subscriber via SGSN', class: 'permanent' },
  { code: 112, meaning: 'originator has no prepaid credit', class: 'account' },
  { code: 113, meaning: 'destination has no prepaid credit', class: 'account' },
  { code: 114, meaning: 'error in prepaid system', class: 'temporary' },
  // Release causes of old USSD centre connections.
  { code: 750, meaning: 'call barred', class: 'ussd' },
  { code: 751, meaning: 'system failure', class: 'ussd' },
  { code: 752, meaning: 'data missing', class: 'ussd' },
  { code: 753, meaning: 'unexpected data value', class: 'ussd' },
  { code: 754, meaning: 'absent subscriber', class: 'ussd' },
  { code: 755, meaning: 'illegal subscriber', class: 'ussd' },
  { code: 756, meaning: 'illegal equipment', class: 'ussd' },
  { code: 757, meaning: 'unknown alphabet', class: 'ussd' },
  { code: 758, meaning: 'USSD busy', class: 'ussd' },
  { code: 759, meaning: 'operation timer expired', class: 'ussd' },
  { code: 760, meaning: 'unexpected primitive', class: 'ussd' },
  { code: 761, meaning: 'wait timer expired', class: 'ussd' },
  { code: 762, meaning: 'data error', class: 'ussd' },
  { code: 763, meaning: 'USSD data too long', class: 'ussd' },
  { code: 764, meaning: 'unknown MS address', class: 'ussd' },
  { code: 765, meaning: 'network congestion', class: 'ussd' },
  { code: 766, meaning: 'internal congestion', class: 'ussd' },
  { code: 767, meaning: 'no network connection', class: 'ussd' },
  { code: 768, meaning: 'USSD not supported', class: 'ussd' },
];

const statusByCode = new Map(statusCodes.map((status) => [status.code, status]));
const errorByCode = new Map(statusErrors.map((error) => [error.code, error]));

export function findStatusCode(code: number): StatusCode | undefined {
  return statusByCode.get(code);
}

export function findStatusError(code: number): StatusError | undefined {
  return errorByCode.get(code);
}

/** Whether a submit that asked with `requested` (056) is to be told of that status. */
export function isReportWanted(status: number, requested: number): boolean {
  return ((statusByCode.get(status)?.reportBits ?? 0) & requested) !== 0;
}
