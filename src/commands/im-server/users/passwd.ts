/** `im-server users passwd`: another password for a user. */
import { Args } from '@oclif/core';
import { BaseCommand } from '../../../cli/base-command.ts';
import { askForName, passwordFileFlag, passwordHash, stateDirFlag } from '../../../cli/im/user-flags.ts';

export default class ImServerUsersPasswd extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Give a user of the IM server another password';
  static override description =
    'The old password is of no use from then on, and all clients of the user have to log in again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --password-file alice.secret --state-dir ./im',
  ];

  static override args = { name: Args.string({ description: 'name of the user' }) };
  static override flags = { 'state-dir': stateDirFlag, 'password-file': passwordFileFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersPasswd);
    const name = await this.requireValue(args.name, 'NAME', askForName);
    const hash = await passwordHash(name, flags['password-file'], {
      require: (ask) => this.requireValue<string>(undefined, '--password-file (or RINGBRIDGE_IM_PASSWORD)', ask),
      warn: (text) => this.printNotice(text),
    });
    const { changeUsers } = await import('../../../cli/im/user-changes.ts');
    const where = await changeUsers(flags['state-dir'], { type: 'password', name, passwordHash: hash });
    this.printResult(
      { schema: 'im.user-changed/1', change: 'password', name, where },
      `✔ ${name} has another password; clients of ${name} have to log in again`,
    );
  }
}
