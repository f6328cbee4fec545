/** `config show`: the settings with which a role would start. */
import { Flags } from '@oclif/core';
import { ConfigCommand, roleArg } from '../../cli/config/config-command.ts';
import { prose } from '../../cli/prose.ts';

export default class ConfigShow extends ConfigCommand {
  static override enableJsonFlag = true;
  static override summary = 'Show the settings with which a role would start';
  static override description =
    prose(`Takes the environment, the file of --config and the defaults as \`start\` would, without its flags, and prints what is in force
as a config file; what has no value is a comment. With --origin each line says where its value came from. Secrets that the environment
holds are starred; files with secrets are named. Nothing is started.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> smsc',
    '<%= config.bin %> <%= command.id %> buffer --origin',
    '<%= config.bin %> <%= command.id %> im-server --json --config /etc/ringbridge/im-server.toml',
  ];

  static override args = { role: roleArg };
  static override flags = {
    config: Flags.string({
      description: 'TOML file with settings, as of `start` [env: RINGBRIDGE_CONFIG]',
      helpValue: 'FILE',
    }),
    origin: Flags.boolean({ description: 'say behind each value where it came from' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigShow);
    const role = await this.roleOf(args.role);
    const { roleTables } = await import('../../cli/config/role-tables.ts');
    const { inForceDocument, inForceLines, settingsInForce } = await import('../../cli/config/in-force.ts');
    const { settings, warnings } = await settingsInForce(roleTables[role], flags.config, process.env);
    for (const warning of warnings) this.printNotice(warning);
    const lines = inForceLines(settings, flags.origin ? 'told' : 'untold');
    this.printResult(inForceDocument(role, settings), lines.join('\n'));
  }
}
