/** `sync status`: what is being caught up, how much is left, how long it will take. */
import { prose } from '../../cli/prose.ts';
import { smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';
import type { Look } from '../../cli/status/look-again.ts';
import { LookingCommand } from '../../cli/status/looking-command.ts';
import { watchFlags } from '../../cli/status/status-flags.ts';

export default class SyncStatus extends LookingCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say what is being caught up, how much is left, and how long it will take';
  static override description =
    prose(`Compares the two ends of each link as \`sync replay --dry-run\` does and says whether they are in step, catching up, comparing,
apart or held; per lane what one end lacks of the other, what waits, and how long that takes at the round trip and the rate
of the moment. With one state directory only what that end knows. Changes nothing.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --smsc-id hel1 --json --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --watch --state-dir buffer --state-dir im-server',
  ];

  static override flags = { 'state-dir': stateDirsFlag, 'smsc-id': smscIdFlag, ...watchFlags };

  override async run(): Promise<void> {
    const { flags } = await this.parse(SyncStatus);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const stateDirs = await findStateDirs(flags['state-dir']);
    await this.show(() => this.look(stateDirs, flags['smsc-id']), flags);
  }

  private async look(stateDirs: readonly string[], smscId: string | undefined): Promise<Look> {
    const { askSync } = await import('../../cli/sync/ask-sync.ts');
    const { syncDocument, syncLines, syncStatus } = await import('../../cli/sync/sync-status.ts');
    const { withIsoTimes } = await import('../../cli/status/iso-times.ts');
    const sources = await askSync(stateDirs, smscId);
    const paint = await this.painter();
    const told = sources.map((source) => ({ source, status: syncStatus(source) }));
    const lines = told.flatMap(({ source, status }, i) => [
      ...(i === 0 ? [] : ['']),
      ...syncLines(status, source.ends, paint, source.now, process.stdout.columns ?? 120),
    ]);
    const smscs = told.map(({ status }) => syncDocument(status));
    return { lines, documents: [withIsoTimes({ schema: 'sync.status/1', smscs })] };
  }
}
