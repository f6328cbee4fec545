/** `im-server users token add`: a token with which a script may act for a user. */
import { Flags } from '@oclif/core';
import { durationFlag } from '../../../../cli/flags.ts';
import { UserCommand, userArgs, userFlags } from '../../../../cli/im/user-command.ts';
import { prose } from '../../../../cli/prose.ts';

export default class ImServerUsersTokenAdd extends UserCommand {
  static override summary = 'Make a token with which a script may act for a user';
  static override description =
    prose(`Prints the token once: the server keeps only its hash. A script shows it as \`Authorization: Bearer TOKEN\`, or as \`token\`
of a WebSocket login. It may do what its scopes say and its user may too, until it is revoked or its time is over; another
password of the user does not end it.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --scope send --label "door bell" --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --scope send,read --expires 90d --state-dir ./im > alice.token',
  ];

  static override args = userArgs;
  static override flags = {
    ...userFlags,
    scope: Flags.string({
      description: 'what the token allows: send, read, admin; several by commas',
      helpValue: 'SCOPES',
      required: true,
    }),
    label: Flags.string({ description: 'what the list calls it', helpValue: 'TEXT', default: '' }),
    expires: durationFlag({ description: 'of no use after this time; left out: until it is revoked' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersTokenAdd);
    const name = await this.named(args);
    const { parseScopes } = await import('../../../../cli/im/user-scopes.ts');
    const { hashToken, makeAccessToken } = await import('../../../../gateways/web/access-token.ts');
    const { tokenIdOf } = await import('../../../../core/im/tokens.ts');
    const { instant } = await import('../../../../core/base/time.ts');
    const { changeUsers } = await import('../../../../cli/im/user-changes.ts');
    const scopes = parseScopes(flags.scope);
    const token = makeAccessToken();
    const hash = hashToken(token);
    const { label } = flags;
    const expiresAt = flags.expires === undefined ? undefined : instant(Date.now() + flags.expires);
    const where = await changeUsers(flags['state-dir'], { type: 'token-add', name, hash, scopes, label, expiresAt });
    const id = tokenIdOf(hash);
    const until = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
    this.printResult({ schema: 'im.token/1', token, id, user: name, scopes, label, expiresAt: until, where }, token);
    this.printNotice(
      `✔ token ${id} of ${name} (${scopes.join(', ')})${until === null ? '' : `, until ${until}`}; it is shown only now`,
    );
  }
}
