/** Scopes as they are typed: `send,read`. */
import { OperatorError } from '../../core/base/errors.ts';
import { type Scope, scopes } from '../../core/im/users.ts';

/** @throws OperatorError CONFIG_BAD_VALUE for anything that is no scope */
export function parseScopes(text: string): readonly Scope[] {
  const found = text.split(',').map((word) => {
    const known = scopes.find((scope) => scope === word.trim());
    if (known !== undefined) return known;
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `"${word.trim()}" is no scope.`,
      hint: `Scopes are ${scopes.join(', ')}; several are separated by commas.`,
    });
  });
  return [...new Set(found)];
}
