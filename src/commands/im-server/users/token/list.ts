/** `im-server users token list`: which tokens are in force, without the tokens themselves. */
import { Args } from '@oclif/core';
import { BaseCommand } from '../../../../cli/base-command.ts';
import { stateDirFlag } from '../../../../cli/im/user-flags.ts';

export default class ImServerUsersTokenList extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'List the tokens of a user, or of all users';
  static override description =
    'Shows ids, scopes and labels; the tokens themselves are not kept. Reads a running server or a stopped one, and changes nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --state-dir ./im',
    '<%= config.bin %> <%= command.id %> --json --state-dir ./im',
  ];

  static override args = { name: Args.string({ description: 'name of the user; left out: all users' }) };
  static override flags = { 'state-dir': stateDirFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersTokenList);
    const { listTokens } = await import('../../../../cli/im/user-changes.ts');
    const { formatTable } = await import('../../../../cli/table.ts');
    const tokens = await listTokens(flags['state-dir'], args.name);
    const now = Date.now();
    const rows = tokens.map(({ id, user, scopes, label, createdAt, expiresAt }) => [
      id,
      user,
      scopes.join(','),
      createdAt,
      expiresAt === undefined ? '–' : Date.parse(expiresAt) <= now ? `${expiresAt} (over)` : expiresAt,
      label,
    ]);
    const table = formatTable([['ID', 'USER', 'SCOPES', 'SINCE', 'UNTIL', 'LABEL'], ...rows]);
    this.printResult({ schema: 'im.tokens/1', tokens }, tokens.length === 0 ? '' : table.join('\n'));
    if (tokens.length === 0) this.printNotice('No tokens yet: `ringbridge im-server users token add NAME` makes one.');
  }
}
