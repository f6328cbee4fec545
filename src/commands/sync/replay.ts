/** `sync replay`: compares the two ends of the rings, prints the plan, and has it carried out. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { durationFlag, revealFlag, yesFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import type { Side } from '../../cli/ring/ring-pairs.ts';
import { smscIdFlag } from '../../cli/ring-flags.ts';
import type { RetiredDir } from '../../cli/sync/hand-in.ts';
import type { CarriedOut } from '../../cli/sync/replay.ts';
import { type ErrorCode, OperatorError } from '../../core/base/errors.ts';
import type { RingView } from '../../core/store/ring-view.ts';

const defaultTimeoutMs = 60_000;

interface PreferOptions {
  readonly 'smsc-id'?: string | undefined;
  readonly 'dry-run': boolean;
  readonly export?: string | undefined;
  readonly timeoutMs: number;
  readonly yes: boolean;
}

interface PlaybackFlags {
  readonly assert: boolean;
  readonly 'until-diverge': boolean;
  readonly until?: string | undefined;
  readonly speed?: string | undefined;
  readonly moves: boolean;
  readonly step: boolean;
  readonly reveal: boolean;
}

export default class SyncReplay extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Compare both ends of the rings and bring them into step';
  static override description =
    prose(`Reads the rings of a buffer and of its IM server, prints what differs and what follows from it, has both ends
compare over the link as soon as it is up, and waits until nothing of the plan is left. Ends 7 if something is. Two
stopped roles are brought into step here, without the SMSC. --dry-run prints the plan and changes nothing. Where the two ends
contradict each other nothing moves until --prefer says whose copies are right: what the other end lets go of is exported first.
Given the directory of a buffer that another one replaced, and that of the running IM server, it hands in what handsets wrote and only that store holds.
Asks first, unless --yes is given.
With RECORDING nothing is compared or changed: what a role recorded in its state directory is played back through the same machines, with the
recorded inputs and times; --assert ends 7 at the first input that leads to other moves, rings or words than it did. --step goes through it by keys.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --buffer-dir buffer --im-server-dir im-server --dry-run',
    '<%= config.bin %> <%= command.id %> --smsc-id hel1 --state-dir buffer --state-dir im-server --yes --json',
    '<%= config.bin %> <%= command.id %> --smsc-id hel1 --state-dir buffer --state-dir im-server --prefer buffer --dry-run',
    '<%= config.bin %> <%= command.id %> --state-dir old-buffer --state-dir im-server --dry-run',
    '<%= config.bin %> <%= command.id %> ./buffer --assert',
    '<%= config.bin %> <%= command.id %> ./buffer/recording --until 14:03:07 --moves',
    '<%= config.bin %> <%= command.id %> ./buffer --step',
  ];

  static override args = {
    recording: Args.string({
      description: 'play this back: a state directory, the folder `recording` in it, or one of its files',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    'buffer-dir': Flags.string({ description: 'state directory of the buffer', helpValue: 'DIR' }),
    'im-server-dir': Flags.string({ description: 'state directory of the IM server', helpValue: 'DIR' }),
    'state-dir': Flags.string({
      description: 'both of them, in any order, instead of the two flags above [env: RINGBRIDGE_STATE_DIR]',
      helpValue: 'DIR',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'smsc-id': smscIdFlag,
    prefer: Flags.option({
      description: 'whose copies are right where the two ends contradict each other',
      options: ['buffer', 'im-server'] as const,
    })(),
    export: Flags.string({
      description:
        'file that must not exist yet, for what the other end lets go of (in its state directory if left out)',
      helpValue: 'FILE',
      dependsOn: ['prefer'],
    }),
    'dry-run': Flags.boolean({ description: 'print the plan and change nothing' }),
    timeout: durationFlag({ description: 'longest wait until both ends agree (60s if left out)' }),
    yes: yesFlag,
    assert: Flags.boolean({ description: 'with RECORDING: stop and end 7 at the first difference' }),
    'until-diverge': Flags.boolean({ description: 'with RECORDING: stop at the first difference, without ending 7' }),
    until: Flags.string({
      description: 'with RECORDING: stop behind this input (its number, a time, or the name of a log event)',
      helpValue: 'EVENT',
    }),
    speed: Flags.string({
      description: 'with RECORDING: how fast, 1x as it was, 10x, or max (default)',
      helpValue: 'N',
    }),
    step: Flags.boolean({
      description: 'with RECORDING, on a terminal: go from input to input by keys, forwards and backwards',
    }),
    reveal: revealFlag,
    moves: Flags.boolean({
      description: 'with RECORDING: print every input that moved a slot; under --json as JSON lines',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(SyncReplay);
    refuseMixed(args.recording, flags);
    if (args.recording !== undefined) return this.playBack(args.recording, flags);
    const { findStateDirs } = await import('../../cli/ring/state-dirs.ts');
    const { carryOut, compareDirs } = await import('../../cli/sync/replay.ts');
    const { isInStep } = await import('../../cli/sync/lane-comparison.ts');
    const { planDocument, planLines } = await import('../../cli/sync/plan-lines.ts');
    const named = [flags['buffer-dir'], flags['im-server-dir'], ...(flags['state-dir'] ?? [])];
    const stateDirs = await findStateDirs(named.filter((dir) => dir !== undefined));
    const timeoutMs = flags.timeout ?? defaultTimeoutMs;
    const { readAllRings } = await import('../../cli/ring/ring-source.ts');
    const { findRetired } = await import('../../cli/sync/hand-in.ts');
    const retired = findRetired(await readAllRings(stateDirs));
    if (retired !== undefined) return this.handIn(retired, flags);
    if (flags.prefer !== undefined) return this.prefer(stateDirs, flags.prefer, { ...flags, timeoutMs });
    const { read, smscs } = await compareDirs(stateDirs, flags['smsc-id']);
    const paint = await this.painter();
    const lanes = smscs.flatMap((smsc) => smsc.lanes);
    const document = (outcome: object) => ({ schema: 'sync.replay/1', smscs: smscs.map(planDocument), ...outcome });
    for (const line of planLines(smscs, paint, Date.now())) this.printLine(line);
    if (flags['dry-run']) {
      this.printResult(document({ dryRun: true, inStep: lanes.every(isInStep) }), 'nothing changed');
      return;
    }
    if (lanes.every(isInStep)) {
      this.printResult(document({ dryRun: false, inStep: true }), `${paint.green('✔')} in step; nothing to do`);
      return;
    }
    if (!flags.yes) await this.confirm();
    await this.report(document, () => carryOut(read, smscs, timeoutMs));
  }

  /** Changes nothing: machines that nobody is connected to. */
  private async playBack(path: string, flags: PlaybackFlags): Promise<void> {
    if (flags.step) return this.stepThrough(path, flags);
    const { playBack } = await import('../../cli/recording/playback.ts');
    const { parseSpeed, parseUntil } = await import('../../cli/recording/playback-flags.ts');
    const lines = await import('../../cli/recording/playback-lines.ts');
    const paint = await this.painter();
    const playback = await playBack(path, {
      speed: parseSpeed(flags.speed),
      until: flags.until === undefined ? undefined : parseUntil(flags.until, Date.now()),
      onDifference: flags.assert || flags['until-diverge'] ? 'stop' : 'go-on',
      onEvent: (event, { smscIds }) => {
        if (!flags.moves || event.type !== 'step' || event.recorded.length === 0) return;
        this.printResult(lines.stepDocument(event, smscIds), lines.stepLine(event, smscIds));
      },
    });
    const rings = await this.ringCounts(playback.rings);
    this.printResult(lines.playbackDocument(playback), [...lines.playbackLines(playback, paint), ...rings].join('\n'));
    const isChecked = playback.differences.length === 0 && playback.inputs > 0 && !lines.isDamaged(playback);
    if (!flags.assert || isChecked) return;
    if (playback.inputs === 0) this.printNotice('nothing could be played, so nothing was checked');
    this.exit(exitStatus.checkFailed);
  }

  private async stepThrough(path: string, flags: PlaybackFlags): Promise<void> {
    refuseSteps(flags, this.jsonEnabled());
    const { runSteps } = await import('../../cli/recording/step/run-steps.ts');
    await runSteps(path, { paint: await this.painter(), privacy: flags.reveal ? 'reveal' : 'mask' });
  }

  /** `mt   42 of 255 used`, as the played machine holds its rings. */
  private async ringCounts(rings: readonly RingView[]): Promise<readonly string[]> {
    const { pairRings } = await import('../../cli/ring/ring-pairs.ts');
    const { laneLine } = await import('../../cli/ring/ring-lines.ts');
    const options = { paint: await this.painter(), privacy: 'mask', now: Date.now() } as const;
    const all = pairRings(rings, [], { smscId: undefined, side: 'both', lane: undefined });
    return all.flatMap(({ lanes }) => lanes.map((pair) => laneLine(pair, options)));
  }

  /** Brings in what only a store holds that another one replaced. */
  private async handIn(retired: RetiredDir, options: { readonly 'dry-run': boolean; readonly yes: boolean }) {
    const { countsLine, handIn, heldBackLine, heldBackOf, numbersOf } = await import('../../cli/sync/hand-in.ts');
    const { smscId, stateDir } = retired;
    const held = await heldBackOf(retired);
    const numbers = numbersOf(held);
    const waiting = held.length - numbers.length;
    const document = { schema: 'sync.handed-in/1', smscId, stateDir, numbers, waiting };
    const paint = await this.painter();
    this.printLine(paint.bold(smscId));
    this.printLine(heldBackLine(retired, held));
    if (options['dry-run']) {
      this.printResult({ ...document, dryRun: true }, 'nothing changed');
      return;
    }
    const isNeeded = held.length > 0;
    if (isNeeded && !options.yes) await this.confirm();
    const counts = isNeeded ? await handIn(retired) : { stored: 0, known: 0, refused: 0, unreadable: 0 };
    const told = isNeeded ? countsLine(counts) : 'nothing to hand in';
    this.printResult({ ...document, dryRun: false, ...counts }, `${paint.green('✔')} ${told}`);
    if (counts.unreadable > 0) this.exit(exitStatus.partlyDone);
  }

  /** Has the end that loses let go of what it holds, once that is exported, and then both compare. */
  private async prefer(stateDirs: readonly string[], prefer: Side, options: PreferOptions): Promise<void> {
    const { carryOut, refuseHalf, surrendersAtRest } = await import('../../cli/sync/replay.ts');
    const { planDocument, planLines } = await import('../../cli/sync/plan-lines.ts');
    const { surrenderDocument, surrenderLine } = await import('../../cli/sync/surrender.ts');
    const { exportAll } = await import('../../cli/sync/export.ts');
    const { timeoutMs } = options;
    const { read, smscs, surrenders } = await surrendersAtRest(stateDirs, options['smsc-id'], prefer, timeoutMs);
    const paint = await this.painter();
    const document = (letGo: readonly object[]) => (outcome: object) => ({
      ...{ schema: 'sync.replay/1', smscs: smscs.map(planDocument), prefer, letGo },
      ...outcome,
    });
    for (const line of planLines(smscs, paint, Date.now())) this.printLine(line);
    for (const surrender of surrenders) this.printLine(surrenderLine(surrender));
    if (options['dry-run']) {
      const letGo = surrenders.map((surrender) => surrenderDocument(surrender, undefined));
      this.printResult(document(letGo)({ dryRun: true, inStep: false }), 'nothing changed');
      return;
    }
    refuseHalf(read);
    if (!options.yes) await this.confirm();
    const exported = await exportAll(surrenders, options.export, Date.now());
    for (const { surrender, file } of exported) {
      const { side, lane } = surrender.ring;
      if (file !== undefined)
        this.printLine(`exported ${surrender.slots.length} of the ${side}'s ${lane} ring to ${file}`);
    }
    const letGo = exported.map(({ surrender, file }) => surrenderDocument(surrender, file));
    await this.report(document(letGo), () => carryOut(read, smscs, timeoutMs, surrenders));
  }

  /** Waits for what is carried out, and tells how it ended. */
  private async report(document: (outcome: object) => object, work: () => Promise<CarriedOut>): Promise<void> {
    const { needsDecision } = await import('../../cli/sync/lane-comparison.ts');
    const { planDocument, planLines } = await import('../../cli/sync/plan-lines.ts');
    const paint = await this.painter();
    const startedAt = performance.now();
    const after = await this.withSpinner('waiting until both ends agree', work);
    const tookMs = Math.round(performance.now() - startedAt);
    if (after.result === 'in-step') {
      this.printResult(
        document({ dryRun: false, inStep: true, tookMs }),
        `${paint.green('✔')} in step after ${tookMs} ms`,
      );
      return;
    }
    const code: ErrorCode = 'CHECK_FAILED';
    const isConflict = after.smscs.flatMap((smsc) => smsc.lanes).some(needsDecision);
    this.printResult(
      document({ dryRun: false, inStep: false, code, tookMs, left: after.smscs.map(planDocument) }),
      [
        `${paint.red('✖')} not in step after ${tookMs} ms (${code}); what is left:`,
        ...planLines(after.smscs, paint, Date.now()),
        isConflict
          ? 'The two ends contradict each other, and neither moves by itself: decide with --prefer; see LINK_EPOCH_CONFLICT in docs/errors.md.'
          : 'Is the link up? `ringbridge ring inspect --map` shows it.',
      ].join('\n'),
    );
    this.exit(exitStatus.checkFailed);
  }

  private async confirm(): Promise<void> {
    const isSure = await this.requireValue(undefined, '--yes', async () => {
      const { askYesNo } = await import('../../cli/prompts.ts');
      return askYesNo('Carry this out?');
    });
    if (isSure) return;
    throw new OperatorError({
      code: 'USAGE_INTERRUPTED',
      message: 'Nothing was changed.',
      hint: 'Run it again when it is decided.',
      exitStatus: exitStatus.interrupted,
    });
  }
}

