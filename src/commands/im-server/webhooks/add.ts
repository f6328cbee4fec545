/** `im-server webhooks add`: a program that is called for every event of a user. */
import { Flags } from '@oclif/core';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';
import { WebhookCommand, webhookArgs } from '../../../cli/im/webhook-command.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerWebhooksAdd extends WebhookCommand {
  static override summary = 'Have a program called for every event of a user';
  static override description =
    prose(`Prints the secret that the calls are signed with, once. The program is told what happens from now on. Where the user
has a webhook of that name, it gets this address, keeps its secret and its place, and is active again. Users can do the same
over the HTTP API, with PUT /api/webhooks/NAME.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice crm --url https://hooks.example.org/in --state-dir ./im > crm.secret',
    '<%= config.bin %> <%= command.id %> alice crm --url https://hooks.example.org/in --json --state-dir ./im',
  ];
  static override args = webhookArgs;
  static override flags = {
    'state-dir': stateDirFlag,
    url: Flags.string({
      description:
        'where it is called: https, beyond private networks; users with the scope admin also have this machine called',
      helpValue: 'URL',
      required: true,
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerWebhooksAdd);
    const { user, name } = await this.named(args);
    const change = { type: 'add', user, name, url: flags.url, secret: undefined } as const;
    await this.change(flags['state-dir'], change, `✔ ${name} of ${user} is called`);
  }
}
