/** `ring export`: rings and recordings in one file, for a report of a bug. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag } from '../../cli/flags.ts';
import type { Privacy } from '../../cli/mask.ts';
import { prose } from '../../cli/prose.ts';
import { stateDirsFlag } from '../../cli/ring-flags.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class RingExport extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Put rings and recordings into one file, for somebody who looks for a bug';
  static override description =
    prose(`Writes a gzipped tar with the rings of the state directories as they are now and their recordings. Numbers and texts are
masked in all of it unless --reveal is given; only a bundle with --reveal can be played back with \`sync replay\`. Passwords
are in neither. \`ring import\` unpacks it elsewhere, and the commands that look at rings read what it unpacked.
With --pcap the file is a capture of the CIMD2 packets of one recording instead, for Wireshark: packets, directions and times are real, TCP/IP around them is made up.
Of several state directories it takes the one whose role speaks CIMD2: the buffer's.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> bundle.tar.gz --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> bundle.tar.gz --reveal --json --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> smsc.pcapng --pcap',
  ];

  static override args = { file: Args.string({ description: 'a file that does not exist yet', ignoreStdin: true }) };

  static override flags = {
    'state-dir': stateDirsFlag,
    reveal: revealFlag,
    pcap: Flags.boolean({
      description: 'the CIMD2 packets of the recording of one buffer or simulated SMSC, as pcapng',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RingExport);
    const file = await this.requireValue(args.file, 'FILE', async () => {
      const { input } = await import('@inquirer/prompts');
      return input({ message: 'File to write:', default: 'bundle.tar.gz' });
    });
    const privacy = flags.reveal ? 'reveal' : 'mask';
    if (flags.pcap) return this.capture(file, flags['state-dir'], privacy);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { bundleLine, exportBundle } = await import('../../cli/ring/bundle.ts');
    const dirs = await findStateDirs(flags['state-dir']);
    const options = { privacy, now: Date.now() } as const;
    const note = await this.withSpinner('writing the bundle', () => exportBundle(file, dirs, options));
    this.printResult({ ...note, schema: 'ring.exported/1', file }, bundleLine(file, note));
  }

  private async capture(file: string, given: readonly string[] | undefined, privacy: Privacy): Promise<void> {
    const { findCapturable } = await import('../../cli/recording/captured-dirs.ts');
    const stateDir = await this.onlyOne(await findCapturable(given));
    const { captureDocument, captureLines, writeCapture } = await import('../../cli/recording/write-capture.ts');
    const capture = await this.withSpinner('writing the capture', async () => writeCapture(stateDir, file, privacy));
    this.printResult(captureDocument(file, capture), captureLines(file, capture).join('\n'));
  }

  /** Of one recording: those of both ends of a line would have the same packets twice. */
  private async onlyOne(stateDirs: readonly string[]): Promise<string> {
    const [only, other] = stateDirs;
    if (only !== undefined && other === undefined) return only;
    if (this.isInteractive()) {
      const { askChoice } = await import('../../cli/prompts.ts');
      return askChoice('Whose packets?', stateDirs);
    }
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `--pcap needs one --state-dir: there are recordings with CIMD2 packets in ${stateDirs.join(', ')}.`,
      hint: 'Name one of them.',
    });
  }
}
