/**
 * Passwords and shared secrets: from a file or the environment, never from a flag's value, because command lines are
 * seen by everybody on the machine and kept in histories.
 */
import { stat } from 'node:fs/promises';
import { OperatorError } from '../core/base/errors.ts';
import { readGivenFile } from './given-file.ts';

/** No secret is longer; a larger file is the wrong file. */
const maxSecretBytes = 4096;

export interface SecretRead {
  readonly secret: string;
  /** What the operator should mend, though the secret was read. */
  readonly warnings: readonly string[];
}

/**
 * The first line of a file; what follows a line break is refused, so that a wrong file is noticed.
 *
 * @throws OperatorError CONFIG_UNREADABLE or CONFIG_BAD_VALUE
 */
export async function readSecretFile(path: string): Promise<SecretRead> {
  const bytes = await readGivenFile({ path, name: `The secret file ${path}`, limitBytes: maxSecretBytes });
  const { mode } = await stat(path);
  const secret = new TextDecoder().decode(bytes).replace(/\r?\n$/, '');
  if (secret === '') {
    throw badSecret(`The secret file ${path} is empty.`, 'Put the secret on its first line.');
  }
  if (/[\u0000-\u001f]/.test(secret)) {
    throw badSecret(
      `The secret file ${path} holds more than one line or control characters.`,
      'A secret file holds one line and nothing else.',
    );
  }
  const isOpenToOthers = process.platform !== 'win32' && (mode & 0o077) !== 0;
  const warnings = isOpenToOthers
    ? [
        `The secret file ${path} can be read by other users (mode ${(mode & 0o777).toString(8)}); run \`chmod 600 ${path}\`.`,
      ]
    : [];
  return { secret, warnings };
}

function badSecret(message: string, hint: string): OperatorError {
  return new OperatorError({ code: 'CONFIG_BAD_VALUE', message, hint });
}
