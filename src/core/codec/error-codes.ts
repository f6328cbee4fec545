/**
 * The table of error codes, values of parameter 900: what each means, where it occurs, and whether asking again can
 * help. Which one a server chooses for a faulty parameter is `fault-codes.ts`; the fate of messages (061, 062) is
 * `status-codes.ts`. Source: docs/reference/cimd2.md sections 2.9 and 9.
 */

/**
 * Whether the same request can succeed when it is sent again. `no`: mend request or configuration first. `later`: with
 * back-off. `maybe`: the outcome is unknown or it depends. `final`: the message is refused for good. `none`: there is
 * nothing to repeat. SPEC: section 9, a recommendation; the vendor gives only code and text.
 */
export type RetryClass = 'no' | 'later' | 'maybe' | 'final' | 'none';

export interface CimdError {
  /** 0–999, not to be confused with parameter 900. */
  readonly code: number;
  /** Request code of the operation that it is an answer to; undefined: any. */
  readonly operation: number | undefined;
  /** Fits the 64 characters of 901. */
  readonly meaning: string;
  readonly retry: RetryClass;
}

const login = 1;
const submit = 3;
const enquire = 4;
const deliveryRequest = 5;
const cancel = 6;
const set = 8;
const get = 9;
const deliver = 20;

export const cimdErrors: readonly CimdError[] = [
  row(0, undefined, 'no error', 'none'),
  row(1, undefined, 'unexpected operation', 'no'),
  row(2, undefined, 'syntax error', 'no'),
  row(3, undefined, 'unsupported parameter', 'no'),
  row(4, undefined, 'front end lost its connection to the SMS centre', 'later'),
  row(5, undefined, 'SMS centre did not respond; may have been processed', 'maybe'),
  row(6, undefined, 'general system error', 'later'),
  row(7, undefined, 'cannot find information', 'no'),
  row(8, undefined, 'parameter formatting error', 'no'),
  row(9, undefined, 'requested operation failed', 'maybe'),
  row(10, undefined, 'temporary congestion', 'later'),
  row(100, login, 'invalid login', 'no'),
  row(101, login, 'incorrect access type', 'no'),
  row(102, login, 'too many users with this login ID', 'later'),
  row(103, login, 'login refused by the SMS centre', 'later'),
  row(104, login, 'invalid window size', 'no'),
  row(105, login, 'windowing disabled', 'no'),
  row(106, login, 'virtual SMS centre barring', 'no'),
  row(107, login, 'invalid subaddress', 'no'),
  row(108, login, 'alias account, login refused', 'no'),
  row(300, submit, 'incorrect destination address', 'no'),
  row(301, submit, 'incorrect number of destination addresses', 'no'),
  row(302, submit, 'syntax error in user data', 'no'),
  row(303, submit, 'bad combination of binary / header / normal user data', 'no'),
  row(304, submit, 'incorrect DCS usage', 'no'),
  row(305, submit, 'incorrect validity period usage', 'no'),
  row(306, submit, 'incorrect originator address usage', 'no'),
  row(307, submit, 'incorrect PID usage', 'no'),
  row(308, submit, 'incorrect first delivery time usage', 'no'),
  row(309, submit, 'incorrect reply path usage', 'no'),
  row(310, submit, 'incorrect status report request usage', 'no'),
  row(311, submit, 'incorrect cancel enabled usage', 'no'),
  row(312, submit, 'incorrect priority usage', 'no'),
  row(313, submit, 'incorrect tariff class usage', 'no'),
  row(314, submit, 'incorrect service description usage', 'no'),
  row(315, submit, 'incorrect transport type usage (USSD)', 'no'),
  row(316, submit, 'incorrect message type usage (USSD)', 'no'),
  // 317 is not assigned in any source.
  row(318, submit, 'incorrect "more messages to send" usage', 'no'),
  row(319, submit, 'incorrect operation timer usage (USSD)', 'no'),
  row(320, submit, 'incorrect dialogue ID usage (USSD)', 'no'),
  row(321, submit, 'incorrect alphanumeric originator usage', 'no'),
  row(322, submit, 'invalid data in alphanumeric originator', 'no'),
  row(323, submit, 'online closed user group rejection', 'no'),
  row(324, submit, 'licence exceeded', 'later'),
  row(400, enquire, 'incorrect address usage', 'no'),
  row(401, enquire, 'incorrect time stamp usage', 'no'),
  row(500, deliveryRequest, 'incorrect time stamp usage', 'no'),
  row(501, deliveryRequest, 'incorrect mode', 'no'),
  row(502, deliveryRequest, 'incorrect parameter combination', 'no'),
  row(600, cancel, 'incorrect time stamp usage', 'no'),
  row(601, cancel, 'incorrect address usage', 'no'),
  row(602, cancel, 'incorrect mode', 'no'),
  row(603, cancel, 'incorrect parameter combination', 'no'),
  row(700, deliver, 'accepted, waiting for delivery', 'none'),
  row(710, deliver, 'generic failure', 'final'),
  row(711, deliver, 'unsupported DCS', 'final'),
  row(712, deliver, 'unsupported UDH', 'final'),
  row(730, deliver, 'unknown subscriber', 'final'),
  row(800, set, 'changing password failed', 'maybe'),
  row(801, set, 'changing password not allowed', 'no'),
  row(900, get, 'unsupported item requested', 'no'),
];

const byCode = new Map(cimdErrors.map((error) => [error.code, error]));

/** The row of that code; undefined where no source knows it. */
export function findCimdError(code: number): CimdError | undefined {
  return byCode.get(code);
}

/** The usual text of 901: at most 64 printable characters. */
export function cimdErrorMeaning(code: number): string {
  return byCode.get(code)?.meaning ?? 'unknown error code';
}

/** SPEC: section 9. Of the unknown codes those below 100 are worth a few more attempts, the others are not. */
export function retryClass(code: number): RetryClass {
  return byCode.get(code)?.retry ?? (code < 100 ? 'later' : 'no');
}

/**
 * A value of 900 as a number. Tolerant: digits count, and what follows them does not. SPEC: section 9.
 *
 * @returns 0 or more; undefined where it does not begin with a digit
 */
export function parseErrorCode(value: string): number | undefined {
  const digits = /^[0-9]+/.exec(value)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** What an SMSC makes of the 900 in an answer to a deliver (70). SPEC: section 2.9. */
export type DeliverOutcome = 'delivered' | 'waiting' | 'failed' | 'keep';

const deliverRanges = [
  { from: 700, to: 709, outcome: 'waiting' },
  { from: 710, to: 750, outcome: 'failed' },
] as const;

/** @param code the 900 of the answer; undefined where it has none, which means delivered, as does 0 (section 9) */
export function deliverOutcome(code: number | undefined): DeliverOutcome {
  if (code === undefined || code === 0) return 'delivered';
  return deliverRanges.find((range) => code >= range.from && code <= range.to)?.outcome ?? 'keep';
}

function row(code: number, operation: number | undefined, meaning: string, retry: RetryClass): CimdError {
  return { code, operation, meaning, retry };
}
