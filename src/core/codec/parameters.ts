/**
 * The table of parameters: what each code is called and what its value may hold. Which operation carries which one is
 * `operations.ts`; the check against this table is `parameter-value.ts`. Source: docs/reference/cimd2.md sections 3.1–3.5.
 */

/**
 * Kinds of value. SPEC: section 3.1. `unspecified` are the obsolete ones of section 3.5, whose values no source gives.
 */
export type ValueType = 'integer' | 'address' | 'hex' | 'user-data' | 'string' | 'time' | 'unspecified';

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ParameterInfo {
  /** 0–999 */
  readonly code: number;
  readonly name: string;
  readonly type: ValueType;
  /** Most characters on the wire, in a short message; for a time the exact number. Undefined: no source says. */
  readonly maxLength: number | undefined;
  /** What is accepted of an integer, both ends included. Undefined for the other types. */
  readonly range: Range | undefined;
  /** What is emitted, where that is narrower than what is accepted. */
  readonly emitRange: Range | undefined;
  /** Characters that a string must not hold, although its type has them. */
  readonly forbidden: string;
  /** Where in docs/reference/cimd2.md it is described best. */
  readonly section: string;
  /** Named only to be ignored: accepted, never emitted. SPEC: section 3.5. */
  readonly isDeprecated: boolean;
  /** Never shown or logged, by nobody. */
  readonly isSecret: boolean;
}

export const parameters: readonly ParameterInfo[] = [
  string(10, 'user identity', 32, { forbidden: ' ' }),
  string(11, 'password', 32, { forbidden: ' ', isSecret: true }),
  // SPEC: section 12. Three digits by length, 0–9 by range: the longer is accepted, the narrower emitted.
  integer(12, 'subaddress', 3, 0, 999, { emitRange: { from: 0, to: 9 } }),
  integer(19, 'window size', 3, 1, 128, { section: '5.1' }),
  address(21, 'destination address'),
  address(23, 'originating address'),
  address(26, 'originating IMSI'),
  // SPEC: section 3.3, the six characters that the vendor forbids.
  string(27, 'alphanumeric originating address', 11, { forbidden: '$@]_`}', section: '3.3' }),
  address(28, 'originated visited MSC address'),
  integer(30, 'data coding scheme', 3, 0, 255, { section: '7.6' }),
  hex(32, 'user data header', { section: '7.8' }),
  entry(33, 'user data', 'user-data', 480, { section: '7.1' }),
  hex(34, 'user data binary', { section: '7.7' }),
  deprecated(41, 'transport type'),
  deprecated(42, 'message type'),
  integer(44, 'more messages to send', 1, 0, 1),
  deprecated(45, 'operation timer'),
  deprecated(46, 'dialogue ID'),
  deprecated(47, 'USSD phase'),
  deprecated(48, 'service code'),
  integer(50, 'validity period relative', 3, -1, 255, { section: '3.4' }),
  time(51, 'validity period absolute'),
  integer(52, 'protocol identifier', 3, 0, 255),
  integer(53, 'first delivery time relative', 3, -1, 255, { section: '3.4' }),
  time(54, 'first delivery time absolute'),
  integer(55, 'reply path', 1, 0, 1),
  integer(56, 'status report request', 3, 0, 127, { section: '8.1' }),
  integer(58, 'cancel enabled', 1, 0, 1),
  integer(59, 'cancel mode', 1, 0, 2, { section: '2.7' }),
  time(60, 'service centre time stamp', { section: '8.4' }),
  integer(61, 'status code', 2, 0, 9, { section: '8.2' }),
  integer(62, 'status error code', 3, 0, 999, { section: '8.3' }),
  time(63, 'discharge time'),
  integer(64, 'tariff class', 2, 0, 99),
  integer(65, 'service description', 2, 0, 99),
  integer(66, 'message count', 3, 0, 999),
  integer(67, 'priority', 1, 1, 9),
  integer(68, 'delivery request mode', 1, 0, 2, { section: '2.6' }),
  address(69, 'service center address'),
  integer(500, 'get parameter', 3, 501, 999, { section: '2.8' }),
  time(501, 'SMS Center time', { section: '2.8' }),
  integer(900, 'error code', 3, 0, 999, { section: '9' }),
  string(901, 'error text', 64),
];

const byCode = new Map(parameters.map((parameter) => [parameter.code, parameter]));

/** The row of that code; undefined where no source knows it. */
export function findParameter(code: number): ParameterInfo | undefined {
  return byCode.get(code);
}

/** `destination address`; `unknown parameter` where no source knows the code. */
export function parameterName(code: number): string {
  return byCode.get(code)?.name ?? 'unknown parameter';
}

/** `021`: three digits as on the wire and in every text. */
export function formatParameterCode(code: number): string {
  return String(code).padStart(3, '0');
}

type Rest = Partial<Pick<ParameterInfo, 'emitRange' | 'forbidden' | 'section' | 'isDeprecated' | 'isSecret' | 'range'>>;

function entry(
  code: number,
  name: string,
  type: ValueType,
  maxLength: number | undefined,
  rest: Rest = {},
): ParameterInfo {
  return {
    code,
    name,
    type,
    maxLength,
    range: rest.range,
    emitRange: rest.emitRange,
    forbidden: rest.forbidden ?? '',
    section: rest.section ?? '3.2',
    isDeprecated: rest.isDeprecated ?? false,
    isSecret: rest.isSecret ?? false,
  };
}

function integer(code: number, name: string, digits: number, from: number, to: number, rest: Rest = {}): ParameterInfo {
  return entry(code, name, 'integer', digits, { ...rest, range: { from, to } });
}

function address(code: number, name: string): ParameterInfo {
  return entry(code, name, 'address', 20);
}

/** 140 octets; the longer form of USSD centres (section 3.2) is not ours. */
function hex(code: number, name: string, rest: Rest): ParameterInfo {
  return entry(code, name, 'hex', 280, rest);
}

function string(code: number, name: string, maxLength: number, rest: Rest = {}): ParameterInfo {
  return entry(code, name, 'string', maxLength, rest);
}

function time(code: number, name: string, rest: Rest = {}): ParameterInfo {
  return entry(code, name, 'time', 12, rest);
}

function deprecated(code: number, name: string): ParameterInfo {
  return entry(code, name, 'unspecified', undefined, { section: '3.5', isDeprecated: true });
}
