/** `cimd2 shell`: one login, many commands; typed on a terminal, or a script that runs unattended. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { resolveSmscLogin, smscLoginFlags } from '../../cli/cimd2/login-flags.ts';
import { durationFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';

export default class Cimd2Shell extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Talk CIMD2 with an SMSC, command by command';
  static override description =
    prose(`Logs in and takes commands: submit, enquire, cancel, fetch, any packet right or wrong, and what is expected of the SMSC.
On a terminal they are typed, with history and completion, and what comes meanwhile is shown above the line; help lists
them. With --script, or from stdin off a terminal, they are a script: it is checked whole before the login, and the
first line that fails ends it. Deliveries and reports are answered after they were printed, unless a command says otherwise.

Ends 7 where an expect failed, 4 where the login on the command line was refused, 5 where the SMSC is not reachable, and 6
where requests were left without an answer.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --smsc tcp://127.0.0.1:9971 --user app --password-file app.secret',
    '<%= config.bin %> <%= command.id %> --script docs/examples/cancel.cimd2',
    "printf 'submit +358401234567 Hello\\nexpect 53 !900\\n' | <%= config.bin %> <%= command.id %> --json",
    '<%= config.bin %> <%= command.id %> --no-login --window 4',
  ];

  static override flags = {
    ...smscLoginFlags,
    login: Flags.boolean({ description: 'log in before the first command', default: true, allowNo: true }),
    script: Flags.string({ description: 'commands from this file; - is stdin', helpValue: 'FILE' }),
    'keep-going': Flags.boolean({ description: 'go on after a line that failed' }),
    timeout: durationFlag({ description: 'longest wait for an answer', default: 60_000 }),
    alive: durationFlag({
      description: 'silence after which to ask whether the SMSC is there, 0 never; 60s on a terminal, 0 in a script',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Cimd2Shell);
    const { loadScript, readScriptFile, readScriptInput, stdinName } = await import('../../cli/cimd2/shell/script.ts');
    const isStdin = flags.script === '-' || (flags.script === undefined && !this.isInteractive());
    const file = isStdin ? stdinName : flags.script;
    // Judged before anything is asked or sent.
    const script =
      file === undefined
        ? undefined
        : await loadScript(file, isStdin ? await readScriptInput() : await readScriptFile(file));
    const login = await resolveSmscLogin(flags, flags.timeout, {
      require: (value, name, ask) => this.requireValue(value, name, ask),
      warn: (warning) => this.printNotice(warning),
    });
    const paint = await this.painter();
    if (script === undefined) {
      const { shellOnTerminal } = await import('../../cli/cimd2/shell/terminal.ts');
      const begin = flags.login ? 'log-in' : 'unbound';
      const status = await shellOnTerminal({ login, begin, aliveMs: flags.alive ?? 60_000, paint });
      if (status !== 0) this.exit(status);
      return;
    }
    const { runUnattended } = await import('../../cli/cimd2/shell/unattended.ts');
    const status = await runUnattended({
      login,
      script: flags.login ? script : { ...script, begins: 'unbound' },
      aliveMs: flags.alive ?? 0,
      afterFailure: flags['keep-going'] ? 'go-on' : 'stop',
      form: this.jsonEnabled() ? 'json' : 'text',
      paint,
    });
    if (status !== 0) this.exit(status);
  }
}
