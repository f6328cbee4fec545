/** What the flags of `users set` ask for, as changes in the order in which they are made. */
import { OperatorError } from '../../core/base/errors.ts';
import type { UserChange } from '../../core/im/exchange-io.ts';

export interface UserSettings {
  readonly suffix: string | undefined;
  readonly number: string | undefined;
  readonly smscId: string | undefined;
  readonly admin: boolean | undefined;
  readonly default: boolean | undefined;
  readonly block: readonly string[];
  readonly unblock: readonly string[];
}

/** @throws OperatorError USAGE_MISSING_VALUE where nothing is to be changed */
export function changesOf(name: string, wanted: UserSettings): readonly UserChange[] {
  const { suffix, number, smscId } = wanted;
  const role = wanted.default === undefined ? undefined : wanted.default ? ('default' as const) : ('ordinary' as const);
  const scopes =
    wanted.admin === undefined
      ? undefined
      : wanted.admin
        ? (['send', 'read', 'admin'] as const)
        : (['send', 'read'] as const);
  const isSet = [suffix, number, smscId, role, scopes].some((value) => value !== undefined);
  const changes: readonly UserChange[] = [
    ...(isSet ? [{ type: 'set' as const, name, suffix, number, smscId, role, scopes }] : []),
    ...wanted.unblock.map((address) => ({ type: 'unblock' as const, name, address })),
    ...wanted.block.map((address) => ({ type: 'block' as const, name, address })),
  ];
  if (changes.length > 0) return changes;
  throw new OperatorError({
    code: 'USAGE_MISSING_VALUE',
    message: `Nothing was said that should change of ${name}.`,
    hint: 'Give at least one of --suffix, --number, --smsc-id, --admin, --default, --block, --unblock.',
  });
}
