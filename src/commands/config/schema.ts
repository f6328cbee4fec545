/** `config schema`: what may stand in a config file, for editors. */
import { ConfigCommand, roleArg } from '../../cli/config/config-command.ts';
import { prose } from '../../cli/prose.ts';

export default class ConfigSchema extends ConfigCommand {
  static override summary = 'Print the JSON Schema of a config file';
  static override description =
    prose(`For editors that complete and check TOML: names, words, ranges and defaults of a role's settings. What no schema can say,
such as how a duration is written, is in the descriptions and checked by \`config validate\`.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> buffer',
    '<%= config.bin %> <%= command.id %> im-server > im-server.schema.json',
  ];

  static override args = { role: roleArg };

  override async run(): Promise<void> {
    const { args } = await this.parse(ConfigSchema);
    const role = await this.roleOf(args.role);
    const { roleTables } = await import('../../cli/config/role-tables.ts');
    const { fileSchema } = await import('../../cli/config/file-schema.ts');
    this.printLine(JSON.stringify(fileSchema(role, roleTables[role]), undefined, 2));
  }
}
