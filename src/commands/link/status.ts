/** `link status`: how the link between buffer and IM server is, from either end. */
import { prose } from '../../cli/prose.ts';
import { smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';
import type { Look } from '../../cli/status/look-again.ts';
import { LookingCommand } from '../../cli/status/looking-command.ts';
import { watchFlags } from '../../cli/status/status-flags.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class LinkStatus extends LookingCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say how the link is, and why';
  static override description =
    prose(`Shows of each link whether it is up and since when, why it is not, round trips (of the last five minutes), the other
end's clock, what passes per second, what waits for a slot and what for an answer, how long that will take at the rate of
the last ten seconds, and what happened to the link lately. Asks the roles of these state directories; changes nothing.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> --smsc-id hel1 --json --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --watch --every 2s --state-dir buffer --state-dir im-server',
  ];

  static override flags = { 'state-dir': stateDirsFlag, 'smsc-id': smscIdFlag, ...watchFlags };

  override async run(): Promise<void> {
    const { flags } = await this.parse(LinkStatus);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const stateDirs = await findStateDirs(flags['state-dir']);
    await this.show(() => this.look(stateDirs, flags['smsc-id']), flags);
  }

  private async look(stateDirs: readonly string[], smscId: string | undefined): Promise<Look> {
    const { askRole } = await import('../../cli/status/ask-status.ts');
    const { linkDocument, linkEndsOf, linkLines, stoppedOf } = await import('../../cli/status/link-report.ts');
    const asked = await Promise.all(stateDirs.map(askRole));
    const ends = asked.flatMap((each) => linkEndsOf(each, smscId));
    const stopped = stoppedOf(asked);
    if (ends.length === 0) throw nobodyTells(stopped, smscId);
    const paint = await this.painter();
    const columns = process.stdout.columns ?? 120;
    const lines = ends.flatMap((end, i) => [...(i === 0 ? [] : ['']), ...linkLines(end, paint, columns)]);
    const note = stopped.length === 0 ? [] : ['', `does not run: ${stopped.join(', ')}`];
    const document = { schema: 'link.status/1', links: ends.map(linkDocument), stopped };
    return { lines: [...lines, ...note], documents: [document] };
  }
}

function nobodyTells(stopped: readonly string[], smscId: string | undefined): OperatorError {
  if (stopped.length > 0) {
    return new OperatorError({
      code: 'CONTROL_UNREACHABLE',
      message: `No role runs that could tell of a link: ${stopped.join(', ')}.`,
      hint: 'Start it; `buffer status` and `im-server status` say what the store of a stopped role holds.',
      exitStatus: 5,
      retryable: true,
    });
  }
  return new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: smscId === undefined ? 'There is no link in these roles.' : `There is no link of SMSC id ${smscId} here.`,
    hint: '`link status` without --smsc-id lists those there are.',
  });
}
