/** `im-server users add`: one more user, on a running or a stopped IM server. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import {
  askForName,
  ownNumberFlag,
  passwordFileFlag,
  passwordHash,
  stateDirFlag,
  suffixFlag,
  userSmscFlag,
} from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerUsersAdd extends BaseCommand {
  static override enableJsonFlag = true;
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
    'state-dir': stateDirFlag,
    suffix: suffixFlag,
    number: ownNumberFlag,
    'smsc-id': userSmscFlag,
    'password-file': passwordFileFlag,
    default: Flags.boolean({ description: 'gets what handsets write to nobody else; replaces the one before' }),
    admin: Flags.boolean({ description: 'may see rings and links of the whole bridge (scope admin)' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersAdd);
    const name = await this.requireValue(args.name, 'NAME', askForName);
    const hash = await passwordHash(name, flags['password-file'], {
      require: (ask) => this.requireValue<string>(undefined, '--password-file (or RINGBRIDGE_IM_PASSWORD)', ask),
      warn: (text) => this.printNotice(text),
    });
    const { changeUsers } = await import('../../../cli/im/user-changes.ts');
    const { scopes } = await import('../../../core/im/users.ts');
    const role = flags.default ? 'default' : 'ordinary';
    const where = await changeUsers(flags['state-dir'], {
      type: 'add',
      name,
      suffix: flags.suffix,
      passwordHash: hash,
      role,
      number: flags.number,
      smscId: flags['smsc-id'],
      scopes: flags.admin ? scopes : undefined,
    });
    const suffix = flags.suffix === undefined ? '' : `, suffix ${flags.suffix}`;
    this.printResult(
      {
        schema: 'im.user-changed/1',
        change: 'add',
        name,
        where,
        suffix: flags.suffix ?? null,
        role,
        admin: flags.admin,
      },
      `✔ added ${name}${suffix}${flags.default ? ', default user' : ''}${flags.admin ? ', admin' : ''}`,
    );
  }
}
