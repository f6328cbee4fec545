/** `im-server users passwd`: another password for a user. */
import { UserCommand, userArgs, userFlags } from '../../../cli/im/user-command.ts';
import { passwordFileFlag } from '../../../cli/im/user-flags.ts';

export default class ImServerUsersPasswd extends UserCommand {
  static override summary = 'Give a user of the IM server another password';
  static override description =
    'The old password is of no use from then on, and all clients of the user have to log in again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --password-file alice.secret --state-dir ./im',
  ];

  static override args = userArgs;
  static override flags = { ...userFlags, 'password-file': passwordFileFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersPasswd);
    const name = await this.named(args);
    const hash = await this.passwordHash(name, flags['password-file']);
    await this.change(flags['state-dir'], name, [{ type: 'password', name, passwordHash: hash }], {
      change: 'password',
      words: `✔ ${name} has another password; clients of ${name} have to log in again`,
    });
  }
}
