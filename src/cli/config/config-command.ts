/** What the commands about a role's settings share: which role. */
import { Args } from '@oclif/core';
import { OperatorError } from '../../core/base/errors.ts';
import { BaseCommand } from '../base-command.ts';
import { nearest } from '../nearest.ts';
import { type ConfigRole, configRoles } from './roles.ts';

export const roleArg = Args.string({ description: `role: ${configRoles.join(', ')}` });

export abstract class ConfigCommand extends BaseCommand {
  /** @throws OperatorError USAGE_BAD_VALUE, USAGE_MISSING_VALUE */
  protected async roleOf(given: string | undefined): Promise<ConfigRole> {
    const text = await this.requireValue(given, 'ROLE', async () => {
      const { askText } = await import('../prompts.ts');
      return askText(`Role (${configRoles.join(', ')}):`);
    });
    const role = configRoles.find((each) => each === text);
    if (role !== undefined) return role;
    const meant = nearest(text, configRoles);
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `"${text}" is no role with settings.`,
      hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are ${configRoles.join(', ')}.`,
    });
  }
}
