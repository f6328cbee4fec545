/**
 * Every code that a user, a log or a peer can meet, in one closed union, and the error that an operator can mend.
 * Each code has a chapter in docs/errors.md; test/architecture.test.ts holds us to it. Faults of a peer are values
 * ({@link Fault}), not exceptions; bugs are `InvariantError`.
 */

export const errorCodes = [
  // CIMD2 packets (core/codec)
  'CIMD2_TRUNCATED',
  'CIMD2_UNTERMINATED',
  'CIMD2_OVERSIZE',
  'CIMD2_BAD_TRAILER',
  'CIMD2_CHECKSUM_MISMATCH',
  'CIMD2_BAD_HEADER',
  'CIMD2_BAD_PARAMETER',
  'CIMD2_ILLEGAL_BYTE',
  'CIMD2_TOO_MANY_PARAMETERS',
  'CIMD2_UNKNOWN_OPERATION',
  'CIMD2_UNKNOWN_PARAMETER',
  'CIMD2_VALUE_OUT_OF_RANGE',
  'CIMD2_VALUE_TOO_LONG',
  'CIMD2_DUPLICATE_PARAMETER',
  'CIMD2_MISSING_PARAMETER',
  'CIMD2_UNEXPECTED_PARAMETER',
  'CIMD2_USER_DATA',
  'CIMD2_PACKET_NUMBER',
  // Short messages as kept and carried (core/message)
  'MESSAGE_UNREADABLE',
  'MESSAGE_FOREIGN_CHARACTERS',
  // Sessions with an SMSC (core/handshake)
  'SESSION_LOGIN_REFUSED',
  'SESSION_RESPONSE_TIMEOUT',
  'SESSION_OUT_OF_SYNC',
  'SESSION_TOO_MANY_NACKS',
  'SESSION_UNEXPECTED_RESPONSE',
  'SESSION_UNEXPECTED_REQUEST',
  'SESSION_SECOND_ANSWER',
  'SESSION_FLOODED',
  'SESSION_LOST',
  // Rings (core/ring, core/sync)
  'RING_FULL',
  'RING_SLOT_NOT_IN_DOUBT',
  'RING_SLOT_EMPTY',
  'SYNC_NO_CONFLICT',
  'SYNC_CHANGED',
  // Link (core/link)
  'LINK_UNKNOWN_SMSC',
  'LINK_BAD_SECRET',
  'LINK_VERSION',
  'LINK_EPOCH_CONFLICT',
  'LINK_ANOTHER_BUFFER',
  'LINK_STORE_RETIRED',
  'LINK_BAD_FRAME',
  'LINK_FRAME_TOO_LARGE',
  'LINK_TOO_MANY_CONNECTIONS',
  'LINK_TIMEOUT',
  'LINK_UNREACHABLE',
  // Store (core/store, shell)
  'STORE_FULL',
  'STORE_READ_ONLY',
  'STORE_FAILED',
  'STORE_BUSY',
  'STORE_FORMAT_UNKNOWN',
  'STORE_WRONG_SMSC',
  'STORE_WENT_BACK',
  'STORE_NOT_RETIRED',
  'STORE_WRONG_ROLE',
  'STORE_MISSING',
  // Messages that somebody looks for (cli)
  'MESSAGE_UNKNOWN',
  'MESSAGE_AMBIGUOUS',
  // Recordings (shell)
  'RECORDING_MISSING',
  'RECORDING_PRIVATE',
  'RECORDING_UNREADABLE',
  'RECORDING_DAMAGED',
  // IM side (core/im)
  'IM_UNKNOWN_USER',
  'IM_BAD_PASSWORD',
  'IM_USER_EXISTS',
  'IM_BAD_NAME',
  'IM_BAD_ADDRESS',
  'IM_NO_ROUTE',
  'IM_TEXT_TOO_LONG',
  'IM_OUTBOX_FULL',
  'IM_TOO_FAST',
  'IM_TOO_MANY_LOGINS',
  'IM_BAD_REQUEST',
  'IM_NOT_FOUND',
  'IM_KEY_REUSED',
  'IM_WEBHOOK_TARGET',
  'IM_BAD_TOKEN',
  'IM_UNKNOWN_TOKEN',
  'IM_SCOPE_MISSING',
  'IM_LIMIT_REACHED',
  'IM_BLOCKED',
  'IM_HANDSET_STOPPED',
  // XMPP (gateways/xmpp)
  'XMPP_BAD_SECRET',
  'XMPP_UNREACHABLE',
  // Simulator (core/roles/smsc)
  'SMSC_NO_SESSION',
  'SMSC_REFUSED',
  'SMSC_NO_ANSWER',
  // Configuration and command line
  'CONFIG_BAD_ADDRESS',
  'CONFIG_BAD_VALUE',
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_UNREADABLE',
  'CONFIG_MISSING',
  'CONFIG_INSECURE',
  'ADDRESS_IN_USE',
  'PEER_UNREACHABLE',
  'OUTCOME_UNKNOWN',
  'CHECK_FAILED',
  'INPUT_UNREADABLE',
  'CAPTURE_LOST_BYTES',
  'CONTROL_UNREACHABLE',
  'CONTROL_BAD_REQUEST',
  'USAGE_UNKNOWN_COMMAND',
  'USAGE_UNKNOWN_FLAG',
  'USAGE_UNEXPECTED_ARGUMENT',
  'USAGE_MISSING_VALUE',
  'USAGE_BAD_VALUE',
  'USAGE_INTERRUPTED',
  'DEMO_ROLE_ENDED',
  // Ours
  'BUG',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The peer's doing: a value in a result, answered or counted where it was found, never thrown. */
export interface Fault {
  readonly code: ErrorCode;
  /** What happened and where, one sentence. Never holds message text, passwords or whole phone numbers. */
  readonly message: string;
}

export interface OperatorErrorOptions {
  readonly code: ErrorCode;
  /** What happened, where, what we did about it. */
  readonly message: string;
  /** What the reader can do, as a sentence. */
  readonly hint: string;
  /** Exit status of docs/errors.md; 2 (usage or configuration) where nothing else fits. */
  readonly exitStatus?: number;
  /** True where trying the same again later may succeed. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The operator's to mend: thrown at the border, becomes a message with a remedy and an exit status. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly exitStatus: number;
  readonly retryable: boolean;

  constructor(options: OperatorErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.exitStatus = options.exitStatus ?? 2;
    this.retryable = options.retryable ?? false;
  }
}
