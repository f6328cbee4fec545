/** `im-server webhooks retry`: what a webhook gave up is tried once more. */
import { stateDirFlag } from '../../../cli/im/user-flags.ts';
import { WebhookCommand, webhookArgs } from '../../../cli/im/webhook-command.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerWebhooksRetry extends WebhookCommand {
  static override summary = 'Try once more what a webhook gave up';
  static override description =
    prose(`A parked webhook is active again, and the deliveries that were given up are made again, each message as it stands now.
On a running server that begins at once, on a stopped one when it starts.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice crm --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice crm --json --state-dir ./im',
  ];
  static override args = webhookArgs;
  static override flags = { 'state-dir': stateDirFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerWebhooksRetry);
    const { user, name } = await this.named(args);
    await this.change(flags['state-dir'], { type: 'retry', user, name }, `✔ ${name} of ${user} is tried again`);
  }
}
