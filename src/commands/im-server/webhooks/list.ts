/** `im-server webhooks list`: where users have programs called, and how that goes. */
import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { revealFlag } from '../../../cli/flags.ts';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerWebhooksList extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'List the webhooks of a user, or of all users';
  static override description =
    prose(`Shows where each one points, whether it is active or parked and why, how many changes it is behind, and how many
deliveries were given up. What stands behind a ? in an address may be a secret and is shown with --reveal only. Reads a
running server or a stopped one, and changes nothing.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --json --state-dir ./im',
  ];

  static override args = { name: Args.string({ description: 'name of the user; left out: all users' }) };
  static override flags = { 'state-dir': stateDirFlag, reveal: revealFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerWebhooksList);
    const { listWebhooks } = await import('../../../cli/im/webhook-changes.ts');
    const { formatTable, printable } = await import('../../../cli/table.ts');
    const found = await listWebhooks(flags['state-dir'], args.name);
    const webhooks = flags.reveal ? found : found.map((hook) => ({ ...hook, url: hook.url.replace(/[?#].*$/, '?…') }));
    const rows = webhooks.map(({ user, name, url, state, why, behind, parked }) => [
      ...[user, name, why === '' ? state : `${state}: ${printable(why)}`],
      ...[String(behind), String(parked), printable(url)],
    ]);
    const head = ['USER', 'NAME', 'STATE', 'BEHIND', 'GIVEN UP', 'URL'];
    const table = formatTable([head, ...rows], { align: ['left', 'left', 'left', 'right', 'right', 'left'] });
    this.printResult({ schema: 'im.webhooks/1', webhooks }, webhooks.length === 0 ? '' : table.join('\n'));
    if (webhooks.length === 0) this.printNotice('No webhooks: `ringbridge im-server webhooks add` makes one.');
  }
}
