/** `im-server webhooks remove`: a program that is called no more. */
import { yesFlag } from '../../../cli/flags.ts';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';
import { WebhookCommand, webhookArgs } from '../../../cli/im/webhook-command.ts';

export default class ImServerWebhooksRemove extends WebhookCommand {
  static override summary = 'Remove a webhook of a user';
  static override description =
    'It is called no more, and what it was not told yet it is never told; the messages stay in the history of the user.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice crm --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice crm --yes --json --state-dir ./im',
  ];
  static override args = webhookArgs;
  static override flags = { 'state-dir': stateDirFlag, yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerWebhooksRemove);
    const { user, name } = await this.named(args);
    const isMeant = await this.requireValue(flags.yes || undefined, '--yes', async () => {
      const { askYesNo } = await import('../../../cli/prompts.ts');
      return askYesNo(`Remove ${name} of ${user}?`);
    });
    if (isMeant) await this.change(flags['state-dir'], { type: 'remove', user, name }, `✔ removed ${name} of ${user}`);
    else this.printNotice('Nothing was changed.');
  }
}
