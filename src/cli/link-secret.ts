/** The secret that a buffer and its IM server share: 32 bytes, written as 64 hex digits. */
import { fromHex } from '../core/base/bytes.ts';
import { OperatorError } from '../core/base/errors.ts';

/**
 * @param text what the secret file holds
 * @param flag the setting that named the file, for the error
 * @throws OperatorError CONFIG_BAD_VALUE
 */
export function parseLinkSecret(text: string, flag: string): Uint8Array {
  const secret = fromHex(text.trim());
  if (secret !== undefined && secret.length === 32) return secret;
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `The file given with ${flag} does not hold a link secret: 64 hex digits are wanted.`,
    hint: 'Make one with `openssl rand -hex 32 > hel1.secret`, and give the same file to the buffer and to the IM server.',
  });
}
