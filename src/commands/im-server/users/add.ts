/** `im-server users add`: one more user, on a running or a stopped IM server. */

import { Args, Flags } from '@oclif/core';
import { UserCommand, userFlags } from '../../../cli/im/user-command.ts';
import { ownNumberFlag, passwordFileFlag, suffixFlag, userSmscFlag } from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerUsersAdd extends UserCommand {
  static override summary = 'Add a user to the IM server';
  static override description =
    prose(`The user may log in at once, on a running server too. With a suffix the user's messages leave with it as their sender,
and messages to the service number with that suffix come to the user. The password is asked for on a terminal.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --suffix 0001 --password-file alice.secret --state-dir ./im',
    '<%= config.bin %> <%= command.id %> reception --default --state-dir ./im',
  ];

  static override args = {
    name: Args.string({ description: 'a letter, then letters, digits, dots, underscores, hyphens; at most 32' }),
  };

  static override flags = {
    ...userFlags,
    suffix: suffixFlag,
    number: ownNumberFlag,
    'smsc-id': userSmscFlag,
    'password-file': passwordFileFlag,
    default: Flags.boolean({ description: 'gets what handsets write to nobody else; replaces the one before' }),
    admin: Flags.boolean({ description: 'may see rings and links of the whole bridge (scope admin)' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersAdd);
    const name = await this.named(args);
    const hash = await this.passwordHash(name, flags['password-file']);
    const { scopes } = await import('../../../core/im/users.ts');
    const { suffix, number, 'smsc-id': smscId, admin } = flags;
    const role = flags.default ? 'default' : 'ordinary';
    const allowed = admin ? scopes : undefined;
    const user = { type: 'add', name, suffix, passwordHash: hash, role, number, smscId, scopes: allowed } as const;
    await this.change(flags['state-dir'], name, [user], {
      change: 'add',
      more: { suffix: suffix ?? null, role, admin },
      words: `✔ added ${name}${suffix === undefined ? '' : `, suffix ${suffix}`}${flags.default ? ', default user' : ''}${admin ? ', admin' : ''}`,
    });
  }
}
