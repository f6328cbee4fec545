/** `ring resolve`: says of a message in doubt whether it was sent. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { yesFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class RingResolve extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Decide a message in doubt';
  static override description =
    prose(`A message is in doubt when it was submitted and its answer never came. --as sent ends it as confirmed by your word;
--as not-sent submits it again, marked as a possible duplicate. Look at the SMSC's records first: this cannot be undone.
Asks before it does anything, unless --yes is given.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> 47 --as sent --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> 47 --as not-sent --smsc-id hel1 --state-dir im-server --yes --json',
  ];

  static override args = {
    slot: Args.integer({ description: 'slot of the message', min: 1, max: 255, ignoreStdin: true }),
  };

  static override flags = {
    as: Flags.option({ description: 'whether it was sent', options: ['sent', 'not-sent'] as const })(),
    'state-dir': stateDirsFlag,
    'smsc-id': smscIdFlag,
    lane: Flags.option({
      description: 'only messages to handsets can be in doubt',
      options: ['mt'] as const,
      default: 'mt',
    })(),
    yes: yesFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RingResolve);
    const slot = await this.requireValue(args.slot, 'SLOT', async () => {
      const { askParsed } = await import('../../cli/prompts.ts');
      return askParsed('Slot:', parseSlot);
    });
    const as = await this.requireValue(flags.as, '--as sent|not-sent', async () => {
      const { askYesNo } = await import('../../cli/prompts.ts');
      return (await askYesNo('Was it sent, by the records of the SMSC?')) ? ('sent' as const) : ('not-sent' as const);
    });
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { readAllRings } = await import('../../cli/ring/ring-source.ts');
    const { findDoubtful } = await import('../../cli/ring/doubtful-slot.ts');
    const { callControl } = await import('../../shell/control-client.ts');
    const read = await readAllRings(await findStateDirs(flags['state-dir']));
    const doubtful = findDoubtful(read.dirs, slot, flags['smsc-id']);
    if (!flags.yes) await this.confirm(doubtful, slot, as);
    await callControl(doubtful.stateDir, 'POST /resolve', { smscId: doubtful.smscId, slot, as });
    const effect = as === 'sent' ? 'confirmed by your word' : 'it is submitted again, marked as a possible duplicate';
    this.printResult(
      { schema: 'ring.resolved/1', smscId: doubtful.smscId, lane: 'mt', slot, as },
      `slot ${slot} of ${doubtful.smscId}: resolved as ${as}; ${effect}`,
    );
  }

  private async confirm(
    doubtful: import('../../cli/ring/doubtful-slot.ts').DoubtfulSlot,
    slot: number,
    as: 'sent' | 'not-sent',
  ): Promise<void> {
    const { slotDetailLines } = await import('../../cli/ring/slot-detail.ts');
    const options = { paint: await this.painter(), privacy: 'mask', now: Date.now() } as const;
    for (const line of slotDetailLines(doubtful.smscId, doubtful.pair, slot, options) ?? []) this.printNotice(line);
    const isSure = await this.requireValue(undefined, '--yes', async () => {
      const { askYesNo } = await import('../../cli/prompts.ts');
      return askYesNo(`Resolve slot ${slot} of ${doubtful.smscId} as ${as}? This cannot be undone.`);
    });
    if (isSure) return;
    throw new OperatorError({
      code: 'USAGE_INTERRUPTED',
      message: 'Nothing was changed.',
      hint: 'Run it again when it is decided.',
      exitStatus: 130,
    });
  }
}

function parseSlot(text: string) {
  const slot = Number(text);
  return Number.isInteger(slot) && slot >= 1 && slot <= 255
    ? ({ ok: true, value: slot } as const)
    : ({ ok: false, fault: { code: 'USAGE_BAD_VALUE', message: 'A slot is a number from 1 to 255.' } } as const);
}
