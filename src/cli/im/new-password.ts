/** A password for a user, out of a file, the environment or two questions; only its hash goes on. */
import { OperatorError } from '../../core/base/errors.ts';
import { hashPassword } from '../../gateways/web/password.ts';
import { findPassword, type PasswordSources } from '../credentials.ts';

/** Undefined where it is given nowhere. @throws OperatorError IM_BAD_PASSWORD, and as `findPassword` */
export async function findPasswordHash(sources: PasswordSources): Promise<string | undefined> {
  const password = await findPassword(sources);
  return password === undefined ? undefined : hashPassword(password);
}

/** Asks twice, since nobody sees what is typed. */
export async function askPasswordHash(name: string): Promise<string> {
  const { askSecret } = await import('../prompts.ts');
  const first = await askSecret(`New password of ${name}:`);
  const second = await askSecret('The same again:');
  if (first === second) return hashPassword(first);
  throw new OperatorError({
    code: 'IM_BAD_PASSWORD',
    message: 'The two passwords differ; nothing was changed.',
    hint: 'Try again.',
  });
}
