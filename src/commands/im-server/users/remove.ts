/** `im-server users remove`: a user that may not log in any more. */
import { yesFlag } from '../../../cli/flags.ts';
import { UserCommand, userArgs, userFlags } from '../../../cli/im/user-command.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerUsersRemove extends UserCommand {
  static override summary = 'Remove a user from the IM server';
  static override description =
    prose(`The user is signed out everywhere and cannot log in any more; messages under way go on. What was written stays on
disk: somebody who is added under the same name later sees it.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --yes --json --state-dir ./im',
  ];

  static override args = userArgs;
  static override flags = { ...userFlags, yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersRemove);
    const name = await this.named(args);
    const isMeant = await this.requireValue(flags.yes || undefined, '--yes', async () => {
      const { askYesNo } = await import('../../../cli/prompts.ts');
      return askYesNo(`Remove ${name}?`);
    });
    if (!isMeant) {
      this.printNotice('Nothing was changed.');
      return;
    }
    await this.change(flags['state-dir'], name, [{ type: 'remove', name }], {
      change: 'remove',
      words: `✔ removed ${name}`,
    });
  }
}
