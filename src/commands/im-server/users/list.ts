/** `im-server users list`: who may log in. */
import { BaseCommand } from '../../../cli/base-command.ts';
import { revealFlag } from '../../../cli/flags.ts';
import { stateDirFlag } from '../../../cli/im/user-flags.ts';

export default class ImServerUsersList extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'List the users of the IM server';
  static override description = 'Reads a running server or a stopped one, and changes nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir ./im',
    '<%= config.bin %> <%= command.id %> --json --state-dir ./im',
  ];

  static override flags = { 'state-dir': stateDirFlag, reveal: revealFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImServerUsersList);
    const { listUsers } = await import('../../../cli/im/user-changes.ts');
    const { formatTable } = await import('../../../cli/table.ts');
    const users = await listUsers(flags['state-dir']);
    const { showNumber } = await import('../../../cli/mask.ts');
    const privacy = flags.reveal ? 'reveal' : 'mask';
    const shown = users.map(({ number, blocked, ...user }) => ({
      ...user,
      ...(number === undefined ? {} : { number: showNumber(number, privacy) }),
      // Names of users are no secret here; numbers are.
      blocked: blocked.map((address) => (/^\+?[0-9]/.test(address) ? showNumber(address, privacy) : address)),
    }));
    const rows = shown.map(({ name, suffix, number, role, scopes, smscId, blocked, createdAt }) => [
      name,
      number ?? suffix ?? '–',
      [role === 'default' ? 'default' : '', scopes.includes('admin') ? 'admin' : ''].filter(Boolean).join(', '),
      smscId ?? '–',
      blocked.length === 0 ? '–' : flags.reveal ? blocked.join(' ') : String(blocked.length),
      createdAt,
    ]);
    const table = formatTable([['NAME', 'SUFFIX', '', 'SMSC', 'BLOCKED', 'SINCE'], ...rows]);
    this.printResult({ schema: 'im.users/1', users: shown }, users.length === 0 ? '' : table.join('\n'));
    if (users.length === 0) this.printNotice('No users yet: `ringbridge im-server users add NAME` makes one.');
  }
}
