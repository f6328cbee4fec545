/** `config init`: a config file to begin with. */
import { ConfigCommand, roleArg } from '../../cli/config/config-command.ts';
import { prose } from '../../cli/prose.ts';

export default class ConfigInit extends ConfigCommand {
  static override summary = 'Print a config file to begin with';
  static override description =
    prose(`Prints every setting of a role with what it does: defaults as comments, what is required to be filled in. \`config validate\`
checks what you made of it.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> smsc',
    '<%= config.bin %> <%= command.id %> buffer > hel1.toml',
  ];

  static override args = { role: roleArg };

  override async run(): Promise<void> {
    const { args } = await this.parse(ConfigInit);
    const role = await this.roleOf(args.role);
    const { roleTables } = await import('../../cli/config/role-tables.ts');
    const { templateLines } = await import('../../cli/config/template.ts');
    this.printLine(templateLines(role, roleTables[role]).join('\n'));
  }
}
