/** `ring history`: what happened in a slot, or to a message, from the recordings of both ends. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag, valueOrThrow } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { lookBackFlags } from '../../cli/recording/look-back-flags.ts';
import { laneFlag, smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';

export default class RingHistory extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Show what happened in a slot, or to a message';
  static override description =
    prose(`Lists every move that was recorded, of both ends in order of time, with what caused it: the packet, the entry on the
link, the operator. Reads the recordings in the state directories (\`--record 64MiB\` of buffer start and im-server
start), of running roles and of stopped ones, and changes nothing. Times are on the IM server's clock where messages tell how
far the buffer's is off, and it says how sure that is; otherwise each end's own. With --packets every
packet of those moments is shown; those that were sent come from playing the recording, which takes longer.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> 47 --lane mt --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> seq:47 --packets --state-dir buffer',
    '<%= config.bin %> <%= command.id %> 0192b5a0-0000-7000 --since 1h --json --state-dir im-server',
  ];

  static override args = {
    target: Args.string({
      description: 'a slot (47), a sequence number (seq:47, or above 255), or the beginning of a message id',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    'state-dir': stateDirsFlag,
    'smsc-id': smscIdFlag,
    lane: laneFlag(),
    ...lookBackFlags,
    packets: Flags.boolean({ description: 'every packet of those moments, also what was sent' }),
    reveal: revealFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RingHistory);
    const { parseTarget, readHistory } = await import('../../cli/ring/history.ts');
    const { historyDocument, historyLines } = await import('../../cli/ring/history-lines.ts');
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { lookBackOf } = await import('../../cli/recording/look-back-flags.ts');
    const target = await this.requireValue(
      args.target === undefined ? undefined : valueOrThrow(parseTarget(args.target)),
      'SLOT, SEQ or MESSAGE',
      async () => {
        const { askParsed } = await import('../../cli/prompts.ts');
        return askParsed('Slot, seq:NUMBER or message id:', parseTarget);
      },
    );
    const now = Date.now();
    const { since, until, last } = lookBackOf(flags, now);
    const packets = flags.packets ? 'play' : 'skip';
    const dirs = await findStateDirs(flags['state-dir']);
    const query = { target, smscId: flags['smsc-id'], lane: flags.lane, since, until, packets } as const;
    const read = await this.withSpinner('reading recordings', async () => readHistory(dirs, query));
    const history = last === undefined ? read : { ...read, items: read.items.slice(-last) };
    const privacy = flags.reveal ? 'reveal' : 'mask';
    for (const dir of history.unrecorded) this.printNotice(`Nothing is recorded in ${dir}.`);
    const hasMoves = history.items.some(({ type }) => type === 'move');
    const told = history.items.length > 0 ? historyLines(history, { paint: await this.painter(), privacy, now }) : [];
    const lines = [...told, ...(hasMoves ? [] : ['Nothing that was recorded moved it.'])];
    this.printResult(historyDocument(history, privacy), lines.join('\n'));
  }
}
