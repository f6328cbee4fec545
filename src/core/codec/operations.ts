/**
 * The table of operations: who asks, and which parameters a request, its positive and its negative answer carry. What a
 * parameter may hold is `parameters.ts`; when an operation is allowed is the session's. Source: docs/reference/cimd2.md
 * section 2.
 */

/** `conditional`: whether it must be there depends on others; the rule is in `combinations.ts`. */
export type Presence = 'mandatory' | 'optional' | 'conditional';

export interface ParameterUse {
  readonly code: number;
  readonly presence: Presence;
  readonly repeats: boolean;
}

export type Side = 'application' | 'smsc';

export interface Operation {
  /** 1–49, two digits on the wire. */
  readonly code: number;
  readonly name: string;
  /** SPEC: section 2.1, always the request's code + 50. */
  readonly responseCode: number;
  readonly requester: Side;
  readonly request: readonly ParameterUse[];
  readonly positive: readonly ParameterUse[];
  /** Tells itself apart from a positive one by its 900. Empty where the operation cannot be refused. */
  readonly negative: readonly ParameterUse[];
  /** Whether a request with any other parameter is refused, also where others are ignored elsewhere. */
  readonly refusesOthers: boolean;
  /** Of docs/reference/cimd2.md. */
  readonly section: string;
}

/** An answer that belongs to no operation: 98 and 99. */
export interface ErrorPacket {
  readonly code: number;
  readonly name: string;
  readonly senders: readonly Side[];
  readonly parameters: readonly ParameterUse[];
  readonly section: string;
}

/** 900 with its optional text: what makes an answer negative. */
const refusal = [must(900), may(901)];

export const operations: readonly Operation[] = [
  fromApplication(1, 'login', '2.2', { request: [must(10), must(11), may(12), may(19)], positive: [] }),
  fromApplication(2, 'logout', '2.2', { request: [], positive: [] }),
  fromApplication(3, 'submit message', '2.4', {
    request: [
      many(must(21)),
      may(23),
      may(27),
      may(30),
      may(32),
      depends(33),
      depends(34),
      may(44),
      may(50),
      may(51),
      may(52),
      may(53),
      may(54),
      may(55),
      may(56),
      may(58),
      may(64),
      may(65),
      may(67),
    ],
    // Per destination 021 followed by its 060, or by its 900: one answer may be both.
    positive: [many(must(21)), many(must(60))],
    negative: [many(may(21)), many(may(60)), many(must(900)), many(may(901))],
  }),
  fromApplication(4, 'enquire message status', '2.5', {
    request: [must(21), must(60)],
    positive: [must(21), must(60), must(61), may(62), must(63)],
  }),
  fromApplication(5, 'delivery request', '2.6', { request: [may(68)], positive: [depends(66)] }),
  fromApplication(6, 'cancel message', '2.7', { request: [must(59), depends(21), depends(60)], positive: [] }),
  // Nothing but the password can be set, and who tries to must be told.
  fromApplication(8, 'set', '2.8', { request: [must(11)], positive: [], refusesOthers: true }),
  fromApplication(9, 'get', '2.8', { request: [must(500)], positive: [must(501)] }),
  {
    code: 20,
    name: 'deliver message',
    responseCode: 70,
    requester: 'smsc',
    request: [
      must(21),
      must(23),
      must(60),
      may(32),
      depends(33),
      depends(34),
      may(52),
      may(30),
      may(26),
      may(28),
      may(69),
    ],
    positive: [],
    negative: refusal,
    refusesOthers: false,
    section: '2.9',
  },
  {
    code: 23,
    name: 'deliver status report',
    responseCode: 73,
    requester: 'smsc',
    // COMPAT: Kannel looks for a text (033) in a status report, so some SMSC must send one. Section 2.10.
    request: [must(21), must(60), must(61), must(63), may(62), may(23), may(33)],
    positive: [],
    negative: [],
    refusesOthers: false,
    section: '2.10',
  },
  fromApplication(40, 'alive', '2.2', { request: [], positive: [] }),
];

export const generalError: ErrorPacket = {
  code: 98,
  name: 'general error response',
  senders: ['smsc'],
  parameters: refusal,
  section: '2.3',
};

export const nack: ErrorPacket = {
  code: 99,
  name: 'nack',
  senders: ['application', 'smsc'],
  parameters: [],
  section: '2.3',
};

/** What a code on the wire is. */
export type OperationRole =
  | { readonly type: 'request'; readonly operation: Operation }
  | { readonly type: 'response'; readonly operation: Operation }
  | { readonly type: 'error'; readonly packet: ErrorPacket };

const roles = new Map<number, OperationRole>([
  ...operations.map((operation) => [operation.code, { type: 'request', operation }] as const),
  ...operations.map((operation) => [operation.responseCode, { type: 'response', operation }] as const),
  [generalError.code, { type: 'error', packet: generalError }],
  [nack.code, { type: 'error', packet: nack }],
]);

/** Undefined where the code is not assigned: such a request is answered with 98 and 900:1. SPEC: section 1.6. */
export function findOperation(code: number): OperationRole | undefined {
  return roles.get(code);
}

/** What every assigned code is, in no particular order. */
export function operationRoles(): readonly OperationRole[] {
  return [...roles.values()];
}

/** `submit message`, `submit message response`, `nack`; `unknown operation` where the code is not assigned. */
export function operationName(code: number): string {
  const role = roles.get(code);
  if (role === undefined) return 'unknown operation';
  if (role.type === 'error') return role.packet.name;
  return role.type === 'request' ? role.operation.name : `${role.operation.name} response`;
}

/** `03`: two digits as on the wire and in every text. */
export function formatOperation(code: number): string {
  return String(code).padStart(2, '0');
}

function fromApplication(
  code: number,
  name: string,
  section: string,
  uses: Pick<Operation, 'request' | 'positive'> & Partial<Pick<Operation, 'negative' | 'refusesOthers'>>,
): Operation {
  return {
    code,
    name,
    responseCode: code + 50,
    requester: 'application',
    request: uses.request,
    positive: uses.positive,
    negative: uses.negative ?? refusal,
    refusesOthers: uses.refusesOthers ?? false,
    section,
  };
}

function must(code: number): ParameterUse {
  return { code, presence: 'mandatory', repeats: false };
}

function may(code: number): ParameterUse {
  return { code, presence: 'optional', repeats: false };
}

function depends(code: number): ParameterUse {
  return { code, presence: 'conditional', repeats: false };
}

function many(use: ParameterUse): ParameterUse {
  return { ...use, repeats: true };
}
