/** `sim run`: the whole bridge in one process under virtual time, with seeded faults and all promises checked. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationText } from '../../cli/duration.ts';
import { durationFlag, valueOrThrow } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { parseSeeds, type SeedRange } from '../../cli/sim/seeds.ts';
import { OperatorError } from '../../core/base/errors.ts';

const seedsFlag = Flags.custom<SeedRange>({
  helpValue: 'A-B',
  parse: async (text) => valueOrThrow(parseSeeds(text)),
});

/** Faults come and people write for so long, of virtual time. */
const defaultForMs = 30_000;

export default class SimRun extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Simulate bad days of the whole bridge, and check every promise';
  static override description =
    prose(`Runs SMSCs with handsets, buffers, links, the IM server and its people in this process under a virtual clock: the
real machines, no sockets, no disk. A seed decides who writes what and what goes wrong: cuts, deaf links, dead processes,
full and empty disks, clocks, a faulty SMSC. After everything that happens the promises are checked, and once more when all
has settled. The same seed is the same run, byte for byte. Ends 7 if a promise does not hold, with the seed, the checker
and the command that repeats it. What it can and cannot express: docs/simulation.md.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --seeds 1-50 --for 60s --json',
    '<%= config.bin %> <%= command.id %> --seed 7 --trace',
    '<%= config.bin %> <%= command.id %> --seed 7 --only kill,cut --shrink',
    '<%= config.bin %> <%= command.id %> --seeds 1-50 --answer-after mirrored --only empty-disk,kill',
    '<%= config.bin %> <%= command.id %> --seed 3 --days 2 --texts 50 --heap',
  ];

  static override flags = {
    seed: Flags.integer({ description: 'run this one', min: 0, max: 2 ** 31 - 1, exclusive: ['seeds'] }),
    seeds: seedsFlag({ description: 'run these, both ends included [default: 1-20]' }),
    for: durationFlag({ description: 'virtual time in which people write and things go wrong', default: defaultForMs }),
    days: Flags.integer({ description: 'the same in days', min: 1, max: 365, exclusive: ['for'] }),
    texts: Flags.integer({
      description: 'texts each way; as many as the seed wants if left out',
      min: 0,
      max: 100_000,
    }),
    only: Flags.string({
      description: 'faults of these kinds only, separated by commas: cut, half-open, refuse, slow, cut-smsc, …',
      helpValue: 'KIND,…',
    }),
    'answer-after': Flags.option({
      options: ['stored', 'mirrored'] as const,
      description: 'when the buffers answer a deliver: on their disk, or on that of the IM server too',
      default: 'stored',
    })(),
    'on-full': Flags.option({
      options: ['wait', 'defer'] as const,
      description: 'what a deliver gets from them while the ring has no room: no answer, or "later"',
      default: 'wait',
    })(),
    trace: Flags.boolean({ description: 'tell what happens, a line each; on stderr under --json' }),
    heap: Flags.boolean({ description: 'measure the memory of the world after each virtual day; on stderr' }),
    shrink: Flags.boolean({ description: 'find the shortest list of faults for which the same promise still fails' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(SimRun);
    const { planRun } = await import('../../sim/plan.ts');
    const { run } = await import('../../sim/run.ts');
    const { shrink } = await import('../../sim/shrink.ts');
    const { traceLine } = await import('../../sim/trace.ts');
    const { worldFaultKinds } = await import('../../sim/faults.ts');
    const { resultDocument, resultLines } = await import('../../cli/sim/result-lines.ts');
    const { HeapByDay } = await import('../../cli/sim/heap-by-day.ts');
    const { hmacSha256, sha256 } = await import('../../shell/hashing.ts');
    const { valueCodec } = await import('../../shell/values.ts');
    const { dayMs } = await import('../../core/base/time.ts');

    const means = { codec: valueCodec, sha256, hmac: hmacSha256 };
    const kinds = flags.only === undefined ? undefined : checkKinds(flags.only, worldFaultKinds);
    const range = flags.seed === undefined ? (flags.seeds ?? { first: 1, last: 20 }) : only(flags.seed);
    const paint = await this.painter();
    const lastingMs = flags.days === undefined ? flags.for : flags.days * dayMs;
    const failed: number[] = [];
    for (let seed = range.first; seed <= range.last; seed += 1) {
      const plan = planRun({
        seed,
        lastingMs,
        ...(flags.texts === undefined ? {} : { textCount: flags.texts }),
        ...(kinds === undefined ? {} : { kinds }),
        answerAfter: flags['answer-after'],
        onFull: flags['on-full'],
      });
      const trace = this.jsonEnabled() ? process.stderr : process.stdout;
      const heap = flags.heap ? new HeapByDay() : undefined;
      const result = run(plan, means, (happening, atMs) => {
        const measured = heap?.look(atMs);
        if (measured !== undefined) this.printNotice(`day ${measured.day}: ${measured.heapMib} MiB`);
        const line = flags.trace ? traceLine(happening, atMs) : undefined;
        if (line !== undefined) trace.write(`${line}\n`);
      });
      const { failure } = result;
      if (failure !== undefined) failed.push(seed);
      const fails = (faults: typeof plan.faults) =>
        run({ ...plan, faults }, means).failure?.checker === failure?.checker;
      const shrunk = flags.shrink && failure !== undefined ? shrink(plan.faults, fails).faults : undefined;
      const report = { plan, result, command: this.#command(seed, flags), shrunk, heap: heap?.days };
      this.printResult(resultDocument(report), resultLines(report, paint).join('\n'));
      // Signals and a reader that went away are noticed between two seeds.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (failed.length === 0) return;
    this.printNotice(`${failed.length} of ${range.last - range.first + 1} seeds failed`);
    const { exitStatus } = await import('../../cli/exit-status.ts');
    this.exit(exitStatus.checkFailed);
  }

  #command(seed: number, flags: RunFlags): string {
    const length = flags.days === undefined ? `--for ${durationText(flags.for)}` : `--days ${flags.days}`;
    const texts = flags.texts === undefined ? '' : ` --texts ${flags.texts}`;
    const kinds = flags.only === undefined ? '' : ` --only ${flags.only}`;
    const habits = habitFlags
      .filter(({ name, usual }) => flags[name] !== usual)
      .map(({ name }) => ` --${name} ${flags[name]}`);
    return `${this.commandLine()} --seed ${seed} ${length}${texts}${kinds}${habits.join('')} --trace`;
  }
}

const habitFlags = [
  { name: 'answer-after', usual: 'stored' },
  { name: 'on-full', usual: 'wait' },
] as const;

interface RunFlags {
  readonly for: number;
  readonly days: number | undefined;
  readonly texts: number | undefined;
  readonly only: string | undefined;
  readonly 'answer-after': string;
  readonly 'on-full': string;
}

function only(seed: number): SeedRange {
  return { first: seed, last: seed };
}

/** @throws OperatorError USAGE_BAD_VALUE */
function checkKinds<T extends string>(text: string, kinds: readonly T[]): readonly T[] {
  return text.split(',').map((name) => {
    const kind = kinds.find((one) => one === name.trim());
    if (kind !== undefined) return kind;
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `--only: there is no kind of fault "${name}".`,
      hint: `Kinds are ${kinds.join(', ')}.`,
    });
  });
}
