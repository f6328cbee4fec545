/** `im-server route`: where a text would go, and by which rule. */
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { phoneFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';

export default class ImServerRoute extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say where a text would go, without sending it';
  static override description =
    prose(`With a number: through which SMSC a text to it would leave, and which come after that. With --from and --to: who would get
what a handset writes. Asks the running server of --state-dir; with --config, the routes of that file, and users and
handsets of the state directory if one is given. Changes nothing.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +639171234567 --state-dir ./im',
    '<%= config.bin %> <%= command.id %> +639171234567 --user alice --config /etc/ringbridge/im-server.toml',
    '<%= config.bin %> <%= command.id %> --from +639171234567 --to 28820001 "Hello" --state-dir ./im --json',
  ];

  static override args = { subject: Args.string({ description: 'number to write to; with --from, the text' }) };
  static override flags = {
    'state-dir': Flags.string({
      description: 'state directory of the IM server, running or stopped',
      helpValue: 'DIR',
      env: 'RINGBRIDGE_STATE_DIR',
    }),
    config: Flags.string({
      description: 'file with the settings of `im-server start`',
      helpValue: 'FILE',
      env: 'RINGBRIDGE_CONFIG',
    }),
    user: Flags.string({ description: 'who writes, for the default SMSC of the user', helpValue: 'NAME' }),
    from: phoneFlag({ description: 'the handset that writes', dependsOn: ['to'], exclusive: ['user'] }),
    to: phoneFlag({ description: 'the number that it calls', dependsOn: ['from'] }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImServerRoute);
    const subject = await this.requireValue(args.subject, flags.from === undefined ? 'NUMBER' : 'TEXT', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText(flags.from === undefined ? 'Number to write to:' : 'Text of the handset:');
    });
    const { askRoute } = await import('../../cli/im/route-question.ts');
    const { routeLines } = await import('../../cli/im/route-lines.ts');
    const { from, to, user } = flags;
    const question =
      from === undefined || to === undefined
        ? ({ type: 'to-handset', number: subject, user } as const)
        : ({ type: 'from-handset', from, to, text: subject } as const);
    const settings = flags.config === undefined ? undefined : await this.#settingsOf(flags.config);
    const { answer, askedOf } = await askRoute(question, { stateDir: flags['state-dir'], settings });
    this.printResult({ schema: 'im.route/1', ...answer, askedOf }, routeLines(answer).join('\n'));
  }

  async #settingsOf(config: string) {
    const { imServerSettings: settings } = await import('../../cli/im/start-settings.ts');
    const { resolveFile } = await import('../../cli/settings.ts');
    const { routingInFile } = await import('../../cli/im/routing-settings.ts');
    const { values, warnings } = await resolveFile(settings, config);
    for (const warning of warnings) this.printNotice(warning);
    return routingInFile(
      values,
      values.buffer?.map((row) => row['smsc-id']),
    );
  }
}
