/** Operations by the names that people type: `submit`, `deliver-message`, `login-response`, `nack`, or the code. */
import { OperatorError } from '../../core/base/errors.ts';
import { findOperation, generalError, nack, operationName, operations } from '../../core/codec/operations.ts';
import { nearest } from '../nearest.ts';

/** Shorter names beside those of the table. */
const shortNames: Readonly<Record<string, number>> = {
  submit: 3,
  enquire: 4,
  cancel: 6,
  deliver: 20,
  'status-report': 23,
  'general-error': 98,
};

const codes = new Map<string, number>([
  ...Object.entries(shortNames),
  ...Object.entries(shortNames).map(([name, code]) => [`${name}-response`, code + 50] as const),
  ...[...operations, generalError, nack].map(({ code, name }) => [slug(name), code] as const),
  ...operations.map(({ responseCode }) => [slug(operationName(responseCode)), responseCode] as const),
]);

/** @throws OperatorError USAGE_BAD_VALUE */
export function operationCode(name: string): number {
  if (/^[0-9]{1,2}$/.test(name)) return Number(name);
  const code = codes.get(slug(name.toLowerCase()));
  if (code !== undefined) return code;
  const meant = nearest(name.toLowerCase(), [...codes.keys()]);
  const known = 'login, logout, submit, enquire, delivery-request, cancel, set, get, deliver, status-report, alive';
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `"${name}" is no operation.`,
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${known}, each also with -response, nack and general-error, and the codes 01 to 99.`,
  });
}

/**
 * The first number that such a packet has in a session: 001 belongs to the login, so other requests of the application
 * begin with 003. SPEC: section 4.1. Undefined for a NACK, whose number says what is wanted.
 */
export function firstNumber(operation: number): number | undefined {
  const role = findOperation(operation);
  if (operation === nack.code) return undefined;
  if (role === undefined || role.type === 'error') return 3;
  if (role.operation.requester === 'smsc') return 0;
  return role.operation.code === 1 ? 1 : 3;
}

function slug(name: string): string {
  return name.replaceAll(' ', '-');
}
