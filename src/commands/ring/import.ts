/** `ring import`: unpacks what `ring export` put into one file. */

import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { prose } from '../../cli/prose.ts';

export default class RingImport extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Unpack a bundle of rings and recordings, to look into it';
  static override description =
    prose(`Unpacks what \`ring export\` wrote into a new directory. With --state-dir DIR the commands that look at rings read all of
it: inspect, history, verify and diff. No role can be started on it.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> bundle.tar.gz bug-4711',
    '<%= config.bin %> <%= command.id %> bundle.tar.gz bug-4711 --json',
  ];

  static override args = {
    file: Args.string({ description: 'the bundle', ignoreStdin: true }),
    dir: Args.string({ description: 'a directory that does not exist yet', ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { args } = await this.parse(RingImport);
    const ask = async (message: string) => (await import('@inquirer/prompts')).input({ message });
    const file = await this.requireValue(args.file, 'FILE', () => ask('Bundle:'));
    const dir = await this.requireValue(args.dir, 'DIR', () => ask('Directory to make:'));
    const { importBundle } = await import('../../cli/ring/bundle.ts');
    const note = await this.withSpinner('unpacking the bundle', () => importBundle(file, dir));
    const parts = note.dirs.map(({ name, role, state }) => `${name} (${role}, ${state})`);
    this.printResult(
      { ...note, schema: 'ring.imported/1', dir },
      [
        `${dir}   ${note.privacy}, made ${note.madeAt} by ringbridge ${note.version}   ${parts.join(', ')}`,
        `→ ringbridge ring inspect --state-dir ${dir}`,
      ].join('\n'),
    );
  }
}
