/** `ring diff`: the buffer's copy, the IM server's, and what was recorded, side by side. */

import { BaseCommand } from '../../cli/base-command.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { prose } from '../../cli/prose.ts';
import { smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';

export default class RingDiff extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Compare the two ends of the rings, and what was recorded of them';
  static override description =
    prose(`Puts the buffer's copy, the IM server's and what their recordings say side by side, and lists every slot in which they
differ, with the verdict that a comparison of the two ends comes to and the step that follows. Running roles are looked
at twice: what changed meanwhile was on its way. Ends 7 where anything else differs, or where a recording cannot be read
to its end. Changes nothing; \`sync replay\` brings two ends into step.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --smsc-id hel1 --state-dir buffer --state-dir im-server --json',
  ];

  static override flags = { 'state-dir': stateDirsFlag, 'smsc-id': smscIdFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(RingDiff);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { diffRings, isInOrder } = await import('../../cli/ring/diff.ts');
    const { diffDocument, diffLines } = await import('../../cli/ring/diff-lines.ts');
    const dirs = await findStateDirs(flags['state-dir']);
    const diff = await this.withSpinner('comparing both ends', () => diffRings(dirs, flags['smsc-id']));
    this.printResult(diffDocument(diff), diffLines(diff, await this.painter(), Date.now()).join('\n'));
    if (!isInOrder(diff)) this.exit(exitStatus.checkFailed);
  }
}
