/** What `buffer status` and `im-server status` share: which directories, and whose. */
import { OperatorError } from '../../core/base/errors.ts';
import type { AskedRole } from './ask-status.ts';
import type { Look } from './look-again.ts';
import { LookingCommand } from './looking-command.ts';

export interface StatusWishes {
  readonly stateDirs: readonly string[] | undefined;
  readonly role: 'buffer' | 'im-server';
  readonly isWanted: (asked: AskedRole) => boolean;
  readonly watch: boolean;
  readonly every: number;
}

export abstract class StatusCommand extends LookingCommand {
  protected async report(wishes: StatusWishes): Promise<void> {
    const { findStateDirs } = await import('../ring/state-dirs.ts');
    const stateDirs = await findStateDirs(wishes.stateDirs);
    await this.show(() => this.look(stateDirs, wishes), wishes);
  }

  private async look(stateDirs: readonly string[], { role, isWanted, stateDirs: given }: StatusWishes): Promise<Look> {
    const { askRole, roleOf } = await import('./ask-status.ts');
    const { roleReport } = await import('./role-report.ts');
    const all = await Promise.all(stateDirs.map(askRole));
    const other = all.find((asked) => roleOf(asked) !== role);
    // Of the usual places those of the other role are passed over; a given one was meant.
    if (given !== undefined && other !== undefined) throw wrongRole(role, roleOf(other), other.stateDir);
    const asked = all.filter((each) => roleOf(each) === role && isWanted(each));
    if (asked.length === 0) throw none(role);
    const paint = await this.painter();
    const reports = asked.map((each) => roleReport(each, paint, process.stdout.columns ?? 120));
    return {
      lines: reports.flatMap(({ lines }, i) => (i === 0 ? lines : ['', ...lines])),
      documents: reports.map(({ document }) => document),
    };
  }
}

function wrongRole(wanted: string, found: string, stateDir: string): OperatorError {
  return new OperatorError({
    code: 'STORE_WRONG_ROLE',
    message: `${stateDir} belongs to ${found === 'im-server' ? 'an IM server' : 'a buffer'}.`,
    hint: `Ask with \`${found} status\`, or give the --state-dir of ${wanted === 'im-server' ? 'an IM server' : 'a buffer'}.`,
  });
}

function none(role: string): OperatorError {
  return new OperatorError({
    code: 'STORE_MISSING',
    message: `There is no ${role === 'buffer' ? 'such buffer' : 'IM server'} in these state directories.`,
    hint: 'Give its --state-dir.',
  });
}
