/** `im-server users token revoke`: a token that is of no use any more. */
import { Args } from '@oclif/core';
import { UserCommand, userFlags } from '../../../../cli/im/user-command.ts';

export default class ImServerUsersTokenRevoke extends UserCommand {
  static override summary = 'Revoke a token of a script';
  static override description = 'It is of no use from then on, and clients that came with it are signed out at once.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 9f3c0a52b7d1 --state-dir ./im',
    '<%= config.bin %> <%= command.id %> 9f3c0a52b7d1 --json --state-dir ./im',
  ];

  static override args = { id: Args.string({ description: 'id of the token, as `token list` shows it' }) };
  static override flags = userFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersTokenRevoke);
    const id = await this.requireValue(args.id, 'ID', async () => {
      const { askText } = await import('../../../../cli/prompts.ts');
      return askText('Id of the token:');
    });
    const { listTokens } = await import('../../../../cli/im/user-changes.ts');
    const { refusedChange } = await import('../../../../gateways/web/user-routes.ts');
    const token = (await listTokens(flags['state-dir'], undefined)).find((one) => one.id === id);
    if (token === undefined) {
      throw refusedChange({ code: 'IM_UNKNOWN_TOKEN', message: 'There is no token of this id.' });
    }
    await this.change(flags['state-dir'], token.user, [{ type: 'token-revoke', name: token.user, id }], {
      change: 'token-revoke',
      more: { id },
      words: `✔ revoked ${id} of ${token.user}`,
    });
  }
}
