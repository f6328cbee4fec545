/** `buffer status`: is it well, and if not, what to do. */
import { prose } from '../../cli/prose.ts';
import { smscIdFlag } from '../../cli/ring-flags.ts';
import { StatusCommand } from '../../cli/status/status-command.ts';
import { roleDirsFlag, watchFlags } from '../../cli/status/status-flags.ts';

export default class BufferStatus extends StatusCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say whether a buffer is well, and if not, what to do';
  static override description =
    prose(`The first line is the verdict, with what to do where it is not well. Below: the session with the SMSC and its answers, the
link, both rings, disk and recorder. A buffer that does not run is told of as its store says. Changes nothing. Ends 0
whenever it could be asked; a script reads "well" of the document.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> --json --state-dir buffer | jq .well',
    '<%= config.bin %> <%= command.id %> --watch --state-dir buffer',
  ];

  static override flags = { 'state-dir': roleDirsFlag, 'smsc-id': smscIdFlag, ...watchFlags };

  override async run(): Promise<void> {
    const { flags } = await this.parse(BufferStatus);
    const { smscIdsOf } = await import('../../cli/status/ask-status.ts');
    const smscId = flags['smsc-id'];
    await this.report({
      ...{ stateDirs: flags['state-dir'], role: 'buffer', watch: flags.watch, every: flags.every },
      isWanted: (asked) => smscId === undefined || smscIdsOf(asked).includes(smscId),
    });
  }
}
