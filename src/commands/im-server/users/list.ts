/** `im-server users list`: who may log in. */
import { BaseCommand } from '../../../cli/base-command.ts';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';

export default class ImServerUsersList extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'List the users of the IM server';
  static override description = 'Reads a running server or a stopped one, and changes nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir ./im',
    '<%= config.bin %> <%= command.id %> --json --state-dir ./im',
  ];

  static override flags = { 'state-dir': stateDirFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImServerUsersList);
    const { listUsers } = await import('../../../cli/im/user-changes.ts');
    const { formatTable } = await import('../../../cli/table.ts');
    const users = await listUsers(flags['state-dir']);
    const rows = users.map(({ name, suffix, role, createdAt }) => [
      name,
      suffix ?? '–',
      role === 'default' ? 'default' : '',
      createdAt,
    ]);
    const table = users.length === 0 ? [] : formatTable([['NAME', 'SUFFIX', '', 'SINCE'], ...rows]);
    this.printResult({ schema: 'im.users/1', users }, table.join('\n'));
    if (users.length === 0) this.printNotice('No users yet: `ringbridge im-server users add NAME` makes one.');
  }
}
