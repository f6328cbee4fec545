/** `doctor`: is everything in place that the bridge needs, and does it stand in the right place. */
import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { exitStatus } from '../cli/exit-status.ts';
import { prose } from '../cli/prose.ts';
import { OperatorError } from '../core/base/errors.ts';

export default class Doctor extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Check everything that the bridge needs on this machine';
  static override description =
    prose(`Looks at config files, state directories and their rights, who holds them, disks, clocks, names, certificates, the way to
the SMSC and to the IM server, and what running roles say of themselves. From the SMSC's turn-around and the link's round
trip it reckons the best possible rate, and says whether the buffer stands in the right place. With --login it also logs
in to the SMSC, which may end another session of the same account. What is not given is taken from config files and from
roles that run. Changes nothing. Ends 7 if a check failed. --bundle writes a file for a bug report, as \`ring export\`
does, with all of this beside rings and recordings: without secrets, numbers and texts masked unless --reveal is given.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --config /etc/ringbridge/hel1.toml --login',
    '<%= config.bin %> <%= command.id %> --bundle report.tar.gz --state-dir ./hel1',
    '<%= config.bin %> <%= command.id %> --smsc tcp://127.0.0.1:9971 --im-server ws://127.0.0.1:8080/link --json',
  ];

  static override flags = {
    config: Flags.string({
      description: 'config file of a role; may be repeated',
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'state-dir': Flags.string({
      description:
        "state directory of a role; may be repeated; those of the config files, or this user's usual ones, if left out [env: RINGBRIDGE_STATE_DIR]",
      helpValue: 'DIR',
      multiple: true,
      multipleNonGreedy: true,
    }),
    smsc: Flags.string({ description: 'address of the SMSC', helpValue: 'URL', env: 'RINGBRIDGE_SMSC' }),
    'im-server': Flags.string({
      description: 'link of the IM server: wss://HOST[:PORT]/link',
      helpValue: 'URL',
      env: 'RINGBRIDGE_IM_SERVER',
    }),
    'tls-ca': Flags.string({
      description: 'certificates to trust, instead of those of the system',
      helpValue: 'FILE',
    }),
    login: Flags.boolean({ description: 'log in to the SMSC, ask ten times for a sign of life, log out' }),
    user: Flags.string({
      description: 'account at the SMSC, for --login [env: RINGBRIDGE_SMSC_USER]',
      helpValue: 'NAME',
    }),
    bundle: Flags.string({
      description: 'also write all of it, with config files, rings, recordings and versions, into this one file',
      helpValue: 'FILE',
    }),
    reveal: Flags.boolean({
      description: 'numbers and texts in full in the file of --bundle',
      dependsOn: ['bundle'],
    }),
    'password-file': Flags.string({
      description: 'file with its password [env: RINGBRIDGE_SMSC_PASSWORD, also with _FILE]',
      helpValue: 'FILE',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const { doctorDocument, examine } = await import('../cli/doctor/examine.ts');
    const { checkLines, summaryLine } = await import('../cli/doctor/check.ts');
    const { roleTables } = await import('../cli/config/role-tables.ts');
    const examination = await this.withSpinner('looking', () =>
      examine({
        configs: flags.config ?? [],
        tables: roleTables,
        given: {
          ...{ smsc: flags.smsc, 'im-server': flags['im-server'], 'tls-ca': flags['tls-ca'] },
          user: flags.user ?? process.env['RINGBRIDGE_SMSC_USER'],
        },
        stateDirs: flags['state-dir'] ?? 'usual',
        findUsual: usualDirs,
        login: flags.login ? () => this.password(flags['password-file']) : undefined,
      }),
    );
    const paint = await this.painter();
    const { checks } = examination;
    if (flags.bundle !== undefined) await this.bundle(flags.bundle, examination, flags);
    this.printResult(doctorDocument(examination), [...checkLines(checks, paint), '', summaryLine(checks)].join('\n'));
    if (checks.some(({ result }) => result === 'failed')) this.exit(exitStatus.checkFailed);
  }

  private async bundle(
    path: string,
    examination: import('../cli/doctor/examine.ts').Examination,
    flags: { readonly config: readonly string[] | undefined; readonly reveal: boolean },
  ): Promise<void> {
    const { bundledReport } = await import('../cli/doctor/bundled-report.ts');
    const { bundleLine, exportBundle } = await import('../cli/ring/bundle.ts');
    const privacy = flags.reveal ? 'reveal' : 'mask';
    const report = await bundledReport(examination, flags.config ?? [], privacy);
    const stateDirs = examination.asked.map(({ stateDir }) => stateDir);
    const note = await exportBundle(path, stateDirs, { privacy, now: Date.now(), report });
    this.printNotice(bundleLine(path, note));
  }

  private async password(file: string | undefined): Promise<string> {
    const { findPassword } = await import('../cli/credentials.ts');
    const found = await findPassword({
      ...{ file, variable: 'RINGBRIDGE_SMSC_PASSWORD' },
      warn: (text) => this.printNotice(text),
    });
    return this.requireValue(found, '--password-file (or RINGBRIDGE_SMSC_PASSWORD)', async () => {
      const { askSecret } = await import('../cli/prompts.ts');
      return askSecret('Password at the SMSC:');
    });
  }
}

/** None is no error here: there is more to look at. */
async function usualDirs(): Promise<readonly string[]> {
  const { findStateDirs } = await import('../cli/ring/state-dirs.ts');
  try {
    return await findStateDirs(undefined);
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'CONFIG_MISSING') return [];
    throw error;
  }
}
