/** Why there is no session with the SMSC, as an error with remedy and exit status: 4 refused, 5 not reachable. */
import { type ErrorCode, OperatorError } from '../../core/base/errors.ts';
import type { LogEvent } from '../../core/base/log-event.ts';
import { cimdErrorMeaning, retryClass } from '../../core/codec/error-codes.ts';
import { exitStatus } from '../exit-status.ts';

export interface SessionEnd {
  readonly code?: ErrorCode;
  readonly reason?: string;
  /** The 900 of a refused login. */
  readonly refusedWith?: number;
}

/** @param address as it would be typed; its scheme says what there is to check */
export function loginError(end: SessionEnd, address: string, user: string): OperatorError {
  if (end.refusedWith !== undefined) return refusedLogin(end.refusedWith, address, user);
  // The client says of its own connections what this message says already.
  const reason = withoutFullStop((end.reason ?? 'the connection ended').replace(/^No connection to the SMSC: /, ''));
  if (end.code === 'PEER_UNREACHABLE' || end.code === undefined) {
    return new OperatorError({
      code: 'PEER_UNREACHABLE',
      message: `The SMSC at ${address} cannot be reached: ${reason}. Nothing was sent.`,
      hint: hintsFor(address).unreachable,
      exitStatus: exitStatus.unreachable,
      retryable: true,
    });
  }
  return new OperatorError({
    code: end.code,
    message: `No login at the SMSC at ${address}: ${reason}. Nothing was sent.`,
    hint: hintsFor(address).noLogin,
    exitStatus: exitStatus.unreachable,
    retryable: true,
  });
}

/** What to say of a log event `session.window-refused`. SPEC: section 5.1: there is no counter-offer. */
export function windowRefusedWords({ window, refusedWith, meaning }: LogEvent['fields']): string {
  return `The SMSC refused the window of ${window} (${refusedWith}, ${meaning}); logging in without one, so requests go one at a time. --window 1 asks for none.`;
}

function refusedLogin(error: number, address: string, user: string): OperatorError {
  return new OperatorError({
    code: 'SESSION_LOGIN_REFUSED',
    message: `The SMSC at ${address} refused the login of "${user}": ${error}, ${cimdErrorMeaning(error)}. Nothing was sent.`,
    hint: loginHints[error] ?? 'Ask the operator of the SMSC about this account.',
    exitStatus: exitStatus.loginRefused,
    retryable: retryClass(error) === 'later',
  });
}

const loginHints: Readonly<Record<number, string>> = {
  100: 'Check user and password; they stand in --user and in the file of --password-file.',
  102: 'The account has as many sessions as it may have: end one of them, or ask the operator for more.',
  103: 'The SMSC takes no logins now, or not from this address; ask its operator.',
  104: 'The account allows no --window, or a smaller one: leave it out, or ask the operator.',
  105: 'The account allows no --window, or a smaller one: leave it out, or ask the operator.',
};

interface AddressHints {
  /** Nothing is there. */
  readonly unreachable: string;
  /** Something is, and no login came about. */
  readonly noLogin: string;
}

function hintsFor(address: string): AddressHints {
  return addressHints[address.slice(0, address.indexOf(':'))] ?? tcpHints;
}

const tcpHints: AddressHints = {
  unreachable: 'Check host and port, and that the SMSC runs; `ringbridge smsc start` starts one to test against.',
  noLogin:
    'Something answers there, but not as an SMSC that speaks CIMD2: check the port, and whether it wants tls://.',
};

const addressHints: Readonly<Record<string, AddressHints>> = {
  tcp: tcpHints,
  tls: {
    unreachable:
      'Check host and port, and that the SMSC speaks TLS there; --tls-ca names whom to trust, --tls-cert and --tls-key who this end is.',
    noLogin:
      'Where it wants a certificate of this end, give --tls-cert and --tls-key; else what answers is no SMSC that speaks CIMD2: check host and port.',
  },
  unix: {
    unreachable: 'Check the path, that the SMSC runs on this machine, and that this user may use its socket.',
    noLogin: 'Something answers there, but not as an SMSC that speaks CIMD2: check the path.',
  },
  serial: {
    unreachable:
      'Check the device with ls -l /dev/tty*, that nothing else has it open, and that this user may use it (on Debian the group dialout).',
    noLogin: 'Check that both ends have the same speed (?baud=), and that an SMSC is at the other end of the line.',
  },
};

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, '');
}
