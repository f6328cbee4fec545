/** What the commands that change one webhook share: whose it is, which one, and how the change is told. */
import { Args } from '@oclif/core';
import type { WebhookChange } from '../../gateways/http/webhook-change.ts';
import { BaseCommand } from '../base-command.ts';
import { askForName } from './user-flags.ts';

export const webhookArgs = {
  user: Args.string({ description: 'name of the user' }),
  name: Args.string({ description: 'name of the webhook, as `list` shows it' }),
};

export abstract class WebhookCommand extends BaseCommand {
  static override enableJsonFlag = true;

  /** Whose webhook and which one; asked for on a terminal. */
  protected async named(args: { readonly user?: string | undefined; readonly name?: string | undefined }) {
    const user = await this.requireValue(args.user, 'USER', askForName);
    const name = await this.requireValue(args.name, 'NAME', async () => {
      const { askText } = await import('../prompts.ts');
      return askText('Name of the webhook:');
    });
    return { user, name };
  }

  /** Carries it out and tells so; where a secret was made, that alone is the result for people. */
  protected async change(
    stateDir: string,
    { user, ...change }: WebhookChange & { readonly user: string },
    words: string,
  ): Promise<void> {
    const { changeWebhooks } = await import('./webhook-changes.ts');
    const { where, secret } = await changeWebhooks(stateDir, { user, ...change });
    const document = { schema: 'im.webhook-changed/1', change: change.type, user, name: change.name, where };
    this.printResult({ ...document, ...(change.type === 'add' ? { secret } : {}) }, secret ?? words);
    if (secret !== null) this.printNotice(`${words}; its secret is shown only now`);
  }
}
