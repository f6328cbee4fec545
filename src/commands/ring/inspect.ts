/** `ring inspect`: what is in the rings, from running roles or from the stores of stopped ones. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag, valueOrThrow } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { laneFlag, smscIdFlag, stateDirsFlag } from '../../cli/ring-flags.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class RingInspect extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Show what is in the rings';
  static override description =
    prose(`Lists the slots in use, with the status that each end gives them; with --map every slot as one letter;
with SLOT both copies of that slot in full. --at shows them as they were, from the recordings of the roles. Asks
running roles through their control sockets and reads the stores of stopped ones. Changes nothing. Numbers and texts are
masked unless --reveal is given.

On a terminal and without SLOT, --map, --at or a filter it is a screen of the rings, live, to move about in: Enter opens
a slot, / filters, t goes back in time where the roles record, ? tells all keys, q leaves. --watch is that screen in any
case; in a pipe it goes on and prints a line of JSON for every change: which slots became what.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir /var/lib/ringbridge/buffer-hel1',
    '<%= config.bin %> <%= command.id %> --map --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> 47 --lane mt --reveal --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --status in-doubt,refused --json --state-dir im-server',
    "<%= config.bin %> <%= command.id %> --age '>30s' --map --state-dir buffer",
    '<%= config.bin %> <%= command.id %> --at 14:03:07 --state-dir buffer --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --watch --lane mt --state-dir buffer | jq -c .slots',
  ];

  static override args = {
    slot: Args.integer({ description: 'this slot in full', min: 1, max: 255, ignoreStdin: true }),
  };

  static override flags = {
    'state-dir': stateDirsFlag,
    'smsc-id': smscIdFlag,
    side: Flags.option({
      description: 'which copy',
      options: ['buffer', 'im-server', 'both'] as const,
      default: 'both',
    })(),
    lane: laneFlag(),
    status: Flags.string({
      description: 'slots with one of these statuses, instead of those in use',
      helpValue: 'LIST',
    }),
    age: Flags.string({
      description: "slots that have not moved for longer ('>30s'), or that moved later ('<5m'), than this",
      helpValue: 'AGE',
      exclusive: ['watch'],
    }),
    at: Flags.string({
      description: 'as they were at this time: 14:03:07, or an ISO 8601 time; needs recordings',
      helpValue: 'TIME',
      exclusive: ['watch'],
    }),
    map: Flags.boolean({ description: 'every slot as one letter, 64 to a row; what a filter leaves out is blank' }),
    watch: Flags.boolean({
      description: 'go on, and show what changes, at most ten times a second',
      exclusive: ['map'],
    }),
    reveal: revealFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RingInspect);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { pairRings, refuseUnknownSmsc } = await import('../../cli/ring/ring-pairs.ts');
    const { ringsDocument, slotDocument } = await import('../../cli/ring/ring-document.ts');
    const { parseAge } = await import('../../cli/ring/age-filter.ts');
    const at = await parseAt(flags.at);
    const now = at ?? Date.now();
    const age = flags.age === undefined ? {} : valueOrThrow(parseAge(flags.age, now));
    const filter = { statuses: await parseStatuses(flags.status), ...age };
    const stateDirs = await findStateDirs(flags['state-dir']);
    const read = await this.read(stateDirs, at);
    refuseUnknownSmsc(read.rings, flags['smsc-id']);
    const selection = { smscId: flags['smsc-id'], side: flags.side, lane: flags.lane };
    const privacy = flags.reveal ? 'reveal' : 'mask';
    const isFiltered = flags.status !== undefined || flags.age !== undefined;
    const isAsked = args.slot !== undefined || isFiltered || flags.map || at !== undefined;
    if (this.hasScreen() && (flags.watch || !isAsked)) {
      const { runScreen } = await import('../../cli/ring/screen/run-screen.ts');
      const beginning = { rings: read.rings, slot: args.slot, query: flags.status };
      await runScreen({ stateDirs, selection, privacy, beginning, paint: await this.painter() });
      return;
    }
    if (flags.watch) {
      await this.watch(stateDirs, { ...selection, ...filter, slot: args.slot });
      return;
    }
    const all = pairRings(read.rings, read.links, selection);
    const options = { paint: await this.painter(), privacy, now } as const;
    if (args.slot !== undefined) {
      const lines = await this.slotLines(all, args.slot, options);
      this.printResult(slotDocument(all, args.slot, privacy), lines.join('\n'));
      return;
    }
    for (const notice of read.notices) this.printNotice(notice);
    const shown = flags.map ? (isFiltered ? filter : undefined) : filter;
    const lines = await this.ringLines(all, shown, flags.map ? 'map' : 'table', options);
    const document = { ...ringsDocument(all, filter, privacy), ...(at === undefined ? {} : { at: new Date(at) }) };
    this.printResult(document, lines.join('\n'));
  }

  /** As they are, or as they were at a time. */
  private async read(stateDirs: readonly string[], at: number | undefined): Promise<RingsShown> {
    if (at === undefined) {
      const { readAllRings } = await import('../../cli/ring/ring-source.ts');
      const { dirs, rings, links } = await readAllRings(stateDirs);
      const stopped = dirs.filter((dir) => dir.state === 'stopped').map((dir) => `${dir.role} (${dir.stateDir})`);
      const notices = stopped.length === 0 ? [] : [`Not running, read from its store: ${stopped.join(', ')}`];
      return { rings, links, notices };
    }
    const { readRingsAt } = await import('../../cli/ring/past-source.ts');
    const { clockText } = await import('../../cli/recording/moment.ts');
    const past = await this.withSpinner('reading recordings', async () => readRingsAt(stateDirs, at));
    const notices = past.dirs.map(({ side, number, at: last, isLast }) => {
      const end = isLast ? ', the last that is recorded' : '';
      return `${side} behind input ${number} at ${clockText(last)}${end}`;
    });
    return { rings: past.rings, links: past.links, notices };
  }

  /** A terminal at both ends, on which the cursor can be moved. */
  private hasScreen(): boolean {
    return this.isInteractive() && !['', 'dumb'].includes(process.env['TERM'] ?? '');
  }

  private async watch(
    stateDirs: readonly string[],
    filter: import('../../cli/ring/change-document.ts').ChangeFilter,
  ): Promise<void> {
    const { streamChanges } = await import('../../cli/ring/watch-stream.ts');
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());
    await streamChanges({ stateDirs, filter, stdout: process.stdout, signal: interruption.signal });
  }

  private async slotLines(
    all: readonly import('../../cli/ring/ring-pairs.ts').SmscRings[],
    slot: number,
    options: import('../../cli/ring/ring-lines.ts').LineOptions,
  ): Promise<readonly string[]> {
    const { slotDetailLines } = await import('../../cli/ring/slot-detail.ts');
    const details = all.flatMap(({ smscId, lanes }) =>
      lanes.map((pair) => slotDetailLines(smscId, pair, slot, options)).filter((lines) => lines !== undefined),
    );
    if (details.length === 0) {
      throw new OperatorError({
        code: 'RING_SLOT_EMPTY',
        message: `There is no slot ${slot} in these rings.`,
        hint: 'Slots count from 1 to the size of the ring; without a number the command lists those in use.',
      });
    }
    return details.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
  }

  private async ringLines(
    all: readonly import('../../cli/ring/ring-pairs.ts').SmscRings[],
    filter: import('../../cli/ring/ring-pairs.ts').SlotFilter | undefined,
    form: 'map' | 'table',
    options: import('../../cli/ring/ring-lines.ts').LineOptions,
  ): Promise<readonly string[]> {
    const { laneLine, legendLine, mapLines, smscLine, tableLines } = await import('../../cli/ring/ring-lines.ts');
    const lines = all.flatMap((smsc, i) => [
      ...(i === 0 ? [] : ['']),
      smscLine(smsc, options),
      ...smsc.lanes.flatMap((pair) => [
        laneLine(pair, options),
        ...(form === 'map' ? mapLines(pair, options, filter) : tableLines(pair, filter ?? inUse, options)),
      ]),
    ]);
    if (lines.length === 0) return ['No rings yet: no buffer and IM server have met with these state directories.'];
    return form === 'map' && options.paint.isColoured ? [...lines, '', legendLine(options.paint)] : lines;
  }
}

interface RingsShown {
  readonly rings: readonly import('../../core/store/ring-view.ts').RingView[];
  readonly links: readonly import('../../core/store/ring-view.ts').LinkView[];
  /** Where they come from, if they are not those of running roles. */
  readonly notices: readonly string[];
}

const inUse = { statuses: undefined };

async function parseAt(text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const { parseMoment } = await import('../../cli/recording/moment.ts');
  return parseMoment(text, '--at', Date.now());
}

async function parseStatuses(list: string | undefined) {
  if (list === undefined) return undefined;
  const { statuses } = await import('../../core/ring/status.ts');
  const { nearest } = await import('../../cli/nearest.ts');
  return list.split(',').map((word) => {
    const status = statuses.find((known) => known === word.trim());
    if (status !== undefined) return status;
    const meant = nearest(word.trim(), statuses);
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `--status: "${word}" is no status.`,
      hint: meant === undefined ? `Statuses: ${statuses.join(', ')}.` : `Did you mean ${meant}?`,
    });
  });
}
