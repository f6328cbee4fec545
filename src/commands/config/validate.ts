/** `config validate`: whether a config file can be started with. */
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { configRoles } from '../../cli/config/roles.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { prose } from '../../cli/prose.ts';

export default class ConfigValidate extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Check a config file without starting anything';
  static override description =
    prose(`Reads the file as the role would, files with secrets too, and says of each problem where it is and what helps. What the
file leaves out is not missed: flags and environment may say it. Ends 7 if something is wrong.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> /etc/ringbridge/im-server.toml',
    '<%= config.bin %> <%= command.id %> buffer.toml --role buffer --json',
  ];

  static override args = { file: Args.string({ description: 'the file of --config' }) };
  static override flags = {
    role: Flags.string({
      description: 'role that it is for; left out: the one whose settings are in it',
      options: configRoles,
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigValidate);
    const path = await this.requireValue(args.file, 'FILE', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('Config file:');
    });
    const { validateConfig } = await import('../../cli/config/validate.ts');
    const { roleTables } = await import('../../cli/config/role-tables.ts');
    const wanted = configRoles.find((role) => role === flags.role);
    const { role, problems, warnings } = await validateConfig(path, roleTables, wanted);
    for (const warning of warnings) this.printNotice(warning);
    const lines =
      problems.length === 0
        ? [`✔ ${path} is a config file of ${role}; nothing is wrong in it`]
        : problems.map(({ where, message, hint }) => `✘ ${where}: ${message}\n  ${hint}`);
    this.printResult({ schema: 'config.validated/1', ok: problems.length === 0, role, problems }, lines.join('\n'));
    if (problems.length > 0) this.exit(exitStatus.checkFailed);
  }
}
