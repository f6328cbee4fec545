/** `im-server users set`: what is changed of a user besides the password. */
import { Flags } from '@oclif/core';
import { UserCommand, userArgs, userFlags } from '../../../cli/im/user-command.ts';
import { ownNumberFlag, suffixFlag, userSmscFlag } from '../../../cli/im/user-flags.ts';
import { prose } from '../../../cli/prose.ts';

export default class ImServerUsersSet extends UserCommand {
  static override summary = 'Change what a user of the IM server is and may do';
  static override description =
    prose(`Suffix, number, default SMSC, the scope admin, and whose messages do not reach the user. What is not named stays as it
is; an empty value takes away. A sender whom the user blocked sees that the text failed; a handset gets no answer.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --suffix 0007 --smsc-id hel1 --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --block +358401234567 --block bob --state-dir ./im',
    '<%= config.bin %> <%= command.id %> alice --suffix "" --number +358501234567 --no-admin --state-dir ./im',
  ];

  static override args = userArgs;
  static override flags = {
    ...userFlags,
    suffix: suffixFlag,
    number: ownNumberFlag,
    'smsc-id': userSmscFlag,
    admin: Flags.boolean({ description: 'may see rings and links of the whole bridge (scope admin)', allowNo: true }),
    default: Flags.boolean({ description: 'gets what handsets write to nobody else', allowNo: true }),
    block: Flags.string({
      description: 'number or name whose texts do not reach the user any more',
      helpValue: 'ADDRESS',
      multiple: true,
      multipleNonGreedy: true,
    }),
    unblock: Flags.string({
      description: 'number or name whose texts reach the user again',
      helpValue: 'ADDRESS',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerUsersSet);
    const name = await this.named(args);
    const { changesOf } = await import('../../../cli/im/user-settings.ts');
    const changes = changesOf(name, {
      suffix: flags.suffix,
      number: flags.number,
      smscId: flags['smsc-id'],
      admin: flags.admin,
      default: flags.default,
      block: flags.block ?? [],
      unblock: flags.unblock ?? [],
    });
    await this.change(flags['state-dir'], name, changes, { change: 'set', words: `✔ changed ${name}` });
  }
}
