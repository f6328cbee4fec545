/** `im-server webhooks dead`: which deliveries were given up, and why. */
import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerWebhooksDead extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'List the deliveries of webhooks that were given up';
  static override description =
    prose(`Which message of which user was not taken, when it was given up, and what the program answered last. Reads a running
server or a stopped one, and changes nothing; \`im-server webhooks retry\` makes them again.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --json --state-dir ./im',
  ];
  static override args = { name: Args.string({ description: 'name of the user; left out: all users' }) };
  static override flags = { 'state-dir': stateDirFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerWebhooksDead);
    const { listDead } = await import('../../../cli/im/webhook-changes.ts');
    const { formatTable, printable } = await import('../../../cli/table.ts');
    const deliveries = await listDead(flags['state-dir'], args.name);
    const rows = deliveries.map(({ user, name, messageId, at, why }) => [user, name, messageId, at, printable(why)]);
    const table = formatTable([['USER', 'NAME', 'MESSAGE', 'GIVEN UP', 'WHY'], ...rows]);
    this.printResult({ schema: 'im.webhooks-dead/1', deliveries }, deliveries.length === 0 ? '' : table.join('\n'));
    if (deliveries.length === 0) this.printNotice('Nothing was given up.');
  }
}