const playbackFlags = ['assert', 'until-diverge', 'until', 'speed', 'moves', 'step', 'reveal'] as const;
const liveFlags = [
  'buffer-dir',
  'im-server-dir',
  'state-dir',
  'smsc-id',
  'prefer',
  'export',
  'dry-run',
  'timeout',
  'yes',
];

/** @throws OperatorError USAGE_BAD_VALUE where there is nobody to press keys, or flags that would be passed over */
function refuseSteps(flags: PlaybackFlags, isJson: boolean): void {
  const others = playbackFlags.filter((name) => name !== 'step' && name !== 'reveal');
  const other = others.find((name) => flags[name] !== undefined && flags[name] !== false);
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && !isJson;
  if (other === undefined && isTerminal) return;
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: other === undefined ? '--step needs a terminal.' : `--step does not go with --${other}.`,
    hint:
      other === undefined
        ? 'In a pipe, `sync replay DIR --moves --json` prints every input that moved a slot, one in a line.'
        : 'Leave one of the two out.',
  });
}

/** @throws OperatorError USAGE_BAD_VALUE where flags of a recording and of two ends meet */
function refuseMixed(recording: string | undefined, flags: Readonly<Record<string, unknown>>): void {
  const refused = recording === undefined ? playbackFlags : liveFlags;
  const wrong = refused.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (wrong === undefined) return;
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: recording === undefined ? `--${wrong} is for a recording.` : `--${wrong} does not go with a recording.`,
    hint:
      recording === undefined
        ? 'Give the recording: `sync replay DIR --assert`.'
        : 'Leave it out, or leave the recording out to compare two ends.',
  });
}
