/** `ring verify`: whether the rings, and all that was recorded of them, keep the rules. */

import { BaseCommand } from '../../cli/base-command.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { prose } from '../../cli/prose.ts';
import { stateDirsFlag } from '../../cli/ring-flags.ts';

export default class RingVerify extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Check that rings and recordings keep the rules';
  static override description =
    prose(`Reads every record of the rings: each number in its slot, contents by their hash, outcomes and attempts by the status,
no message twice. Compares both ends where both are given. Reads every move that was recorded: only along the table,
never back, no slot reused before it is settled, and the last one as the store has it. Prints a line for every rule that
is broken, and ends 7 then. Changes nothing; works on running roles, stopped ones and copies.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> --state-dir buffer --state-dir im-server --json',
  ];

  static override flags = { 'state-dir': stateDirsFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(RingVerify);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { verify } = await import('../../cli/ring/verify.ts');
    const { verifyDocument, verifyLines } = await import('../../cli/ring/verify-lines.ts');
    const dirs = await findStateDirs(flags['state-dir']);
    const found = await this.withSpinner('checking rings and recordings', () => verify(dirs));
    this.printResult(verifyDocument(found), verifyLines(found, await this.painter()).join('\n'));
    if (found.broken.length > 0) this.exit(exitStatus.checkFailed);
  }
}
