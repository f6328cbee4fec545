/** `ring export`: rings and recordings in one file, for a report of a bug. */

import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { stateDirsFlag } from '../../cli/ring-flags.ts';

export default class RingExport extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Put rings and recordings into one file, for somebody who looks for a bug';
  static override description =
    prose(`Writes a gzipped tar with the rings of the state directories as they are now and their recordings. Numbers and texts are
masked in all of it unless --reveal is given; only a bundle with --reveal can be played back with \`sync replay\`. Passwords
are in neither. \`ring import\` unpacks it elsewhere, and the commands that look at rings read what it unpacked.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> bundle.tar.gz --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> bundle.tar.gz --reveal --json --state-dir /var/lib/ringbridge/buffer-hel1',
  ];

  static override args = { file: Args.string({ description: 'a file that does not exist yet', ignoreStdin: true }) };

  static override flags = { 'state-dir': stateDirsFlag, reveal: revealFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RingExport);
    const file = await this.requireValue(args.file, 'FILE', async () => {
      const { input } = await import('@inquirer/prompts');
      return input({ message: 'File to write:', default: 'bundle.tar.gz' });
    });
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { exportBundle } = await import('../../cli/ring/bundle.ts');
    const dirs = await findStateDirs(flags['state-dir']);
    const options = { privacy: flags.reveal ? 'reveal' : 'mask', now: Date.now() } as const;
    const note = await this.withSpinner('writing the bundle', () => exportBundle(file, dirs, options));
    const parts = note.dirs.map(({ name, recordedFiles }) => `${name} (${recordedFiles} recorded files)`);
    this.printResult({ ...note, schema: 'ring.exported/1', file }, `${file}   ${note.privacy}   ${parts.join(', ')}`);
  }
}
