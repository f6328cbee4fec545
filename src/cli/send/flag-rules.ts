/** Which flags of `cimd2 send` make no sense together, beyond what oclif can be told. */
import { OperatorError } from '../../core/base/errors.ts';
import { messageFlags } from './message-flags.ts';

/** What makes sense where the IM server decides about the message. */
const bridgeFlags = ['via', 'user', 'password-file', 'insecure', 'report', 'wait', 'timeout', 'json'];

/** What makes no sense where whole packets are given. */
const rawIgnores = [...Object.keys(messageFlags), 'to', 'count', 'pace', 'repeat', 'wait', 'take-others', 'file'];

/**
 * @param given names of the flags on the command line, without dashes
 * @throws OperatorError USAGE_BAD_VALUE
 */
export function refuseContradictions(given: readonly string[], flags: { readonly window: number }): void {
  const names = (of: readonly string[]) => [...new Set(of)].map((name) => `--${name}`).join(', ');
  if (given.includes('via')) {
    const others = given.filter((name) => !bridgeFlags.includes(name));
    if (others.length > 0) {
      throw new OperatorError({
        code: 'USAGE_BAD_VALUE',
        message: `${names(others)} cannot be chosen through the bridge: the IM server decides. Nothing was sent.`,
        hint: 'Leave it out, or send straight to the SMSC with --smsc.',
      });
    }
  } else if (given.includes('raw')) {
    const others = given.filter((name) => rawIgnores.includes(name));
    if (others.length > 0) throw useless(names(others), '--raw, which holds whole packets');
  } else {
    const others = given.filter((name) => name === 'login' || name === 'for');
    if (others.length > 0) throw useless(names(others).replace('--login', '--no-login'), 'anything but --raw');
  }
  if (given.includes('repeat') && flags.window > 1) {
    throw useless('--repeat', '--window: only without one an SMSC answers a repetition from memory (section 5.2)');
  }
}

export function useless(what: string, beside: string): OperatorError {
  return new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `${what} cannot go with ${beside}. Nothing was sent.`,
    hint: 'Leave one of them out; `ringbridge cimd2 send --help` has examples.',
  });
}
