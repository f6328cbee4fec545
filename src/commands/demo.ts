/** `demo`: all roles at once, to see them at work, or (`--headless`) to check that nothing is lost. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { durationFlag, rateFlag, valueOrThrow } from '../cli/flags.ts';
import { prose } from '../cli/prose.ts';

const killFlag = Flags.custom<{ readonly role: 'buffer' | 'im-server'; readonly count: number }>({
  helpValue: 'ROLE=COUNT',
  parse: async (text) => {
    const { parseKill } = await import('../cli/demo/kills.ts');
    return valueOrThrow(parseKill(text));
  },
});

const defaultPerSecond = 12;
/** Between two answers of the simulated SMSC at most; less where the pace needs it. */
const longestTurnMs = 20;
/** Bad enough to meet everything. */
const headlessMood = { cutEveryMs: 3_000, cutForMs: 1_000 } as const;
/** Time to see the rings fill during a cut and empty behind it. */
const watchedMood = { cutEveryMs: 12_000, cutForMs: 4_000 } as const;

export default class Demo extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Run everything at once: two handsets, SMSC, buffer, bad link, IM server, page';
  static override description =
    prose(`Starts every role as a process of its own, on free ports, in a temporary state directory; Ctrl-C ends them all.
With --headless nobody has to watch: it sends both ways through cuts, and if asked to kills roles meanwhile, then counts
what the handsets and the IM server hold. Ends 0 if nothing is lost, nothing doubled without a mark, order is kept and
both rings agree, 7 otherwise.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --headless --messages 500 --json',
    '<%= config.bin %> <%= command.id %> --headless --messages 500 --kill buffer=5 --kill im-server=3 --seed 7',
  ];

  static override flags = {
    headless: Flags.boolean({ description: 'run it as a check, without a screen' }),
    messages: Flags.integer({ description: 'texts each way (--headless)', min: 1, max: 5_000, default: 200 }),
    pace: rateFlag({ description: 'texts per second each way', default: defaultPerSecond }),
    delay: durationFlag({ description: 'of the link, each way; 100ms makes a round trip of 200ms', default: 100 }),
    'cut-every': durationFlag({
      description: 'from one cut of the link to the next; 0 for none [default: 12s; 3s with --headless]',
    }),
    'cut-for': durationFlag({ description: 'how long a cut lasts [default: 4s; 1s with --headless]' }),
    'cut-mode': Flags.option({
      description: 'what a cut does: reset connections, stall them, or let one direction die',
      options: ['reset', 'stall', 'half'] as const,
      default: 'reset',
    })(),
    kill: killFlag({
      description: 'kill -9 a role so often, and start it again; may be repeated',
      multiple: true,
      dependsOn: ['headless'],
    }),
    seed: Flags.integer({ description: 'the same seed cuts and kills alike', default: 1 }),
    'in-doubt': Flags.option({
      description: 'what the buffer does with a submit whose answer never came',
      options: ['resend', 'hold'] as const,
      default: 'resend',
    })(),
    durability: Flags.option({
      description: 'what promises of buffer and IM server survive',
      options: ['disk', 'process'] as const,
      default: 'disk',
    })(),
    window: Flags.integer({ description: 'submits outstanding at the SMSC', min: 1, max: 128, default: 1 }),
    'state-dir': Flags.string({
      description: 'a new directory for stores and logs, to be kept; a temporary one if left out',
      helpValue: 'DIR',
    }),
    'settle-within': durationFlag({ description: 'longest wait for the end of all (--headless)', default: 120_000 }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Demo);
    const mood = flags.headless ? headlessMood : watchedMood;
    const everyMs = flags['cut-every'] ?? mood.cutEveryMs;
    const forMs = flags['cut-for'] ?? mood.cutForMs;
    if (everyMs > 0 && forMs * 2 > everyMs) throw await cutTooLong();
    const world = {
      seed: flags.seed,
      delayMs: flags.delay,
      cuts: everyMs === 0 ? undefined : { everyMs, forMs, mode: flags['cut-mode'] },
      inDoubt: flags['in-doubt'],
      durability: flags.durability,
      window: flags.window,
      turnMs: Math.min(longestTurnMs, Math.floor(400 / flags.pace)),
    };
    if (flags.headless) return this.check(flags, world);
    const { runInteractive } = await import('../cli/demo/interactive.ts');
    const isTerminal = process.stdout.isTTY === true;
    await runInteractive({
      world,
      stateDir: flags['state-dir'],
      form: this.jsonEnabled() ? 'json' : isTerminal ? 'screen' : 'lines',
      paint: await this.painter(),
      printLine: (text) => process.stdout.write(`${text}\n`),
      printNotice: (text) => this.printNotice(text),
    });
  }

  private async check(flags: CheckFlags, world: DemoWorldOptions): Promise<void> {
    const { runHeadless } = await import('../cli/demo/headless.ts');
    const { resultLines } = await import('../cli/demo/result-lines.ts');
    const { exitStatus } = await import('../cli/exit-status.ts');
    const interrupted = new AbortController();
    onSignals((status) => interrupted.abort(status));
    const progress = progressLine(this.jsonEnabled() ? 'json' : 'text');
    const outcome = await runHeadless({
      world,
      rehearsal: {
        messages: flags.messages,
        perSecond: flags.pace,
        kills: flags.kill ?? [],
        seed: flags.seed,
        inDoubt: flags['in-doubt'],
        cutEveryMs: world.cuts?.everyMs,
        settleWithinMs: flags['settle-within'],
        signal: interrupted.signal,
        tell: progress.tell,
      },
      stateDir: flags['state-dir'],
    }).catch((error: unknown) => {
      progress.end();
      if (interrupted.signal.aborted) return this.exit(Number(interrupted.signal.reason));
      throw error;
    });
    progress.end();
    const { result, stateDir } = outcome;
    const paint = await this.painter();
    this.printResult(
      { ...result, ...(stateDir === undefined ? {} : { stateDir }) },
      resultLines(result, stateDir, paint).join('\n'),
    );
    if (!result.ok) this.exit(exitStatus.checkFailed);
  }
}

type DemoWorldOptions = import('../cli/demo/headless.ts').HeadlessOptions['world'];

interface CheckFlags {
  readonly messages: number;
  readonly pace: number;
  readonly kill: readonly { readonly role: 'buffer' | 'im-server'; readonly count: number }[] | undefined;
  readonly seed: number;
  readonly 'in-doubt': 'resend' | 'hold';
  readonly 'settle-within': number;
  readonly 'state-dir': string | undefined;
}

async function cutTooLong(): Promise<Error> {
  const { OperatorError } = await import('../core/base/errors.ts');
  return new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: '--cut-for is longer than half of --cut-every, which leaves no link between two cuts.',
    hint: 'Give a shorter --cut-for, or a longer --cut-every.',
  });
}

/** A second signal, not the one that npm passes on behind the terminal's, leaves at once; the roles end by themselves. */
function onSignals(interrupt: (status: 130 | 143) => void): void {
  let firstAt: number | undefined;
  const take = (status: 130 | 143) => (): void => {
    if (firstAt !== undefined && performance.now() - firstAt >= 500) process.exit(status);
    firstAt ??= performance.now();
    interrupt(status);
  };
  process.on('SIGINT', take(130));
  process.on('SIGTERM', take(143));
}

interface Progress {
  tell(text: string): void;
  end(): void;
}

/** One line that is written over, on a terminal only. */
function progressLine(form: 'json' | 'text'): Progress {
  const { stderr } = process;
  if (form === 'json' || stderr.isTTY !== true) return { tell: () => undefined, end: () => undefined };
  return {
    tell: (text) => stderr.write(`\r\x1b[K${text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1))}`),
    end: () => stderr.write('\r\x1b[K'),
  };
}
