/** `im-server status`: is it well, and if not, what to do. */
import { prose } from '../../cli/prose.ts';
import { StatusCommand } from '../../cli/status/status-command.ts';
import { roleDirsFlag, watchFlags } from '../../cli/status/status-flags.ts';

export default class ImServerStatus extends StatusCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say whether an IM server is well, and if not, what to do';
  static override description =
    prose(`The first line is the verdict, with what to do where it is not well. Below: each SMSC with its link and both rings, people
and gateways, disk and recorder. A server that does not run is told of as its store says. Changes nothing. Ends 0
whenever it could be asked; a script reads "well" of the document.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir /var/lib/ringbridge/im-server',
    '<%= config.bin %> <%= command.id %> --json --state-dir im-server | jq .well',
    '<%= config.bin %> <%= command.id %> --watch --state-dir im-server',
  ];

  static override flags = { 'state-dir': roleDirsFlag, ...watchFlags };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImServerStatus);
    const wishes = { stateDirs: flags['state-dir'], watch: flags.watch, every: flags.every };
    await this.report({ ...wishes, role: 'im-server', isWanted: () => true });
  }
}
