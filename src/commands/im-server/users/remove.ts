/** `im-server users remove`: a user that may not log in any more. */

import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { yesFlag } from '../../../cli/flags.ts';
import { askForName, stateDirFlag } from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerUsersRemove extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Remove a user from the IM server';
  static override description =
    prose(`The user is signed out everywhere and cannot log in any more; messages under way go on. What was written stays on
disk: somebody who is added under the same name later sees it.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --yes --json --state-dir ./im',
  ];

  static override args = { name: Args.string({ description: 'name of the user' }) };
  static override flags = { 'state-dir': stateDirFlag, yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersRemove);
    const name = await this.requireValue(args.name, 'NAME', askForName);
    const isMeant = await this.requireValue(flags.yes || undefined, '--yes', async () => {
      const { askYesNo } = await import('../../../cli/prompts.ts');
      return askYesNo(`Remove ${name}?`);
    });
    if (!isMeant) {
      this.printNotice('Nothing was changed.');
      return;
    }
    const { changeUsers } = await import('../../../cli/im/user-changes.ts');
    const where = await changeUsers(flags['state-dir'], { type: 'remove', name });
    this.printResult({ schema: 'im.user-changed/1', change: 'remove', name, where }, `✔ removed ${name}`);
  }
}
